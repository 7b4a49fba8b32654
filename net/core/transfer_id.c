/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/transfer_id.h"

#include <sodium.h>
#include <string.h>

void
transfer_id_generate (TransferId *id)
{
  randombytes_buf (id->bytes, sizeof id->bytes);
}

bool
transfer_id_equal (const TransferId *a, const TransferId *b)
{
  return memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

void
transfer_id_to_hex (const TransferId *id, char hex[static TRANSFER_ID_HEX_LEN + 1])
{
  sodium_bin2hex (hex, TRANSFER_ID_HEX_LEN + 1, id->bytes, sizeof id->bytes);
}

bool
transfer_id_parse (TransferId *id, const char *hex)
{
  if (strspn (hex, "0123456789abcdef") != TRANSFER_ID_HEX_LEN || hex[TRANSFER_ID_HEX_LEN] != '\0')
    return false;
  return sodium_hex2bin (id->bytes, sizeof id->bytes, hex, TRANSFER_ID_HEX_LEN, NULL, NULL, NULL) ==
         0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules of firewalls and the table of UDP sockets: every text has a verdict, and the same for the
 * same port. The first byte says which text it is. */
#include "net/core/firewall.h"
#include "net/core/udp_table.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t len);

static void
try_variant (const char *text)
{
  g_autoptr (GVariant) settings = g_variant_parse (NULL, text, NULL, NULL, NULL);
  if (settings)
    firewall_firewalld (settings, 11204);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
  if (len == 0)
    return 0;
  g_autofree char *text = g_strndup ((const char *) data + 1, len - 1);
  switch (data[0] % 4)
    {
    case 0:
      g_assert_cmpint (firewall_nftables (text, 11204), ==, firewall_nftables (text, 11204));
      break;
    case 1:
      firewall_ufw (text, text, 11204);
      firewall_ufw_is_enabled (text);
      break;
    case 2:
      udp_table_find (text, 11204);
      break;
    default:
      try_variant (text);
    }
  return 0;
}

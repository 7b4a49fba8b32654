/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A frame of the pairing protocol: what is accepted is written back and read again the same. */
#include "net/core/pairing_message.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
  PairingMessage message, again;
  if (pairing_message_parse (&message, data, len) != PAIRING_REASON_NONE)
    return 0;

  g_autoptr (GByteArray) frame = g_byte_array_new ();
  g_autoptr (GByteArray) frame_again = g_byte_array_new ();
  pairing_message_write (&message, frame);
  g_assert_cmpint (pairing_message_parse (&again, frame->data, frame->len), ==,
                   PAIRING_REASON_NONE);
  pairing_message_write (&again, frame_again);
  g_assert_cmpmem (frame->data, frame->len, frame_again->data, frame_again->len);
  return 0;
}

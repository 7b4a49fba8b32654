/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fed in pieces of the size that the first byte says: what comes out, framed again, is what went
 * in. */
#include "net/core/frame.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 1)
    return 0;
  size_t step = 1 + data[0];
  data++, size--;

  g_auto (FrameReader) reader = { 0 };
  frame_reader_init (&reader, 300);
  g_autoptr (GByteArray) again = g_byte_array_new ();
  FrameStatus status = FRAME_MORE;
  for (size_t at = 0; at < size && status != FRAME_BAD; at += step)
    {
      frame_reader_feed (&reader, data + at, MIN (step, size - at));
      const uint8_t *payload;
      size_t len;
      while ((status = frame_reader_next (&reader, &payload, &len, NULL)) == FRAME_READY)
        frame_append (again, payload, len);
    }
  g_assert_true (again->len == 0 || memcmp (again->data, data, again->len) == 0);
  g_assert_true (status == FRAME_BAD || frame_reader_end (&reader, NULL) == (again->len == size));
  return 0;
}

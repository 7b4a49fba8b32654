/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/frame.h"

#include <sodium.h>

G_DEFINE_QUARK (wherry-frame-error-quark, frame_error)

static size_t
plain_payload_len (const uint8_t *header)
{
  return (size_t) header[0] << 24 | header[1] << 16 | header[2] << 8 | header[3];
}

static const FrameFormat plain = { .header_len = FRAME_HEADER_LEN,
                                   .payload_len = plain_payload_len };

void
frame_reader_init (FrameReader *reader, size_t max)
{
  frame_reader_init_format (reader, &plain, max);
}

void
frame_reader_init_format (FrameReader *reader, const FrameFormat *format, size_t max)
{
  g_return_if_fail (max >= 1 && max <= FRAME_PAYLOAD_MAX);
  *reader = (FrameReader) { .buffer = g_byte_array_new (), .format = format, .max = max };
}

void
frame_reader_clear (FrameReader *reader)
{
  if (!reader->buffer)
    return;
  sodium_memzero (reader->buffer->data, reader->buffer->len);
  g_clear_pointer (&reader->buffer, g_byte_array_unref);
}

void
frame_reader_feed (FrameReader *reader, const uint8_t *data, size_t len)
{
  g_return_if_fail (len <= G_MAXINT32);
  if (reader->bad || len == 0)
    return;
  if (reader->taken > 0)
    g_byte_array_remove_range (reader->buffer, 0, reader->taken);
  reader->taken = 0;
  g_byte_array_append (reader->buffer, data, len);
}

FrameStatus
frame_reader_next (FrameReader *reader, const uint8_t **payload, size_t *len, GError **error)
{
  const FrameFormat *format = reader->format;
  size_t left = reader->buffer->len - reader->taken;
  if (left < format->header_len && !reader->bad)
    return FRAME_MORE;

  /* A bad header is never taken, so it is found again by every later call. */
  const uint8_t *header = reader->buffer->data + reader->taken;
  size_t length = format->payload_len (header);
  bool empty = length == 0 && !format->whole;
  reader->bad = empty || length > reader->max;
  if (empty)
    g_set_error (error, FRAME_ERROR, FRAME_ERROR_EMPTY, "The other device sent an empty record.");
  else if (reader->bad)
    g_set_error (error, FRAME_ERROR, FRAME_ERROR_TOO_LARGE,
                 "The other device announced a record of %zu bytes; at most %zu are allowed.",
                 length, reader->max);
  if (reader->bad)
    return FRAME_BAD;
  if (left - format->header_len < length)
    return FRAME_MORE;

  *payload = format->whole ? header : header + format->header_len;
  *len = format->whole ? format->header_len + length : length;
  reader->taken += format->header_len + length;
  return FRAME_READY;
}

bool
frame_reader_end (const FrameReader *reader, GError **error)
{
  if (reader->taken == reader->buffer->len)
    return true;
  g_set_error (error, FRAME_ERROR, FRAME_ERROR_TRUNCATED,
               "The other device stopped in the middle of a record.");
  return false;
}

void
frame_append (GByteArray *out, const uint8_t *payload, size_t len)
{
  g_return_if_fail (len >= 1 && len <= FRAME_PAYLOAD_MAX);
  uint8_t header[FRAME_HEADER_LEN] = { len >> 24, len >> 16, len >> 8, len };
  g_byte_array_append (out, header, sizeof header);
  g_byte_array_append (out, payload, len);
}

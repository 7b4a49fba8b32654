/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/frame.h"

#include <string.h>

static void
expect (FrameReader *reader, const void *payload, size_t len)
{
  const uint8_t *got;
  size_t got_len;
  g_assert_cmpint (frame_reader_next (reader, &got, &got_len, NULL), ==, FRAME_READY);
  g_assert_cmpmem (got, got_len, payload, len);
}

static void
expect_more (FrameReader *reader)
{
  const uint8_t *got;
  size_t got_len;
  g_assert_cmpint (frame_reader_next (reader, &got, &got_len, NULL), ==, FRAME_MORE);
}

static void
expect_bad (FrameReader *reader, FrameError code)
{
  const uint8_t *got;
  size_t got_len;
  g_autoptr (GError) error = NULL;
  g_assert_cmpint (frame_reader_next (reader, &got, &got_len, &error), ==, FRAME_BAD);
  g_assert_error (error, FRAME_ERROR, (int) code);
}

static void
layout (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  frame_append (out, (const uint8_t *) "abc", 3);
  g_assert_cmpmem (out->data, out->len, "\0\0\0\3abc", 7);
}

/* The same payloads come out wherever the network cuts the bytes. */
static void
every_cut (void)
{
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  frame_append (wire, (const uint8_t *) "one", 3);
  frame_append (wire, (const uint8_t *) "2", 1);
  frame_append (wire, (const uint8_t *) "three", 5);
  for (unsigned first = 0; first <= wire->len; first++)
    for (unsigned second = first; second <= wire->len; second++)
      {
        g_auto (FrameReader) reader = { 0 };
        frame_reader_init (&reader, 5);
        const unsigned cuts[] = { 0, first, second, wire->len };
        g_autoptr (GString) got = g_string_new (NULL);
        for (int i = 0; i < 3; i++)
          {
            frame_reader_feed (&reader, wire->data + cuts[i], cuts[i + 1] - cuts[i]);
            const uint8_t *payload;
            size_t len;
            while (frame_reader_next (&reader, &payload, &len, NULL) == FRAME_READY)
              g_string_append_printf (got, "%.*s|", (int) len, payload);
          }
        g_assert_cmpstr (got->str, ==, "one|2|three|");
        g_assert_true (frame_reader_end (&reader, NULL));
      }
}

static void
limits (void)
{
  g_auto (FrameReader) reader = { 0 };
  frame_reader_init (&reader, 4);
  frame_reader_feed (&reader, (const uint8_t *) "\0\0\0\4full\0\0\0\5", 12);
  expect (&reader, "full", 4);
  expect_bad (&reader, FRAME_ERROR_TOO_LARGE);
  /* It stays bad, and nothing more is kept. */
  frame_reader_feed (&reader, (const uint8_t *) "\0\0\0\1x", 5);
  expect_bad (&reader, FRAME_ERROR_TOO_LARGE);
  g_assert_cmpuint (reader.buffer->len, ==, 12);
}

static void
bad_lengths (void)
{
  static const struct
  {
    const char *header;
    FrameError error;
  } cases[] = {
    { "\0\0\0\0", FRAME_ERROR_EMPTY },
    { "\xff\xff\xff\xff", FRAME_ERROR_TOO_LARGE },
    { "\x80\0\0\0", FRAME_ERROR_TOO_LARGE },
    { "\0\x10\0\1", FRAME_ERROR_TOO_LARGE },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (FrameReader) reader = { 0 };
      frame_reader_init (&reader, FRAME_PAYLOAD_MAX);
      frame_reader_feed (&reader, (const uint8_t *) cases[i].header, 4);
      expect_bad (&reader, cases[i].error);
    }
}

static size_t
second_byte (const uint8_t *header)
{
  return header[1];
}

/* A header of another kind, given out with what follows it, if anything does. */
static void
other_format (void)
{
  static const FrameFormat format = { 2, second_byte, true };
  g_auto (FrameReader) reader = { 0 };
  frame_reader_init_format (&reader, &format, 3);
  frame_reader_feed (&reader, (const uint8_t *) "a\3xyzb\0c", 8);
  expect (&reader, "a\3xyz", 5);
  expect (&reader, "b\0", 2);
  expect_more (&reader);
  g_assert_false (frame_reader_end (&reader, NULL));
  frame_reader_feed (&reader, (const uint8_t *) "\4", 1);
  expect_bad (&reader, FRAME_ERROR_TOO_LARGE);
}

static void
truncated (void)
{
  for (size_t len = 0; len <= 7; len++)
    {
      g_auto (FrameReader) reader = { 0 };
      frame_reader_init (&reader, FRAME_PAYLOAD_MAX);
      frame_reader_feed (&reader, (const uint8_t *) "\0\0\0\3abc", len);
      if (len == 7)
        expect (&reader, "abc", 3);
      expect_more (&reader);
      g_autoptr (GError) error = NULL;
      bool whole = len == 0 || len == 7;
      g_assert_cmpint (frame_reader_end (&reader, &error), ==, whole);
      if (!whole)
        g_assert_error (error, FRAME_ERROR, FRAME_ERROR_TRUNCATED);
    }
}

static void
largest (void)
{
  g_autofree uint8_t *payload = g_malloc (FRAME_PAYLOAD_MAX);
  memset (payload, 'x', FRAME_PAYLOAD_MAX);
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  frame_append (wire, payload, FRAME_PAYLOAD_MAX);
  g_auto (FrameReader) reader = { 0 };
  frame_reader_init (&reader, FRAME_PAYLOAD_MAX);
  frame_reader_feed (&reader, wire->data, wire->len);
  expect (&reader, payload, FRAME_PAYLOAD_MAX);
  expect_more (&reader);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame/layout", layout);
  g_test_add_func ("/frame/every-cut", every_cut);
  g_test_add_func ("/frame/limits", limits);
  g_test_add_func ("/frame/bad-lengths", bad_lengths);
  g_test_add_func ("/frame/other-format", other_format);
  g_test_add_func ("/frame/truncated", truncated);
  g_test_add_func ("/frame/largest", largest);
  return g_test_run ();
}

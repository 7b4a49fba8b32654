/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/chunk.h"

#include <string.h>

static const TransferId id = { { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } };

static void
stream_header (void)
{
  static const uint8_t expected[CHUNK_STREAM_HEADER_LEN] =
      "WhrT\x01\x02\0\0"
      "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
      "ssssssssssssssss";
  ChunkStreamHeader header = { .transfer_id = id, .cipher = CHUNK_CIPHER_CHACHA20_POLY1305 };
  memset (header.salt, 's', sizeof header.salt);
  uint8_t out[CHUNK_STREAM_HEADER_LEN];
  chunk_stream_header_encode (&header, out);
  g_assert_cmpmem (out, sizeof out, expected, sizeof expected);

  ChunkStreamHeader parsed;
  g_assert_true (chunk_stream_header_parse (&parsed, out, NULL));
  g_assert_true (transfer_id_equal (&parsed.transfer_id, &id));
  g_assert_cmpint (parsed.cipher, ==, CHUNK_CIPHER_CHACHA20_POLY1305);
  g_assert_cmpmem (parsed.salt, CHUNK_SALT_LEN, header.salt, CHUNK_SALT_LEN);

  ChunkStreamHeader one, two;
  chunk_stream_header_generate (&one, &id, CHUNK_CIPHER_AES_256_GCM);
  chunk_stream_header_generate (&two, &id, CHUNK_CIPHER_AES_256_GCM);
  g_assert_true (memcmp (one.salt, two.salt, CHUNK_SALT_LEN) != 0);
}

static void
stream_header_refused (void)
{
  static const struct
  {
    unsigned at;
    uint8_t value;
    ChunkError error;
  } cases[] = {
    { 0, 'w', CHUNK_ERROR_INVALID },   { 4, 0, CHUNK_ERROR_UNSUPPORTED },
    { 4, 2, CHUNK_ERROR_UNSUPPORTED }, { 5, 3, CHUNK_ERROR_UNSUPPORTED },
    { 5, 0, CHUNK_ERROR_UNSUPPORTED }, { 6, 1, CHUNK_ERROR_INVALID },
    { 7, 1, CHUNK_ERROR_INVALID },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ChunkStreamHeader header = { .transfer_id = id, .cipher = CHUNK_CIPHER_AES_256_GCM };
      uint8_t data[CHUNK_STREAM_HEADER_LEN];
      chunk_stream_header_encode (&header, data);
      data[cases[i].at] = cases[i].value;
      g_autoptr (GError) error = NULL;
      g_assert_false (chunk_stream_header_parse (&header, data, &error));
      g_assert_error (error, CHUNK_ERROR, (int) cases[i].error);
    }
}

static void
record_header (void)
{
  const ChunkHeader header = { .flags = CHUNK_FIRST | CHUNK_LAST,
                               .entry_id = 0x01020304,
                               .offset = 0x1122334455667788,
                               .length = 0x00312345 };
  uint8_t out[CHUNK_HEADER_LEN];
  chunk_header_encode (&header, out);
  g_assert_cmpmem (out, sizeof out,
                   "\x03\0\0\0\x01\x02\x03\x04\x11\x22\x33\x44\x55\x66\x77\x88\x00\x31\x23\x45",
                   20);
  ChunkHeader parsed;
  g_assert_true (chunk_header_parse (&parsed, out, NULL));
  g_assert_true (parsed.flags == header.flags && parsed.entry_id == header.entry_id &&
                 parsed.offset == header.offset && parsed.length == header.length);
}

static void
record_header_refused (void)
{
  static const struct
  {
    ChunkHeader header;
    int error;
  } cases[] = {
    { { CHUNK_FIRST, 1, 0, CHUNK_SIZE_MIN }, -1 },
    { { CHUNK_FIRST, 1, 0, CHUNK_SIZE_MAX }, -1 },
    { { CHUNK_LAST, 1, 0, 0 }, -1 },
    { { CHUNK_FIRST | CHUNK_ABANDONED, 1, 0, 0 }, -1 },
    { { CHUNK_LAST, 1, INT64_MAX, 0 }, -1 },
    { { CHUNK_FIRST, 1, 0, CHUNK_SIZE_MIN - 1 }, CHUNK_ERROR_INVALID },
    { { 0, 1, 0, 0 }, CHUNK_ERROR_INVALID },
    { { CHUNK_FIRST, 1, 0, CHUNK_SIZE_MAX + 1 }, CHUNK_ERROR_INVALID },
    { { CHUNK_LAST, 1, 0, UINT32_MAX }, CHUNK_ERROR_INVALID },
    { { CHUNK_LAST, 1, INT64_MAX, 1 }, CHUNK_ERROR_INVALID },
    { { CHUNK_LAST, 1, UINT64_MAX, 1 }, CHUNK_ERROR_INVALID },
    { { CHUNK_LAST | CHUNK_ABANDONED, 1, 0, 0 }, CHUNK_ERROR_INVALID },
    { { CHUNK_ABANDONED, 1, 0, 1 }, CHUNK_ERROR_INVALID },
    { { CHUNK_LAST | CHUNK_COMPRESSED, 1, 0, 5 }, CHUNK_ERROR_UNSUPPORTED },
    { { CHUNK_LAST | 0x10, 1, 0, 5 }, CHUNK_ERROR_INVALID },
    { { CHUNK_LAST | 0x80, 1, 0, 5 }, CHUNK_ERROR_INVALID },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      uint8_t data[CHUNK_HEADER_LEN];
      g_autoptr (GError) error = NULL;
      chunk_header_encode (&cases[i].header, data);
      ChunkHeader parsed;
      g_assert_cmpint (chunk_header_parse (&parsed, data, &error), ==, cases[i].error == -1);
      if (cases[i].error == -1)
        g_assert_no_error (error);
      else
        g_assert_error (error, CHUNK_ERROR, cases[i].error);
    }
  for (int reserved = 1; reserved <= 3; reserved++)
    {
      uint8_t data[CHUNK_HEADER_LEN];
      chunk_header_encode (&cases[0].header, data);
      data[reserved] = 1;
      g_assert_false (chunk_header_parse (&(ChunkHeader) { 0 }, data, NULL));
    }
}

static void
lengths (void)
{
  const ChunkHeader middle = { 0, 1, 0, CHUNK_SIZE_MIN }, last = { CHUNK_LAST, 1, 0, 10 },
                    abandoned = { CHUNK_ABANDONED, 1, 0, 0 },
                    longest = { CHUNK_LAST, 1, 0, CHUNK_SIZE_MAX };
  g_assert_cmpuint (chunk_plain_len (&middle), ==, CHUNK_SIZE_MIN);
  g_assert_cmpuint (chunk_body_len (&middle), ==, CHUNK_SIZE_MIN + 16);
  g_assert_cmpuint (chunk_body_len (&last), ==, 10 + 32 + 16);
  g_assert_cmpuint (chunk_body_len (&abandoned), ==, 16);
  g_assert_cmpuint (chunk_body_len (&longest), ==, CHUNK_BODY_MAX);
}

/* A stream of: a small file, a large one, one that fails halfway, one that resumes. */
static void
cursor_follows (void)
{
  static const struct
  {
    ChunkHeader header;
    uint32_t files;
    uint64_t index;
    bool in_file;
  } steps[] = {
    { { CHUNK_FIRST | CHUNK_LAST, 7, 0, 12 }, 1, 0, false },
    { { CHUNK_FIRST, 3, 0, CHUNK_SIZE_MIN }, 2, 0, true },
    { { 0, 3, CHUNK_SIZE_MIN, CHUNK_SIZE_MAX }, 2, 1, true },
    { { CHUNK_LAST, 3, CHUNK_SIZE_MIN + CHUNK_SIZE_MAX, 0 }, 2, 2, false },
    { { CHUNK_FIRST, 4, 0, CHUNK_SIZE_MIN }, 3, 0, true },
    { { CHUNK_ABANDONED, 4, CHUNK_SIZE_MIN, 0 }, 3, 1, false },
    { { CHUNK_FIRST | CHUNK_LAST, 4, 1000, 5 }, 4, 0, false },
  };
  ChunkCursor cursor = { 0 };
  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (GError) error = NULL;
      chunk_cursor_advance (&cursor, &steps[i].header, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (cursor.files, ==, steps[i].files);
      g_assert_cmpuint (cursor.index, ==, steps[i].index);
      g_assert_cmpint (cursor.in_file, ==, steps[i].in_file);
      g_assert_cmpint (chunk_cursor_end (&cursor, NULL), ==, !steps[i].in_file);
    }
}

static void
cursor_refuses (void)
{
  const ChunkHeader first = { CHUNK_FIRST, 3, 0, CHUNK_SIZE_MIN };
  static const ChunkHeader wrong[] = {
    { CHUNK_FIRST, 3, 0, CHUNK_SIZE_MIN },    /* begins again */
    { CHUNK_FIRST | CHUNK_LAST, 4, 0, 1 },    /* another in between */
    { CHUNK_LAST, 4, CHUNK_SIZE_MIN, 1 },     /* another's end */
    { CHUNK_LAST, 3, CHUNK_SIZE_MIN + 1, 1 }, /* a hole */
    { CHUNK_LAST, 3, CHUNK_SIZE_MIN - 1, 1 }, /* again */
    { CHUNK_ABANDONED, 3, 0, 0 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      ChunkCursor cursor = { 0 };
      g_assert_true (chunk_cursor_advance (&cursor, &first, NULL));
      const ChunkCursor before = cursor;
      g_autoptr (GError) error = NULL;
      g_assert_false (chunk_cursor_advance (&cursor, &wrong[i], &error));
      g_assert_error (error, CHUNK_ERROR, CHUNK_ERROR_ORDER);
      g_assert_true (cursor.in_file && cursor.files == before.files &&
                     cursor.offset == before.offset && cursor.index == before.index &&
                     cursor.entry_id == before.entry_id);
    }
  ChunkCursor start = { 0 };
  g_assert_false (chunk_cursor_advance (&start, &(ChunkHeader) { CHUNK_LAST, 0, 0, 1 }, NULL));
}

/* The expected key was computed by another implementation of BLAKE3. */
static void
file_key_vector (void)
{
  static const uint8_t expected[CHUNK_KEY_LEN] = { 0x8f, 0x7f, 0xcb, 0xd8, 0x45, 0x56, 0x38, 0x00,
                                                   0xb7, 0x9a, 0x0f, 0xe7, 0x97, 0xb6, 0x41, 0xc7,
                                                   0x4d, 0xfa, 0x26, 0xb7, 0xa6, 0xfb, 0x69, 0x60,
                                                   0x3e, 0xc2, 0x3a, 0xf9, 0x11, 0xbf, 0xf8, 0x34 };
  ChunkStreamHeader stream = { .transfer_id = id };
  uint8_t transfer_key[CHUNK_KEY_LEN], key[CHUNK_KEY_LEN];
  for (int i = 0; i < CHUNK_KEY_LEN; i++)
    transfer_key[i] = i;
  for (int i = 0; i < CHUNK_SALT_LEN; i++)
    stream.salt[i] = 0xa0 + i;
  chunk_file_key (key, transfer_key, &stream,
                  &(ChunkCursor) { .files = 3, .entry_id = 0x01020304 });
  g_assert_cmpmem (key, sizeof key, expected, sizeof expected);
}

/* Each thing that may tell two files apart gives another key; where one is in a file does not. */
static void
file_keys_differ (void)
{
  ChunkStreamHeader stream = { .transfer_id = id }, salted = stream;
  salted.salt[15] = 1;
  uint8_t transfer_key[CHUNK_KEY_LEN] = { 0 }, other_key[CHUNK_KEY_LEN] = { 1 };
  uint8_t base[CHUNK_KEY_LEN], key[CHUNK_KEY_LEN];
  const ChunkCursor here = { .files = 1, .entry_id = 1 }, next_file = { .files = 2, .entry_id = 1 },
                    next_entry = { .files = 1, .entry_id = 2 },
                    later = { .files = 1, .entry_id = 1, .offset = 5, .index = 9, .in_file = true };
  chunk_file_key (base, transfer_key, &stream, &here);
  chunk_file_key (key, transfer_key, &stream, &later);
  g_assert_cmpmem (key, sizeof key, base, sizeof base);
  chunk_file_key (key, transfer_key, &stream, &next_file);
  g_assert_true (memcmp (key, base, sizeof key) != 0);
  chunk_file_key (key, transfer_key, &stream, &next_entry);
  g_assert_true (memcmp (key, base, sizeof key) != 0);
  chunk_file_key (key, transfer_key, &salted, &here);
  g_assert_true (memcmp (key, base, sizeof key) != 0);
  chunk_file_key (key, other_key, &stream, &here);
  g_assert_true (memcmp (key, base, sizeof key) != 0);
}

static void
nonce (void)
{
  uint8_t out[CHUNK_NONCE_LEN];
  chunk_nonce (out, &(ChunkCursor) { .index = 0x0102030405060708 });
  g_assert_cmpmem (out, sizeof out, "\0\0\0\0\x01\x02\x03\x04\x05\x06\x07\x08", 12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chunk/stream-header", stream_header);
  g_test_add_func ("/chunk/stream-header-refused", stream_header_refused);
  g_test_add_func ("/chunk/record-header", record_header);
  g_test_add_func ("/chunk/record-header-refused", record_header_refused);
  g_test_add_func ("/chunk/lengths", lengths);
  g_test_add_func ("/chunk/cursor-follows", cursor_follows);
  g_test_add_func ("/chunk/cursor-refuses", cursor_refuses);
  g_test_add_func ("/chunk/file-key-vector", file_key_vector);
  g_test_add_func ("/chunk/file-keys-differ", file_keys_differ);
  g_test_add_func ("/chunk/nonce", nonce);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What record_writer writes record_reader reads, and nothing else: each byte that is changed, each
 * record that is moved, repeated or left out ends the stream. */
#include "net/transfer/record_reader.h"

#include <blake3.h>
#include <string.h>

#include "net/async/quic_future.h"
#include "net/transfer/record_writer.h"
#include "tests/support/hostile.h"
#include "tests/support/two_devices.h"

/* A short file, one of two records, and a short one. */
#define SHORT_LEN  (CHUNK_HEADER_LEN + 5 + CHUNK_DIGEST_LEN + CHUNK_TAG_LEN)
#define FULL_LEN   (CHUNK_HEADER_LEN + CHUNK_SIZE_MIN + CHUNK_TAG_LEN)
#define STREAM_LEN (CHUNK_STREAM_HEADER_LEN + 3 * SHORT_LEN + FULL_LEN)
/* Where each record begins, and where the last ends. */
static const size_t records[] = { CHUNK_STREAM_HEADER_LEN, CHUNK_STREAM_HEADER_LEN + SHORT_LEN,
                                  CHUNK_STREAM_HEADER_LEN + SHORT_LEN + FULL_LEN,
                                  CHUNK_STREAM_HEADER_LEN + 2 * SHORT_LEN + FULL_LEN, STREAM_LEN };
#define N_RECORDS 4

typedef struct
{
  TwoDevices devices;
  SecureConnection *peer;
  GCancellable *cancellable;
  TransferId id;
  uint8_t key[CHUNK_KEY_LEN];
  uint8_t *stream; /* STREAM_LEN bytes */
} Fixture;

static void
put (RecordWriter *writer, uint32_t entry_id, unsigned flags, uint64_t offset, size_t len)
{
  g_autoptr (GError) error = NULL;
  ChunkHeader header = { .flags = flags, .entry_id = entry_id, .offset = offset, .length = len };
  uint8_t digest[CHUNK_DIGEST_LEN] = { 7 };
  uint8_t *room;
  record_writer_reserve (writer, len, &room, &error);
  g_assert_no_error (error);
  memset (room, (int) entry_id, len);
  record_writer_put (writer, &header, digest);
}

/* Both ends of a new stream, opened with what @bytes hold. */
static QuicStream *
send_raw (Fixture *fixture, const uint8_t *bytes, size_t len)
{
  g_autoptr (QuicStream) out =
      wait_boxed (quic_future_open_stream (fixture->peer->connection, false));
  g_autoptr (GBytes) copy = g_bytes_new (bytes, len);
  wait_for (quic_future_send (out, copy));
  quic_stream_finish (out);
  return wait_boxed (quic_future_accept_stream (fixture->devices.accepted));
}

static uint8_t *
write_stream (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QuicStream) out =
      wait_boxed (quic_future_open_stream (fixture->peer->connection, false));
  g_autoptr (RecordWriter) writer =
      record_writer_new (out, &fixture->id, fixture->key, fixture->cancellable);
  put (writer, 0, CHUNK_FIRST | CHUNK_LAST, 0, 5);
  put (writer, 1, CHUNK_FIRST, 0, CHUNK_SIZE_MIN);
  put (writer, 1, CHUNK_LAST, CHUNK_SIZE_MIN, 5);
  put (writer, 2, CHUNK_FIRST | CHUNK_LAST, 0, 5);
  record_writer_flush (writer, &error);
  g_assert_no_error (error);
  quic_stream_finish (out);
  g_autoptr (QuicStream) in = wait_boxed (quic_future_accept_stream (fixture->devices.accepted));
  uint8_t *bytes = g_malloc (STREAM_LEN + 1);
  gssize n = quic_stream_read (in, bytes, STREAM_LEN + 1, fixture->cancellable, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n, ==, STREAM_LEN);
  return bytes;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  two_devices_init (&fixture->devices);
  fixture->devices.only_accept = true;
  fixture->peer = wait_boxed (two_devices_connect (&fixture->devices));
  fixture->cancellable = g_cancellable_new ();
  transfer_id_generate (&fixture->id);
  memset (fixture->key, 42, sizeof fixture->key);
  /* The server hears of the connection with its first stream, if not before. */
  g_autoptr (QuicStream) first =
      wait_boxed (quic_future_open_stream (fixture->peer->connection, false));
  quic_stream_finish (first);
  while (!fixture->devices.accepted)
    g_main_context_iteration (NULL, TRUE);
  quic_stream_unref (wait_boxed (quic_future_accept_stream (fixture->devices.accepted)));
  fixture->stream = write_stream (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  quic_connection_close (fixture->peer->connection, QUIC_CODE_OK, "");
  secure_connection_unref (fixture->peer);
  g_object_unref (fixture->cancellable);
  g_free (fixture->stream);
  two_devices_clear (&fixture->devices);
}

/* Returns how many records @bytes give; @error says why not more, unless they end well. */
static unsigned
read_all (Fixture *fixture, const uint8_t *bytes, size_t len, GError **error)
{
  g_autoptr (QuicStream) in = send_raw (fixture, bytes, len);
  g_autoptr (RecordReader) reader =
      record_reader_new (in, &fixture->id, fixture->key, fixture->cancellable);
  ChunkHeader header;
  const uint8_t *content = NULL;
  unsigned n = 0;
  while (record_reader_next (reader, &header, &content, error) && content)
    {
      g_assert_cmpuint (content[0], ==, header.entry_id);
      n++;
    }
  return n;
}

static void
assert_refused (Fixture *fixture, const uint8_t *bytes, size_t len, unsigned n_before)
{
  g_autoptr (GError) error = NULL;
  unsigned n = read_all (fixture, bytes, len, &error);
  g_assert_cmpuint (n, ==, n_before);
  g_assert_nonnull (error);
  g_assert_true (error->domain == CHUNK_ERROR || error->domain == RECORD_ERROR);
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_assert_cmpuint (read_all (fixture, fixture->stream, STREAM_LEN, &error), ==, N_RECORDS);
  g_assert_no_error (error);
}

static void
assert_flip_refused (Fixture *fixture, size_t at, unsigned n_before)
{
  for (int bit = 0; bit < 8; bit += 7)
    {
      fixture->stream[at] ^= 1 << bit;
      assert_refused (fixture, fixture->stream, STREAM_LEN, n_before);
      fixture->stream[at] ^= 1 << bit;
    }
}

static void
test_stream_header (Fixture *fixture, gconstpointer data)
{
  for (size_t i = 0; i < CHUNK_STREAM_HEADER_LEN; i++)
    assert_flip_refused (fixture, i, 0);
}

static void
test_record_headers (Fixture *fixture, gconstpointer data)
{
  for (unsigned record = 0; record < N_RECORDS; record++)
    for (size_t i = 0; i < CHUNK_HEADER_LEN; i++)
      assert_flip_refused (fixture, records[record] + i, record);
}

static void
test_bodies (Fixture *fixture, gconstpointer data)
{
  for (unsigned record = 0; record < N_RECORDS; record++)
    {
      assert_flip_refused (fixture, records[record] + CHUNK_HEADER_LEN, record);
      for (size_t back = 1; back <= CHUNK_TAG_LEN + CHUNK_DIGEST_LEN; back += 5)
        assert_flip_refused (fixture, records[record + 1] - back, record);
    }
}

/* @order: the records that come, ending with N_RECORDS. */
static void
assert_order_refused (Fixture *fixture, const unsigned *order, unsigned n_before)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_byte_array_append (bytes, fixture->stream, CHUNK_STREAM_HEADER_LEN);
  for (; *order < N_RECORDS; order++)
    g_byte_array_append (bytes, fixture->stream + records[*order],
                         records[*order + 1] - records[*order]);
  assert_refused (fixture, bytes->data, bytes->len, n_before);
}

static void
test_order (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    unsigned order[8];
    unsigned n_before;
  } cases[] = {
    { { 3, 1, 2, 0, 4 }, 0 },                                 /* other files first */
    { { 0, 3, 1, 2, 4 }, 1 },    { { 0, 0, 1, 2, 3, 4 }, 1 }, /* a file twice */
    { { 0, 1, 2, 3, 3, 4 }, 4 }, { { 0, 1, 1, 2, 3, 4 }, 2 }, /* a record twice */
    { { 0, 1, 2, 2, 3, 4 }, 3 }, { { 1, 2, 3, 4 }, 0 },       /* one missing */
    { { 0, 2, 3, 4 }, 1 },       { { 0, 1, 3, 4 }, 2 },       { { 0, 3, 4 }, 1 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_order_refused (fixture, cases[i].order, cases[i].n_before);
}

static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  for (unsigned record = 0; record < N_RECORDS; record++)
    {
      size_t inside[] = { records[record] + 1, records[record] + CHUNK_HEADER_LEN,
                          records[record + 1] - CHUNK_TAG_LEN, records[record + 1] - 1 };
      for (size_t i = 0; i < G_N_ELEMENTS (inside); i++)
        assert_refused (fixture, fixture->stream, inside[i], record);
    }
  assert_refused (fixture, fixture->stream, 0, 0);
  assert_refused (fixture, fixture->stream, CHUNK_STREAM_HEADER_LEN - 1, 0);
  assert_refused (fixture, fixture->stream, records[2], 2); /* inside a file */
  g_autoptr (GError) error = NULL;
  g_assert_cmpuint (read_all (fixture, fixture->stream, records[3], &error), ==, 3);
  g_assert_no_error (error); /* between files: whoever reads counts them */
}

static void
test_other_stream (Fixture *fixture, gconstpointer data)
{
  g_autofree uint8_t *other = write_stream (fixture);
  memcpy (other, fixture->stream, CHUNK_STREAM_HEADER_LEN);
  assert_refused (fixture, other, STREAM_LEN, 0);
}

static void
test_other_key (Fixture *fixture, gconstpointer data)
{
  fixture->key[0] ^= 1;
  assert_refused (fixture, fixture->stream, STREAM_LEN, 0);
}

static void
test_other_transfer (Fixture *fixture, gconstpointer data)
{
  transfer_id_generate (&fixture->id);
  assert_refused (fixture, fixture->stream, STREAM_LEN, 0);
}

#define add(name, func) g_test_add ("/records/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  add ("round-trip", test_round_trip);
  add ("stream-header", test_stream_header);
  add ("record-headers", test_record_headers);
  add ("bodies", test_bodies);
  add ("order", test_order);
  add ("truncated", test_truncated);
  add ("other-stream", test_other_stream);
  add ("other-key", test_other_key);
  add ("other-transfer", test_other_transfer);
  return g_test_run ();
}

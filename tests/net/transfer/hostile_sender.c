/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A paired device that breaks the transfer protocol: the connection ends with QUIC_CODE_PROTOCOL,
 * and no file gets a name. */
#include <blake3.h>
#include <sodium.h>

#include "net/core/frame.h"
#include "net/transfer/control_channel.h"
#include "net/async/quic_future.h"
#include "net/transfer/record_writer.h"
#include "tests/support/hostile.h"
#include "tests/support/two_devices.h"
#include "tests/support/wait.h"

typedef struct
{
  TwoDevices devices;
  Offer *offer; /* 0 "first" and 1 "second", of five bytes; 2 a folder */
  SecureConnection *peer;
  QuicStream *stream;
  ControlChannel *control;
  DexFuture *listening;
  bool accepted;
  unsigned verified;
  int mismatch; /* the entry, or -1 */
  QuicStream *data;
  RecordWriter *writer;
  uint8_t key[CHUNK_KEY_LEN];
} Fixture;

static bool
heard_cb (const TransferControl *control, gpointer user_data, GError **error)
{
  Fixture *fixture = user_data;
  if (control->type == CONTROL_ACCEPT)
    fixture->accepted = true;
  else if (control->type == CONTROL_VERIFIED)
    fixture->verified += control->verified.n_entries;
  else if (control->type == CONTROL_CHECKSUM_MISMATCH)
    fixture->mismatch = control->mismatch.entry_id;
  return true;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  TransferId id;
  transfer_id_generate (&id);
  two_devices_init (&fixture->devices);
  hostile_complaints = hostile_warnings = 0;
  fixture->mismatch = -1;
  fixture->offer = offer_new (&id, &(OfferOptions) { .encrypt = true });
  g_assert_true (
      offer_add (fixture->offer, "first", OFFER_FILE, 5, (OfferTime) { 0 }, 0644, &error));
  g_assert_true (
      offer_add (fixture->offer, "second", OFFER_FILE, 5, (OfferTime) { 0 }, 0644, &error));
  g_assert_true (
      offer_add (fixture->offer, "folder", OFFER_FOLDER, 0, (OfferTime) { 0 }, 0755, &error));
  fixture->peer = wait_boxed (two_devices_connect (&fixture->devices));
  session_derive (fixture->peer->session, CHUNK_KEY_LABEL, id.bytes, sizeof id.bytes, fixture->key,
                  sizeof fixture->key);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  quic_connection_close (fixture->peer->connection, QUIC_CODE_OK, "");
  if (fixture->listening)
    run_until (g_steal_pointer (&fixture->listening));
  run_until (dex_ref (fixture->devices.receiving));
  g_clear_pointer (&fixture->writer, record_writer_free);
  g_clear_pointer (&fixture->data, quic_stream_unref);
  g_clear_pointer (&fixture->control, control_channel_unref);
  g_clear_pointer (&fixture->stream, quic_stream_unref);
  secure_connection_unref (fixture->peer);
  offer_free (fixture->offer);
  two_devices_clear (&fixture->devices);
}

static void
say_offer (Fixture *fixture)
{
  fixture->stream = wait_boxed (quic_future_open_stream (fixture->peer->connection, true));
  fixture->control = control_channel_new (fixture->peer, fixture->stream, CONTROL_SENDER);
  fixture->listening = control_channel_listen (fixture->control, NULL, heard_cb, fixture);
  wait_for (control_channel_send_offer (fixture->control, fixture->offer));
}

static void
open_data (Fixture *fixture)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  fixture->data = wait_boxed (quic_future_open_stream (fixture->peer->connection, false));
  fixture->writer =
      record_writer_new (fixture->data, offer_get_id (fixture->offer), fixture->key, cancellable);
}

static void
start_data (Fixture *fixture)
{
  say_offer (fixture);
  wait_until (fixture->accepted);
  open_data (fixture);
}

static void
put (Fixture *fixture, uint32_t entry_id, unsigned flags, const char *content)
{
  g_autoptr (GError) error = NULL;
  ChunkHeader header = { .flags = flags, .entry_id = entry_id, .length = strlen (content) };
  blake3_hasher hasher;
  blake3_hasher_init (&hasher);
  blake3_hasher_update (&hasher, content, header.length);
  uint8_t digest[CHUNK_DIGEST_LEN];
  blake3_hasher_finalize (&hasher, digest, sizeof digest);
  uint8_t *room;
  g_assert_true (record_writer_reserve (fixture->writer, header.length, &room, &error));
  memcpy (room, content, header.length);
  record_writer_put (fixture->writer, &header, digest);
}

static void
flush (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  record_writer_flush (fixture->writer, &error);
  g_assert_no_error (error);
}

/* All is sent, and the receiver has its last word. */
static void
finish_data (Fixture *fixture)
{
  flush (fixture);
  quic_stream_finish (fixture->data);
  wait_for (control_channel_send (fixture->control,
                                  &(TransferControl) { .type = CONTROL_DONE, .done.files = 2 }));
  wait_until (control_channel_get_state (fixture->control) == CONTROL_STATE_ENDED_BY_RECEIVER);
}

static void
assert_closed (SecureConnection *peer, QuicCode code)
{
  g_autoptr (GError) error = NULL;
  wait_future (quic_future_closed (peer->connection), &error);
  g_assert_error (error, QUIC_CLOSE_ERROR, (int) code);
}

static void
assert_thrown_out (Fixture *fixture)
{
  assert_closed (fixture->peer, QUIC_CODE_PROTOCOL);
  run_until (dex_ref (fixture->devices.receiving));
  g_assert_cmpuint (hostile_complaints, ==, 1);
  if (fixture->devices.incoming)
    {
      g_assert_cmpint (wherry_transfer_get_state (fixture->devices.incoming), ==, TRANSFER_FAILED);
      g_assert_cmpint (wherry_transfer_get_reason (fixture->devices.incoming), ==,
                       TRANSFER_REASON_PROTOCOL);
    }
  if (scratch_exists (&fixture->devices.scratch, "in/folder"))
    scratch_assert_names (&fixture->devices.scratch, "in", "folder");
  else
    g_assert_false (scratch_exists (&fixture->devices.scratch, "in"));
}

#define WHOLE (CHUNK_FIRST | CHUNK_LAST)

/* The counter-example: what all the others differ from. */
static void
test_honest (Fixture *fixture, gconstpointer data)
{
  start_data (fixture);
  put (fixture, 0, WHOLE, "right");
  put (fixture, 1, WHOLE, "right");
  finish_data (fixture);
  g_assert_cmpuint (fixture->verified, ==, 2);
  scratch_assert_names (&fixture->devices.scratch, "in", "first|folder|second");
}

static void
test_wrong_digest (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  uint8_t digest[CHUNK_DIGEST_LEN] = { 0 };
  ChunkHeader header = { .flags = WHOLE, .entry_id = 0, .length = 5 };
  start_data (fixture);
  uint8_t *room;
  g_assert_true (record_writer_reserve (fixture->writer, 5, &room, &error));
  memcpy (room, "wrong", 5);
  record_writer_put (fixture->writer, &header, digest);
  put (fixture, 1, WHOLE, "right");
  finish_data (fixture);
  g_assert_cmpint (fixture->mismatch, ==, 0);
  g_assert_cmpuint (fixture->verified, ==, 1);
  quic_connection_close (fixture->peer->connection, QUIC_CODE_OK, "");
  run_until (dex_ref (fixture->devices.receiving));
  scratch_assert_names (&fixture->devices.scratch, "in", "folder|second");
  g_assert_cmpint (wherry_transfer_get_state (fixture->devices.incoming), ==, TRANSFER_FAILED);
  g_assert_cmpint (wherry_transfer_get_reason (fixture->devices.incoming), ==,
                   TRANSFER_REASON_CHECKSUM);
}

/* The totals of its done are not those of the data. */
static void
test_wrong_totals (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  start_data (fixture);
  put (fixture, 0, WHOLE, "right");
  put (fixture, 1, WHOLE, "right");
  flush (fixture);
  quic_stream_finish (fixture->data);
  TransferControl done = { .type = CONTROL_DONE, .done = { .files = 1, .failed = 1 } };
  wait_for (control_channel_send (fixture->control, &done));
  run_until (dex_ref (fixture->devices.receiving));
  g_assert_cmpuint (hostile_complaints, ==, 1);
  g_assert_cmpint (wherry_transfer_get_reason (fixture->devices.incoming), ==,
                   TRANSFER_REASON_PROTOCOL);
}

static void
test_changed_on_the_way (Fixture *fixture, gconstpointer data)
{
  fixture->key[0] ^= 1;
  start_data (fixture);
  put (fixture, 0, WHOLE, "wrong");
  flush (fixture);
  assert_thrown_out (fixture);
}

static void
test_unsealed (Fixture *fixture, gconstpointer data)
{
  ChunkHeader header = { .flags = WHOLE, .entry_id = 0, .length = 5 };
  start_data (fixture);
  ChunkStreamHeader stream;
  chunk_stream_header_generate (&stream, offer_get_id (fixture->offer), 0);
  uint8_t plain[CHUNK_STREAM_HEADER_LEN + CHUNK_HEADER_LEN + 5 + CHUNK_DIGEST_LEN];
  chunk_stream_header_encode (&stream, plain);
  chunk_header_encode (&header, plain + CHUNK_STREAM_HEADER_LEN);
  memcpy (plain + CHUNK_STREAM_HEADER_LEN + CHUNK_HEADER_LEN, "plain", 5);
  g_autoptr (GBytes) bytes = g_bytes_new (plain, sizeof plain);
  wait_for (quic_future_send (fixture->data, bytes));
  assert_thrown_out (fixture);
}

/* One unexpected record each. */
typedef struct
{
  const char *name;
  uint32_t entry_id;
  unsigned flags;
  const char *content;
} Record;

static const Record records[] = {
  { "unknown-entry", 3, WHOLE, "wrong" }, { "absurd-entry", G_MAXUINT32, WHOLE, "wrong" },
  { "folder-as-file", 2, WHOLE, "" },     { "more-bytes", 0, WHOLE, "too many" },
  { "fewer-bytes", 0, WHOLE, "few" },     { "no-bytes", 0, WHOLE, "" },
};

static void
test_record (Fixture *fixture, gconstpointer data)
{
  const Record *record = data;
  start_data (fixture);
  put (fixture, record->entry_id, record->flags, record->content);
  flush (fixture);
  assert_thrown_out (fixture);
}

static void
test_twice (Fixture *fixture, gconstpointer data)
{
  start_data (fixture);
  put (fixture, 0, WHOLE, "right");
  put (fixture, 0, WHOLE, "again");
  flush (fixture);
  assert_thrown_out (fixture);
}

static void
test_files_missing (Fixture *fixture, gconstpointer data)
{
  start_data (fixture);
  put (fixture, 0, WHOLE, "right");
  flush (fixture);
  quic_stream_finish (fixture->data);
  assert_thrown_out (fixture);
}

static void
test_done_twice (Fixture *fixture, gconstpointer data)
{
  TransferControl done = { .type = CONTROL_DONE, .done.files = 2 };
  start_data (fixture);
  wait_for (control_channel_send (fixture->control, &done));
  wait_for (control_channel_send (fixture->control, &done));
  assert_thrown_out (fixture);
}

static void
test_garbage_data (Fixture *fixture, gconstpointer data)
{
  g_autofree uint8_t *noise = g_malloc (100000);
  randombytes_buf (noise, 100000);
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_steal_pointer (&noise), 100000);
  start_data (fixture);
  wait_for (quic_future_send (fixture->data, bytes));
  assert_thrown_out (fixture);
}

static void
test_data_before_offer (Fixture *fixture, gconstpointer data)
{
  open_data (fixture);
  put (fixture, 0, WHOLE, "early");
  flush (fixture);
  assert_thrown_out (fixture);
  g_assert_null (fixture->devices.incoming);
}

static void
test_data_before_accept (Fixture *fixture, gconstpointer data)
{
  fixture->devices.answer = ANSWER_NOTHING;
  say_offer (fixture);
  open_data (fixture);
  put (fixture, 0, WHOLE, "early");
  flush (fixture);
  assert_thrown_out (fixture);
}

static const char *const messages[] = {
  "{\"type\":\"offer-entries\",\"entries\":[],\"last\":true}",
  "{\"type\":\"accept\",\"resume\":[]}",
  "{\"type\":\"verified\",\"entries\":[0]}",
  "{\"type\":\"done\",\"files\":2,\"failed\":0}",
  "{\"type\":\"entry-failed\"}",
  "{\"type\":5}",
  "not json",
};

static void
test_message (Fixture *fixture, gconstpointer data)
{
  fixture->devices.answer = ANSWER_NOTHING;
  say_offer (fixture);
  wait_until (fixture->devices.incoming);
  hostile_say (fixture->peer, fixture->stream, 1, data);
  assert_thrown_out (fixture);
}

static void
test_replayed_message (Fixture *fixture, gconstpointer data)
{
  fixture->devices.answer = ANSWER_NOTHING;
  say_offer (fixture);
  hostile_say (fixture->peer, fixture->stream, 0,
               "{\"type\":\"progress\",\"bytes\":0,\"files\":0}");
  assert_thrown_out (fixture);
}

#define OFFER_OF(path, encrypt)                                                                    \
  "{\"type\":\"offer\",\"transfer_id\":\"00112233445566778899aabbccddeeff\","                      \
  "\"entries_total\":1,\"bytes_total\":1,\"options\":{\"compress\":false,\"encrypt\":" encrypt     \
  "},\"entries\":[{\"id\":0,\"path\":\"" path "\",\"kind\":\"file\",\"size\":1,\"mtime\":0,"       \
  "\"mtime_ns\":0,\"mode\":420}],\"last\":true}"
#define ONE_OFFER OFFER_OF ("x", "true")

/* @data: an offer that is not even shown. */
static void
test_offer (Fixture *fixture, gconstpointer data)
{
  fixture->stream = wait_boxed (quic_future_open_stream (fixture->peer->connection, true));
  hostile_say (fixture->peer, fixture->stream, 0, data);
  assert_thrown_out (fixture);
  g_assert_null (fixture->devices.incoming);
}

/* Counts the frames that came, until the other side ends. */
static unsigned
count_frames (Fixture *fixture, QuicStream *stream)
{
  FrameReader reader;
  unsigned n_frames = 0;
  frame_reader_init (&reader, FRAME_PAYLOAD_MAX);
  for (;;)
    {
      DexFuture *receiving = quic_future_receive (stream, 65536);
      run_until (dex_ref (receiving));
      const GValue *value = dex_future_get_value (receiving, NULL);
      g_autoptr (GBytes) bytes = value ? g_value_dup_boxed (value) : NULL;
      dex_unref (receiving);
      if (!bytes || g_bytes_get_size (bytes) == 0)
        break;
      const uint8_t *payload;
      size_t len;
      frame_reader_feed (&reader, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      while (frame_reader_next (&reader, &payload, &len, NULL) == FRAME_READY)
        n_frames++;
    }
  frame_reader_clear (&reader);
  return n_frames;
}

/* A type is answered once, however often it is tried, and known ones that are not done too. */
static void
test_flood (Fixture *fixture, gconstpointer data)
{
  fixture->devices.answer = ANSWER_NOTHING;
  fixture->stream = wait_boxed (quic_future_open_stream (fixture->peer->connection, true));
  hostile_say (fixture->peer, fixture->stream, 0, ONE_OFFER);
  wait_until (fixture->devices.incoming);
  g_autoptr (GByteArray) frames = g_byte_array_new ();
  uint64_t sequence = 1;
  for (unsigned i = 0; i < 5000; i++)
    hostile_seal (frames, fixture->peer, fixture->stream, sequence++, "{\"type\":\"x\"}");
  hostile_seal (frames, fixture->peer, fixture->stream, sequence++,
                "{\"type\":\"cancel\",\"reason\":\"person\"}");
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (g_steal_pointer (&frames));
  wait_for (quic_future_send (fixture->stream, bytes));
  g_assert_cmpuint (count_frames (fixture, fixture->stream), ==, 1);
  run_until (dex_ref (fixture->devices.receiving));
  g_assert_cmpuint (hostile_complaints, ==, 0);
}

static void
test_flood_of_kinds (Fixture *fixture, gconstpointer data)
{
  fixture->devices.answer = ANSWER_NOTHING;
  fixture->stream = wait_boxed (quic_future_open_stream (fixture->peer->connection, true));
  hostile_say (fixture->peer, fixture->stream, 0, ONE_OFFER);
  g_autoptr (GByteArray) frames = g_byte_array_new ();
  for (unsigned i = 0; i <= CONTROL_REFUSALS_MAX; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"type\":\"x%c%c\"}", 'a' + i / 26, 'a' + i % 26);
      hostile_seal (frames, fixture->peer, fixture->stream, i + 1, json);
    }
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (g_steal_pointer (&frames));
  wait_for (quic_future_send (fixture->stream, bytes));
  assert_closed (fixture->peer, QUIC_CODE_LIMIT);
  run_until (dex_ref (fixture->devices.receiving));
}

/* Two offers with one id: the first stays what it was, the second is a breach. */
static void
test_same_id (Fixture *fixture, gconstpointer data)
{
  fixture->devices.answer = ANSWER_NOTHING;
  fixture->stream = wait_boxed (quic_future_open_stream (fixture->peer->connection, true));
  hostile_say (fixture->peer, fixture->stream, 0, ONE_OFFER);
  wait_until (fixture->devices.incoming);
  g_autoptr (WherryTransfer) first = g_object_ref (fixture->devices.incoming);
  DexFuture *receiving = dex_ref (fixture->devices.receiving);

  g_autoptr (SecureConnection) peer = wait_boxed (two_devices_connect (&fixture->devices));
  g_autoptr (QuicStream) stream = wait_boxed (quic_future_open_stream (peer->connection, true));
  hostile_say (peer, stream, 0, ONE_OFFER);
  assert_closed (peer, QUIC_CODE_PROTOCOL);
  run_until (dex_ref (fixture->devices.receiving));

  g_assert_true (fixture->devices.incoming == first); /* no second one was shown */
  g_assert_cmpint (wherry_transfer_get_state (first), ==, TRANSFER_OFFERED);
  g_assert_cmpstr (wherry_transfer_get_protocol_id (first), ==, "00112233445566778899aabbccddeeff");
  g_assert_cmpstr (wherry_transfer_get_id (first), !=, wherry_transfer_get_protocol_id (first));
  wherry_transfer_decline (first);
  quic_connection_close (fixture->peer->connection, QUIC_CODE_OK, "");
  run_until (receiving);
  g_assert_cmpint (wherry_transfer_get_state (first), ==, TRANSFER_DECLINED);
}

static void
test_huge_frame (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\xff\xff\xff\xff", 4);
  fixture->stream = wait_boxed (quic_future_open_stream (fixture->peer->connection, true));
  wait_for (quic_future_send (fixture->stream, bytes));
  assert_thrown_out (fixture);
}

/* However often a peer breaks the protocol, the log names it once. */
static void
test_log (Fixture *fixture, gconstpointer data)
{
  test_huge_frame (fixture, NULL);
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (SecureConnection) peer = wait_boxed (two_devices_connect (&fixture->devices));
      g_autoptr (QuicStream) stream = wait_boxed (quic_future_open_stream (peer->connection, true));
      g_autoptr (GBytes) bytes = g_bytes_new_static ("\xff\xff\xff\xff", 4);
      wait_for (quic_future_send (stream, bytes));
      run_until (quic_future_closed (peer->connection));
      run_until (dex_ref (fixture->devices.receiving));
    }
  g_assert_cmpuint (hostile_complaints, ==, 4);
  g_assert_cmpuint (hostile_warnings, <=, 1); /* none, soon after another test */
}

#define add(name, data, func)                                                                      \
  g_test_add ("/hostile-sender/" name, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  hostile_init ();
  dex_init ();
  add ("honest", NULL, test_honest);
  add ("wrong-digest", NULL, test_wrong_digest);
  add ("wrong-totals", NULL, test_wrong_totals);
  add ("changed-on-the-way", NULL, test_changed_on_the_way);
  add ("unsealed", NULL, test_unsealed);
  for (unsigned i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autofree char *name = g_strconcat ("/hostile-sender/", records[i].name, NULL);
      g_test_add (name, Fixture, &records[i], set_up, test_record, tear_down);
    }
  add ("twice", NULL, test_twice);
  add ("files-missing", NULL, test_files_missing);
  add ("done-twice", NULL, test_done_twice);
  add ("garbage-data", NULL, test_garbage_data);
  add ("data-before-offer", NULL, test_data_before_offer);
  add ("data-before-accept", NULL, test_data_before_accept);
  for (unsigned i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autofree char *name = g_strdup_printf ("/hostile-sender/message/%u", i);
      g_test_add (name, Fixture, messages[i], set_up, test_message, tear_down);
    }
  add ("replayed-message", NULL, test_replayed_message);
  add ("hostile-offer", OFFER_OF ("../../x", "true"), test_offer);
  add ("unsealed-offer", OFFER_OF ("x", "false"), test_offer);
  add ("flood", NULL, test_flood);
  add ("flood-of-kinds", NULL, test_flood_of_kinds);
  add ("same-id", NULL, test_same_id);
  add ("huge-frame", NULL, test_huge_frame);
  add ("log", NULL, test_log);
  return g_test_run ();
}

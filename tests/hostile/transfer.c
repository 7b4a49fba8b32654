/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A paired device turns hostile: it speaks the transfer and message protocols wrongly to a device
 * that accepts everything from it. After each attack the victim still runs, its inbox holds nothing
 * that was not offered and verified, and an honest transfer works. */
#include <blake3.h>
#include <string.h>

#include "tests/hostile/peer.h"
#include "tests/hostile/victim.h"

#define CONTENT "the ferry leaves at noon"

typedef struct
{
  Victim victim;
  Peer peer;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  victim_init (&self->victim);
  peer_init (&self->peer, "Mallory");

  victim_start (&self->victim, (const char *const[]) { "pair", NULL });
  g_autofree char *listening = victim_event (&self->victim, "listening");
  g_autofree char *code = victim_event (&self->victim, "code");
  g_autofree char *words = victim_field (code, "words");
  peer_aim (&self->peer, victim_port (listening));
  g_assert_cmpint (peer_pair (&self->peer, words), ==, PAIRING_REASON_NONE);
  g_autofree char *paired = victim_event (&self->victim, "paired");
  g_subprocess_wait (self->victim.process, NULL, NULL);
  g_clear_object (&self->victim.process);

  victim_start (&self->victim, (const char *const[]) { "serve", "--accept", "paired",
                                                       "--receive-dir", self->victim.inbox, NULL });
  g_autofree char *serving = victim_event (&self->victim, "listening");
  peer_aim (&self->peer, victim_port (serving));
}

static void
digest_of (const void *content, size_t len, uint8_t digest[static CHUNK_DIGEST_LEN])
{
  blake3_hasher hasher;
  blake3_hasher_init (&hasher);
  blake3_hasher_update (&hasher, content, len);
  blake3_hasher_finalize (&hasher, digest, CHUNK_DIGEST_LEN);
}

/* One whole file in one record, as an honest sender does it, but with what the caller bent. */
static void
say_file (RawTransfer *raw, uint32_t entry_id, const char *content, const uint8_t *digest)
{
  uint8_t right[CHUNK_DIGEST_LEN];
  ChunkStreamHeader header;
  ChunkCursor cursor = { 0 };
  ChunkHeader record = { .flags = CHUNK_FIRST | CHUNK_LAST,
                         .entry_id = entry_id,
                         .length = strlen (content) };
  g_autoptr (QuicStream) data = raw_transfer_open_data (raw, &header);

  digest_of (content, strlen (content), right);
  if (!data)
    return;
  raw_transfer_say_record (raw, data, &header, &cursor, &record, (const uint8_t *) content,
                           digest ? digest : right);
  quic_stream_finish (data);
  peer_linger (20); /* dropping the stream would reset what is still on its way */
}

static void
expect_inbox (Fixture *self, const char *expected)
{
  g_autofree char *found = victim_inbox (&self->victim);
  g_assert_cmpstr (found, ==, expected);
}

/* Reads control frames until the victim says it is done or hangs up; true for a good end. */
static bool
hear_the_end (RawTransfer *raw)
{
  for (;;)
    {
      g_autofree char *frame = raw_transfer_hear (raw);
      if (!frame)
        return false;
      if (strstr (frame, "\"type\":\"done\""))
        return true;
    }
}

static void
send_honestly (Fixture *self)
{
  RawTransfer raw;
  g_assert_true (raw_transfer_begin (&raw, &self->peer));
  g_assert_true (raw_transfer_offer_file (&raw, "honest.txt", strlen (CONTENT)));
  say_file (&raw, 0, CONTENT, NULL);
  raw_transfer_say (&raw, "{\"type\":\"done\",\"files\":1,\"failed\":0}");
  g_assert_true (hear_the_end (&raw));
  raw_transfer_end (&raw);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autofree char *honest = g_build_filename (self->victim.inbox, "honest.txt", NULL);
  g_autofree char *content = NULL;
  send_honestly (self);
  g_assert_true (g_file_get_contents (honest, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, CONTENT);
  victim_stop (&self->victim);
  peer_clear (&self->peer);
  victim_clear (&self->victim);
}

static void
test_names (Fixture *self, gconstpointer data)
{
  g_autofree char *long_name = g_strnfill (300, 'x');
  g_autofree char *deep = g_strnfill (8000, 'a');
  for (size_t i = 1; i < strlen (deep); i += 2)
    deep[i] = '/';
  const char *const names[] = { "../x",    "a/../../x",   "/etc/x",    "",        ".",
                                "..",      "a/./b",       "a//b",      "a/",      "x\\u0000y",
                                "x\\ny",   "x\\u001b[2J", "x\\u202ey", long_name, deep,
                                "\\ud800", "x\xff" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      RawTransfer raw;
      g_assert_true (raw_transfer_begin (&raw, &self->peer));
      if (raw_transfer_offer_file (&raw, names[i], strlen (CONTENT)))
        g_error ("the name %s was accepted", names[i]);
      raw_transfer_end (&raw);
    }
  g_autofree char *found = victim_surroundings (&self->victim);
  g_assert_cmpstr (found, ==, "inbox");
}

static void
test_control_frames (Fixture *self, gconstpointer data)
{
  static const uint8_t empty[] = { 0, 0, 0, 0 }, huge[] = { 0xff, 0xff, 0xff, 0xff },
                       unsealed[24] = { 0, 0, 0, 20, '{', '}' }, truncated[] = { 0, 0, 1, 0, 1 };
  const struct
  {
    const uint8_t *bytes;
    size_t len;
  } bad[] = { { empty, sizeof empty },
              { huge, sizeof huge },
              { unsealed, sizeof unsealed },
              { truncated, sizeof truncated } };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      RawTransfer raw;
      g_assert_true (raw_transfer_begin (&raw, &self->peer));
      peer_say (raw.control, bad[i].bytes, bad[i].len);
      quic_stream_finish (raw.control);
      g_assert_cmpuint (peer_await_close (raw.connection), !=, QUIC_CODE_OK);
      raw_transfer_end (&raw);
    }
  expect_inbox (self, "");
}

static void
test_json (Fixture *self, gconstpointer data)
{
  static const char *const bad[] = {
    "",
    "{",
    "[]",
    "null",
    "{}",
    "{\"type\":1}",
    "{\"type\":\"done\",\"files\":0,\"failed\":0}",
    "{\"type\":\"accept\",\"resume\":[]}",
    "{\"type\":\"verified\",\"entries\":[0]}",
    "{\"type\":\"offer\"}",
    "{\"type\":\"offer-entries\",\"entries\":[],\"last\":true}",
    "{\"type\":\"offer\",\"transfer_id\":\"00\",\"entries_total\":0,\"bytes_total\":0,\"entries\":[],\"last\":true}",
    "{\"type\":\"offer\",\"transfer_id\":\"000102030405060708090a0b0c0d0e0f\",\"entries_total\":4294967295,\"bytes_total\":0,"
    "\"options\":{\"compress\":false,\"encrypt\":true},\"entries\":[],\"last\":true}",
    "{\"type\":\"offer\",\"transfer_id\":\"000102030405060708090a0b0c0d0e0f\",\"entries_total\":1,\"bytes_total\":5,"
    "\"options\":{\"compress\":false,\"encrypt\":true},\"entries\":[{\"id\":0,\"path\":\"x\",\"kind\":\"file\",\"size\":-5,\"mtime\":0,\"mtime_ns\":0,"
    "\"mode\":420}],\"last\":true}",
    "{\"type\":\"offer\",\"transfer_id\":\"000102030405060708090a0b0c0d0e0f\",\"entries_total\":1,\"bytes_total\":5,"
    "\"options\":{\"compress\":false,\"encrypt\":true},\"entries\":[{\"id\":7,\"path\":\"x\",\"kind\":\"file\",\"size\":5,\"mtime\":0,\"mtime_ns\":0,"
    "\"mode\":420}],\"last\":true}",
    "{\"type\":\"offer\",\"transfer_id\":\"000102030405060708090a0b0c0d0e0f\",\"entries_total\":1,\"bytes_total\":6,"
    "\"options\":{\"compress\":false,\"encrypt\":true},\"entries\":[{\"id\":0,\"path\":\"x\",\"kind\":\"file\",\"size\":5,\"mtime\":0,\"mtime_ns\":0,"
    "\"mode\":420}],\"last\":true}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      RawTransfer raw;
      g_assert_true (raw_transfer_begin (&raw, &self->peer));
      raw_transfer_say (&raw, bad[i]);
      g_assert_cmpuint (peer_await_close (raw.connection), !=, QUIC_CODE_OK);
      raw_transfer_end (&raw);
    }
  expect_inbox (self, "");
}

static void
test_data_before_offer (Fixture *self, gconstpointer data)
{
  RawTransfer raw;
  g_assert_true (raw_transfer_begin (&raw, &self->peer));
  say_file (&raw, 0, CONTENT, NULL);
  raw_transfer_offer_file (&raw, "early.txt", strlen (CONTENT));
  raw_transfer_end (&raw);
  g_autofree char *found = victim_inbox (&self->victim);
  g_assert_null (strstr (found, "part"));
}

static void
test_second_offer (Fixture *self, gconstpointer data)
{
  RawTransfer raw;
  g_assert_true (raw_transfer_begin (&raw, &self->peer));
  g_assert_true (raw_transfer_offer_file (&raw, "shown.txt", strlen (CONTENT)));
  g_assert_false (raw_transfer_offer_file (&raw, "not-shown.txt", strlen (CONTENT)));
  g_assert_cmpuint (peer_await_close (raw.connection), ==, QUIC_CODE_PROTOCOL);
  raw_transfer_end (&raw);
  expect_inbox (self, "");
}

/* What was accepted is 24 bytes of entry 0 with one digest; everything else ends without a file. */
static void
test_wrong_data (Fixture *self, gconstpointer data)
{
  static const uint8_t wrong_digest[CHUNK_DIGEST_LEN] = { 1 };
  const struct
  {
    uint32_t entry_id;
    const char *content;
    const uint8_t *digest;
  } bad[] = {
    { 1, CONTENT, NULL },                                                 /* never offered */
    { G_MAXUINT32, CONTENT, NULL }, { 0, CONTENT " and one more", NULL }, /* more than offered */
    { 0, "short", NULL },                                                 /* less */
    { 0, CONTENT, wrong_digest },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      RawTransfer raw;
      g_assert_true (raw_transfer_begin (&raw, &self->peer));
      g_assert_true (raw_transfer_offer_file (&raw, "wrong.txt", strlen (CONTENT)));
      say_file (&raw, bad[i].entry_id, bad[i].content, bad[i].digest);
      raw_transfer_say (&raw, "{\"type\":\"done\",\"files\":1,\"failed\":0}");
      hear_the_end (&raw);
      raw_transfer_end (&raw);
      expect_inbox (self, "");
    }
}

static void
test_flipped_bit (Fixture *self, gconstpointer data)
{
  RawTransfer raw;
  uint8_t noise[CHUNK_HEADER_LEN + sizeof CONTENT - 1 + CHUNK_DIGEST_LEN + CHUNK_TAG_LEN] = { 0 };
  ChunkHeader record = { .flags = CHUNK_FIRST | CHUNK_LAST, .length = strlen (CONTENT) };
  g_assert_true (raw_transfer_begin (&raw, &self->peer));
  g_assert_true (raw_transfer_offer_file (&raw, "flipped.txt", strlen (CONTENT)));
  ChunkStreamHeader header;
  g_autoptr (QuicStream) stream = raw_transfer_open_data (&raw, &header);
  chunk_header_encode (&record, noise);
  peer_say (stream, noise, sizeof noise);
  quic_stream_finish (stream);
  hear_the_end (&raw);
  raw_transfer_end (&raw);
  expect_inbox (self, "");
}

static void
test_same_file_twice (Fixture *self, gconstpointer data)
{
  RawTransfer raw;
  g_assert_true (raw_transfer_begin (&raw, &self->peer));
  g_assert_true (raw_transfer_offer_file (&raw, "once.txt", strlen (CONTENT)));
  say_file (&raw, 0, CONTENT, NULL);
  say_file (&raw, 0, CONTENT, NULL);
  raw_transfer_say (&raw, "{\"type\":\"done\",\"files\":2,\"failed\":0}");
  hear_the_end (&raw);
  raw_transfer_end (&raw);
  g_autofree char *found = victim_inbox (&self->victim);
  g_assert_true (g_str_equal (found, "") || g_str_equal (found, "once.txt"));
}

static void
test_vanishes_in_the_middle (Fixture *self, gconstpointer data)
{
  RawTransfer raw;
  ChunkCursor cursor = { 0 };
  g_autofree uint8_t *content = g_malloc0 (CHUNK_SIZE_MIN);
  ChunkHeader record = { .flags = CHUNK_FIRST, .length = CHUNK_SIZE_MIN };
  g_assert_true (raw_transfer_begin (&raw, &self->peer));
  g_assert_true (raw_transfer_offer_file (&raw, "half.bin", 3 * CHUNK_SIZE_MIN));
  ChunkStreamHeader header;
  g_autoptr (QuicStream) stream = raw_transfer_open_data (&raw, &header);
  raw_transfer_say_record (&raw, stream, &header, &cursor, &record, content, NULL);
  peer_linger (100);
  raw_transfer_end (&raw);
  g_autofree char *ended = victim_event (&self->victim, "transfer");
  expect_inbox (self, "");
}

static void
test_unknown_control_goes_on (Fixture *self, gconstpointer data)
{
  RawTransfer raw;
  g_assert_true (raw_transfer_begin (&raw, &self->peer));
  g_assert_true (raw_transfer_offer_file (&raw, "later.txt", strlen (CONTENT)));
  raw_transfer_say (&raw, "{\"type\":\"teleport\"}");
  say_file (&raw, 0, CONTENT, NULL);
  raw_transfer_say (&raw, "{\"type\":\"done\",\"files\":1,\"failed\":0}");
  g_assert_true (hear_the_end (&raw));
  raw_transfer_end (&raw);
  expect_inbox (self, "later.txt");
}

static void
test_messages (Fixture *self, gconstpointer data)
{
  static const char *const bad[] = { "", "{", "{}", "{\"type\":\"ping\"}",
                                     "{\"type\":\"ping\",\"id\":\"zz\"}" };
  for (size_t i = 0; i <= G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (QuicConnection) connection =
          peer_connect (&self->peer, "wherry/message/1", &error);
      g_assert_no_error (error);
      g_autoptr (QuicStream) stream = peer_open (connection, false);
      g_autoptr (Session) session =
          session_new (self->peer.root, quic_connection_get_exporter (connection), true);
      const char *text = i < G_N_ELEMENTS (bad)
                             ? bad[i]
                             : "{\"type\":\"sing\",\"id\":\"000102030405060708090a0b0c0d0e0f\"}";
      g_autofree uint8_t *sealed = g_malloc (strlen (text) + SESSION_OVERHEAD);

      session_seal (session, quic_stream_get_id (stream), 0, NULL, 0, (const uint8_t *) text,
                    strlen (text), sealed);
      peer_say (stream, sealed, strlen (text) + SESSION_OVERHEAD);
      quic_stream_finish (stream);
      peer_linger (100);
      quic_connection_close (connection, QUIC_CODE_OK, "");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/hostile/transfer/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("names", test_names);
  ADD ("control-frames", test_control_frames);
  ADD ("json", test_json);
  ADD ("data-before-offer", test_data_before_offer);
  ADD ("second-offer", test_second_offer);
  ADD ("wrong-data", test_wrong_data);
  ADD ("flipped-bit", test_flipped_bit);
  ADD ("same-file-twice", test_same_file_twice);
  ADD ("vanishes-in-the-middle", test_vanishes_in_the_middle);
  ADD ("unknown-control-goes-on", test_unknown_control_goes_on);
  ADD ("messages", test_messages);
  return g_test_run ();
}

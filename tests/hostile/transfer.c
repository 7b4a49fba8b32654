/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A paired device turns hostile against the whole program, which accepts everything from it: one
 * attack of each kind; tests/net/transfer/hostile_*.c has them all. After each the victim still
 * runs, its inbox holds nothing that was not offered and verified, and an honest transfer works. */
#include <blake3.h>
#include <string.h>

#include "tests/hostile/peer.h"
#include "tests/hostile/victim.h"
#include "tests/support/wait.h"

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
  victim_wait (&self->victim);

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
  peer_finish (data); /* dropping the stream would reset what is still on its way */
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
  static const char *const names[] = { "../x", "/etc/x", "x\\u001b[2J" };
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      RawTransfer raw;
      g_assert_true (raw_transfer_begin (&raw, &self->peer));
      g_assert_false (raw_transfer_offer_file (&raw, names[i], strlen (CONTENT)));
      g_assert_cmpuint (peer_await_close (raw.connection), ==, QUIC_CODE_PROTOCOL);
      raw_transfer_end (&raw);
    }
  g_autofree char *found = victim_surroundings (&self->victim);
  g_assert_cmpstr (found, ==, "inbox");
}

static void
test_wrong_digest (Fixture *self, gconstpointer data)
{
  static const uint8_t wrong_digest[CHUNK_DIGEST_LEN] = { 1 };
  RawTransfer raw;
  g_assert_true (raw_transfer_begin (&raw, &self->peer));
  g_assert_true (raw_transfer_offer_file (&raw, "wrong.txt", strlen (CONTENT)));
  say_file (&raw, 0, CONTENT, wrong_digest);
  raw_transfer_say (&raw, "{\"type\":\"done\",\"files\":1,\"failed\":0}");
  hear_the_end (&raw);
  raw_transfer_end (&raw);
  g_autofree char *ended = victim_event (&self->victim, "transfer");
  g_autofree char *reason = victim_field (ended, "reason");
  g_assert_cmpstr (reason, ==, "checksum");
  expect_inbox (self, "");
}

static bool
has_part (Fixture *self)
{
  g_autofree char *found = victim_inbox (&self->victim);
  return *found != '\0';
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
  wait_poll (has_part (self));
  raw_transfer_end (&raw);
  g_autofree char *ended = victim_event (&self->victim, "transfer");
  g_autofree char *state = victim_field (ended, "state");
  g_assert_cmpstr (state, ==, "interrupted");
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

#define PING(id) "{\"type\":\"ping\",\"id\":\"" id "\"}"

/* None of the bad ones is answered, and the good one behind them is: what is answered comes in the
 * order of the streams that ask. */
static void
test_messages (Fixture *self, gconstpointer data)
{
  static const char *const bad[] = {
    "",          "{",
    "{}",        "{\"type\":\"ping\"}",
    PING ("zz"), "{\"type\":\"sing\",\"id\":\"00000000000000000000000000000000\"}"
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (QuicConnection) connection = peer_connect (&self->peer, "wherry/message/1", &error);
  g_assert_no_error (error);
  g_autoptr (Session) session = peer_session (&self->peer, connection);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    peer_say_message (connection, session, bad[i]);
  peer_ping (connection, session);
  g_assert_true (quic_connection_is_open (connection));
  quic_connection_close (connection, QUIC_CODE_OK, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/hostile/transfer/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("names", test_names);
  ADD ("wrong-digest", test_wrong_digest);
  ADD ("vanishes-in-the-middle", test_vanishes_in_the_middle);
  ADD ("unknown-control-goes-on", test_unknown_control_goes_on);
  ADD ("messages", test_messages);
  return g_test_run ();
}

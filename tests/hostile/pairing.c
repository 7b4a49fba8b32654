/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stranger attacks the pairing protocol of a device that shows a code. */
#include <string.h>

#include "tests/hostile/peer.h"
#include "tests/hostile/victim.h"

typedef struct
{
  Victim victim;
  Peer peer;
  char *words; /* (owned) */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  victim_init (&self->victim);
  victim_start (&self->victim, (const char *const[]) { "pair", NULL });
  g_autofree char *listening = victim_event (&self->victim, "listening");
  g_autofree char *code = victim_event (&self->victim, "code");
  self->words = victim_field (code, "words");
  peer_init (&self->peer, "Mallory");
  peer_aim (&self->peer, victim_port (listening));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  peer_clear (&self->peer);
  victim_clear (&self->victim);
  g_free (self->words);
}

static QuicStream *
open_pairing (Fixture *self, QuicConnection **connection)
{
  g_autoptr (GError) error = NULL;
  *connection = peer_connect (&self->peer, PAIRING_ALPN, &error);
  g_assert_no_error (error);
  return peer_open (*connection, true);
}

/* After each attack an honest peer with the right words must still get in: the code is neither
 * spent nor stuck. */
static void
expect_honest_pairing (Fixture *self)
{
  g_assert_cmpint (peer_pair (&self->peer, self->words), ==, PAIRING_REASON_NONE);
  g_autofree char *paired = victim_event (&self->victim, "paired");
}

/* The victim tells each wrong guess, and at last that the code is dead. */
static void
expect_dead_code (Fixture *self)
{
  g_autofree char *reason = NULL;
  while (g_strcmp0 (reason, "too-many-attempts") != 0)
    {
      g_autofree char *failed = victim_event (&self->victim, "failed");
      g_free (reason);
      reason = victim_field (failed, "reason");
    }
}

static void
say_and_hang_up (Fixture *self, const void *bytes, size_t len, bool finish)
{
  g_autoptr (QuicConnection) connection = NULL;
  g_autoptr (QuicStream) stream = open_pairing (self, &connection);
  peer_say (stream, bytes, len);
  if (finish)
    quic_stream_finish (stream);
  uint8_t answer[PAIRING_FRAME_MAX];
  while (peer_hear (stream, answer, 1))
    ;
}

static void
test_malformed (Fixture *self, gconstpointer data)
{
  static const uint8_t unknown_type[] = { 99, PAIRING_VERSION, 0, 1, 0 };
  static const uint8_t oversized[] = { PAIRING_MESSAGE_REQUEST, PAIRING_VERSION, 0xff, 0xff };
  static const uint8_t truncated[] = { PAIRING_MESSAGE_REQUEST, PAIRING_VERSION, 0, 200, 1, 2, 3 };
  static const uint8_t out_of_order[] = { PAIRING_MESSAGE_COMPLETE, PAIRING_VERSION, 0,
                                          NODE_SIGNATURE_LEN };
  uint8_t complete[sizeof out_of_order + NODE_SIGNATURE_LEN] = { 0 };

  memcpy (complete, out_of_order, sizeof out_of_order);
  say_and_hang_up (self, unknown_type, sizeof unknown_type, false);
  say_and_hang_up (self, oversized, sizeof oversized, false);
  say_and_hang_up (self, truncated, sizeof truncated, true);
  say_and_hang_up (self, complete, sizeof complete, false);
  expect_honest_pairing (self);
}

/* The request of an honest joiner, to be bent. */
static void
write_request (Fixture *self, QuicConnection *connection, const char *words, GByteArray *out,
               Pairing **pairing)
{
  PairingChannel channel = { .identity = self->peer.identity,
                             .info = &self->peer.info,
                             .peer = *quic_connection_get_peer (connection) };
  memcpy (channel.exporter, quic_connection_get_exporter (connection), sizeof channel.exporter);
  *pairing = pairing_new_joiner (PAIRING_MODE_WORDS, (const uint8_t *) words, strlen (words),
                                 &channel, g_get_monotonic_time (), out);
}

static void
test_foreign_identity (Fixture *self, gconstpointer data)
{
  NodeId own = self->peer.info.node_id;
  g_autoptr (NodeIdentity) other = node_identity_generate ();
  self->peer.info.node_id = *node_identity_get_id (other);
  {
    g_autoptr (QuicConnection) connection = NULL;
    g_autoptr (QuicStream) stream = open_pairing (self, &connection);
    g_autoptr (GByteArray) out = g_byte_array_new ();
    g_autoptr (Pairing) pairing = NULL;
    write_request (self, connection, self->words, out, &pairing);
    peer_say (stream, out->data, out->len);
    g_assert_true (peer_hear_pairing (stream, out));
    PairingMessage answer;
    g_assert_cmpint (pairing_message_parse (&answer, out->data, out->len), ==, PAIRING_REASON_NONE);
    g_assert_cmpint (answer.type, ==, PAIRING_MESSAGE_ABORT);
    g_assert_cmpint (answer.abort.reason, ==, PAIRING_REASON_PROTOCOL);
  }
  self->peer.info.node_id = own;
  expect_honest_pairing (self);
}

static void
test_wrong_code_kills (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (peer_pair (&self->peer, "abandon-ability-able"), ==, PAIRING_REASON_WRONG_CODE);
  g_assert_cmpint (peer_pair (&self->peer, "abandon-ability-about"), ==, PAIRING_REASON_WRONG_CODE);
  g_assert_cmpint (peer_pair (&self->peer, "abandon-ability-above"), !=, PAIRING_REASON_NONE);
  expect_dead_code (self);
}

/* Who looks at the Challenge and hangs up has tested a guess, too. */
static void
test_silent_guesses_count (Fixture *self, gconstpointer data)
{
  for (int guess = 0; guess < PAIRING_CODE_GUESSES; guess++)
    {
      g_autoptr (QuicConnection) connection = NULL;
      g_autoptr (QuicStream) stream = open_pairing (self, &connection);
      g_autoptr (GByteArray) out = g_byte_array_new ();
      g_autoptr (Pairing) pairing = NULL;
      write_request (self, connection, "abandon-ability-able", out, &pairing);
      peer_say (stream, out->data, out->len);
      g_assert_true (peer_hear_pairing (stream, out));
      quic_connection_close (connection, QUIC_CODE_OK, "");
      peer_await_close (connection);
      peer_linger (50);
    }
  expect_dead_code (self);
}

/* Neither an own message sent back nor one of an earlier exchange proves anything. */
static void
test_replay (Fixture *self, gconstpointer data)
{
  g_autoptr (QuicConnection) connection = NULL;
  g_autoptr (QuicStream) stream = open_pairing (self, &connection);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (Pairing) pairing = NULL;
  write_request (self, connection, self->words, out, &pairing);
  peer_say (stream, out->data, out->len);
  g_assert_true (peer_hear_pairing (stream, out));
  peer_say (stream, out->data, out->len); /* its own Challenge */
  g_assert_true (peer_hear_pairing (stream, out));
  PairingMessage answer;
  g_assert_cmpint (pairing_message_parse (&answer, out->data, out->len), ==, PAIRING_REASON_NONE);
  g_assert_cmpint (answer.type, ==, PAIRING_MESSAGE_ABORT);
  g_clear_pointer (&stream, quic_stream_unref);
  quic_connection_close (connection, QUIC_CODE_OK, "");
  expect_honest_pairing (self);
}

static void
test_hostile_name (Fixture *self, gconstpointer data)
{
  g_strlcpy (self->peer.info.name, "\xe2\x80\xae<b>evil</b>\x1b[2J\n", sizeof self->peer.info.name);
  PairingReason reason = peer_pair (&self->peer, self->words);
  if (reason != PAIRING_REASON_NONE) /* refusing the name is as good as cleaning it */
    return;
  g_autofree char *paired = victim_event (&self->victim, "paired");
  g_assert_null (strstr (paired, "\xe2\x80\xae"));
  g_assert_null (strstr (paired, "\\u001b"));
  g_assert_null (strchr (paired, 0x1b));
}

static void
test_stranger_gets_pairing_only (Fixture *self, gconstpointer data)
{
  static const char *const closed[] = { "wherry/message/1", "wherry/transfer/1" };
  for (size_t i = 0; i < G_N_ELEMENTS (closed); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (QuicConnection) connection = peer_connect (&self->peer, closed[i], &error);
      if (connection)
        g_assert_cmpuint (peer_await_close (connection), ==, QUIC_CODE_NOT_PAIRED);
      else
        g_assert_error (error, QUIC_ERROR, QUIC_ERROR_NOT_PAIRED);
    }
  g_autoptr (GError) error = NULL;
  g_autoptr (QuicConnection) unknown = peer_connect (&self->peer, "wherry/sync/9", &error);
  g_assert_null (unknown);
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_REFUSED);
  expect_honest_pairing (self);
}

static void
test_many_streams (Fixture *self, gconstpointer data)
{
  {
    g_autoptr (QuicConnection) connection = NULL;
    g_autoptr (QuicStream) first = open_pairing (self, &connection);
    g_autoptr (GPtrArray) streams =
        g_ptr_array_new_with_free_func ((GDestroyNotify) quic_stream_unref);
    for (int i = 0; i < 20 && quic_connection_is_open (connection); i++)
      {
        QuicStream *stream = peer_open (connection, true);
        if (!stream)
          break;
        g_ptr_array_add (streams, stream);
        peer_say (stream, "\x01\x01\x00", 3);
      }
    quic_connection_close (connection, QUIC_CODE_OK, "");
    peer_await_close (connection);
  }
  expect_honest_pairing (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/hostile/pairing/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("malformed", test_malformed);
  ADD ("foreign-identity", test_foreign_identity);
  ADD ("wrong-code-kills", test_wrong_code_kills);
  ADD ("silent-guesses-count", test_silent_guesses_count);
  ADD ("replay", test_replay);
  ADD ("hostile-name", test_hostile_name);
  ADD ("stranger-gets-pairing-only", test_stranger_gets_pairing_only);
  ADD ("many-streams", test_many_streams);
  return g_test_run ();
}

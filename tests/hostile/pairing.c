/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stranger attacks the pairing protocol of the whole program while it shows a code: one attack of
 * each kind; tests/net/core/pairing.c has them all. */
#include <string.h>

#include "net/core/stranger_limits.h"
#include "tests/hostile/peer.h"
#include "tests/hostile/victim.h"
#include "tests/support/wait.h"

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

/* Who looks at the Challenge and hangs up has tested a guess, too: the victim tells each. */
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
      g_autofree char *failed = victim_event (&self->victim, "failed");
      g_autofree char *reason = victim_field (failed, "reason");
      bool last = guess == PAIRING_CODE_GUESSES - 1;
      g_assert_cmpstr (reason, ==, last ? "too-many-attempts" : "wrong-code");
    }
}

/* The name is cleaned before anybody sees it. */
static void
test_hostile_name (Fixture *self, gconstpointer data)
{
  g_strlcpy (self->peer.info.name, "\xe2\x80\xae<b>evil</b>\x1b[2J\n", sizeof self->peer.info.name);
  g_assert_cmpint (peer_pair (&self->peer, self->words), ==, PAIRING_REASON_NONE);
  g_autofree char *paired = victim_event (&self->victim, "paired");
  g_assert_nonnull (strstr (paired, "\"name\":\"<b>evil</b>[2J\""));
}

#define MANY_STREAMS 1000

static int unopened;

static void
not_opened_cb (GObject *source, GAsyncResult *result, gpointer connection)
{
  g_autoptr (QuicStream) stream = quic_connection_open_stream_finish (connection, result, NULL);
  g_assert_null (stream);
  unopened++;
}

/* More streams than the one that a pairing has: only the first is read, most do not even open, and
 * nothing waits for them while another device pairs. */
static void
test_many_streams (Fixture *self, gconstpointer data)
{
  g_autoptr (QuicConnection) connection = NULL;
  g_autoptr (QuicStream) first = open_pairing (self, &connection);
  g_autoptr (GPtrArray) streams =
      g_ptr_array_new_with_free_func ((GDestroyNotify) quic_stream_unref);
  for (int i = 1; i < STRANGER_STREAMS; i++)
    {
      QuicStream *stream = peer_open (connection, true);
      g_assert_nonnull (stream);
      g_ptr_array_add (streams, stream);
      peer_say (stream, "\x01\x01\x00", 3);
    }
  for (int i = 0; i < MANY_STREAMS; i++)
    quic_connection_open_stream_async (connection, true, NULL, not_opened_cb, connection);
  Peer honest;
  peer_init (&honest, "Fred");
  g_set_object (&honest.victim, self->peer.victim);
  g_assert_cmpint (peer_pair (&honest, self->words), ==, PAIRING_REASON_NONE);
  g_autofree char *paired = victim_event (&self->victim, "paired");
  g_assert_nonnull (strstr (paired, "\"Fred\""));
  for (unsigned i = 0; i < streams->len; i++)
    {
      uint8_t answer;
      g_assert_false (peer_hear (streams->pdata[i], &answer, 1));
    }
  wait_until (unopened == MANY_STREAMS);
  peer_clear (&honest);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/hostile/pairing/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("malformed", test_malformed);
  ADD ("silent-guesses-count", test_silent_guesses_count);
  ADD ("hostile-name", test_hostile_name);
  ADD ("many-streams", test_many_streams);
  return g_test_run ();
}

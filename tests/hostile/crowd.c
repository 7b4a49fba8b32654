/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For each resource that a peer can hold: one device holds it all, or tries to, and another is
 * still served. Offers without an answer need a person to ask: net/transfer/incoming_offers and
 * net/node_transfer /busy. */
#include <string.h>

#include "net/core/pairing_guard.h"
#include "net/peer/message_peer.h"
#include "net/transfer/incoming_offers.h"
#include "tests/hostile/peer.h"
#include "tests/hostile/victim.h"
#include "tests/support/wait.h"

#ifdef __SANITIZE_ADDRESS__
#define CROWD 40 /* a handshake takes ten times as long */
#else
#define CROWD 300 /* more than an endpoint takes of all together */
#endif
#define MESSAGE     "wherry/message/1"
#define CONTENT_LEN 24

typedef struct
{
  Victim victim;
  Peer mallory, friend;
  QuicConnection *crowd[CROWD]; /* (owned) (nullable) each */
} Fixture;

static void
pair_with (Fixture *self, Peer *peer)
{
  victim_start (&self->victim, (const char *const[]) { "pair", NULL });
  g_autofree char *listening = victim_event (&self->victim, "listening");
  g_autofree char *code = victim_event (&self->victim, "code");
  g_autofree char *words = victim_field (code, "words");
  peer_aim (peer, victim_port (listening));
  g_assert_cmpint (peer_pair (peer, words), ==, PAIRING_REASON_NONE);
  g_autofree char *paired = victim_event (&self->victim, "paired");
  victim_wait (&self->victim);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  victim_init (&self->victim);
  peer_init (&self->mallory, "Mallory");
  peer_init (&self->friend, "Fred");
  pair_with (self, &self->mallory);
  pair_with (self, &self->friend);
  victim_start (&self->victim, (const char *const[]) { "serve", "--accept", "paired",
                                                       "--receive-dir", self->victim.inbox, NULL });
  g_autofree char *serving = victim_event (&self->victim, "listening");
  peer_aim (&self->mallory, victim_port (serving));
  peer_aim (&self->friend, victim_port (serving));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  for (size_t i = 0; i < CROWD; i++)
    g_clear_pointer (&self->crowd[i], quic_connection_unref);
  if (self->victim.process)
    victim_stop (&self->victim);
  peer_clear (&self->mallory);
  peer_clear (&self->friend);
  victim_clear (&self->victim);
}

#define ROOM 16

/* Mallory dials and holds on. */
static void
gather (Fixture *self, const char *alpn, size_t from, size_t to)
{
  for (size_t i = from; i < to; i++)
    {
      g_autoptr (GError) error = NULL;
      self->crowd[i] = peer_connect (&self->mallory, alpn, &error);
      if (i < ROOM)
        g_assert_no_error (error);
      else if (!self->crowd[i])
        g_assert_error (error, QUIC_ERROR, QUIC_ERROR_REFUSED);
    }
}

static int
count_inside (Fixture *self)
{
  int inside = 0;
  for (size_t i = 0; i < CROWD; i++)
    inside += self->crowd[i] && quic_connection_is_open (self->crowd[i]);
  return inside;
}

static guint
count_refused (GPtrArray *streams)
{
  guint n = 0;
  for (guint i = 0; i < streams->len; i++)
    n += !peer_can_say (streams->pdata[i]);
  return n;
}

static void
test_connections (Fixture *self, gconstpointer data)
{
  gather (self, data, 0, CROWD);
  RawTransfer raw;
  g_assert_true (raw_transfer_begin (&raw, &self->friend));
  g_assert_true (raw_transfer_offer_file (&raw, "through.txt", CONTENT_LEN));
  raw_transfer_end (&raw);
  wait_until (count_inside (self) <= ROOM);
}

/* What the device itself no longer uses makes room for what it opens now: one that lost its
 * connections without a word, again and again, is not shut out until they time out. */
static void
test_oldest_goes (Fixture *self, gconstpointer data)
{
  g_autoptr (QuicConnection) late = NULL;
  gather (self, MESSAGE, 0, ROOM);
  while (!late)
    {
      g_autoptr (GError) error = NULL;
      late = peer_connect (&self->mallory, MESSAGE, &error);
    }
  g_assert_cmpuint (peer_await_close (self->crowd[0]), ==, QUIC_CODE_LIMIT);
  g_assert_true (quic_connection_is_open (self->crowd[1]));
  g_assert_true (quic_connection_is_open (late));
}

/* Messages that begin and do not end, over two connections: one more than are read at a time is
 * refused, and a friend's is answered. */
static void
test_readers (Fixture *self, gconstpointer data)
{
  static const uint8_t beginning[16];
  g_autoptr (GPtrArray) streams =
      g_ptr_array_new_with_free_func ((GDestroyNotify) quic_stream_unref);
  g_autoptr (GError) error = NULL;
  gather (self, MESSAGE, 0, 2);
  for (int i = 0; i <= MESSAGE_PEER_READERS_MAX; i++)
    {
      QuicStream *stream = peer_open (self->crowd[i % 2], false);
      g_ptr_array_add (streams, stream);
      peer_say (stream, beginning, sizeof beginning);
    }
  g_autoptr (QuicConnection) connection = peer_connect (&self->friend, MESSAGE, &error);
  g_assert_no_error (error);
  g_autoptr (Session) session = peer_session (&self->friend, connection);
  peer_ping (connection, session);
  wait_poll (count_refused (streams) > 0);
  g_assert_cmpuint (count_refused (streams), ==, 1);
  g_assert_true (quic_connection_is_open (self->crowd[0]));
  g_assert_true (quic_connection_is_open (self->crowd[1]));
}

/* Strangers take all attempts at a code that they are given, and hold them without a word: who
 * comes then gets the place of the first. */
static void
test_guests (Fixture *self, gconstpointer data)
{
  victim_stop (&self->victim);
  victim_start (&self->victim, (const char *const[]) { "pair", NULL });
  g_autofree char *listening = victim_event (&self->victim, "listening");
  g_autofree char *code = victim_event (&self->victim, "code");
  g_autofree char *words = victim_field (code, "words");
  peer_aim (&self->mallory, victim_port (listening));
  peer_aim (&self->friend, victim_port (listening));
  for (int i = 0; i < 2 * PAIRING_GUARD_PER_NODE; i++)
    {
      g_autoptr (GError) error = NULL;
      self->crowd[i] = peer_connect (&self->mallory, PAIRING_ALPN, &error);
      if (i < PAIRING_GUARD_PER_NODE)
        g_assert_no_error (error);
      else if (self->crowd[i])
        g_assert_cmpuint (peer_await_close (self->crowd[i]), ==, QUIC_CODE_LIMIT);
      else
        g_assert_error (error, QUIC_ERROR, QUIC_ERROR_REFUSED);
    }
  g_assert_cmpint (count_inside (self), ==, PAIRING_GUARD_PER_NODE);
  Peer accomplice;
  peer_init (&accomplice, "Malvolio");
  g_set_object (&accomplice.victim, self->mallory.victim);
  for (int i = PAIRING_GUARD_PER_NODE; i < PAIR_GUESTS_MAX; i++)
    {
      g_autoptr (GError) error = NULL;
      g_clear_pointer (&self->crowd[i], quic_connection_unref);
      self->crowd[i] = peer_connect (&accomplice, PAIRING_ALPN, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpint (count_inside (self), ==, PAIR_GUESTS_MAX);
  g_assert_cmpint (peer_pair (&self->friend, words), ==, PAIRING_REASON_NONE);
  g_autofree char *paired = victim_event (&self->victim, "paired");
  g_assert_nonnull (strstr (paired, "\"Fred\""));
  g_assert_cmpuint (peer_await_close (self->crowd[0]), ==, QUIC_CODE_LIMIT);
  victim_wait (&self->victim);
  peer_clear (&accomplice);
}

#define OFFERS       (ROOM / 2)
#define OFFER_FRAMES 10
#define FRAME_FILES  3000
#define NAME_DIGITS  240
/* What all limits together let one device take, about: the names of its offers and what is kept
 * beside each, and what lies unread in the windows of its connections. */
#define DEVICE_MEMORY_MAX (96 * 1024 * 1024)

/* The frames of an offer that has no last one. */
static void
offer_without_end (RawTransfer *raw)
{
  char id[TRANSFER_ID_HEX_LEN + 1];
  transfer_id_to_hex (&raw->id, id);
  g_autoptr (GString) json = g_string_new (NULL);
  g_string_printf (json,
                   "{\"type\":\"offer\",\"transfer_id\":\"%s\",\"entries_total\":%d,"
                   "\"bytes_total\":0,\"options\":{\"compress\":false,\"encrypt\":true},"
                   "\"entries\":[",
                   id, OFFER_FRAMES * FRAME_FILES + 1);
  for (int frame = 0; frame < OFFER_FRAMES; frame++)
    {
      for (int i = frame * FRAME_FILES; i < (frame + 1) * FRAME_FILES; i++)
        g_string_append_printf (json,
                                "%s{\"id\":%d,\"path\":\"%0*d\",\"kind\":\"file\",\"size\":0,"
                                "\"mtime\":0,\"mtime_ns\":0,\"mode\":420}",
                                i % FRAME_FILES ? "," : "", i, NAME_DIGITS, i);
      g_string_append (json, "],\"last\":false}");
      raw_transfer_say (raw, json->str);
      g_string_assign (json, "{\"type\":\"offer-entries\",\"entries\":[");
    }
}

/* A stream of its own with a megabyte that is not asked for. */
static void
leave_unread (QuicConnection *connection, GPtrArray *streams)
{
  static uint8_t garbage[1024 * 1024];
  QuicStream *stream = peer_open (connection, false);
  if (!stream)
    return;
  g_ptr_array_add (streams, stream);
  peer_say (stream, garbage, sizeof garbage);
}

static void
hold_offers (Fixture *self, RawTransfer offers[static OFFERS])
{
  for (int i = 0; i < OFFERS; i++)
    {
      g_assert_true (raw_transfer_begin (&offers[i], &self->mallory));
      offer_without_end (&offers[i]);
      if (i < INCOMING_OFFERS_DEVICE_MAX)
        continue;
      g_autofree char *answer = raw_transfer_hear (&offers[i]);
      g_assert_nonnull (answer);
      g_assert_nonnull (strstr (answer, "\"busy\""));
    }
}

/* All of it at once: every connection, every offer with its names, every reader with its bytes, and
 * streams that nobody reads. A friend is answered, and the memory is bounded. */
static void
test_everything_at_once (Fixture *self, gconstpointer data)
{
  RawTransfer offers[OFFERS];
  g_autoptr (GPtrArray) streams =
      g_ptr_array_new_with_free_func ((GDestroyNotify) quic_stream_unref);
  size_t before = victim_memory (&self->victim);
  hold_offers (self, offers);
  gather (self, MESSAGE, 0, ROOM - OFFERS);
  for (int i = 0; i < 2 * MESSAGE_PEER_READERS_MAX; i++)
    leave_unread (self->crowd[i % (ROOM - OFFERS)], streams);

  g_autoptr (GError) error = NULL;
  g_autoptr (QuicConnection) connection = peer_connect (&self->friend, MESSAGE, &error);
  g_assert_no_error (error);
  g_autoptr (Session) session = peer_session (&self->friend, connection);
  peer_ping (connection, session);
  RawTransfer raw;
  g_assert_true (raw_transfer_begin (&raw, &self->friend));
  g_assert_true (raw_transfer_offer_file (&raw, "through.txt", CONTENT_LEN));
  raw_transfer_end (&raw);

  size_t taken = victim_memory (&self->victim) - before;
  g_test_message ("one device took %zu MiB", taken >> 20);
#ifdef __SANITIZE_ADDRESS__
  g_test_message ("not judged: the sanitizer keeps what was freed");
#else
  g_assert_cmpuint (taken, <, DEVICE_MEMORY_MAX);
#endif
  for (int i = 0; i < OFFERS; i++)
    raw_transfer_end (&offers[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, function)                                                                  \
  g_test_add ("/hostile/crowd/" name, Fixture, data, set_up, function, tear_down)
  ADD ("message-connections", MESSAGE, test_connections);
  ADD ("transfer-connections", "wherry/transfer/1", test_connections);
  ADD ("oldest-goes", NULL, test_oldest_goes);
  ADD ("message-readers", NULL, test_readers);
  ADD ("pairing-guests", NULL, test_guests);
  ADD ("everything-at-once", NULL, test_everything_at_once);
  return g_test_run ();
}

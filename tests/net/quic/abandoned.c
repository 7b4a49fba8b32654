/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was finished and let go: for how long it is still sent. */
#include <sodium.h>
#include <string.h>

#include "tests/net/quic/pair.h"

#define STREAMS 6
/* what may be queued on a stream without waiting; with all of them more than any window */
#define LEN    QUIC_STREAM_SEND_HIGH
#define ROUNDS 8

/* Only one datagram in each @interval gets from endpoint 0 to endpoint 1. */
typedef struct
{
  Pair *pair;
  ngtcp2_duration interval; /* 0: all do */
  ngtcp2_tstamp last;
} Trickle;

static Fate
trickle_fate (unsigned side, uint64_t index, size_t len, gpointer data)
{
  Trickle *trickle = data;
  Fate fate = { .copies = 1, .delay = NGTCP2_MILLISECONDS };
  if (side == 1 || trickle->interval == 0)
    return fate;
  ngtcp2_tstamp now = memory_wire_now (trickle->pair->wire);
  if (now < trickle->last + trickle->interval)
    return (Fate) { 0 };
  trickle->last = now;
  return fate;
}

/* Sends LEN bytes and FIN on each stream and drops every handle; @in: the other ends. */
static void
abandon (Pair *pair, QuicStream *in[static STREAMS])
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (LEN), LEN);
  QuicStream *out[STREAMS];
  for (int i = 0; i < STREAMS; i++)
    {
      out[i] = open_stream (pair->connection[0], false);
      quic_stream_send_async (out[i], bytes, NULL, NULL, NULL);
      quic_stream_finish (out[i]);
      in[i] = accept_stream (pair->connection[1]);
    }
  for (int i = 0; i < STREAMS; i++)
    quic_stream_unref (out[i]);
  g_clear_pointer (&pair->connection[0], quic_connection_unref);
}

static void
clear (Pair *pair, QuicStream *in[static STREAMS])
{
  for (int i = 0; i < STREAMS; i++)
    quic_stream_unref (in[i]);
  pair_clear (pair);
}

/* A peer that acknowledges everything and reads nothing must not keep what we have let go. */
static void
test_unread (void)
{
  Pair pair;
  QuicStream *unread[STREAMS];
  pair_init (&pair, OVER_MEMORY);
  pair_connect (&pair);
  abandon (&pair, unread);
  ngtcp2_tstamp start = memory_wire_now (pair.wire);
  pass_time (&pair, 29);
  g_assert_true (quic_connection_is_open (pair.connection[1]));
  uint64_t code = 0;
  g_autoptr (GError) error = await_closed (pair.connection[1], &code);
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
  g_assert_cmpuint (code, ==, QUIC_CODE_CANCELLED);
  g_assert_cmpuint (memory_wire_now (pair.wire) - start, <, 31 * NGTCP2_SECONDS);
  clear (&pair, unread);
}

/* Up to @max bytes; fewer only at the end. */
static size_t
read_some (QuicStream *stream, size_t max)
{
  size_t got = 0;
  while (got < max)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      quic_stream_receive_async (stream, max - got, NULL, await_cb, &result);
      g_autoptr (GBytes) bytes = quic_stream_receive_finish (stream, await (&result), &error);
      g_assert_no_error (error);
      if (g_bytes_get_size (bytes) == 0)
        break;
      got += g_bytes_get_size (bytes);
    }
  return got;
}

/* One that reads slowly gets all of it. */
static void
test_slow_reader (void)
{
  Pair pair;
  QuicStream *in[STREAMS];
  pair_init (&pair, OVER_MEMORY);
  pair_connect (&pair);
  abandon (&pair, in);
  ngtcp2_tstamp start = memory_wire_now (pair.wire);
  for (int round = 0; round < ROUNDS; round++)
    {
      pass_time (&pair, 25);
      for (int i = 0; i < STREAMS; i++)
        g_assert_cmpuint (read_some (in[i], LEN / ROUNDS), ==, LEN / ROUNDS);
    }
  for (int i = 0; i < STREAMS; i++)
    g_assert_cmpuint (read_some (in[i], 1), ==, 0);
  g_assert_cmpuint (memory_wire_now (pair.wire) - start, >=, ROUNDS * 25 * NGTCP2_SECONDS);
  uint64_t code = 99;
  g_autoptr (GError) error = await_closed (pair.connection[1], &code);
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
  g_assert_cmpuint (code, ==, QUIC_CODE_OK);
  clear (&pair, in);
}

/* A path, or a peer, that lets a little through now and then does not keep us for hours. */
static void
test_trickle (void)
{
  Pair pair;
  Trickle trickle = { &pair, 0, 0 };
  QuicStream *in[STREAMS];
  pair_init_wire (&pair, trickle_fate, &trickle);
  pair_connect (&pair);
  trickle.interval = NGTCP2_SECONDS;
  abandon (&pair, in);
  ngtcp2_tstamp start = memory_wire_now (pair.wire);
  g_autoptr (GError) error = await_closed (pair.connection[1], NULL);
  g_assert_cmpuint (memory_wire_now (pair.wire) - start, <, 100 * NGTCP2_SECONDS);
  clear (&pair, in);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

  g_test_add_func ("/abandoned/unread", test_unread);
  g_test_add_func ("/abandoned/slow-reader", test_slow_reader);
  g_test_add_func ("/abandoned/trickle", test_trickle);
  return g_test_run ();
}

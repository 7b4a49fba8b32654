/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each datagram of a handshake may get lost: from either side, and from both at once. */
#include <sodium.h>
#include <string.h>

#include "tests/net/quic/pair.h"

/* more than a handshake has in each direction */
#define DATAGRAMS 12

typedef struct
{
  uint64_t lost[2]; /* by side, the index of the datagram that is lost */
  unsigned drops;
} Losses;

static Fate
losing_fate (unsigned side, uint64_t index, size_t len, gpointer data)
{
  Losses *losses = data;
  bool lost = index == losses->lost[side];
  losses->drops += lost;
  return (Fate) { .copies = lost ? 0 : 1, .delay = NGTCP2_MILLISECONDS };
}

/* A stream there and back, so that both sides' application data passes as well. */
static void
exchange_texts (Pair *pair)
{
  g_autoptr (QuicStream) ask = open_stream (pair->connection[0], true), answer = NULL;
  g_autoptr (GBytes) question = NULL, reply = NULL;
  send_text (ask, "there?");
  quic_stream_finish (ask);
  answer = accept_stream (pair->connection[1]);
  question = receive_all (answer, NULL);
  g_assert_cmpmem (g_bytes_get_data (question, NULL), g_bytes_get_size (question), "there?", 6);
  send_text (answer, "here");
  quic_stream_finish (answer);
  reply = receive_all (ask, NULL);
  g_assert_cmpmem (g_bytes_get_data (reply, NULL), g_bytes_get_size (reply), "here", 4);
}

static void
connect_with (Losses losses, unsigned expected_drops)
{
  Pair pair;
  pair_init_wire (&pair, losing_fate, &losses);
  ngtcp2_tstamp start = memory_wire_now (pair.wire);
  pair_connect (&pair);
  exchange_texts (&pair);
  /* repeated by the first probe timeouts, and not by a second attempt of the application */
  g_assert_cmpuint (memory_wire_now (pair.wire) - start, <, 4 * NGTCP2_SECONDS);
  g_assert_cmpint (pair.asked, ==, 1);
  /* and the rest of them: acknowledgements, and what keeps the connection alive */
  pass_time (&pair, 60);
  g_assert_true (quic_connection_is_open (pair.connection[0]));
  g_assert_true (quic_connection_is_open (pair.connection[1]));
  g_assert_cmpuint (losses.drops, ==, expected_drops);
  pair_clear (&pair);
}

static void
test_one_side (gconstpointer data)
{
  unsigned side = GPOINTER_TO_UINT (data);
  for (uint64_t k = 0; k < DATAGRAMS; k++)
    {
      Losses losses = { .lost = { UINT64_MAX, UINT64_MAX } };
      losses.lost[side] = k;
      connect_with (losses, 1);
    }
}

static void
test_both_sides (void)
{
  for (uint64_t k = 0; k < DATAGRAMS; k++)
    for (uint64_t l = 0; l < DATAGRAMS; l++)
      connect_with ((Losses) { .lost = { k, l } }, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

  g_test_add_data_func ("/handshake-loss/dialler", GUINT_TO_POINTER (0), test_one_side);
  g_test_add_data_func ("/handshake-loss/dialled", GUINT_TO_POINTER (1), test_one_side);
  g_test_add_func ("/handshake-loss/both", test_both_sides);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* To whom a datagram belongs, and how many connections there may be. */
#include <sodium.h>
#include <string.h>

#include "net/quic/demux_testing.h"
#include "tests/net/quic/pair.h"

static Demux *
demux (Pair *pair, int which)
{
  return quic_endpoint_get_demux (pair->endpoint[which]);
}

/* The net threads' work without the applications': nobody admits what has arrived. */
static void
turn_for (Pair *pair, ngtcp2_duration time)
{
  ngtcp2_tstamp until = memory_wire_now (pair->wire) + time;
  while (memory_wire_now (pair->wire) < until)
    {
      for (int i = 0; i < 2; i++)
        while (demux_turn (demux (pair, i)))
          ;
      memory_wire_advance (pair->wire, memory_wire_now (pair->wire) + NGTCP2_MILLISECONDS);
    }
}

static void
start_dialling (Pair *pair, const char *alpn, GAsyncResult **result)
{
  g_autoptr (GInetSocketAddress) address = pair_address (pair, 1);
  quic_endpoint_connect_async (pair->endpoint[0], address, node_identity_get_id (pair->identity[1]),
                               alpn, NULL, await_cb, result);
}

/* All share two addresses: only ids tell them apart. */
static void
test_routes (void)
{
  enum
  {
    CONNECTIONS = 8
  };
  QuicConnection *ends[2][CONNECTIONS];
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  for (int i = 0; i < CONNECTIONS; i++)
    {
      pair_connect (&pair);
      for (int end = 0; end < 2; end++)
        ends[end][i] = g_steal_pointer (&pair.connection[end]);
    }
  for (int i = CONNECTIONS - 1; i >= 0; i--)
    {
      g_autofree char *text = g_strdup_printf ("for %d", i);
      g_autoptr (QuicStream) out = open_stream (ends[i % 2][i], false), in = NULL;
      send_text (out, text);
      quic_stream_finish (out);
      in = accept_stream (ends[1 - i % 2][i]);
      g_autoptr (GBytes) got = receive_all (in, NULL);
      g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), text, strlen (text));
    }
  /* one ends, the others do not */
  quic_connection_close (ends[0][3], QUIC_CODE_OK, "");
  g_autoptr (GError) error = await_closed (ends[1][3], NULL);
  for (int i = 0; i < CONNECTIONS; i++)
    g_assert_cmpint (quic_connection_is_open (ends[1][i]), ==, i != 3);
  for (int i = 0; i < CONNECTIONS; i++)
    for (int end = 0; end < 2; end++)
      quic_connection_unref (ends[end][i]);
  /* and no id is left behind */
  pass_time (&pair, 60);
  for (int end = 0; end < 2; end++)
    {
      g_assert_cmpuint (demux (&pair, end)->connections->len, ==, 0);
      g_assert_cmpuint (g_hash_table_size (demux (&pair, end)->routes), ==, 0);
    }
  pair_clear (&pair);
}

/* Of both kinds no more than DEMUX_CONNECTIONS_MAX: the dialler says so itself. */
static void
test_connections (void)
{
  g_autoptr (GPtrArray) held =
      g_ptr_array_new_with_free_func ((GDestroyNotify) quic_connection_unref);
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  for (int i = 0; i < DEMUX_CONNECTIONS_MAX; i++)
    {
      pair_connect (&pair);
      for (int end = 0; end < 2; end++)
        g_ptr_array_add (held, g_steal_pointer (&pair.connection[end]));
    }
  g_autoptr (GError) error = dial_failure (&pair, NULL, TEST_ALPN);
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_LIMIT);
  /* what came from there costs the other side nothing either */
  g_assert_cmpuint (demux (&pair, 1)->connections->len, ==, DEMUX_CONNECTIONS_MAX);
  g_ptr_array_set_size (held, 0);
  pass_time (&pair, 60);
  pair_connect (&pair);
  pair_clear (&pair);
}

/* Datagrams with an id of nobody: reset, at most so many in any second, and counted anew in the
 * next. */
static void
test_resets_a_second (void)
{
  uint8_t datagram[1000];
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  uint64_t expected = 0;
  for (int second = 0; second < 3; second++)
    {
      for (int i = 0; i < 5 * STRANGERS_RESETS_S; i++)
        {
          randombytes_buf (datagram, sizeof datagram);
          datagram[0] = 0x40 | (datagram[0] & 0x3f); /* a short header */
          memory_wire_inject (pair.wire, 1, datagram, sizeof datagram);
        }
      turn_for (&pair, 10 * NGTCP2_MILLISECONDS);
      expected += STRANGERS_RESETS_S;
      g_assert_cmpuint (demux_count_resets (demux (&pair, 1)), ==, expected);
      pass_time (&pair, 1.5);
    }
  pair_clear (&pair);
}

/* An Initial packet needs an id of 8 bytes and a datagram of 1200 (RFC 9000, sections 7.2 and
 * 14.1); nothing of any other is kept. */
static void
test_no_newcomer (void)
{
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  g_autoptr (GAsyncResult) result = NULL;
  start_dialling (&pair, TEST_ALPN, &result);
  demux_turn (demux (&pair, 0));
  g_autoptr (GBytes) initial = memory_wire_dup_last (pair.wire, 0);
  g_assert_nonnull (initial);
  uint64_t before = demux_count_dropped (demux (&pair, 1));
  for (size_t len = 1; len < NGTCP2_MAX_UDP_PAYLOAD_SIZE; len += 37)
    {
      memory_wire_inject (pair.wire, 1, g_bytes_get_data (initial, NULL), len);
      demux_turn (demux (&pair, 1));
      g_assert_cmpuint (demux (&pair, 1)->connections->len, ==, 0);
    }
  g_assert_cmpuint (demux_count_dropped (demux (&pair, 1)), >, before);
  g_autoptr (QuicConnection) connection =
      quic_endpoint_connect_finish (pair.endpoint[0], await (&result), NULL);
  g_assert_nonnull (connection);
  g_clear_pointer (&connection, quic_connection_unref);
  pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

  g_test_add_func ("/demux/routes", test_routes);
  g_test_add_func ("/demux/connections", test_connections);
  g_test_add_func ("/demux/resets-a-second", test_resets_a_second);
  g_test_add_func ("/demux/no-newcomer", test_no_newcomer);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/net/quic/pair.h"

#include <string.h>

#include "tests/support/wait.h"

void
await_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **where = user_data;
  *where = g_object_ref (result);
}

/* The pair whose wire await() has to turn. */
static Pair *driven;

/* Everything that can happen now; then the clock jumps to when something will, but not beyond
 * @until. */
static bool
step (Pair *pair, ngtcp2_tstamp until)
{
  ngtcp2_tstamp next = memory_wire_next_arrival (pair->wire);
  bool more = false;
  for (int i = 0; i < 2; i++)
    if (pair->endpoint[i])
      more |= demux_turn (quic_endpoint_get_demux (pair->endpoint[i]));
  while (g_main_context_iteration (NULL, FALSE))
    more = true;
  if (more)
    return true;
  for (int i = 0; i < 2; i++)
    if (pair->endpoint[i])
      next = MIN (next, demux_get_expiry (quic_endpoint_get_demux (pair->endpoint[i])));
  next = MIN (next, memory_wire_next_arrival (pair->wire));
  if (next == UINT64_MAX && until == UINT64_MAX)
    g_error ("nothing will ever happen again");
  memory_wire_advance (pair->wire, MIN (next, until));
  return next < until;
}

GAsyncResult *
await_result (GAsyncResult **result, const char *what)
{
  while (driven && !*result)
    step (driven, UINT64_MAX);
  wait_until_in (NULL, *result, what);
  return *result;
}

void
pass_time (Pair *pair, double seconds)
{
  ngtcp2_tstamp until = memory_wire_now (pair->wire) + (ngtcp2_tstamp) (seconds * NGTCP2_SECONDS);
  while (step (pair, until))
    ;
}

static QuicCode
accept_cb (QuicConnection *connection, gpointer user_data)
{
  Pair *pair = user_data;
  pair->asked++;
  if (pair->answer != QUIC_CODE_OK)
    return pair->answer;
  g_clear_pointer (&pair->connection[1], quic_connection_unref);
  pair->connection[1] = quic_connection_ref (connection);
  return QUIC_CODE_OK;
}

static void
open_endpoint (Pair *pair, int which)
{
  g_autoptr (GError) error = NULL;
  if (!pair->wire)
    pair->endpoint[which] = quic_endpoint_new (pair->identity[which], 0, &error);
  else
    pair->endpoint[which] =
        quic_endpoint_new_for_link (pair->identity[which], memory_wire_open (pair->wire, which),
                                    (Clock) { memory_wire_now, pair->wire }, &error);
  g_assert_no_error (error);
}

static void
register_protocols (Pair *pair)
{
  QuicProtocol other = {
    .alpn = "wherry/other/1", .accept = accept_cb, .user_data = pair, .known_peers = true
  };
  QuicProtocol protocol = {
    .alpn = TEST_ALPN, .accept = accept_cb, .user_data = pair, .known_peers = true
  };
  quic_endpoint_register (pair->endpoint[1], &other);
  quic_endpoint_register (pair->endpoint[1], &protocol);
}

static void
open_both (Pair *pair)
{
  for (int i = 0; i < 2; i++)
    {
      pair->identity[i] = node_identity_generate ();
      open_endpoint (pair, i);
    }
  register_protocols (pair);
}

static Fate
straight_fate (unsigned side, uint64_t index, size_t len, gpointer data)
{
  return (Fate) { .copies = 1, .delay = NGTCP2_MILLISECONDS };
}

void
pair_init (Pair *pair, Wiring wiring)
{
  if (wiring == OVER_MEMORY)
    {
      pair_init_wire (pair, straight_fate, NULL);
      return;
    }
  *pair = (Pair) { 0 };
  open_both (pair);
}

void
pair_init_wire (Pair *pair, MemoryFate fate, gpointer data)
{
  *pair = (Pair) { .wire = memory_wire_new (fate, data) };
  driven = pair;
  open_both (pair);
}

void
pair_reopen (Pair *pair, int which)
{
  open_endpoint (pair, which);
  if (which == 1)
    register_protocols (pair);
}

void
pair_clear (Pair *pair)
{
  for (int i = 0; i < 2; i++)
    {
      g_clear_pointer (&pair->connection[i], quic_connection_unref);
      g_clear_pointer (&pair->endpoint[i], quic_endpoint_close);
      g_clear_pointer (&pair->identity[i], node_identity_free);
    }
  wait_settle ();
  g_clear_pointer (&pair->wire, memory_wire_free);
  driven = NULL;
}

GInetSocketAddress *
pair_address (Pair *pair, int which)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  return G_INET_SOCKET_ADDRESS (
      g_inet_socket_address_new (loopback, quic_endpoint_get_port (pair->endpoint[which])));
}

void
pair_connect (Pair *pair)
{
  g_autoptr (GInetSocketAddress) address = pair_address (pair, 1);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  quic_endpoint_connect_async (pair->endpoint[0], address, node_identity_get_id (pair->identity[1]),
                               TEST_ALPN, NULL, await_cb, &result);
  pair->connection[0] = quic_endpoint_connect_finish (pair->endpoint[0], await (&result), &error);
  g_assert_no_error (error);
  g_assert_nonnull (pair->connection[1]);
}

GError *
dial_failure (Pair *pair, const NodeId *peer, const char *alpn)
{
  g_autoptr (GInetSocketAddress) address = pair_address (pair, 1);
  g_autoptr (GAsyncResult) result = NULL;
  GError *error = NULL;
  if (peer)
    quic_endpoint_connect_async (pair->endpoint[0], address, peer, alpn, NULL, await_cb, &result);
  else
    quic_endpoint_connect_any_async (pair->endpoint[0], address, alpn, NULL, await_cb, &result);
  g_assert_null (quic_endpoint_connect_finish (pair->endpoint[0], await (&result), &error));
  g_assert_nonnull (error);
  return error;
}

QuicStream *
open_stream (QuicConnection *connection, bool bidirectional)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  quic_connection_open_stream_async (connection, bidirectional, NULL, await_cb, &result);
  QuicStream *stream = quic_connection_open_stream_finish (connection, await (&result), &error);
  g_assert_no_error (error);
  return stream;
}

QuicStream *
accept_stream (QuicConnection *connection)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  quic_connection_accept_stream_async (connection, NULL, await_cb, &result);
  QuicStream *stream = quic_connection_accept_stream_finish (connection, await (&result), &error);
  g_assert_no_error (error);
  return stream;
}

GError *
await_closed (QuicConnection *connection, uint64_t *code)
{
  g_autoptr (GAsyncResult) result = NULL;
  GError *error = NULL;
  quic_connection_closed_async (connection, NULL, await_cb, &result);
  g_assert_false (quic_connection_closed_finish (await (&result), code, &error));
  g_assert_nonnull (error);
  return error;
}

GBytes *
receive_all (QuicStream *stream, GError **error)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  for (;;)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GBytes) bytes = NULL;
      quic_stream_receive_async (stream, 1 << 20, NULL, await_cb, &result);
      bytes = quic_stream_receive_finish (stream, await (&result), error);
      if (!bytes)
        return NULL;
      if (g_bytes_get_size (bytes) == 0)
        return g_byte_array_free_to_bytes (g_steal_pointer (&all));
      g_byte_array_append (all, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    }
}

void
send_text (QuicStream *stream, const char *text)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  quic_stream_send_async (stream, bytes, NULL, await_cb, &result);
  quic_stream_send_finish (stream, await (&result), &error);
  g_assert_no_error (error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two endpoints, each with its thread, over loopback UDP. */
#include "tests/net/quic/pair.h"

#include <sodium.h>
#include <string.h>

static void
assert_text (GBytes *bytes, const char *text)
{
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

static void
test_handshake (void)
{
  Pair pair;
  g_autoptr (GInetSocketAddress) remote = NULL;

  pair_init (&pair, OVER_UDP);
  pair_connect (&pair);

  g_assert_cmpint (pair.asked, ==, 1);
  g_assert_true (quic_connection_is_client (pair.connection[0]));
  g_assert_false (quic_connection_is_client (pair.connection[1]));
  for (int i = 0; i < 2; i++)
    {
      g_assert_cmpstr (quic_connection_get_alpn (pair.connection[i]), ==, TEST_ALPN);
      g_assert_true (quic_connection_is_open (pair.connection[i]));
      g_assert_true (node_id_equal (quic_connection_get_peer (pair.connection[i]),
                                    node_identity_get_id (pair.identity[1 - i])));
    }
  g_assert_cmpmem (quic_connection_get_exporter (pair.connection[0]), QUIC_EXPORTER_LEN,
                   quic_connection_get_exporter (pair.connection[1]), QUIC_EXPORTER_LEN);
  g_assert_false (
      sodium_is_zero (quic_connection_get_exporter (pair.connection[0]), QUIC_EXPORTER_LEN));
  remote = quic_connection_dup_remote_address (pair.connection[0]);
  g_assert_cmpint (g_inet_socket_address_get_port (remote), ==,
                   quic_endpoint_get_port (pair.endpoint[1]));
  g_assert_cmpint (quic_connection_get_rtt_us (pair.connection[0]), >, 0);
  pair_clear (&pair);
}

static void
test_streams (void)
{
  Pair pair;

  pair_init (&pair, OVER_UDP);
  pair_connect (&pair);
  /* bidirectional from the client, unidirectional from the server */
  {
    g_autoptr (QuicStream) ask = open_stream (pair.connection[0], true), answer = NULL;
    g_autoptr (GBytes) question = NULL, reply = NULL;

    send_text (ask, "Wherry?");
    quic_stream_finish (ask);
    answer = accept_stream (pair.connection[1]);
    g_assert_true (quic_stream_is_bidirectional (answer));
    g_assert_cmpint (quic_stream_get_id (answer), ==, quic_stream_get_id (ask));
    question = receive_all (answer, NULL);
    assert_text (question, "Wherry?");
    send_text (answer, "Here.");
    quic_stream_finish (answer);
    reply = receive_all (ask, NULL);
    assert_text (reply, "Here.");
  }
  {
    g_autoptr (QuicStream) one_way = open_stream (pair.connection[1], false), other_end = NULL;
    g_autoptr (GBytes) message = NULL;
    g_autoptr (GAsyncResult) drained = NULL;

    send_text (one_way, "by the way");
    quic_stream_finish (one_way);
    quic_stream_drain_async (one_way, NULL, await_cb, &drained);
    other_end = accept_stream (pair.connection[0]);
    g_assert_false (quic_stream_is_bidirectional (other_end));
    message = receive_all (other_end, NULL);
    assert_text (message, "by the way");
    g_assert_true (quic_stream_drain_finish (one_way, await (&drained), NULL));
  }
  pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

  g_test_add_func ("/endpoint/handshake", test_handshake);
  g_test_add_func ("/endpoint/streams", test_streams);

  return g_test_run ();
}

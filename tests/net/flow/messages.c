/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/net/flow/two_nodes.h"

#include "net/flow/message_stream.h"
#include "net/flow/quic_future.h"

/* B's message connection with A. */
static SecureConnection *
share (TwoNodes *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInetSocketAddress) address = loopback_of (fixture->A);
  DexFuture *sharing = peer_connections_share (
      fixture->B->connections, wherry_node_get_id (fixture->A), MESSAGES_ALPN, address);
  g_assert_true (wait_future (dex_ref (sharing), &error));
  g_assert_no_error (error);
  SecureConnection *peer = g_value_dup_boxed (dex_future_get_value (sharing, NULL));
  dex_unref (sharing);
  return peer;
}

static void
assert_text_arrives (TwoNodes *fixture)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (
      wait_future (messages_send_critical (fixture->B->messages, wherry_node_get_id (fixture->A),
                                           MESSAGE_TEXT_SHARE, "Grüße", 20),
                   &error));
  g_assert_no_error (error);
}

static void
test_acknowledged (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  assert_text_arrives (fixture);
}

static void
test_across_reconnect (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  g_autoptr (SecureConnection) before = share (fixture);
  quic_connection_close (before->connection, QUIC_CODE_OK, "test");
  assert_text_arrives (fixture);
  g_autoptr (SecureConnection) after = share (fixture);
  g_assert_true (before != after);
}

static void
test_shared (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  g_autoptr (SecureConnection) one = share (fixture);
  g_autoptr (SecureConnection) two = share (fixture);
  g_assert_true (one == two);
}

/* Nobody there to acknowledge: it is tried until the time is over. */
static void
test_gives_up (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  pair_by_words (fixture);
  NodeId a = *wherry_node_get_id (fixture->A);
  two_nodes_close_one (fixture, 0);
  g_assert_false (wait_future (
      messages_send_critical (fixture->B->messages, &a, MESSAGE_TEXT_SHARE, "nobody", 1), &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_UNREACHABLE);
}

/* Bytes that no peer of ours seals end their stream; the connection goes on. */
static void
test_garbage (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  WherryDevice *device = pair_by_words (fixture);
  g_autoptr (SecureConnection) peer = share (fixture);
  DexFuture *opening = quic_future_open_stream (peer->connection, false);
  g_assert_true (wait_future (dex_ref (opening), &error));
  g_autoptr (QuicStream) stream = g_value_dup_boxed (dex_future_get_value (opening, NULL));
  dex_unref (opening);
  g_autoptr (GBytes) garbage = g_bytes_new_static ("{\"type\":\"unpaired\",\"id\":\"0\"}", 28);

  /* It is warned of; g_test_expect_message() does not see structured logs. */
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  g_assert_true (wait_future (quic_future_send (stream, garbage), &error));
  quic_stream_finish (stream);
  g_assert_cmpint (wait_int64 (wherry_node_ping (fixture->B, device, NULL), &error), >, 0);
  g_assert_no_error (error);
  g_log_set_always_fatal (fatal);
  g_assert_true (quic_connection_is_open (peer->connection));
  g_assert_true (wherry_device_get_paired (device_of (fixture->A, fixture->B)));
}

#define TEST(name, func)                                                                           \
  g_test_add ("/flow/messages/" name, TwoNodes, NULL, two_nodes_start, func, two_nodes_stop)

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  TEST ("acknowledged", test_acknowledged);
  TEST ("across-reconnect", test_across_reconnect);
  TEST ("shared", test_shared);
  TEST ("gives-up", test_gives_up);
  TEST ("garbage", test_garbage);
  return g_test_run ();
}

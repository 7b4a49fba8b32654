/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who gets in, who does not, and how connections end; each over loopback UDP and over the wire in
 * memory. */
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/timerfd.h>

#include "tests/net/quic/pair.h"

#define WIRING(data) ((Wiring) GPOINTER_TO_INT (data))

static void
test_handshake (gconstpointer data)
{
  Pair pair;
  g_autoptr (GInetSocketAddress) remote = NULL;
  pair_init (&pair, WIRING (data));
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
      QuicHealth health;
      quic_connection_get_health (pair.connection[i], &health);
      g_assert_cmpuint (health.rtt_us, >, 0);
      g_assert_cmpuint (health.rtt_min_us, <=, health.rtt_us);
      g_assert_cmpuint (health.window, >, 0);
      g_assert_cmpuint (health.bytes_received, >, 0);
      g_assert_cmpuint (health.packets_sent, >, 0);
      g_assert_cmpint (health.heard_us, <=, g_get_monotonic_time ());
      g_assert_cmpint (health.heard_us, >, 0);
    }
  g_assert_cmpmem (quic_connection_get_exporter (pair.connection[0]), QUIC_EXPORTER_LEN,
                   quic_connection_get_exporter (pair.connection[1]), QUIC_EXPORTER_LEN);
  g_assert_false (
      sodium_is_zero (quic_connection_get_exporter (pair.connection[0]), QUIC_EXPORTER_LEN));
  remote = quic_connection_dup_remote_address (pair.connection[0]);
  g_assert_cmpint (g_inet_socket_address_get_port (remote), ==,
                   quic_endpoint_get_port (pair.endpoint[1]));
  pair_clear (&pair);
}

static void
test_exporter_is_fresh (gconstpointer data)
{
  Pair pair;
  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  uint8_t first[QUIC_EXPORTER_LEN];
  memcpy (first, quic_connection_get_exporter (pair.connection[0]), sizeof first);
  g_clear_pointer (&pair.connection[0], quic_connection_unref);
  pair_connect (&pair);
  /* the second time too the peer's key was shown and proved: nothing is resumed */
  g_assert_true (node_id_equal (quic_connection_get_peer (pair.connection[1]),
                                node_identity_get_id (pair.identity[0])));
  g_assert_true (memcmp (first, quic_connection_get_exporter (pair.connection[0]), sizeof first) !=
                 0);
  pair_clear (&pair);
}

static void
test_any_peer (gconstpointer data)
{
  Pair pair;
  g_autoptr (GInetSocketAddress) address = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  pair_init (&pair, WIRING (data));
  address = pair_address (&pair, 1);
  quic_endpoint_connect_any_async (pair.endpoint[0], address, TEST_ALPN, NULL, await_cb, &result);
  pair.connection[0] = quic_endpoint_connect_finish (pair.endpoint[0], await (&result), NULL);
  g_assert_nonnull (pair.connection[0]);
  g_assert_true (node_id_equal (quic_connection_get_peer (pair.connection[0]),
                                node_identity_get_id (pair.identity[1])));
  pair_clear (&pair);
}

static void
test_wrong_peer (gconstpointer data)
{
  g_autoptr (NodeIdentity) other = node_identity_generate ();
  g_autoptr (GError) error = NULL;
  Pair pair;
  pair_init (&pair, WIRING (data));
  error = dial_failure (&pair, node_identity_get_id (other), TEST_ALPN);
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_IDENTITY);
  g_assert_cmpint (pair.asked, ==, 0);
  pair_clear (&pair);
}

static void
test_unknown_alpn (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Pair pair;
  pair_init (&pair, WIRING (data));
  error = dial_failure (&pair, NULL, "wherry/nothing/1");
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_REFUSED);
  g_assert_cmpint (pair.asked, ==, 0);
  pair_clear (&pair);
}

static void
test_second_alpn (gconstpointer data)
{
  g_autoptr (GInetSocketAddress) address = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  Pair pair;
  pair_init (&pair, WIRING (data));
  address = pair_address (&pair, 1);
  quic_endpoint_connect_any_async (pair.endpoint[0], address, "wherry/other/1", NULL, await_cb,
                                   &result);
  pair.connection[0] = quic_endpoint_connect_finish (pair.endpoint[0], await (&result), NULL);
  g_assert_nonnull (pair.connection[0]);
  g_assert_cmpstr (quic_connection_get_alpn (pair.connection[1]), ==, "wherry/other/1");
  pair_clear (&pair);
}

static void
test_not_listening (gconstpointer data)
{
  g_autoptr (GInetSocketAddress) address = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Pair pair;
  pair_init (&pair, WIRING (data));
  /* endpoint 0 registered no protocol */
  address = pair_address (&pair, 0);
  quic_endpoint_connect_any_async (pair.endpoint[1], address, TEST_ALPN, NULL, await_cb, &result);
  g_assert_null (quic_endpoint_connect_finish (pair.endpoint[1], await (&result), &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_REFUSED);
  pair_clear (&pair);
}

static void
test_refused_by_handler (gconstpointer data)
{
  static const struct
  {
    QuicCode answer;
    QuicError expected;
  } refusals[] = {
    { QUIC_CODE_NOT_PAIRED, QUIC_ERROR_NOT_PAIRED },
    { QUIC_CODE_NO_CODE, QUIC_ERROR_NO_CODE },
    { QUIC_CODE_LIMIT, QUIC_ERROR_REFUSED },
    { QUIC_CODE_CANCELLED, QUIC_ERROR_CLOSED },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (GError) error = NULL;
      Pair pair;
      pair_init (&pair, WIRING (data));
      pair.answer = refusals[i].answer;
      error = dial_failure (&pair, node_identity_get_id (pair.identity[1]), TEST_ALPN);
      g_assert_error (error, QUIC_ERROR, (int) refusals[i].expected);
      if (refusals[i].expected == QUIC_ERROR_CLOSED)
        {
          g_autofree char *code = g_strdup_printf ("(%u)", (unsigned) refusals[i].answer);
          g_assert_nonnull (strstr (error->message, code));
        }
      g_assert_cmpint (pair.asked, ==, 1);
      pair_clear (&pair);
    }
}

static void
test_nobody_there (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Pair pair;
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  pair_init (&pair, WIRING (data));
  uint16_t port = quic_endpoint_get_port (pair.endpoint[1]);
  address = g_inet_socket_address_new (loopback, port);
  g_clear_pointer (&pair.endpoint[1], quic_endpoint_close);
  quic_endpoint_connect_any_async (pair.endpoint[0], G_INET_SOCKET_ADDRESS (address), TEST_ALPN,
                                   NULL, await_cb, &result);
  g_assert_null (quic_endpoint_connect_finish (pair.endpoint[0], await (&result), &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_UNREACHABLE);
  pair_clear (&pair);
}

static void
test_cancelled_dial (gconstpointer data)
{
  g_autoptr (GInetSocketAddress) address = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Pair pair;
  pair_init (&pair, WIRING (data));
  address = pair_address (&pair, 1);
  for (int before = 0; before <= 1; before++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      if (before)
        g_cancellable_cancel (cancellable);
      quic_endpoint_connect_any_async (pair.endpoint[0], address, TEST_ALPN, cancellable, await_cb,
                                       &result);
      g_cancellable_cancel (cancellable);
      g_assert_null (quic_endpoint_connect_finish (pair.endpoint[0], await (&result), &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_cancellable_reset (cancellable);
    }
  pair_clear (&pair);
}

static void
test_close (gconstpointer data)
{
  for (int closer = 0; closer < 2; closer++)
    {
      g_autoptr (GError) ours = NULL;
      g_autoptr (GError) theirs = NULL;
      uint64_t our_code = 0, their_code = 0;
      Pair pair;
      pair_init (&pair, WIRING (data));
      pair_connect (&pair);
      quic_connection_close (pair.connection[closer], QUIC_CODE_UNPAIRED, "no longer\npaired");
      quic_connection_close (pair.connection[closer], QUIC_CODE_INTERNAL,
                             "the first reason counts");
      g_assert_false (quic_connection_is_open (pair.connection[closer]));
      theirs = await_closed (pair.connection[1 - closer], &their_code);
      ours = await_closed (pair.connection[closer], &our_code);
      g_assert_error (theirs, QUIC_ERROR, QUIC_ERROR_CLOSED);
      g_assert_error (ours, QUIC_ERROR, QUIC_ERROR_CLOSED);
      g_assert_cmpuint (their_code, ==, QUIC_CODE_UNPAIRED);
      g_assert_nonnull (strstr (theirs->message, "no longer\\npaired"));
      g_assert_false (quic_connection_is_open (pair.connection[1 - closer]));
      pair_clear (&pair);
    }
}

static void
test_dropping_handles_closes (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  uint64_t code = 99;
  Pair pair;
  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  {
    /* what was promised still arrives */
    g_autoptr (QuicStream) in = NULL;
    g_autoptr (GBytes) bytes = NULL;
    QuicStream *out = open_stream (pair.connection[0], false);

    send_text (out, "last words");
    quic_stream_finish (out);
    quic_stream_unref (out);
    g_clear_pointer (&pair.connection[0], quic_connection_unref);
    in = accept_stream (pair.connection[1]);
    bytes = receive_all (in, NULL);
    g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "last words", 10);
  }
  error = await_closed (pair.connection[1], &code);
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
  g_assert_cmpuint (code, ==, QUIC_CODE_OK);
  pair_clear (&pair);
}

/* Whoever only watches does not keep a connection, and hears of its end all the same. */
static void
test_watching (gconstpointer data)
{
  g_autoptr (GAsyncResult) seen = NULL;
  g_autoptr (GError) ours = NULL, theirs = NULL;
  uint64_t code = 99;
  Pair pair;
  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  quic_connection_closed_async (pair.connection[0], NULL, await_cb, &seen);
  g_clear_pointer (&pair.connection[0], quic_connection_unref);
  theirs = await_closed (pair.connection[1], &code);
  g_assert_error (theirs, QUIC_ERROR, QUIC_ERROR_CLOSED);
  g_assert_cmpuint (code, ==, QUIC_CODE_OK);
  g_assert_false (quic_connection_closed_finish (await (&seen), &code, &ours));
  g_assert_error (ours, QUIC_ERROR, QUIC_ERROR_CLOSED);
  g_assert_cmpuint (code, ==, QUIC_CODE_OK);
  pair_clear (&pair);
}

static void
test_cancel_watching (gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) seen = NULL;
  g_autoptr (GError) error = NULL;
  uint64_t code = 0;
  Pair pair;

  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  quic_connection_closed_async (pair.connection[0], NULL, await_cb, &seen);
  for (int before = 0; before <= 1; before++)
    {
      g_autoptr (GAsyncResult) cancelled = NULL;
      if (before)
        g_cancellable_cancel (cancellable);
      quic_connection_closed_async (pair.connection[0], cancellable, await_cb, &cancelled);
      g_cancellable_cancel (cancellable);
      g_assert_false (quic_connection_closed_finish (await (&cancelled), NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      g_assert_true (quic_connection_is_open (pair.connection[0]));
      g_cancellable_reset (cancellable);
    }
  /* the others go on */
  g_assert_null (seen);
  quic_connection_close (pair.connection[1], QUIC_CODE_LIMIT, "");
  g_assert_false (quic_connection_closed_finish (await (&seen), &code, &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_REFUSED);
  g_assert_cmpuint (code, ==, QUIC_CODE_LIMIT);
  pair_clear (&pair);
}

static void
fail_pending (Pair *pair, bool close_endpoint)
{
  g_autoptr (QuicStream) stream = open_stream (pair->connection[0], true);
  g_autoptr (GAsyncResult) accepted = NULL, received = NULL, drained = NULL, sent = NULL,
                           closed = NULL;
  g_autofree char *megabytes = g_malloc0 (8 << 20);
  g_autoptr (GBytes) bytes = g_bytes_new_static (megabytes, 8 << 20);
  g_autoptr (GError) error = NULL;

  quic_connection_accept_stream_async (pair->connection[0], NULL, await_cb, &accepted);
  quic_connection_closed_async (pair->connection[0], NULL, await_cb, &closed);
  quic_stream_receive_async (stream, 100, NULL, await_cb, &received);
  quic_stream_drain_async (stream, NULL, await_cb, &drained);
  quic_stream_send_async (stream, bytes, NULL, await_cb, &sent);
  if (close_endpoint)
    g_clear_pointer (&pair->endpoint[0], quic_endpoint_close);
  else
    quic_connection_close (pair->connection[1], QUIC_CODE_OK, "");

  g_assert_null (
      quic_connection_accept_stream_finish (pair->connection[0], await (&accepted), &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (quic_stream_receive_finish (stream, await (&received), &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_false (quic_stream_drain_finish (stream, await (&drained), &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_false (quic_stream_send_finish (stream, await (&sent), &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
  g_clear_error (&error);
  quic_connection_closed_finish (await (&closed), NULL, &error);
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
  g_clear_error (&error);

  /* and whatever comes later fails at once */
  g_clear_object (&accepted);
  quic_connection_open_stream_async (pair->connection[0], true, NULL, await_cb, &accepted);
  g_assert_null (
      quic_connection_open_stream_finish (pair->connection[0], await (&accepted), &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
  g_clear_error (&error);
  g_clear_object (&drained);
  quic_stream_drain_async (stream, NULL, await_cb, &drained);
  g_assert_false (quic_stream_drain_finish (stream, await (&drained), &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
}

static void
test_close_fails_pending (gconstpointer data)
{
  for (int close_endpoint = 0; close_endpoint <= 1; close_endpoint++)
    {
      Pair pair;
      pair_init (&pair, WIRING (data));
      pair_connect (&pair);
      fail_pending (&pair, close_endpoint);
      pair_clear (&pair);
    }
}

static void
test_endpoint_close_fails_dial (gconstpointer data)
{
  g_autoptr (GInetSocketAddress) address = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Pair pair;
  pair_init (&pair, WIRING (data));
  address = pair_address (&pair, 1);
  quic_endpoint_connect_any_async (pair.endpoint[0], address, TEST_ALPN, NULL, await_cb, &result);
  g_clear_pointer (&pair.endpoint[0], quic_endpoint_close);
  g_assert_null (quic_endpoint_connect_finish (NULL, await (&result), &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
  pair_clear (&pair);
}

static void
test_cancel_waiting (gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) accepted = NULL, received = NULL, drained = NULL, sent = NULL;
  g_autofree char *megabytes = g_malloc0 (16 << 20);
  g_autoptr (GBytes) bytes = g_bytes_new_static (megabytes, 16 << 20);
  g_autoptr (GError) error = NULL;
  Pair pair;

  pair_init (&pair, WIRING (data));
  pair_connect (&pair);
  {
    g_autoptr (QuicStream) stream = open_stream (pair.connection[0], true);
    quic_connection_accept_stream_async (pair.connection[0], cancellable, await_cb, &accepted);
    quic_stream_receive_async (stream, 100, cancellable, await_cb, &received);
    quic_stream_drain_async (stream, cancellable, await_cb, &drained);
    quic_stream_send_async (stream, bytes, cancellable, await_cb, &sent);
    g_cancellable_cancel (cancellable);
    g_assert_null (
        quic_connection_accept_stream_finish (pair.connection[0], await (&accepted), &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_clear_error (&error);
    g_assert_null (quic_stream_receive_finish (stream, await (&received), &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_clear_error (&error);
    g_assert_false (quic_stream_drain_finish (stream, await (&drained), &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_clear_error (&error);
    g_assert_false (quic_stream_send_finish (stream, await (&sent), &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    /* the connection is none the worse */
    g_clear_object (&accepted);
    quic_connection_accept_stream_async (pair.connection[0], NULL, await_cb, &accepted);
    {
      g_autoptr (QuicStream) other = open_stream (pair.connection[1], false), arrived = NULL;
      send_text (other, "still here");
      arrived = quic_connection_accept_stream_finish (pair.connection[0], await (&accepted), NULL);
      g_assert_nonnull (arrived);
    }
  }
  pair_clear (&pair);
}

int __real_timerfd_create (int clock, int flags);
int __wrap_timerfd_create (int clock, int flags);

static bool too_many_files;

int
__wrap_timerfd_create (int clock, int flags)
{
  if (!too_many_files)
    return __real_timerfd_create (clock, flags);
  errno = EMFILE;
  return -1;
}

static void
test_too_many_files (void)
{
  g_autoptr (NodeIdentity) identity = node_identity_generate ();
  g_autoptr (GError) error = NULL;
  too_many_files = true;
  g_assert_null (quic_endpoint_new (identity, 0, &error));
  too_many_files = false;
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_LIMIT);
  g_assert_nonnull (strstr (error->message, g_strerror (EMFILE)));
}

static void
test_ipv6 (void)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV6);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) probe =
      g_socket_new (G_SOCKET_FAMILY_IPV6, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  if (!probe || !g_socket_bind (probe, any_port, FALSE, NULL))
    {
      g_test_skip ("this host has no IPv6 loopback");
      return;
    }
  Pair pair;
  pair_init (&pair, OVER_UDP);
  address = g_inet_socket_address_new (loopback, quic_endpoint_get_port (pair.endpoint[1]));
  quic_endpoint_connect_async (pair.endpoint[0], G_INET_SOCKET_ADDRESS (address),
                               node_identity_get_id (pair.identity[1]), TEST_ALPN, NULL, await_cb,
                               &result);
  pair.connection[0] = quic_endpoint_connect_finish (pair.endpoint[0], await (&result), &error);
  g_assert_no_error (error);
  {
    g_autoptr (QuicStream) out = open_stream (pair.connection[0], false), in = NULL;
    g_autoptr (GBytes) all = NULL;
    send_text (out, "six");
    quic_stream_finish (out);
    in = accept_stream (pair.connection[1]);
    all = receive_all (in, NULL);
    g_assert_cmpmem (g_bytes_get_data (all, NULL), g_bytes_get_size (all), "six", 3);
  }
  pair_clear (&pair);
}

typedef struct
{
  const char *name;
  GTestDataFunc run;
} Case;

int
main (int argc, char **argv)
{
  static const Case cases[] = {
    { "handshake", test_handshake },
    { "exporter-is-fresh", test_exporter_is_fresh },
    { "any-peer", test_any_peer },
    { "wrong-peer", test_wrong_peer },
    { "unknown-alpn", test_unknown_alpn },
    { "second-alpn", test_second_alpn },
    { "not-listening", test_not_listening },
    { "refused-by-handler", test_refused_by_handler },
    { "nobody-there", test_nobody_there },
    { "cancelled-dial", test_cancelled_dial },
    { "close", test_close },
    { "dropping-handles-closes", test_dropping_handles_closes },
    { "watching", test_watching },
    { "cancel-watching", test_cancel_watching },
    { "close-fails-pending", test_close_fails_pending },
    { "endpoint-close-fails-dial", test_endpoint_close_fails_dial },
    { "cancel-waiting", test_cancel_waiting },
  };

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int wiring = OVER_UDP; wiring <= OVER_MEMORY; wiring++)
      {
        g_autofree char *path = g_strdup_printf ("/connection/%s/%s", cases[i].name,
                                                 wiring == OVER_UDP ? "udp" : "memory");
        g_test_add_data_func (path, GINT_TO_POINTER (wiring), cases[i].run);
      }
  g_test_add_func ("/connection/too-many-files", test_too_many_files);
  g_test_add_func ("/connection/ipv6", test_ipv6);
  return g_test_run ();
}

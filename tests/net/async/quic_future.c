/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/async/quic_future.h"

#define ALPN "wherry/test/1"

/* Two endpoints; the second one accepts, with what @answer says. */
typedef struct
{
  NodeIdentity *identities[2];
  QuicEndpoint *endpoints[2];
  GInetSocketAddress *address; /* (owned) of the second one */
  QuicCode answer;
  QuicConnection *near, *far; /* (owned) the two ends, once connected */
} Fixture;

static QuicCode
accept_cb (QuicConnection *connection, gpointer user_data)
{
  Fixture *f = user_data;
  if (f->answer == QUIC_CODE_OK)
    f->far = quic_connection_ref (connection);
  return f->answer;
}

/* Turns the main loop until @future (transfer full) settles. */
static GError *
wait_error (DexFuture *future)
{
  GError *error = NULL;
  while (dex_future_is_pending (future))
    g_main_context_iteration (NULL, true);
  g_assert_null (dex_future_get_value (future, &error));
  dex_unref (future);
  return error;
}

static gpointer
wait_boxed (DexFuture *future)
{
  while (dex_future_is_pending (future))
    g_main_context_iteration (NULL, true);
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (future, &error);
  g_assert_no_error (error);
  gpointer boxed = g_value_dup_boxed (value);
  dex_unref (future);
  return boxed;
}

static void
wait_true (DexFuture *future)
{
  while (dex_future_is_pending (future))
    g_main_context_iteration (NULL, true);
  g_assert_true (g_value_get_boolean (dex_future_get_value (future, NULL)));
  dex_unref (future);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  *f = (Fixture) { 0 };
  for (int i = 0; i < 2; i++)
    {
      f->identities[i] = node_identity_generate ();
      f->endpoints[i] = quic_endpoint_new (f->identities[i], 0, NULL);
      g_assert_nonnull (f->endpoints[i]);
    }
  f->address = G_INET_SOCKET_ADDRESS (g_inet_socket_address_new_from_string (
      "127.0.0.1", quic_endpoint_get_port (f->endpoints[1])));
  quic_endpoint_register (f->endpoints[1], &(QuicProtocol) { ALPN, accept_cb, f });
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->near, quic_connection_unref);
  g_clear_pointer (&f->far, quic_connection_unref);
  for (int i = 0; i < 2; i++)
    {
      g_clear_pointer (&f->endpoints[i], quic_endpoint_close);
      node_identity_free (f->identities[i]);
    }
  while (g_main_context_iteration (NULL, false))
    ;
  g_object_unref (f->address);
}

static DexFuture *
dial (Fixture *f)
{
  return quic_future_connect (f->endpoints[0], f->address, node_identity_get_id (f->identities[1]),
                              ALPN);
}

static void
connect_both (Fixture *f)
{
  f->near = wait_boxed (dial (f));
  g_assert_nonnull (f->far);
}

/* Opens a stream with @text on it, and takes it at the other end. */
static QuicStream *
say (Fixture *f, const char *text, QuicStream **heard)
{
  QuicStream *stream = wait_boxed (quic_future_open_stream (f->near, false));
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  wait_true (quic_future_send (stream, bytes));
  *heard = wait_boxed (quic_future_accept_stream (f->far));
  return stream;
}

static void
assert_receives (QuicStream *stream, size_t max, const char *text)
{
  g_autoptr (GBytes) bytes = wait_boxed (quic_future_receive (stream, max));
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

/* Every call once: what it resolves to, and that nothing keeps a handle afterwards (LeakSanitizer
 * sees it). */
static void
test_resolves (Fixture *f, gconstpointer data)
{
  connect_both (f);
  g_autoptr (QuicStream) heard = NULL;
  g_autoptr (QuicStream) stream = say (f, "hello", &heard);
  assert_receives (heard, 2, "he");
  assert_receives (heard, 10, "llo");
  quic_stream_finish (stream);
  assert_receives (heard, 10, "");
  wait_true (quic_future_drain (stream));
}

static void
test_rejects (Fixture *f, gconstpointer data)
{
  f->answer = QUIC_CODE_NOT_PAIRED;
  g_autoptr (GError) refused = wait_error (dial (f));
  g_assert_error (refused, QUIC_ERROR, QUIC_ERROR_NOT_PAIRED);

  f->answer = QUIC_CODE_OK;
  connect_both (f);
  g_autoptr (QuicStream) heard = NULL;
  g_autoptr (QuicStream) stream = say (f, "x", &heard);
  quic_stream_reset (heard, QUIC_CODE_LIMIT);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("y", 1);
  g_autoptr (GError) reset = wait_error (quic_future_drain (stream));
  g_assert_error (reset, QUIC_ERROR, QUIC_ERROR_RESET);
  g_autoptr (GError) sent = wait_error (quic_future_send (stream, bytes));
  g_assert_error (sent, QUIC_ERROR, QUIC_ERROR_RESET);
}

/* The code says why, also at the side that did not close; without one it is a plain end. */
static void
test_closed (Fixture *f, gconstpointer data)
{
  QuicCode code = GPOINTER_TO_INT (data);
  connect_both (f);
  DexFuture *accepting = quic_future_accept_stream (f->far);
  quic_connection_close (f->near, code, "test");
  g_autoptr (GError) closed = wait_error (quic_future_closed (f->far));
  g_autoptr (GError) accepted = wait_error (accepting);
  g_autoptr (GError) opened = wait_error (quic_future_open_stream (f->near, false));
  if (code == QUIC_CODE_OK)
    g_assert_error (closed, QUIC_ERROR, QUIC_ERROR_CLOSED);
  else
    g_assert_error (closed, QUIC_CLOSE_ERROR, (int) code);
  g_assert_cmpint ((int) accepted->domain, ==, (int) QUIC_ERROR);
  g_assert_cmpint ((int) opened->domain, ==, (int) QUIC_ERROR);
}

/* libdex discards what waited for a race that nobody waits for any more. */
static void
discard (DexFuture *future)
{
  dex_unref (dex_future_first (future, NULL));
}

/* A future that nobody wants cancels its call, and takes nothing from the stream. */
static void
test_discarded (Fixture *f, gconstpointer data)
{
  connect_both (f);
  discard (quic_future_accept_stream (f->far));
  g_autoptr (QuicStream) heard = NULL;
  g_autoptr (QuicStream) stream = say (f, "one", &heard);
  assert_receives (heard, 10, "one");
  discard (quic_future_receive (heard, 10)); /* otherwise the next one would be the second */
  g_autoptr (GBytes) bytes = g_bytes_new_static ("two", 3);
  wait_true (quic_future_send (stream, bytes));
  assert_receives (heard, 10, "two");
  discard (quic_future_closed (f->far));
}

#define TEST_OF(name, data, func)                                                                  \
  g_test_add ("/quic-future/" name, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  TEST_OF ("resolves", NULL, test_resolves);
  TEST_OF ("rejects", NULL, test_rejects);
  TEST_OF ("closed/with-code", GINT_TO_POINTER (QUIC_CODE_UNPAIRED), test_closed);
  TEST_OF ("closed/plain", GINT_TO_POINTER (QUIC_CODE_OK), test_closed);
  TEST_OF ("discarded", NULL, test_discarded);
  return g_test_run ();
}

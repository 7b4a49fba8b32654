/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/two_nodes.h"
#include "net/peer/message_stream.h"
#include "net/async/quic_future.h"

/* B's message connection with A. */
static SecureConnection *
share (TwoNodes *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  DexFuture *sharing = pool_share (WHERRY_NODE (fixture->B)->pool,
                                   wherry_client_get_id (fixture->A), MESSAGES_ALPN, address);
  g_assert_true (wait_future (dex_ref (sharing), &error));
  g_assert_no_error (error);
  SecureConnection *peer = g_value_dup_boxed (dex_future_get_value (sharing, NULL));
  dex_unref (sharing);
  return peer;
}

/* What takes A's messages in place of its node, which has no place for texts yet. */
typedef struct
{
  Messages *messages; /* (owned) */
  bool willing;
  int texts, unpaired;
} Taker;

static bool
take_text_cb (const NodeId *from, const char *text, gpointer user_data)
{
  Taker *taker = user_data;
  taker->texts++;
  return taker->willing;
}

static bool
take_unpaired_cb (const NodeId *from, gpointer user_data)
{
  Taker *taker = user_data;
  taker->unpaired++;
  return taker->willing;
}

static void
taker_init (Taker *taker, TwoNodes *fixture, bool willing)
{
  *taker = (Taker) { .willing = willing };
  taker->messages = messages_new (
      WHERRY_NODE (fixture->A)->pool, WHERRY_NODE (fixture->A)->registry,
      WHERRY_NODE (fixture->A)->flows,
      &(MessageHandlers) {
          .text_shared = take_text_cb, .unpaired = take_unpaired_cb, .user_data = taker });
}

static void
taker_clear (Taker *taker, TwoNodes *fixture)
{
  if (fixture->A)
    two_nodes_close_one (fixture, 0);
  messages_free (taker->messages);
}

static bool
say (TwoNodes *fixture, MessageType type, int seconds, GError **error)
{
  const char *text = type == MESSAGE_TEXT_SHARE ? "Grüße" : NULL;
  return wait_future (messages_send_critical (WHERRY_NODE (fixture->B)->messages,
                                              wherry_client_get_id (fixture->A), type, text,
                                              seconds),
                      error);
}

static void
test_acknowledged (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  pair_by_words (fixture);
  Taker taker;
  taker_init (&taker, fixture, true);
  g_assert_true (say (fixture, MESSAGE_TEXT_SHARE, 20, &error));
  g_assert_no_error (error);
  g_assert_cmpint (taker.texts, ==, 1);
  taker_clear (&taker, fixture);
}

/* It was paired anew while the disk forgot: the connections are those of the new pairing. */
static void
test_unpaired_and_paired_anew (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  pair_by_words (fixture);
  Taker taker;
  taker_init (&taker, fixture, true);
  g_autoptr (SecureConnection) before = share (fixture);
  g_assert_true (say (fixture, MESSAGE_UNPAIRED, 20, &error));
  g_assert_true (say (fixture, MESSAGE_TEXT_SHARE, 20, &error));
  g_assert_no_error (error);
  g_assert_cmpint (taker.unpaired, ==, 1);
  g_autoptr (SecureConnection) after = share (fixture);
  g_assert_true (before == after);
  taker_clear (&taker, fixture);
}

static void
test_across_reconnect (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  pair_by_words (fixture);
  Taker taker;
  taker_init (&taker, fixture, true);
  g_autoptr (SecureConnection) before = share (fixture);
  quic_connection_close (before->connection, QUIC_CODE_OK, "test");
  g_assert_true (say (fixture, MESSAGE_TEXT_SHARE, 20, &error));
  g_assert_no_error (error);
  g_autoptr (SecureConnection) after = share (fixture);
  g_assert_true (before != after);
  taker_clear (&taker, fixture);
}

/* Nobody has a place for the text, or the disk did not take it: the sender must not believe
 * otherwise. */
static void
test_not_taken (TwoNodes *fixture, gconstpointer data)
{
  MessageType type = GPOINTER_TO_INT (data);
  g_autoptr (GError) error = NULL;
  pair_by_words (fixture);
  Taker taker;
  taker_init (&taker, fixture, false);
  g_assert_false (say (fixture, type, 1, &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "Anna’s desktop"));
  g_assert_cmpint (taker.texts + taker.unpaired, >=, 1);
  taker_clear (&taker, fixture);
}

/* This version shows no texts, so it does not know the type. */
static void
test_no_place_for_texts (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  WherryDevice *device = pair_by_words (fixture);
  g_assert_false (say (fixture, MESSAGE_TEXT_SHARE, 1, &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_UNREACHABLE);
  g_clear_error (&error);
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, device, NULL), &error), >, 0);
  g_assert_no_error (error);
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
  NodeId a = *wherry_client_get_id (fixture->A);
  two_nodes_close_one (fixture, 0);
  g_assert_false (wait_future (messages_send_critical (WHERRY_NODE (fixture->B)->messages, &a,
                                                       MESSAGE_TEXT_SHARE, "nobody", 1),
                               &error));
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

  g_assert_true (wait_future (quic_future_send (stream, garbage), &error));
  quic_stream_finish (stream);
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, device, NULL), &error), >, 0);
  g_assert_no_error (error);
  g_assert_true (quic_connection_is_open (peer->connection));
  g_assert_true (wherry_device_get_paired (device_of (fixture->A, fixture->B)));
}

/* Another connection of B with A. */
static SecureConnection *
dial (TwoNodes *fixture)
{
  g_autoptr (GError) error = NULL;
  DexFuture *dialling = pool_dial (WHERRY_NODE (fixture->B)->pool,
                                   wherry_client_get_id (fixture->A), MESSAGES_ALPN, NULL);
  g_assert_true (wait_future (dex_ref (dialling), &error));
  SecureConnection *peer = g_value_dup_boxed (dex_future_get_value (dialling, NULL));
  dex_unref (dialling);
  return peer;
}

/* A message that has begun with @len bytes and does not end. */
static QuicStream *
begin_message (SecureConnection *peer, size_t len)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (len), len);
  DexFuture *opening = quic_future_open_stream (peer->connection, false);
  g_assert_true (wait_future (dex_ref (opening), &error));
  QuicStream *stream = g_value_dup_boxed (dex_future_get_value (opening, NULL));
  dex_unref (opening);
  g_assert_true (wait_future (quic_future_send (stream, bytes), &error));
  return stream;
}

static bool
is_refused (gpointer stream)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr (GError) error = NULL;
  bool sent = wait_future (quic_future_send (stream, bytes), &error);
  if (!sent)
    g_assert_error (error, QUIC_ERROR, QUIC_ERROR_RESET);
  return !sent;
}

/* What is begun and not ended is bounded for the device, however many connections it uses; and the
 * bound is a matter between it and its own messages. */
static void
test_unfinished (TwoNodes *fixture, gconstpointer data)
{
  size_t len = GPOINTER_TO_SIZE (data), room = MIN (8, 2 * 1024 * 1024 / len);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) streams =
      g_ptr_array_new_with_free_func ((GDestroyNotify) quic_stream_unref);
  WherryDevice *device = pair_by_words (fixture);
  g_autoptr (SecureConnection) first = share (fixture);
  g_autoptr (SecureConnection) second = dial (fixture);

  for (size_t i = 0; i <= room; i++)
    g_ptr_array_add (streams, begin_message (i % 2 ? second : first, len));
  guint at = 0; /* whichever comes last there */
  while (!is_refused (streams->pdata[at]))
    at = (at + 1) % streams->len;
  g_ptr_array_remove_index (streams, at);
  for (guint i = 0; i < streams->len; i++)
    g_assert_false (is_refused (streams->pdata[i]));
  g_ptr_array_set_size (streams, 0);
  while (wait_int64 (wherry_client_ping (fixture->B, device, NULL), &error) < 0)
    g_clear_error (&error);
  g_assert_true (quic_connection_is_open (first->connection));
}

#define TEST_OF(name, data, func)                                                                  \
  g_test_add ("/messages/" name, TwoNodes, data, two_nodes_start, func, two_nodes_stop)
#define TEST(name, func) TEST_OF (name, NULL, func)

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  TEST ("acknowledged", test_acknowledged);
  TEST ("unpaired-and-paired-anew", test_unpaired_and_paired_anew);
  TEST ("across-reconnect", test_across_reconnect);
  TEST_OF ("not-taken/text", GINT_TO_POINTER (MESSAGE_TEXT_SHARE), test_not_taken);
  TEST_OF ("not-taken/unpaired", GINT_TO_POINTER (MESSAGE_UNPAIRED), test_not_taken);
  TEST ("no-place-for-texts", test_no_place_for_texts);
  TEST ("shared", test_shared);
  TEST ("gives-up", test_gives_up);
  TEST ("garbage", test_garbage);
  TEST_OF ("unfinished/number", GSIZE_TO_POINTER (16), test_unfinished);
  TEST_OF ("unfinished/bytes", GSIZE_TO_POINTER (1000 * 1000), test_unfinished);
  return g_test_run ();
}

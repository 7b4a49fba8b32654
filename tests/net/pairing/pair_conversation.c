/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "tests/support/two_nodes.h"
#include "net/core/invite.h"
#include "net/core/words.h"
#include "tests/support/wait.h"

static WherryPairingSession *
host (TwoNodes *fixture)
{
  g_autoptr (GError) error = NULL;
  WherryPairingSession *session = wherry_client_host_pairing (fixture->A, &error);
  g_assert_no_error (error);
  return session;
}

static WherryPairingSession *
join (TwoNodes *fixture, const char *code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  WherryPairingSession *session =
      wherry_client_join_pairing (fixture->B, code, NULL, address, &error);
  g_assert_no_error (error);
  return session;
}

static void
assert_failed (WherryPairingSession *session, PairingReason reason)
{
  wait_phase (session, PAIRING_FAILED);
  g_assert_cmpstr (pairing_reason_name (wherry_pairing_session_get_reason (session)), ==,
                   pairing_reason_name (reason));
  g_assert_cmpint (strlen (wherry_pairing_session_get_message (session)), >, 10);
  g_assert_null (wherry_pairing_session_get_device (session));
}

static void
assert_paired (TwoNodes *fixture, bool paired)
{
  WherryDevice *a = device_of (fixture->B, fixture->A);
  WherryDevice *b = device_of (fixture->A, fixture->B);
  g_assert_cmpint (a && wherry_device_get_paired (a), ==, paired);
  g_assert_cmpint (b && wherry_device_get_paired (b), ==, paired);
}

/* Three words of the list that are not those of @session. */
static char *
wrong_words (WherryPairingSession *session, int i)
{
  const char *right = wherry_pairing_session_get_words (session);
  char *words = NULL;
  do
    {
      g_free (words);
      words = g_strjoin (" ", words_list ()[i], words_list ()[i + 1], words_list ()[i + 2], NULL);
      i++;
    }
  while (g_str_has_prefix (right, words_list ()[i - 1]));
  return words;
}

static void
test_words (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (WherryPairingSession) hosting = host (fixture);
  g_assert_cmpint (wherry_pairing_session_get_phase (hosting), ==, PAIRING_WAITING);
  g_assert_cmpint (wherry_pairing_session_get_attempts_left (hosting), ==, 3);
  g_assert_cmpint (wherry_pairing_session_get_seconds_left (hosting), >, 290);
  g_autoptr (WherryPairingSession) again = host (fixture);
  g_assert_true (hosting == again);

  g_autoptr (WherryPairingSession) joining =
      join (fixture, wherry_pairing_session_get_words (hosting));
  wait_phase (joining, PAIRING_DONE);
  wait_phase (hosting, PAIRING_DONE);
  assert_paired (fixture, true);
  g_assert_cmpstr (wherry_pairing_session_get_peer_name (joining), ==, "Anna’s desktop");
  g_assert_cmpstr (wherry_pairing_session_get_peer_name (hosting), ==, "Bert’s laptop");
  g_assert_true (wherry_pairing_session_get_device (joining) == device_of (fixture->B, fixture->A));
  g_assert_null (wherry_pairing_session_get_words (hosting));
  g_assert_null (wherry_pairing_session_get_link (hosting));
}

static void
test_link (TwoNodes *fixture, gconstpointer data)
{
  bool accept = GPOINTER_TO_INT (data);
  g_autoptr (WherryPairingSession) hosting = host (fixture);
  g_autoptr (WherryPairingSession) joining =
      join (fixture, wherry_pairing_session_get_link (hosting));
  wait_phase (hosting, PAIRING_CONFIRMING);
  g_assert_cmpstr (wherry_pairing_session_get_peer_name (hosting), ==, "Bert’s laptop");
  assert_paired (fixture, false);
  wherry_pairing_session_confirm (hosting, accept);
  if (accept)
    {
      wait_phase (joining, PAIRING_DONE);
      wait_phase (hosting, PAIRING_DONE);
    }
  else
    {
      assert_failed (joining, PAIRING_REASON_DECLINED);
      assert_failed (hosting, PAIRING_REASON_DECLINED_HERE);
    }
  assert_paired (fixture, accept);
}

static void
test_wrong_code (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (WherryPairingSession) hosting = host (fixture);
  for (int left = 2; left >= 0; left--)
    {
      g_autofree char *words = wrong_words (hosting, 100 * left);
      g_autoptr (WherryPairingSession) joining = join (fixture, words);
      assert_failed (joining, left ? PAIRING_REASON_WRONG_CODE : PAIRING_REASON_TOO_MANY_ATTEMPTS);
      g_assert_cmpint (wherry_pairing_session_get_attempts_left (joining), ==, left);
      wait_int (hosting, "attempts-left", left);
      wait_phase (hosting, left ? PAIRING_WAITING : PAIRING_FAILED);
    }
  assert_failed (hosting, PAIRING_REASON_TOO_MANY_ATTEMPTS);
  assert_paired (fixture, false);
}

static void
test_right_after_wrong (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (WherryPairingSession) hosting = host (fixture);
  g_autofree char *words = wrong_words (hosting, 7);
  g_autoptr (WherryPairingSession) first = join (fixture, words);
  assert_failed (first, PAIRING_REASON_WRONG_CODE);
  wait_phase (hosting, PAIRING_WAITING);
  g_autoptr (WherryPairingSession) second =
      join (fixture, wherry_pairing_session_get_words (hosting));
  wait_phase (second, PAIRING_DONE);
  wait_phase (hosting, PAIRING_DONE);
  assert_paired (fixture, true);
}

static void
test_wrong_word_costs_nothing (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (WherryPairingSession) hosting = host (fixture);
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  g_autoptr (GError) error = NULL;
  g_assert_null (
      wherry_client_join_pairing (fixture->B, "abandon wherry zoo", NULL, address, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "wherry"));
  g_assert_cmpint (wherry_pairing_session_get_attempts_left (hosting), ==, 3);
}

static void
test_nobody_to_ask (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (
      wherry_client_join_pairing (fixture->B, "abandon ability zoo", NULL, NULL, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_NOT_FOUND);
}

/* A's clock goes ahead by so much. */
static int64_t ahead_us;

static int64_t
clock_ahead (void)
{
  return g_get_monotonic_time () + ahead_us;
}

static WherryPairingSession *
host_by_clock (TwoNodes *fixture)
{
  ahead_us = 0;
  WHERRY_NODE (fixture->A)->pair_self.now_us = clock_ahead;
  return host (fixture);
}

static void
test_expired (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (WherryPairingSession) hosting = host_by_clock (fixture);
  g_autofree char *words = g_strdup (wherry_pairing_session_get_words (hosting));
  ahead_us = PAIRING_CODE_LIFETIME_US;
  assert_failed (hosting, PAIRING_REASON_EXPIRED);
  g_assert_cmpint (wherry_pairing_session_get_seconds_left (hosting), ==, 0);
  g_autoptr (WherryPairingSession) late = join (fixture, words);
  assert_failed (late, PAIRING_REASON_NO_CODE);
  assert_paired (fixture, false);
}

static void
test_no_code (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (WherryPairingSession) joining = join (fixture, "abandon ability able");
  assert_failed (joining, PAIRING_REASON_NO_CODE);
  g_assert_cmpint (wherry_pairing_session_get_attempts_left (joining), ==, 0);
}

/* Who came in time may be confirmed after the code has expired. */
static void
test_expired_while_confirming (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (WherryPairingSession) hosting = host_by_clock (fixture);
  ahead_us = PAIRING_CODE_LIFETIME_US - PAIRING_CONFIRM_US / 2;
  g_autoptr (WherryPairingSession) joining =
      join (fixture, wherry_pairing_session_get_link (hosting));
  wait_phase (hosting, PAIRING_CONFIRMING);
  ahead_us = PAIRING_CODE_LIFETIME_US;
  wait_int (hosting, "seconds-left", 0);
  wherry_pairing_session_confirm (hosting, TRUE);
  wait_phase (joining, PAIRING_DONE);
  wait_phase (hosting, PAIRING_DONE);
  assert_paired (fixture, true);
}

static void
test_host_cancels (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (WherryPairingSession) hosting = host (fixture);
  g_autoptr (WherryPairingSession) joining =
      join (fixture, wherry_pairing_session_get_link (hosting));
  wait_phase (hosting, PAIRING_CONFIRMING);
  wherry_pairing_session_cancel (hosting);
  assert_failed (hosting, PAIRING_REASON_CANCELLED);
  assert_failed (joining, PAIRING_REASON_CANCELLED);
  assert_paired (fixture, false);
}

static void
test_joiner_cancels (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (WherryPairingSession) hosting = host (fixture);
  g_autofree char *link = g_strdup (wherry_pairing_session_get_link (hosting));
  g_autoptr (WherryPairingSession) joining = join (fixture, link);
  wait_phase (hosting, PAIRING_CONFIRMING);
  wherry_pairing_session_cancel (joining);
  assert_failed (joining, PAIRING_REASON_CANCELLED);
  wait_phase (hosting, PAIRING_WAITING);
  assert_paired (fixture, false);

  g_autoptr (WherryPairingSession) again = join (fixture, link);
  wait_phase (hosting, PAIRING_CONFIRMING);
  wherry_pairing_session_confirm (hosting, TRUE);
  wait_phase (again, PAIRING_DONE);
  wait_phase (hosting, PAIRING_DONE);
  assert_paired (fixture, true);
}

static void
test_self (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (WherryPairingSession) hosting = host (fixture);
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  const char *codes[] = { wherry_pairing_session_get_words (hosting),
                          wherry_pairing_session_get_link (hosting) };
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (WherryPairingSession) joining =
          wherry_client_join_pairing (fixture->A, codes[i], NULL, address, &error);
      g_assert_no_error (error);
      assert_failed (joining, PAIRING_REASON_SELF);
    }
  wait_phase (hosting, PAIRING_WAITING);
  g_assert_cmpint (wherry_pairing_session_get_attempts_left (hosting), ==, 3);
}

static void
test_again (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  WherryDevice *device = pair_by_words (fixture);
  g_autoptr (GError) error = NULL;
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, device, NULL), &error), >, 0);
  g_assert_no_error (error);
  assert_paired (fixture, true);
}

static void
test_unreachable (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (WherryPairingSession) hosting = host (fixture);
  g_autofree char *words = g_strdup (wherry_pairing_session_get_words (hosting));
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  g_autoptr (GError) error = NULL;
  two_nodes_close_one (fixture, 0);
  assert_failed (hosting, PAIRING_REASON_CANCELLED);
  g_autoptr (WherryPairingSession) joining =
      wherry_client_join_pairing (fixture->B, words, NULL, address, &error);
  g_assert_no_error (error);
  assert_failed (joining, PAIRING_REASON_UNREACHABLE);
}

static void
test_closing_ends_pairing (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (WherryPairingSession) hosting = host (fixture);
  g_autoptr (WherryPairingSession) joining =
      join (fixture, wherry_pairing_session_get_link (hosting));
  wait_phase (hosting, PAIRING_CONFIRMING);
  two_nodes_close_one (fixture, 1);
  assert_failed (joining, PAIRING_REASON_CANCELLED);
  wait_phase (hosting, PAIRING_WAITING);
}

/* A joiner on a thread and a main context of its own, so that it gets on while the host's main loop
 * stands still. */
typedef struct
{
  GPtrArray *addresses; /* (owned) */
  uint8_t secret[INVITE_SECRET_LEN];
  GAsyncQueue *orders, *reports; /* (owned) of anything */
} OwnJoiner;

static void
keep_result_cb (GObject *source, GAsyncResult *result, gpointer slot)
{
  *(GAsyncResult **) slot = g_object_ref (result);
}

static GAsyncResult *
await_own (GAsyncResult **slot)
{
  wait_until_in (g_main_context_get_thread_default (), *slot, "a result at the joiner");
  return g_steal_pointer (slot);
}

static void
say_own (QuicStream *stream, GByteArray *out)
{
  GAsyncResult *slot = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (out->data, out->len);
  g_byte_array_set_size (out, 0);
  quic_stream_send_async (stream, bytes, NULL, keep_result_cb, &slot);
  g_autoptr (GAsyncResult) result = await_own (&slot);
  g_assert_true (quic_stream_send_finish (stream, result, NULL));
}

/* As an honest joiner would, up to the question that the host's person is asked. */
static void
prove_own (Pairing *pairing, QuicStream *stream, GByteArray *out)
{
  g_auto (FrameReader) in = { 0 };
  frame_reader_init_format (&in, &pairing_frame_format, PAIRING_PAYLOAD_MAX);
  say_own (stream, out);
  const uint8_t *frame;
  size_t len;
  while (frame_reader_next (&in, &frame, &len, NULL) == FRAME_MORE)
    {
      GAsyncResult *slot = NULL;
      quic_stream_receive_async (stream, PAIRING_FRAME_MAX, NULL, keep_result_cb, &slot);
      g_autoptr (GAsyncResult) result = await_own (&slot);
      g_autoptr (GBytes) bytes = quic_stream_receive_finish (stream, result, NULL);
      frame_reader_feed (&in, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    }
  pairing_receive (pairing, frame, len, g_get_monotonic_time (), out);
  g_assert_cmpint (pairing_get_state (pairing), ==, PAIRING_STATE_AWAIT_COMPLETE);
  say_own (stream, out);
}

static gpointer
own_joiner_thread (gpointer data)
{
  OwnJoiner *self = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_main_context_push_thread_default (context);
  g_autoptr (NodeIdentity) identity = node_identity_generate ();
  DeviceInfo info = { .name = "Clara",
                      .version = "1",
                      .node_id = *node_identity_get_id (identity) };
  device_id_generate (info.device_id);
  QuicEndpoint *endpoint = quic_endpoint_new (identity, 0, NULL);
  GAsyncResult *slot = NULL;

  quic_endpoint_connect_any_async (endpoint, self->addresses->pdata[0], PAIRING_ALPN, NULL,
                                   keep_result_cb, &slot);
  g_autoptr (GAsyncResult) connected = await_own (&slot);
  g_autoptr (QuicConnection) connection = quic_endpoint_connect_finish (endpoint, connected, NULL);
  quic_connection_open_stream_async (connection, true, NULL, keep_result_cb, &slot);
  g_autoptr (GAsyncResult) opened = await_own (&slot);
  g_autoptr (QuicStream) stream = quic_connection_open_stream_finish (connection, opened, NULL);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  PairingChannel channel = { .identity = identity,
                             .info = &info,
                             .peer = *quic_connection_get_peer (connection) };
  memcpy (channel.exporter, quic_connection_get_exporter (connection), sizeof channel.exporter);
  g_autoptr (Pairing) pairing = pairing_new_joiner (
      PAIRING_MODE_LINK, self->secret, sizeof self->secret, &channel, g_get_monotonic_time (), out);
  prove_own (pairing, stream, out);

  g_async_queue_pop (self->orders);
  pairing_cancel (pairing, out);
  say_own (stream, out);
  quic_stream_finish (stream);
  quic_stream_drain_async (stream, NULL, keep_result_cb, &slot);
  g_autoptr (GAsyncResult) drained = await_own (&slot);
  g_async_queue_push (self->reports, self); /* the host's QUIC has it */
  g_async_queue_pop (self->orders);
  quic_endpoint_close (endpoint);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* The joiner gives up and the host's person says yes in the same turn of the host's main loop. */
static void
test_abort_meets_confirmation (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (WherryPairingSession) hosting = host (fixture);
  g_auto (Invite) invite = { 0 };
  g_assert_true (invite_parse (&invite, wherry_pairing_session_get_link (hosting), NULL));
  OwnJoiner joiner = { .addresses = loopback_of (fixture->A),
                       .orders = g_async_queue_new (),
                       .reports = g_async_queue_new () };
  memcpy (joiner.secret, invite.secret, sizeof joiner.secret);
  GThread *thread = g_thread_new ("joiner", own_joiner_thread, &joiner);

  wait_phase (hosting, PAIRING_CONFIRMING);
  g_async_queue_push (joiner.orders, &joiner);
  g_async_queue_pop (joiner.reports);
  wherry_pairing_session_confirm (hosting, TRUE);
  wait_until (wherry_pairing_session_get_phase (hosting) != PAIRING_EXCHANGING);
  g_assert_cmpint (wherry_pairing_session_get_phase (hosting), ==, PAIRING_WAITING);
  for (guint i = 0;
       i < g_list_model_get_n_items (G_LIST_MODEL (WHERRY_NODE (fixture->A)->registry)); i++)
    {
      g_autoptr (WherryDevice) device =
          g_list_model_get_item (G_LIST_MODEL (WHERRY_NODE (fixture->A)->registry), i);
      g_assert_false (wherry_device_get_paired (device));
    }
  g_async_queue_push (joiner.orders, &joiner);
  g_thread_join (thread);
  g_async_queue_unref (joiner.orders);
  g_async_queue_unref (joiner.reports);
  g_ptr_array_unref (joiner.addresses);
}

#define TEST(name, data, func)                                                                     \
  g_test_add ("/pair-conversation/" name, TwoNodes, data, two_nodes_start, func, two_nodes_stop)

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  TEST ("words", NULL, test_words);
  TEST ("link/confirmed", GINT_TO_POINTER (true), test_link);
  TEST ("link/declined", GINT_TO_POINTER (false), test_link);
  TEST ("wrong-code", NULL, test_wrong_code);
  TEST ("right-after-wrong", NULL, test_right_after_wrong);
  TEST ("wrong-word-costs-nothing", NULL, test_wrong_word_costs_nothing);
  TEST ("nobody-to-ask", NULL, test_nobody_to_ask);
  TEST ("no-code", NULL, test_no_code);
  TEST ("expired", NULL, test_expired);
  TEST ("expired-while-confirming", NULL, test_expired_while_confirming);
  TEST ("host-cancels", NULL, test_host_cancels);
  TEST ("joiner-cancels", NULL, test_joiner_cancels);
  TEST ("self", NULL, test_self);
  TEST ("again", NULL, test_again);
  TEST ("unreachable", NULL, test_unreachable);
  TEST ("abort-meets-confirmation", NULL, test_abort_meets_confirmation);
  TEST ("closing-ends-pairing", NULL, test_closing_ends_pairing);
  return g_test_run ();
}

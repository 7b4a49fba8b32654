/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pairing/pair.h"

#include <sodium.h>
#include <string.h>

#include "net/core/secret.h"

#define PAIR_SEND_S    10
#define PAIR_GOODBYE_S 2 /* for the last frame to arrive and be read */

void
pair_exchange_init (PairExchange *exchange, const PairSelf *self, WherryPairingSession *session,
                    QuicConnection *connection)
{
  *exchange = (PairExchange) { .self = self,
                               .session = g_object_ref (session),
                               .connection = quic_connection_ref (connection),
                               .in = g_byte_array_new (),
                               .out = g_byte_array_new () };
}

void
pair_exchange_clear (PairExchange *exchange)
{
  g_clear_pointer (&exchange->pairing, pairing_free);
  dex_clear (&exchange->receiving);
  g_clear_pointer (&exchange->stream, quic_stream_unref);
  g_clear_pointer (&exchange->connection, quic_connection_unref);
  g_clear_pointer (&exchange->in, g_byte_array_unref);
  g_clear_pointer (&exchange->out, g_byte_array_unref);
  g_clear_pointer (&exchange->storage_message, g_free);
  g_clear_pointer (&exchange->earlier_root, sodium_free);
  g_clear_object (&exchange->device);
  g_clear_object (&exchange->session);
}

void
pair_exchange_channel (const PairExchange *exchange, PairingChannel *channel)
{
  *channel = (PairingChannel) { .identity = exchange->self->identity,
                                .info = exchange->self->info,
                                .peer = *quic_connection_get_peer (exchange->connection) };
  G_STATIC_ASSERT (QUIC_EXPORTER_LEN == SESSION_EXPORTER_LEN);
  memcpy (channel->exporter, quic_connection_get_exporter (exchange->connection),
          SESSION_EXPORTER_LEN);
}

static bool
is_over (const PairExchange *exchange)
{
  PairingState state = pairing_get_state (exchange->pairing);
  return state == PAIRING_STATE_DONE || state == PAIRING_STATE_FAILED;
}

static void
flush (PairExchange *exchange)
{
  if (exchange->out->len == 0 || exchange->abandoned)
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (exchange->out);
  exchange->out = g_byte_array_new ();
  if (!flow_await (flow_within (quic_future_send (exchange->stream, bytes), PAIR_SEND_S), &error))
    {
      exchange->abandoned = flow_was_cancelled (error);
      pairing_receive_end (exchange->pairing, false);
    }
}

/* Length of the frame at the front of what arrived; 0 when it is not all there yet. A header that
 * can belong to no frame counts as a frame of its own: core/pairing then says what is wrong with
 * it. */
static size_t
frame_length (const GByteArray *in)
{
  if (in->len < PAIRING_FRAME_HEADER_LEN)
    return 0;
  int payload = pairing_frame_payload_len (in->data);
  if (payload < 0)
    return PAIRING_FRAME_HEADER_LEN;
  size_t len = PAIRING_FRAME_HEADER_LEN + (size_t) payload;
  return in->len >= len ? len : 0;
}

static void
take_bytes (PairExchange *exchange, GBytes *bytes)
{
  gsize len;
  const uint8_t *data = g_bytes_get_data (bytes, &len);
  if (len == 0)
    {
      pairing_receive_end (exchange->pairing, exchange->in->len == 0);
      return;
    }
  g_byte_array_append (exchange->in, data, (guint) len);
  for (size_t frame; !is_over (exchange) && (frame = frame_length (exchange->in)) > 0;)
    {
      pairing_receive (exchange->pairing, exchange->in->data, frame, g_get_monotonic_time (),
                       exchange->out);
      g_byte_array_remove_range (exchange->in, 0, (guint) frame);
    }
}

PairingReason
pair_exchange_learn_refusal (PairExchange *exchange)
{
  g_autoptr (GError) error = NULL;
  flow_await (flow_within (quic_future_closed (exchange->connection), PAIR_GOODBYE_S), &error);
  exchange->abandoned = flow_was_cancelled (error);
  if (g_error_matches (error, QUIC_CLOSE_ERROR, QUIC_CODE_NO_CODE))
    return PAIRING_REASON_NO_CODE;
  if (g_error_matches (error, QUIC_CLOSE_ERROR, QUIC_CODE_LIMIT))
    return PAIRING_REASON_TOO_MANY_ATTEMPTS;
  return PAIRING_REASON_UNREACHABLE;
}

static void
interrupted (PairExchange *exchange, const GError *error)
{
  int64_t now_us = g_get_monotonic_time ();
  if (flow_timed_out (error) ||
      g_error_matches (error, PAIRING_SESSION_ERROR, PAIRING_REASON_EXPIRED))
    pairing_tick (exchange->pairing, now_us, exchange->out);
  else if (error->domain == PAIRING_SESSION_ERROR)
    {
      /* Too late for it once our Complete is out: then the exchange goes on. */
      exchange->ended = true;
      pairing_cancel (exchange->pairing, exchange->out);
    }
  else
    {
      exchange->abandoned = flow_was_cancelled (error);
      if (!exchange->abandoned)
        exchange->refusal = pair_exchange_learn_refusal (exchange);
      pairing_receive_end (exchange->pairing, false);
    }
}

/* The receive that is under way. It outlives the waits that something else ends: bytes that it has
 * taken from the stream would be lost with it. Disowned, because to lose a race cancels what nobody
 * else waits for; it ends with the connection. */
static DexFuture *
receive (PairExchange *exchange)
{
  if (!exchange->receiving)
    {
      exchange->receiving = quic_future_receive (exchange->stream, PAIRING_FRAME_MAX);
      dex_future_disown (dex_ref (exchange->receiving));
    }
  return dex_ref (exchange->receiving);
}

/* What has come in, if anything. */
static void
take_received (PairExchange *exchange)
{
  if (!dex_future_is_resolved (exchange->receiving))
    return;
  g_autoptr (DexFuture) received = g_steal_pointer (&exchange->receiving);
  take_bytes (exchange, g_value_get_boxed (dex_future_get_value (received, NULL)));
}

/* Waits for whatever comes first: bytes, the person's answer, the end of the session, the deadline.
 * What the other side has said goes before the answer, which may be to somebody who has left. */
static void
await_news (PairExchange *exchange)
{
  int64_t now_us = g_get_monotonic_time ();
  int64_t latest_us = now_us + PAIRING_CODE_LIFETIME_US;
  int64_t deadline_us = MIN (pairing_get_deadline_us (exchange->pairing), latest_us);
  bool confirming = pairing_get_state (exchange->pairing) == PAIRING_STATE_CONFIRMING;
  g_autoptr (DexFuture) answer =
      confirming ? pairing_session_ask (exchange->session) : dex_future_new_infinite ();
  g_autoptr (GError) error = NULL;

  flow_await (dex_future_first (receive (exchange), dex_ref (answer),
                                exchange->ended ? dex_future_new_infinite ()
                                                : pairing_session_failure (exchange->session),
                                dex_timeout_new_deadline (deadline_us), NULL),
              &error);
  exchange->asked |= confirming;
  if (error)
    {
      interrupted (exchange, error);
      return;
    }
  take_received (exchange);
  if (dex_future_is_resolved (answer) && !is_over (exchange))
    pairing_confirm (exchange->pairing, g_value_get_boolean (dex_future_get_value (answer, NULL)),
                     g_get_monotonic_time (), exchange->out);
}

/* The two may be paired already, and this pairing may yet fail at the other end. */
static void
keep_earlier_root (PairExchange *exchange)
{
  const uint8_t *root = wherry_device_registry_get_root (
      exchange->self->registry, quic_connection_get_peer (exchange->connection));
  if (!root)
    return;
  exchange->earlier_root = secret_new (PAIRING_ROOT_LEN);
  memcpy (exchange->earlier_root, root, PAIRING_ROOT_LEN);
}

/* The other side has not stored us: back to what was. */
static void
forget (PairExchange *exchange)
{
  g_autoptr (GError) error = NULL;
  if (exchange->earlier_root)
    {
      g_autoptr (WherryDevice) device =
          pair_store_put (exchange->self->store, pairing_get_peer (exchange->pairing),
                          exchange->earlier_root, NULL, &error);
    }
  else
    pair_store_remove (exchange->self->store, quic_connection_get_peer (exchange->connection),
                       &error);
  if (error)
    g_warning ("a pairing that failed could not be taken back: %s", error->message);
}

static void
store (PairExchange *exchange)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInetSocketAddress) address =
      quic_connection_dup_remote_address (exchange->connection);
  keep_earlier_root (exchange);
  exchange->device = pair_store_put (exchange->self->store, pairing_get_peer (exchange->pairing),
                                     pairing_get_root (exchange->pairing), address, &error);

  peer_connections_close (exchange->self->connections,
                          quic_connection_get_peer (exchange->connection), QUIC_CODE_OK,
                          "paired anew");
  if (!exchange->device)
    {
      g_warning ("pairing could not be stored: %s", error->message);
      exchange->storage_message = g_strdup (error->message);
    }
  pairing_stored (exchange->pairing, exchange->device != NULL, g_get_monotonic_time (),
                  exchange->out);
}

static void
step (PairExchange *exchange)
{
  if (pairing_get_state (exchange->pairing) == PAIRING_STATE_STORING)
    store (exchange);
  else
    await_news (exchange);
}

static void
show (PairExchange *exchange)
{
  const DeviceInfo *peer = pairing_get_peer (exchange->pairing);
  switch (pairing_get_state (exchange->pairing))
    {
    case PAIRING_STATE_CONFIRMING:
    case PAIRING_STATE_AWAIT_COMPLETE:
    case PAIRING_STATE_STORING:
      pairing_session_set_peer_name (exchange->session, peer->name);
      break;
    case PAIRING_STATE_AWAIT_REQUEST:
    case PAIRING_STATE_AWAIT_CHALLENGE:
    case PAIRING_STATE_AWAIT_RESPONSE:
    case PAIRING_STATE_AWAIT_END:
    case PAIRING_STATE_DONE:
    case PAIRING_STATE_FAILED:
      break;
    default:
      g_assert_not_reached ();
    }
}

/* Whoever said the last word waits until the other side, having read it, closes: a CONNECTION_CLOSE
 * may overtake stream data. */
static void
say_goodbye (PairExchange *exchange, bool ours_is_last)
{
  g_autoptr (GError) error = NULL;
  flush (exchange);
  quic_stream_finish (exchange->stream);
  if (ours_is_last && !exchange->abandoned)
    flow_await (flow_within (quic_future_closed (exchange->connection), PAIR_GOODBYE_S), &error);
}

PairingReason
pair_exchange_run (PairExchange *exchange)
{
  Pairing *pairing = exchange->pairing;
  flush (exchange);
  while (!is_over (exchange))
    {
      step (exchange);
      show (exchange);
      if (!is_over (exchange))
        flush (exchange);
    }

  bool done = pairing_get_state (pairing) == PAIRING_STATE_DONE;
  PairingReason reason = done ? PAIRING_REASON_NONE : pairing_get_reason (pairing);
  if (exchange->asked)
    pairing_session_withdraw_question (exchange->session);
  if (pairing_must_forget (pairing))
    forget (exchange);
  say_goodbye (exchange,
               done ? pairing_get_role (pairing) == PAIRING_ROLE_JOINER : exchange->out->len > 0);
  quic_connection_close (exchange->connection,
                         reason == PAIRING_REASON_PROTOCOL ? QUIC_CODE_PROTOCOL : QUIC_CODE_OK,
                         pairing_reason_name (reason));
  return reason == PAIRING_REASON_UNREACHABLE && exchange->refusal ? exchange->refusal : reason;
}

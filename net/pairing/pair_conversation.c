/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pairing/pair_conversation.h"

#include <sodium.h>
#include <string.h>

#include "net/peer/sentences.h"

#define PAIR_SEND_S    10
#define PAIR_GOODBYE_S 2 /* for the last frame to arrive and be read */

void
pair_conversation_init (PairConversation *conversation, const PairSelf *self,
                        WherryPairingSession *session, QuicConnection *connection)
{
  *conversation = (PairConversation) { .self = self,
                                       .session = g_object_ref (session),
                                       .connection = quic_connection_ref (connection),
                                       .out = g_byte_array_new () };
  frame_reader_init_format (&conversation->in, &pairing_frame_format, PAIRING_PAYLOAD_MAX);
}

void
pair_conversation_clear (PairConversation *conversation)
{
  g_clear_pointer (&conversation->pairing, pairing_free);
  dex_clear (&conversation->receiving);
  g_clear_pointer (&conversation->stream, quic_stream_unref);
  g_clear_pointer (&conversation->connection, quic_connection_unref);
  frame_reader_clear (&conversation->in);
  g_clear_pointer (&conversation->out, g_byte_array_unref);
  g_clear_pointer (&conversation->storage_message, g_free);
  g_clear_pointer (&conversation->earlier_root, sodium_free);
  g_clear_object (&conversation->device);
  g_clear_object (&conversation->session);
}

void
pair_conversation_channel (const PairConversation *conversation, PairingChannel *channel)
{
  *channel = (PairingChannel) { .identity = conversation->self->identity,
                                .info = conversation->self->info,
                                .peer = *quic_connection_get_peer (conversation->connection) };
  G_STATIC_ASSERT (QUIC_EXPORTER_LEN == SESSION_EXPORTER_LEN);
  memcpy (channel->exporter, quic_connection_get_exporter (conversation->connection),
          SESSION_EXPORTER_LEN);
}

static bool
is_over (const PairConversation *conversation)
{
  PairingState state = pairing_get_state (conversation->pairing);
  return state == PAIRING_STATE_DONE || state == PAIRING_STATE_FAILED;
}

static void
flush (PairConversation *conversation)
{
  if (conversation->out->len == 0 || conversation->abandoned)
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (conversation->out);
  conversation->out = g_byte_array_new ();
  if (!flow_await (flow_within (quic_future_send (conversation->stream, bytes), PAIR_SEND_S),
                   &error))
    {
      conversation->abandoned = flow_was_cancelled (error);
      pairing_receive_end (conversation->pairing, false);
    }
}

static void
take_bytes (PairConversation *conversation, GBytes *bytes)
{
  FrameReader *in = &conversation->in;
  if (g_bytes_get_size (bytes) == 0)
    {
      pairing_receive_end (conversation->pairing, frame_reader_end (in, NULL));
      return;
    }
  frame_reader_feed (in, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  FrameStatus status = FRAME_READY;
  while (!is_over (conversation) && status == FRAME_READY)
    {
      const uint8_t *frame = NULL; /* no frame at all is what a bad header makes */
      size_t len = 0;
      status = frame_reader_next (in, &frame, &len, NULL);
      if (status != FRAME_MORE)
        pairing_receive (conversation->pairing, frame, len, conversation->self->now_us (),
                         conversation->out);
    }
}

PairingReason
pair_conversation_learn_refusal (PairConversation *conversation)
{
  g_autoptr (GError) error = NULL;
  flow_await (flow_within (quic_future_closed (conversation->connection), PAIR_GOODBYE_S), &error);
  conversation->abandoned = flow_was_cancelled (error);
  if (g_error_matches (error, QUIC_CLOSE_ERROR, QUIC_CODE_NO_CODE))
    return PAIRING_REASON_NO_CODE;
  if (g_error_matches (error, QUIC_CLOSE_ERROR, QUIC_CODE_LIMIT))
    return PAIRING_REASON_TOO_MANY_ATTEMPTS;
  return PAIRING_REASON_UNREACHABLE;
}

static void
interrupted (PairConversation *conversation, const GError *error)
{
  int64_t now_us = conversation->self->now_us ();
  if (flow_timed_out (error) ||
      g_error_matches (error, PAIRING_SESSION_ERROR, PAIRING_REASON_EXPIRED))
    pairing_tick (conversation->pairing, now_us, conversation->out);
  else if (error->domain == PAIRING_SESSION_ERROR)
    {
      /* Too late for it once our Complete is out: then the conversation goes on. */
      conversation->ended = true;
      pairing_cancel (conversation->pairing, conversation->out);
    }
  else
    {
      conversation->abandoned = flow_was_cancelled (error);
      if (!conversation->abandoned)
        conversation->refusal = pair_conversation_learn_refusal (conversation);
      pairing_receive_end (conversation->pairing, false);
    }
}

/* The receive that is under way. It outlives the waits that something else ends: bytes that it has
 * taken from the stream would be lost with it. Disowned, because to lose a race cancels what nobody
 * else waits for; it ends with the connection. */
static DexFuture *
receive (PairConversation *conversation)
{
  if (!conversation->receiving)
    {
      conversation->receiving = quic_future_receive (conversation->stream, PAIRING_FRAME_MAX);
      dex_future_disown (dex_ref (conversation->receiving));
    }
  return dex_ref (conversation->receiving);
}

/* What has come in, if anything. */
static void
take_received (PairConversation *conversation)
{
  if (!dex_future_is_resolved (conversation->receiving))
    return;
  g_autoptr (DexFuture) received = g_steal_pointer (&conversation->receiving);
  take_bytes (conversation, g_value_get_boxed (dex_future_get_value (received, NULL)));
}

/* Waits for whatever comes first: bytes, the person's answer, the end of the session, the deadline.
 * What the other side has said goes before the answer, which may be to somebody who has left. */
static void
await_news (PairConversation *conversation)
{
  int64_t now_us = conversation->self->now_us ();
  int64_t latest_us = now_us + PAIRING_CODE_LIFETIME_US;
  int64_t deadline_us = MIN (pairing_get_deadline_us (conversation->pairing), latest_us);
  bool confirming = pairing_get_state (conversation->pairing) == PAIRING_STATE_CONFIRMING;
  g_autoptr (DexFuture) answer =
      confirming ? pairing_session_ask (conversation->session) : dex_future_new_infinite ();
  g_autoptr (GError) error = NULL;

  flow_await (dex_future_first (
                  receive (conversation), dex_ref (answer),
                  conversation->ended ? dex_future_new_infinite ()
                                      : pairing_session_failure (conversation->session),
                  dex_timeout_new_deadline (g_get_monotonic_time () + deadline_us - now_us), NULL),
              &error);
  conversation->asked |= confirming;
  if (error)
    {
      interrupted (conversation, error);
      return;
    }
  take_received (conversation);
  if (dex_future_is_resolved (answer) && !is_over (conversation))
    pairing_confirm (conversation->pairing,
                     g_value_get_boolean (dex_future_get_value (answer, NULL)),
                     conversation->self->now_us (), conversation->out);
}

/* The other side has not stored us: back to what was. */
static void
take_back (PairConversation *conversation)
{
  g_autoptr (GError) error = NULL;
  if (!pair_store_take_back (conversation->self->store, pairing_get_peer (conversation->pairing),
                             conversation->earlier_root, &error))
    g_warning ("a pairing that failed could not be taken back: %s", error->message);
}

static void
store (PairConversation *conversation)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInetSocketAddress) address =
      quic_connection_dup_remote_address (conversation->connection);
  conversation->device = pair_store_put (
      conversation->self->store, pairing_get_peer (conversation->pairing),
      pairing_get_root (conversation->pairing), address, &conversation->earlier_root, &error);
  pool_close (conversation->self->pool, quic_connection_get_peer (conversation->connection),
              QUIC_CODE_OK, "paired anew");
  if (!conversation->device)
    {
      g_warning ("pairing could not be stored: %s", error->message);
      conversation->storage_message = sentence_for_error (error);
    }
  pairing_stored (conversation->pairing, conversation->device != NULL,
                  conversation->self->now_us (), conversation->out);
}

static void
step (PairConversation *conversation)
{
  if (pairing_get_state (conversation->pairing) == PAIRING_STATE_STORING)
    store (conversation);
  else
    await_news (conversation);
}

static void
show (PairConversation *conversation)
{
  const DeviceInfo *peer = pairing_get_peer (conversation->pairing);
  switch (pairing_get_state (conversation->pairing))
    {
    case PAIRING_STATE_CONFIRMING:
    case PAIRING_STATE_AWAIT_COMPLETE:
    case PAIRING_STATE_STORING:
      pairing_session_set_peer_name (conversation->session, peer->name);
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
say_goodbye (PairConversation *conversation, bool ours_is_last)
{
  g_autoptr (GError) error = NULL;
  flush (conversation);
  quic_stream_finish (conversation->stream);
  if (ours_is_last && !conversation->abandoned)
    flow_await (flow_within (quic_future_closed (conversation->connection), PAIR_GOODBYE_S),
                &error);
}

PairingReason
pair_conversation_run (PairConversation *conversation)
{
  Pairing *pairing = conversation->pairing;
  flush (conversation);
  while (!is_over (conversation))
    {
      step (conversation);
      show (conversation);
      if (!is_over (conversation))
        flush (conversation);
    }

  bool done = pairing_get_state (pairing) == PAIRING_STATE_DONE;
  PairingReason reason = done ? PAIRING_REASON_NONE : pairing_get_reason (pairing);
  if (conversation->asked)
    pairing_session_withdraw_question (conversation->session);
  if (pairing_must_forget (pairing))
    take_back (conversation);
  say_goodbye (conversation, done ? pairing_get_role (pairing) == PAIRING_ROLE_JOINER
                                  : conversation->out->len > 0);
  quic_connection_close (conversation->connection,
                         reason == PAIRING_REASON_PROTOCOL ? QUIC_CODE_PROTOCOL : QUIC_CODE_OK,
                         pairing_reason_name (reason));
  return reason == PAIRING_REASON_UNREACHABLE && conversation->refusal ? conversation->refusal
                                                                       : reason;
}

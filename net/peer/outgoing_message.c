/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "net/async/quic_future.h"
#include "net/peer/message_stream.h"
#include "net/peer/messages_private.h"

/* What somebody asked us to say to a peer. */
typedef struct
{
  Messages *messages;
  NodeId id;
  Message message; /* (owned) critical ones */
  int64_t deadline_us;
} OutgoingMessage;

static void
outgoing_message_free (gpointer data)
{
  OutgoingMessage *outgoing = data;
  message_clear (&outgoing->message);
  g_free (outgoing);
}

/* One try: true when it was acknowledged. */
static bool
deliver (OutgoingMessage *outgoing, DexFuture *acknowledged, GError **error)
{
  Messages *self = outgoing->messages;
  g_autoptr (SecureConnection) peer =
      flow_await_boxed (pool_share (self->pool, &outgoing->id, MESSAGES_ALPN, NULL), error);
  int64_t left_ms = (outgoing->deadline_us - g_get_monotonic_time ()) / 1000;
  return peer && message_stream_send (peer, &outgoing->message, false, error) &&
         flow_await (flow_within_ms (dex_future_first (dex_ref (acknowledged),
                                                       quic_future_closed (peer->connection), NULL),
                                     (int) CLAMP (left_ms, 1, MESSAGES_PONG_S * 1000)),
                     error);
}

/* Waits before the next try; false when there shall be none. Jitter keeps two devices that lost
 * each other from trying in step. */
static bool
wait_to_retry (OutgoingMessage *outgoing, int64_t wait_ms, GError **error)
{
  if (flow_was_cancelled (*error) || g_error_matches (*error, QUIC_ERROR, QUIC_ERROR_NOT_PAIRED))
    return false;
  int64_t jitter_ms = g_random_int_range (0, (gint32) wait_ms / 4);
  int64_t next_us = g_get_monotonic_time () + (wait_ms + jitter_ms) * 1000;
  if (next_us >= outgoing->deadline_us)
    return false;
  g_clear_error (error);
  flow_await (dex_timeout_new_deadline (next_us), error);
  return flow_timed_out (*error);
}

static DexFuture *
critical_fiber (gpointer user_data)
{
  OutgoingMessage *outgoing = user_data;
  g_autoptr (GError) error = NULL;
  ExpectedAnswer expected;
  bool delivered = false;
  expected_answer_begin (outgoing->messages, &expected, &outgoing->id, &outgoing->message.id,
                         MESSAGE_ACK);
  for (int64_t wait_ms = MESSAGES_FIRST_WAIT_MS;; wait_ms *= 2)
    {
      g_clear_error (&error);
      delivered = deliver (outgoing, DEX_FUTURE (expected.promise), &error);
      if (delivered || !wait_to_retry (outgoing, wait_ms, &error))
        break;
    }
  expected_answer_end (outgoing->messages, &expected);
  if (delivered)
    return dex_future_new_true ();
  if (flow_timed_out (error))
    {
      WherryDevice *device =
          wherry_device_registry_lookup (outgoing->messages->registry, &outgoing->id);
      g_clear_error (&error);
      g_set_error (&error, QUIC_ERROR, QUIC_ERROR_UNREACHABLE,
                   _ ("%s did not take the message. Try again later."),
                   device ? wherry_device_get_name (device) : _ ("The other device"));
    }
  return dex_future_new_for_error (g_steal_pointer (&error));
}

DexFuture *
messages_send_critical (Messages *self, const NodeId *id, MessageType type, const char *text,
                        int seconds)
{
  g_return_val_if_fail (message_type_is_critical (type), NULL);
  OutgoingMessage *outgoing = g_new0 (OutgoingMessage, 1);
  outgoing->messages = self;
  outgoing->id = *id;
  outgoing->deadline_us = g_get_monotonic_time () + seconds * (int64_t) G_USEC_PER_SEC;
  message_init (&outgoing->message, type);
  if (type == MESSAGE_TEXT_SHARE)
    outgoing->message.text = g_strdup (text);
  return flow_set_start (self->flows, "critical message", critical_fiber, outgoing,
                         outgoing_message_free);
}

void
outgoing_message_install (Messages *self)
{
  messages_handle (self, &(MessageHandler) {
                             .type = MESSAGE_ACK, .take = message_answered_cb, .user_data = self });
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/async/quic_future.h"
#include "net/peer/message_stream.h"
#include "net/peer/messages_private.h"

static bool
take_ping_cb (SecureConnection *peer, const Message *message, gpointer user_data, GError **error)
{
  return messages_reply (peer, message, MESSAGE_PONG, error);
}

int64_t
messages_ping_over (Messages *self, SecureConnection *peer, GError **error)
{
  const NodeId *id = quic_connection_get_peer (peer->connection);
  g_auto (Message) message = { 0 };
  int64_t sent_us = g_get_monotonic_time ();
  message_init (&message, MESSAGE_PING);
  ExpectedAnswer expected;
  expected_answer_begin (self, &expected, id, &message.id, MESSAGE_PONG);
  bool answered_in_time =
      message_stream_send (peer, &message, false, error) &&
      flow_await (flow_within (dex_future_first (dex_ref (expected.promise),
                                                 quic_future_closed (peer->connection), NULL),
                               MESSAGES_PONG_S),
                  error);
  expected_answer_end (self, &expected);
  if (!answered_in_time)
    return -1;
  int64_t rtt_us = g_get_monotonic_time () - sent_us;
  wherry_device_registry_measured (self->registry, id, rtt_us);
  return rtt_us;
}

/* A Ping that somebody wants. */
typedef struct
{
  Messages *messages;
  NodeId id;
  GPtrArray *first; /* (owned) (nullable) (element-type GInetSocketAddress) */
} OutgoingPing;

static void
outgoing_ping_free (gpointer data)
{
  OutgoingPing *outgoing = data;
  g_clear_pointer (&outgoing->first, g_ptr_array_unref);
  g_free (outgoing);
}

static DexFuture *
ping_fiber (gpointer user_data)
{
  OutgoingPing *outgoing = user_data;
  Messages *self = outgoing->messages;
  g_autoptr (GError) error = NULL;
  g_autoptr (SecureConnection) peer = flow_await_boxed (
      pool_share (self->pool, &outgoing->id, MESSAGES_ALPN, outgoing->first), &error);
  if (!peer)
    return dex_future_new_for_error (g_steal_pointer (&error));
  int64_t rtt_us = messages_ping_over (self, peer, &error);
  if (rtt_us >= 0)
    return dex_future_new_for_int64 (rtt_us);
  if (flow_timed_out (error))
    quic_connection_close (peer->connection, QUIC_CODE_OK, "no answer to a ping");
  return dex_future_new_for_error (pool_explain (self->pool, peer, g_steal_pointer (&error)));
}

DexFuture *
messages_ping (Messages *self, const NodeId *id, GPtrArray *first)
{
  OutgoingPing *outgoing = g_new0 (OutgoingPing, 1);
  outgoing->messages = self;
  outgoing->id = *id;
  outgoing->first = first ? g_ptr_array_ref (first) : NULL;
  return flow_set_start (self->flows, "ping", ping_fiber, outgoing, outgoing_ping_free);
}

void
message_ping_install (Messages *self)
{
  messages_handle (self, &(MessageHandler) { .type = MESSAGE_PING, .take = take_ping_cb });
  messages_handle (
      self,
      &(MessageHandler) { .type = MESSAGE_PONG, .take = message_answered_cb, .user_data = self });
}

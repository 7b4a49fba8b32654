/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/messages_private.h"

#include "net/peer/message_stream.h"

void
messages_handle (Messages *self, const MessageHandler *handler)
{
  self->handlers[handler->type] = *handler;
}

const MessageCounts *
messages_get_counts (const Messages *self)
{
  return &self->counts;
}

bool
messages_reply (SecureConnection *peer, const Message *message, MessageType type, GError **error)
{
  g_auto (Message) answer = { 0 };
  message_init_reply (&answer, type, &message->id);
  return message_stream_send (peer, &answer, false, error);
}

void
expected_answer_begin (Messages *self, ExpectedAnswer *expected, const NodeId *peer,
                       const MessageId *id, MessageType type)
{
  *expected =
      (ExpectedAnswer) { .id = *id, .peer = *peer, .type = type, .promise = dex_promise_new () };
  g_hash_table_insert (self->expected, &expected->id, expected);
}

void
expected_answer_end (Messages *self, ExpectedAnswer *expected)
{
  g_hash_table_remove (self->expected, &expected->id);
  dex_clear (&expected->promise);
}

bool
message_answered_cb (SecureConnection *peer, const Message *message, gpointer user_data,
                     GError **error)
{
  Messages *self = user_data;
  const NodeId *from = quic_connection_get_peer (peer->connection);
  ExpectedAnswer *expected = g_hash_table_lookup (self->expected, &message->id);
  if (expected && expected->type == message->type && node_id_equal (&expected->peer, from) &&
      dex_future_is_pending (DEX_FUTURE (expected->promise)))
    dex_promise_resolve_boolean (expected->promise, TRUE);
  return true;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/messages_private.h"

#include "net/peer/message_stream.h"

/* Those that are no longer paired go when one comes, so there are never more than paired
 * devices. */
static gboolean
is_forgotten_cb (gpointer id, gpointer peer, gpointer user_data)
{
  Messages *self = user_data;
  return !wherry_device_registry_get_root (self->registry, id);
}

static MessagePeer *
peer_of (Messages *self, const NodeId *id)
{
  MessagePeer *peer = g_hash_table_lookup (self->peers, id);
  if (peer)
    return peer;
  g_hash_table_foreach_remove (self->peers, is_forgotten_cb, self);
  peer = message_peer_new ();
  g_hash_table_insert (self->peers, g_memdup2 (id, sizeof *id), peer);
  return peer;
}

void
messages_forget (Messages *self, const NodeId *id)
{
  g_hash_table_remove (self->peers, id);
}

static bool
reply (SecureConnection *peer, const Message *message, MessageType type, GError **error)
{
  g_auto (Message) answer = { 0 };
  message_init_reply (&answer, type, &message->id);
  return message_stream_send (peer, &answer, false, error);
}

/* A critical message is acknowledged only once it was taken, and taken once. */
static bool
take_text (Messages *self, SecureConnection *peer, MessagePeer *device, const Message *message,
           GError **error)
{
  if (!message_peer_has_seen (device, &message->id))
    {
      if (!self->handlers.text_shared (quic_connection_get_peer (peer->connection), message->text,
                                       self->handlers.user_data))
        return true;
      message_peer_saw (device, &message->id);
    }
  return reply (peer, message, MESSAGE_ACK, error);
}

/* The Ack need not arrive: whoever sends this has forgotten us, and what it dials next is
 * refused. */
static bool
take_unpaired (Messages *self, SecureConnection *peer, const Message *message, GError **error)
{
  NodeId id = *quic_connection_get_peer (peer->connection);
  if (!self->handlers.unpaired (&id, self->handlers.user_data))
    return true;
  bool replied = reply (peer, message, MESSAGE_ACK, error);
  /* While it was forgotten it may have been paired anew. */
  if (!wherry_device_registry_get_root (self->registry, &id))
    pool_close (self->pool, &id, QUIC_CODE_OK, "unpaired");
  return replied;
}

/* A MessageTakeFunc. */
static bool
take (Messages *self, SecureConnection *peer, MessagePeer *device, const Message *message,
      GError **error)
{
  switch (message->type)
    {
    case MESSAGE_PING:
      return reply (peer, message, MESSAGE_PONG, error);
    case MESSAGE_PONG:
    case MESSAGE_ACK:
      message_answered (self, quic_connection_get_peer (peer->connection), message);
      return true;
    case MESSAGE_TEXT_SHARE:
      if (self->handlers.text_shared)
        return take_text (self, peer, device, message, error);
      g_set_error_literal (error, MESSAGE_ERROR, MESSAGE_ERROR_UNKNOWN_TYPE,
                           "there is no place for texts");
      return false;
    case MESSAGE_UNPAIRED:
      return take_unpaired (self, peer, message, error);
    default:
      g_return_val_if_reached (false);
    }
}

static void
opened_cb (SecureConnection *peer, gpointer user_data)
{
  Messages *self = user_data;
  message_connection_start (self, peer, peer_of (self, quic_connection_get_peer (peer->connection)),
                            take);
}

Messages *
messages_new (Pool *pool, WherryDeviceRegistry *registry, FlowSet *flows,
              const MessageHandlers *handlers)
{
  Messages *self = g_new0 (Messages, 1);
  self->pool = pool;
  self->registry = registry;
  self->flows = flows;
  self->handlers = *handlers;
  self->expected = g_hash_table_new (message_id_hash, message_id_equal_cb);
  self->peers = g_hash_table_new_full (node_id_hash, node_id_equal_cb, g_free,
                                       (GDestroyNotify) message_peer_unref);
  pool_serve (pool, MESSAGES_ALPN, opened_cb, self);
  return self;
}

void
messages_free (Messages *self)
{
  g_hash_table_unref (self->expected);
  g_hash_table_unref (self->peers);
  g_free (self);
}

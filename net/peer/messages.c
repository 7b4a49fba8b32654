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

/* It is acknowledged only once it was taken, and taken once. That the Ack cannot be said is no
 * matter of the handler: the message comes again. */
static bool
take_once (Messages *self, SecureConnection *peer, MessagePeer *device, const Message *message,
           GError **error)
{
  const MessageHandler *handler = &self->handlers[message->type];
  const NodeId from = *quic_connection_get_peer (peer->connection);
  bool repeated = message_peer_has_seen (device, &message->id);
  self->counts.repeated += repeated;
  if (!repeated)
    {
      if (!handler->take (peer, message, handler->user_data, error))
        return false;
      message_peer_saw (device, &message->id);
    }
  bool replied = messages_reply (peer, message, MESSAGE_ACK, error);
  if (!repeated && handler->taken)
    handler->taken (&from, message, handler->user_data);
  return replied;
}

/* One after the other, as they arrived: a repetition waits until the first is taken or refused. */
static bool
take_critical (Messages *self, SecureConnection *peer, MessagePeer *device, const Message *message,
               GError **error)
{
  DexPromise *ended = dex_promise_new ();
  DexFuture *before = message_peer_queue (device, DEX_FUTURE (ended));
  bool taken = flow_await (before, error) && take_once (self, peer, device, message, error);
  dex_promise_resolve_boolean (ended, TRUE);
  dex_unref (ended);
  return taken;
}

/* A MessageTakeFunc. */
static bool
take (Messages *self, SecureConnection *peer, MessagePeer *device, const Message *message,
      GError **error)
{
  const MessageHandler *handler = &self->handlers[message->type];
  if (!handler->take)
    {
      g_set_error (error, MESSAGE_ERROR, MESSAGE_ERROR_UNKNOWN_TYPE,
                   "there is nobody for the type “%s”", message_type_name (message->type));
      return false;
    }
  if (message_type_is_critical (message->type))
    return take_critical (self, peer, device, message, error);
  return handler->take (peer, message, handler->user_data, error);
}

static void
opened_cb (SecureConnection *peer, gpointer user_data)
{
  Messages *self = user_data;
  message_connection_start (self, peer, peer_of (self, quic_connection_get_peer (peer->connection)),
                            take);
  message_introduction_start (self, peer);
}

Messages *
messages_new (Pool *pool, WherryDeviceRegistry *registry, FlowSet *flows, const DeviceInfo *device)
{
  Messages *self = g_new0 (Messages, 1);
  self->pool = pool;
  self->registry = registry;
  self->flows = flows;
  self->device = device;
  self->connections = g_ptr_array_new ();
  self->expected = g_hash_table_new (message_id_hash, message_id_equal_cb);
  self->peers = g_hash_table_new_full (node_id_hash, node_id_equal_cb, g_free,
                                       (GDestroyNotify) message_peer_unref);
  message_ping_install (self);
  message_introduction_install (self);
  outgoing_message_install (self);
  pool_serve (pool, MESSAGES_ALPN, opened_cb, self);
  return self;
}

void
messages_free (Messages *self)
{
  g_hash_table_unref (self->expected);
  g_hash_table_unref (self->peers);
  g_ptr_array_unref (self->connections);
  g_free (self);
}

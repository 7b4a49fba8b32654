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
  message_seen_forget (self, id);
  outbox_forget (self, id);
}

/* A device that was forgotten meanwhile, by the message itself, has nothing to remember. */
static bool
remember (Messages *self, const NodeId *from, MessagePeer *device, const Message *message,
          GError **error)
{
  return !wherry_device_registry_get_root (self->registry, from) ||
         message_seen_add (self, from, device, &message->id, error);
}

/* It is acknowledged only once it was taken, and taken once. That the Ack cannot be said is no
 * matter of the handler: the message comes again. */
static bool
take_once (Messages *self, SecureConnection *peer, MessagePeer *device, const Message *message,
           GError **error)
{
  const MessageHandler *handler = &self->handlers[message->type];
  const NodeId from = *quic_connection_get_peer (peer->connection);
  const SeenIds *seen = message_seen_get (self, &from, device, error);
  if (!seen)
    return false;
  bool repeated = seen_ids_has (seen, &message->id);
  self->counts.repeated += repeated;
  if (!repeated && (!handler->take (peer, message, handler->user_data, error) ||
                    !remember (self, &from, device, message, error)))
    return false;
  bool replied = messages_reply (peer, message, MESSAGE_ACK, error);
  if (!repeated && handler->taken)
    handler->taken (&from, message, handler->user_data);
  return replied;
}

static DexFuture *
end_cb (DexFuture *before, gpointer ended)
{
  dex_promise_resolve_boolean (ended, TRUE);
  return dex_future_new_true ();
}

/* One after the other, as they arrived: a repetition waits until the first is taken or refused. Who
 * gives up waiting has not ended before the one in front of it. */
static bool
take_critical (Messages *self, SecureConnection *peer, MessagePeer *device, const Message *message,
               GError **error)
{
  DexPromise *ended = dex_promise_new ();
  DexFuture *before = message_peer_queue (device, DEX_FUTURE (ended));
  if (!flow_await (dex_ref (before), error))
    {
      dex_future_disown (dex_future_finally (before, end_cb, ended, dex_unref));
      return false;
    }
  bool taken = take_once (self, peer, device, message, error);
  dex_promise_resolve_boolean (ended, TRUE);
  dex_unref (ended);
  dex_unref (before);
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

/* A message of an earlier run. */
typedef struct
{
  Messages *messages;
  MessagePeer *device; /* (owned) */
  NodeId from;
  MessageId id;
  DexFuture *before; /* (owned) */
  DexPromise *ended; /* (owned) */
} Took;

static void
took_free (gpointer data)
{
  Took *took = data;
  if (dex_future_is_pending (DEX_FUTURE (took->ended)))
    dex_promise_resolve_boolean (took->ended, TRUE);
  message_peer_unref (took->device);
  dex_clear (&took->before);
  dex_clear (&took->ended);
  g_free (took);
}

static DexFuture *
took_fiber (gpointer user_data)
{
  Took *took = user_data;
  GError *error = NULL;
  const SeenIds *seen = NULL;
  if (flow_await (g_steal_pointer (&took->before), &error) &&
      (seen = message_seen_get (took->messages, &took->from, took->device, &error)) &&
      (seen_ids_has (seen, &took->id) ||
       message_seen_add (took->messages, &took->from, took->device, &took->id, &error)))
    return dex_future_new_true ();
  return dex_future_new_for_error (error);
}

void
messages_took (Messages *self, const NodeId *from, const MessageId *message)
{
  Took *took = g_new (Took, 1);
  *took = (Took) { self,  message_peer_ref (peer_of (self, from)),
                   *from, *message,
                   NULL,  dex_promise_new () };
  took->before = message_peer_queue (took->device, DEX_FUTURE (took->ended));
  dex_future_disown (flow_set_start (self->flows, "took", took_fiber, took, took_free));
}

static void
opened_cb (SecureConnection *peer, gpointer user_data)
{
  Messages *self = user_data;
  message_connection_start (self, peer, peer_of (self, quic_connection_get_peer (peer->connection)),
                            take);
  message_introduction_start (self, peer);
  messages_wake (self, quic_connection_get_peer (peer->connection));
}

Messages *
messages_new (Pool *pool, WherryDeviceRegistry *registry, FlowSet *flows, const DeviceInfo *device,
              const DataDir *dir, Mailbox *outbox)
{
  Messages *self = g_new0 (Messages, 1);
  self->pool = pool;
  self->registry = registry;
  self->flows = flows;
  self->device = device;
  self->dir = dir;
  self->outbox = outbox;
  self->connections = g_ptr_array_new ();
  self->expected = g_hash_table_new (message_id_hash, message_id_equal_cb);
  self->peers = g_hash_table_new_full (node_id_hash, node_id_equal_cb, g_free,
                                       (GDestroyNotify) message_peer_unref);
  message_ping_install (self);
  message_introduction_install (self);
  pool_serve (pool, MESSAGES_ALPN, opened_cb, self);
  outbox_install (self);
  return self;
}

void
messages_free (Messages *self)
{
  outbox_free (self);
  g_hash_table_unref (self->expected);
  g_hash_table_unref (self->peers);
  g_ptr_array_unref (self->connections);
  g_free (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/node_private.h"

#include "net/peer/connect.h"
#include "net/peer/sentences.h"

/* For reaching a device that was unpaired, to tell it; an absent one learns it when it is
 * refused. */
#define NODE_TELL_UNPAIRED_S 3

/* What a fiber here works on. */
typedef struct
{
  WherryNode *node; /* (owned) */
  NodeId id;
  GPtrArray *addresses; /* (owned) (nullable) (element-type GInetSocketAddress) to tell it */
} Unpairing;

static Unpairing *
unpairing_new (WherryNode *node, const NodeId *id, GPtrArray *addresses)
{
  Unpairing *unpairing = g_new (Unpairing, 1);
  *unpairing = (Unpairing) { g_object_ref (node), *id, addresses };
  return unpairing;
}

static void
unpairing_free (gpointer data)
{
  Unpairing *unpairing = data;
  g_object_unref (unpairing->node);
  g_clear_pointer (&unpairing->addresses, g_ptr_array_unref);
  g_free (unpairing);
}

/* On a fiber: it counts from the first moment on; true when it is stored too. */
static bool
forget (WherryNode *self, const NodeId *from, GError **error)
{
  g_autofree char *id = node_id_to_short (from);
  g_autoptr (GError) local = NULL;
  WherryDevice *device = wherry_device_registry_lookup (self->registry, from);
  if (device && wherry_device_get_paired (device))
    g_signal_emit_by_name (self, "unpaired-by", device);
  messages_forget (self->messages, from);
  policy_table_reset (self->policies, from);
  if (!pair_store_remove (self->pairings, from, &local))
    {
      if (log_limit_admit (&self->unforgotten, from, g_get_monotonic_time ()))
        g_warning ("%s has unpaired this device, but cannot be forgotten: %s", id, local->message);
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  g_message ("%s has unpaired this device", id);
  return true;
}

static bool
take_unpaired_cb (SecureConnection *peer, const Message *message, gpointer user_data,
                  GError **error)
{
  const NodeId from = *quic_connection_get_peer (peer->connection);
  return forget (user_data, &from, error);
}

/* While it was forgotten it may have been paired anew. The Ack need not arrive: whoever sends this
 * has forgotten us, and what it dials next is refused. */
static void
unpaired_cb (const NodeId *from, const Message *message, gpointer user_data)
{
  WherryNode *self = user_data;
  if (!wherry_device_registry_get_root (self->registry, from))
    pool_close (self->pool, from, QUIC_CODE_OK, "unpaired");
}

void
node_handle_unpaired (WherryNode *self)
{
  messages_handle (self->messages, &(MessageHandler) { .type = MESSAGE_UNPAIRED,
                                                       .take = take_unpaired_cb,
                                                       .taken = unpaired_cb,
                                                       .user_data = self });
}

static DexFuture *
forget_fiber (gpointer user_data)
{
  Unpairing *unpairing = user_data;
  WherryNode *self = unpairing->node;
  /* Several connections may be closed for it: the first has begun. */
  if (!wherry_device_registry_get_root (self->registry, &unpairing->id))
    return dex_future_new_true ();
  forget (self, &unpairing->id, NULL);
  /* While the disk forgot it may have been paired anew. */
  if (!wherry_device_registry_get_root (self->registry, &unpairing->id))
    pool_close (self->pool, &unpairing->id, QUIC_CODE_OK, "unpaired");
  return dex_future_new_true ();
}

void
node_closed_unpaired_cb (const NodeId *from, gpointer user_data)
{
  WherryNode *self = user_data;
  dex_future_disown (flow_set_start (self->flows, "forget", forget_fiber,
                                     unpairing_new (self, from, NULL), unpairing_free));
}

/* The close code says all; the keys of the pairing are gone. */
static DexFuture *
tell_unpaired_fiber (gpointer user_data)
{
  Unpairing *unpairing = user_data;
  WherryNode *self = unpairing->node;
  g_autoptr (GError) error = NULL;
  g_autoptr (QuicConnection) connection = flow_await_boxed (
      flow_within (connect_race (self->endpoint, self->goodbye_flows, &unpairing->id, NULL,
                                 MESSAGES_ALPN, unpairing->addresses),
                   NODE_TELL_UNPAIRED_S),
      &error);
  if (!connection)
    return dex_future_new_for_error (g_steal_pointer (&error));
  bool paired_anew = wherry_device_registry_get_root (self->registry, &unpairing->id);
  quic_connection_close (connection, paired_anew ? QUIC_CODE_OK : QUIC_CODE_UNPAIRED, "unpaired");
  return dex_future_new_true ();
}

static DexFuture *
unpair_fiber (gpointer user_data)
{
  Unpairing *unpairing = user_data;
  GError *error = NULL;
  if (!pair_store_remove (unpairing->node->pairings, &unpairing->id, &error))
    {
      g_info ("%s", error->message);
      error_take_sentence (error);
      return dex_future_new_for_error (error);
    }
  return dex_future_new_true ();
}

DexFuture *
node_unpair (WherryNode *self, WherryDevice *device)
{
  NodeId id = *wherry_device_get_node_id (device);
  g_autoptr (GPtrArray) addresses = wherry_device_list_addresses (device);
  bool paired = wherry_device_registry_get_root (self->registry, &id);
  pair_store_forget (self->pairings, &id);
  messages_forget (self->messages, &id);
  policy_table_reset (self->policies, &id);
  pool_close (self->pool, &id, QUIC_CODE_UNPAIRED, "unpaired");
  /* Dialled even when there was a connection to close: a close is not acknowledged, and a peer that
   * closed the connection itself at the same moment does not hear ours. */
  if (paired)
    dex_future_disown (flow_set_start (self->goodbye_flows, "farewell", tell_unpaired_fiber,
                                       unpairing_new (self, &id, g_steal_pointer (&addresses)),
                                       unpairing_free));
  return flow_set_start (self->flows, "unpair", unpair_fiber, unpairing_new (self, &id, NULL),
                         unpairing_free);
}

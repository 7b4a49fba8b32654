/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/node_private.h"

#include "net/async/worker.h"

/* For whoever is told that we leave: cancelled transfers and pairings. */
#define NODE_GOODBYE_S 3

typedef enum
{
  PROP_NAME = 1,
  PROP_VISIBLE,
  PROP_DISCOVERY_STATE,
} WherryNodeProperty;

static void client_iface_init (WherryClientInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WherryNode, wherry_node, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (WHERRY_TYPE_CLIENT, client_iface_init))

static bool
flush_state (gpointer writer, GError **error)
{
  return state_writer_flush (writer, error);
}

static void
cancel_transfers (WherryNode *self)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->transfers)); i++)
    {
      g_autoptr (WherryTransfer) transfer =
          g_list_model_get_item (G_LIST_MODEL (self->transfers), i);
      if (!transfer_state_is_final (wherry_transfer_get_state (transfer)))
        wherry_transfer_cancel (transfer);
    }
}

static DexFuture *
close_fiber (gpointer user_data)
{
  WherryNode *self = user_data;
  g_clear_pointer (&self->reconnector, reconnector_free);
  if (self->discovery)
    wherry_discovery_stop (self->discovery);
  if (pair_host_get_session (self->host))
    wherry_pairing_session_cancel (pair_host_get_session (self->host));
  if (self->joining)
    wherry_pairing_session_cancel (self->joining);
  cancel_transfers (self);
  flow_await (flow_within (flow_set_idle (self->goodbye_flows), NODE_GOODBYE_S), NULL);
  /* What is left of transfers ends with its connection, which the other set owns. */
  DexFuture *goodbyes = flow_set_close (self->goodbye_flows);
  flow_await (dex_future_all (goodbyes, flow_set_close (self->flows), NULL), NULL);
  g_clear_pointer (&self->endpoint, quic_endpoint_close);
  /* What fails is tried, and told, once more when the state is freed. */
  flow_await_regardless (
      worker_start ("state", flush_state, network_state_get_writer (self->state)), NULL);
  return dex_future_new_true ();
}

static DexFuture *
close_node (WherryClient *client)
{
  WherryNode *self = WHERRY_NODE (client);
  if (!self->closed)
    self->closed = flow_spawn (close_fiber, g_object_ref (self), g_object_unref);
  return dex_ref (self->closed);
}

static void
wherry_node_finalize (GObject *object)
{
  WherryNode *self = WHERRY_NODE (object);
  g_clear_pointer (&self->endpoint, quic_endpoint_close);
  if (self->discovery)
    g_signal_handlers_disconnect_by_data (self->discovery, self);
  g_clear_object (&self->discovery);
  g_clear_pointer (&self->protocols, protocols_free);
  g_clear_pointer (&self->host, pair_host_free);
  g_clear_object (&self->joining);
  g_clear_pointer (&self->reconnector, reconnector_free);
  g_clear_pointer (&self->messages, messages_free);
  g_clear_pointer (&self->pool, pool_free);
  g_clear_pointer (&self->goodbye_flows, flow_set_free);
  g_clear_pointer (&self->flows, flow_set_free);
  g_clear_pointer (&self->policies, policy_table_free);
  g_clear_pointer (&self->offers, incoming_offers_free);
  g_clear_pointer (&self->space, space_table_free);
  g_clear_object (&self->transfers);
  g_clear_pointer (&self->pairings, pair_store_free);
  g_clear_object (&self->registry);
  g_clear_object (&self->texts);
  g_clear_pointer (&self->outbox, mailbox_free);
  g_clear_pointer (&self->inbox, mailbox_free);
  g_clear_pointer (&self->state, network_state_free);
  g_clear_pointer (&self->secrets, secrets_free);
  g_clear_pointer (&self->dir, data_dir_close);
  g_clear_object (&self->receive_dir);
  dex_clear (&self->closed);
  g_free (self->warning);
  G_OBJECT_CLASS (wherry_node_parent_class)->finalize (object);
}

static void
set_name (WherryNode *self, const char *name)
{
  network_state_set_name (self->state, name);
  if (self->discovery)
    wherry_discovery_set_name (self->discovery, self->pair_self.info->name);
  messages_introduce (self->messages);
  g_object_notify (G_OBJECT (self), "name");
}

static void
set_visible (WherryNode *self, bool visible)
{
  network_state_set_visible (self->state, visible);
  if (self->discovery)
    wherry_discovery_set_visible (self->discovery, visible);
  g_object_notify (G_OBJECT (self), "visible");
}

static void
wherry_node_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  WherryNode *self = WHERRY_NODE (object);
  switch ((WherryNodeProperty) id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->pair_self.info->name);
      break;
    case PROP_VISIBLE:
      g_value_set_boolean (value, network_state_get_visible (self->state));
      break;
    case PROP_DISCOVERY_STATE:
      g_value_set_enum (value, self->discovery ? wherry_discovery_get_state (self->discovery)
                                               : DISCOVERY_OFF);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
wherry_node_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  WherryNode *self = WHERRY_NODE (object);
  switch ((WherryNodeProperty) id)
    {
    case PROP_NAME:
      set_name (self, g_value_get_string (value));
      break;
    case PROP_VISIBLE:
      set_visible (self, g_value_get_boolean (value));
      break;
    case PROP_DISCOVERY_STATE:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
wherry_node_class_init (WherryNodeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->finalize = wherry_node_finalize;
  object_class->get_property = wherry_node_get_property;
  object_class->set_property = wherry_node_set_property;

  g_object_class_override_property (object_class, PROP_NAME, "name");
  g_object_class_override_property (object_class, PROP_VISIBLE, "visible");
  g_object_class_override_property (object_class, PROP_DISCOVERY_STATE, "discovery-state");
}

static void
wherry_node_init (WherryNode *self)
{
  self->transfers = g_list_store_new (WHERRY_TYPE_TRANSFER);
  self->texts = g_list_store_new (WHERRY_TYPE_RECEIVED_TEXT);
}

static const char *
get_warning (WherryClient *client)
{
  return WHERRY_NODE (client)->warning;
}

static const DeviceInfo *
get_device_info (WherryClient *client)
{
  return WHERRY_NODE (client)->pair_self.info;
}

static uint16_t
get_port (WherryClient *client)
{
  WherryNode *self = WHERRY_NODE (client);
  return self->endpoint ? quic_endpoint_get_port (self->endpoint) : 0;
}

static GFile *
get_receive_dir (WherryClient *client)
{
  return WHERRY_NODE (client)->receive_dir;
}

static void
set_receive_dir (WherryClient *client, GFile *dir)
{
  WherryNode *self = WHERRY_NODE (client);
  g_set_object (&self->receive_dir, dir);
  network_state_set_receive_dir (self->state, dir);
}

static const Policy *
get_policy (WherryClient *client, WherryDevice *device)
{
  return policy_table_get (WHERRY_NODE (client)->policies,
                           device ? wherry_device_get_node_id (device) : NULL);
}

static void
set_policy (WherryClient *client, WherryDevice *device, const Policy *policy)
{
  PolicyTable *policies = WHERRY_NODE (client)->policies;
  const NodeId *id = device ? wherry_device_get_node_id (device) : NULL;
  if (policy)
    policy_table_set (policies, id, policy);
  else
    policy_table_reset (policies, id);
}

static GListModel *
get_devices (WherryClient *client)
{
  return G_LIST_MODEL (WHERRY_NODE (client)->registry);
}

static GListModel *
get_transfers (WherryClient *client)
{
  return G_LIST_MODEL (WHERRY_NODE (client)->transfers);
}

static GListModel *
get_texts (WherryClient *client)
{
  return G_LIST_MODEL (WHERRY_NODE (client)->texts);
}

static void
dismiss_text (WherryClient *client, WherryReceivedText *text)
{
  node_dismiss_text (WHERRY_NODE (client), text);
}

static void
client_iface_init (WherryClientInterface *iface)
{
  iface->get_warning = get_warning;
  iface->get_device_info = get_device_info;
  iface->get_port = get_port;
  iface->get_receive_dir = get_receive_dir;
  iface->set_receive_dir = set_receive_dir;
  iface->get_policy = get_policy;
  iface->set_policy = set_policy;
  iface->get_devices = get_devices;
  iface->get_transfers = get_transfers;
  iface->get_texts = get_texts;
  iface->dismiss_text = dismiss_text;
  iface->close = close_node;
  node_install_actions (iface);
}

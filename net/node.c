/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/node_private.h"

#include "net/transfer/receive.h"
#include "net/peer/sentences.h"
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

static QuicCode
pairing_accept_cb (QuicConnection *connection, gpointer user_data)
{
  WherryNode *self = user_data;
  return self->closed ? QUIC_CODE_CANCELLED : pair_host_accept (self->host, connection);
}

static QuicCode
message_accept_cb (QuicConnection *connection, gpointer user_data)
{
  WherryNode *self = user_data;
  if (self->closed)
    return QUIC_CODE_CANCELLED;
  return pool_adopt (self->connections, connection, NULL);
}

/* A connection on which a device may send something. */
typedef struct
{
  WherryNode *node;
  DexFuture *ended; /* (owned) of its receive */
} Incoming;

static void
incoming_free (gpointer data)
{
  Incoming *incoming = data;
  dex_unref (incoming->ended);
  g_free (incoming);
}

static DexFuture *
incoming_ended_cb (DexFuture *ended, gpointer user_data)
{
  return dex_future_new_true ();
}

static void
offered_cb (WherryTransfer *transfer, gpointer user_data)
{
  Incoming *incoming = user_data;
  WherryNode *self = incoming->node;
  /* From here on there is somebody to say goodbye to. */
  flow_set_watch (self->polite_flows, "receive", dex_ref (incoming->ended));
  g_list_store_insert (self->transfers, 0, transfer);
  const Policy *policy = policy_table_get (
      self->policies, wherry_device_get_node_id (wherry_transfer_get_device (transfer)));
  switch (policy->rule)
    {
    case POLICY_ASK:
      g_signal_emit_by_name (self, "offer", transfer);
      break;
    case POLICY_ACCEPT:
      wherry_transfer_accept (transfer, policy->folder);
      break;
    case POLICY_DECLINE:
      wherry_transfer_decline (transfer);
      break;
    default:
      g_assert_not_reached ();
    }
}

static QuicCode
transfer_accept_cb (QuicConnection *connection, gpointer user_data)
{
  WherryNode *self = user_data;
  if (self->closed)
    return QUIC_CODE_CANCELLED;
  g_autoptr (SecureConnection) peer = NULL;
  QuicCode code = pool_adopt (self->connections, connection, &peer);
  if (code != QUIC_CODE_OK)
    return code;
  WherryDevice *device =
      wherry_device_registry_lookup (self->registry, quic_connection_get_peer (connection));
  Incoming *incoming = g_new (Incoming, 1);
  ReceiveOptions options = { .folder = self->receive_dir,
                             .offers = self->offers,
                             .space = self->space,
                             .breaches = &self->breaches,
                             .expiry_ms = OFFER_EXPIRY_MS,
                             .offered = offered_cb,
                             .user_data = incoming };
  *incoming = (Incoming) { self, transfer_receive_start (peer, device, &options) };
  flow_set_watch (
      self->flows, "incoming",
      dex_future_finally (dex_ref (incoming->ended), incoming_ended_cb, incoming, incoming_free));
  return QUIC_CODE_OK;
}

/* On a fiber. True when it is stored that @from is forgotten; it counts from the first moment
 * on. */
static bool
unpaired_cb (const NodeId *from, gpointer user_data)
{
  WherryNode *self = user_data;
  g_autofree char *id = node_id_to_short (from);
  g_autoptr (GError) error = NULL;
  WherryDevice *device = wherry_device_registry_lookup (self->registry, from);
  if (device && wherry_device_get_paired (device))
    g_signal_emit_by_name (self, "unpaired-by", device);
  messages_forget (self->messages, from);
  policy_table_reset (self->policies, from);
  if (!pair_store_remove (self->pairings, from, &error))
    {
      if (log_limit_admit (&self->unforgotten, from, g_get_monotonic_time ()))
        g_warning ("%s has unpaired this device, but cannot be forgotten: %s", id, error->message);
      return false;
    }
  g_message ("%s has unpaired this device", id);
  return true;
}

typedef struct
{
  WherryNode *node; /* (owned) */
  NodeId id;
} Forgetting;

static void
forgetting_free (gpointer data)
{
  Forgetting *forgetting = data;
  g_object_unref (forgetting->node);
  g_free (forgetting);
}

static DexFuture *
forget_fiber (gpointer user_data)
{
  Forgetting *forgetting = user_data;
  WherryNode *self = forgetting->node;
  /* Several connections may be closed for it: the first has begun. */
  if (!wherry_device_registry_get_root (self->registry, &forgetting->id))
    return dex_future_new_true ();
  unpaired_cb (&forgetting->id, self);
  /* While the disk forgot it may have been paired anew. */
  if (!wherry_device_registry_get_root (self->registry, &forgetting->id))
    pool_close (self->connections, &forgetting->id, QUIC_CODE_OK, "unpaired");
  return dex_future_new_true ();
}

/* Over another protocol than messages: the connection was closed for that reason. */
static void
closed_unpaired_cb (const NodeId *from, gpointer user_data)
{
  WherryNode *self = user_data;
  Forgetting *forgetting = g_new (Forgetting, 1);
  *forgetting = (Forgetting) { .node = g_object_ref (self), .id = *from };
  dex_future_disown (
      flow_set_start (self->flows, "forget", forget_fiber, forgetting, forgetting_free));
}

static void
found_cb (WherryDiscovery *discovery, WherryService *service, gpointer user_data)
{
  WherryNode *self = user_data;
  wherry_device_registry_discovered (
      self->registry, wherry_service_get_node_id (service), wherry_service_get_name (service),
      wherry_service_get_device_type (service), wherry_service_get_pairing_open (service),
      wherry_service_get_addresses (service));
}

static void
lost_cb (WherryDiscovery *discovery, WherryService *service, gpointer user_data)
{
  WherryNode *self = user_data;
  wherry_device_registry_vanished (self->registry, wherry_service_get_node_id (service));
}

static void
discovery_state_cb (WherryNode *self)
{
  g_object_notify (G_OBJECT (self), "discovery-state");
}

static void
start_discovery (WherryNode *self)
{
  self->discovery = wherry_discovery_new (network_state_get_device (self->state),
                                          quic_endpoint_get_port (self->endpoint));
  wherry_discovery_set_visible (self->discovery, network_state_get_visible (self->state));
  g_signal_connect (self->discovery, "found", G_CALLBACK (found_cb), self);
  g_signal_connect (self->discovery, "lost", G_CALLBACK (lost_cb), self);
  g_signal_connect_swapped (self->discovery, "notify::state", G_CALLBACK (discovery_state_cb),
                            self);
  wherry_discovery_start (self->discovery);
}

/* What a node remembers. Opening it blocks, and may be done on any thread. */
typedef struct
{
  ClientOptions options;
  char *data_dir;    /* (owned) (nullable) */
  char *receive_dir; /* (owned) (nullable) */
  DataDir *dir;      /* (owned) until a node takes it, as are the next two */
  Secrets *secrets;
  NetworkState *state;
  GError *warning; /* (owned) (nullable) */
} Store;

static Store *
store_new (const ClientOptions *options)
{
  Store *store = g_new (Store, 1);
  *store = (Store) { .options = *options,
                     .data_dir = g_strdup (options->data_dir),
                     .receive_dir = g_strdup (options->receive_dir) };
  store->options.data_dir = store->data_dir;
  store->options.receive_dir = store->receive_dir;
  return store;
}

static void
store_free (Store *store)
{
  g_clear_pointer (&store->state, network_state_free);
  g_clear_pointer (&store->secrets, secrets_free);
  g_clear_pointer (&store->dir, data_dir_close);
  g_free (store->data_dir);
  g_free (store->receive_dir);
  g_clear_error (&store->warning);
  g_free (store);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Store, store_free)

static bool
open_store (gpointer data, GError **error)
{
  Store *store = data;
  GError *local = NULL;
  if ((store->dir = data_dir_open (store->options.data_dir, &local)) &&
      (store->secrets = secrets_open (store->dir, store->options.secret_service, &local)) &&
      (store->state = network_state_open (store->dir, store->secrets, &store->warning, &local)))
    return true;
  error_take_sentence (local);
  if (g_error_matches (local, DATA_DIR_ERROR, DATA_DIR_ERROR_LOCKED))
    {
      local->domain = CLIENT_ERROR;
      local->code = CLIENT_ERROR_LOCKED;
    }
  g_propagate_error (error, local);
  return false;
}

static void
unsaved_cb (const GError *error, gpointer user_data)
{
  g_warning ("%s", error->message);
  g_autofree char *sentence = sentence_for_unsaved (error);
  g_signal_emit_by_name (user_data, "warning", sentence);
}

static void
take_store (WherryNode *self, Store *store)
{
  self->dir = g_steal_pointer (&store->dir);
  self->secrets = g_steal_pointer (&store->secrets);
  self->state = g_steal_pointer (&store->state);
  network_state_on_failure (self->state, unsaved_cb, self);
  self->registry = wherry_device_registry_new (self->state);
  self->pairings = pair_store_new (self->state, self->registry);
}

static void
wire_flows (WherryNode *self)
{
  self->offers = incoming_offers_new ();
  self->space = space_table_new ();
  self->flows = flow_set_new ();
  self->polite_flows = flow_set_new ();
  self->connections = pool_new (self->endpoint, self->registry, self->flows);
  pool_on_unpaired (self->connections, closed_unpaired_cb, self);
  self->messages = messages_new (self->connections, self->registry, self->flows,
                                 &(MessageHandlers) { .unpaired = unpaired_cb, .user_data = self });
  self->self = (PairSelf) { .identity = secrets_get_identity (self->secrets),
                            .info = network_state_get_device (self->state),
                            .registry = self->registry,
                            .store = self->pairings,
                            .connections = self->connections,
                            .now_us = g_get_monotonic_time };
  self->host = pair_host_new (&self->self, self->polite_flows);

  const Protocol protocols[] = {
    { PAIRING_ALPN, PROTOCOL_ANYONE, pairing_accept_cb, self },
    { MESSAGES_ALPN, PROTOCOL_PAIRED, message_accept_cb, self },
    { TRANSFER_ALPN, PROTOCOL_PAIRED, transfer_accept_cb, self },
  };
  self->protocols = protocols_new (self->endpoint, self->registry);
  for (size_t i = 0; i < G_N_ELEMENTS (protocols); i++)
    protocols_add (self->protocols, &protocols[i]);
}

static GFile *
default_receive_dir (void)
{
  const char *downloads = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);
  return downloads ? g_file_new_for_path (downloads)
                   : g_file_new_build_filename (g_get_home_dir (), "Downloads", NULL);
}

/* A node of what was opened. */
static WherryNode *
node_new (Store *store, GError **error)
{
  const ClientOptions *options = &store->options;
  g_autoptr (WherryNode) self = g_object_new (WHERRY_TYPE_NODE, NULL);
  self->policies = policy_table_new (options->accept);
  self->receive_dir =
      options->receive_dir ? g_file_new_for_path (options->receive_dir) : default_receive_dir ();
  take_store (self, store);
  self->warning = store->warning ? sentence_for_error (store->warning) : NULL;
  GError *local = NULL;
  self->endpoint = quic_endpoint_new (secrets_get_identity (self->secrets), options->port, &local);
  if (!self->endpoint)
    {
      g_info ("%s", local->message);
      error_take_sentence (local);
      g_propagate_error (error, local);
      return NULL;
    }
  wire_flows (self);
  if (options->mdns)
    start_discovery (self);
  return g_steal_pointer (&self);
}

WherryNode *
wherry_node_new (const ClientOptions *options, char **warning, GError **error)
{
  g_autoptr (Store) store = store_new (options);
  if (!open_store (store, error))
    return NULL;
  if (warning)
    *warning = store->warning ? sentence_for_error (store->warning) : NULL;
  return node_new (store, error);
}

static DexFuture *
open_fiber (gpointer user_data)
{
  Store *store = user_data;
  GError *error = NULL;
  if (!flow_await_regardless (worker_start ("open", open_store, store), &error))
    return dex_future_new_for_error (error);
  WherryNode *node = node_new (store, &error);
  if (!node)
    return dex_future_new_for_error (error);
  return dex_future_new_take_object (node);
}

DexFuture *
wherry_node_open (const ClientOptions *options)
{
  return flow_spawn (open_fiber, store_new (options), (GDestroyNotify) store_free);
}

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
  if (self->discovery)
    wherry_discovery_stop (self->discovery);
  if (pair_host_get_session (self->host))
    wherry_pairing_session_cancel (pair_host_get_session (self->host));
  if (self->joining)
    wherry_pairing_session_cancel (self->joining);
  cancel_transfers (self);
  flow_await (flow_within (flow_set_idle (self->polite_flows), NODE_GOODBYE_S), NULL);
  /* What is left of transfers ends with its connection, which the other set owns. */
  DexFuture *polite = flow_set_close (self->polite_flows);
  flow_await (dex_future_all (polite, flow_set_close (self->flows), NULL), NULL);
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
  g_clear_pointer (&self->messages, messages_free);
  g_clear_pointer (&self->connections, pool_free);
  g_clear_pointer (&self->polite_flows, flow_set_free);
  g_clear_pointer (&self->flows, flow_set_free);
  g_clear_pointer (&self->policies, policy_table_free);
  g_clear_pointer (&self->offers, incoming_offers_free);
  g_clear_pointer (&self->space, space_table_free);
  g_clear_object (&self->transfers);
  g_clear_pointer (&self->pairings, pair_store_free);
  g_clear_object (&self->registry);
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
    wherry_discovery_set_name (self->discovery, self->self.info->name);
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
      g_value_set_string (value, self->self.info->name);
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
}

static const char *
get_warning (WherryClient *client)
{
  return WHERRY_NODE (client)->warning;
}

static const DeviceInfo *
get_device_info (WherryClient *client)
{
  return WHERRY_NODE (client)->self.info;
}

static uint16_t
get_port (WherryClient *client)
{
  WherryNode *self = WHERRY_NODE (client);
  return self->endpoint ? quic_endpoint_get_port (self->endpoint) : 0;
}

static GPtrArray *
list_addresses (WherryClient *client)
{
  return node_list_addresses (WHERRY_NODE (client));
}

static GFile *
get_receive_dir (WherryClient *client)
{
  return WHERRY_NODE (client)->receive_dir;
}

static void
set_receive_dir (WherryClient *client, GFile *dir)
{
  g_set_object (&WHERRY_NODE (client)->receive_dir, dir);
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

static void
client_iface_init (WherryClientInterface *iface)
{
  iface->get_warning = get_warning;
  iface->get_device_info = get_device_info;
  iface->get_port = get_port;
  iface->list_addresses = list_addresses;
  iface->get_receive_dir = get_receive_dir;
  iface->set_receive_dir = set_receive_dir;
  iface->get_policy = get_policy;
  iface->set_policy = set_policy;
  iface->get_devices = get_devices;
  iface->get_transfers = get_transfers;
  iface->close = close_node;
  node_install_actions (iface);
}

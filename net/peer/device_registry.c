/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/device_registry.h"

#include "net/peer/device_private.h"
#include "net/store/state_file.h"

struct _WherryDeviceRegistry
{
  GObject parent_instance;

  NetworkState *state;
  GPtrArray *rows;   /* (owned) (element-type WherryDevice) in the order of arrival */
  GHashTable *by_id; /* (owned) NodeId in the row -> WherryDevice in rows */
  /* (owned) NodeId (owned) -> number of live connections of a paired device */
  GHashTable *connections;
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WherryDeviceRegistry, wherry_device_registry, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
get_item_type (GListModel *model)
{
  return WHERRY_TYPE_DEVICE;
}

static guint
get_n_items (GListModel *model)
{
  return WHERRY_DEVICE_REGISTRY (model)->rows->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  WherryDeviceRegistry *self = WHERRY_DEVICE_REGISTRY (model);
  return position < self->rows->len ? g_object_ref (g_ptr_array_index (self->rows, position))
                                    : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
wherry_device_registry_finalize (GObject *object)
{
  WherryDeviceRegistry *self = WHERRY_DEVICE_REGISTRY (object);
  g_hash_table_unref (self->connections);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->rows);
  G_OBJECT_CLASS (wherry_device_registry_parent_class)->finalize (object);
}

static void
wherry_device_registry_class_init (WherryDeviceRegistryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = wherry_device_registry_finalize;
}

static void
wherry_device_registry_init (WherryDeviceRegistry *self)
{
  self->rows = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_id = g_hash_table_new (node_id_hash, node_id_equal_cb);
  self->connections = g_hash_table_new_full (node_id_hash, node_id_equal_cb, g_free, NULL);
}

/* Takes the row, complete as views will see it first. */
static WherryDevice *
add_row (WherryDeviceRegistry *self, WherryDevice *row)
{
  g_ptr_array_add (self->rows, row);
  g_hash_table_insert (self->by_id, (gpointer) wherry_device_get_node_id (row), row);
  g_list_model_items_changed (G_LIST_MODEL (self), self->rows->len - 1, 0, 1);
  return row;
}

/* A row stays for a reason: it is paired or has to be again, it is here, or a pairing runs. */
static void
drop_row_without_reason (WherryDeviceRegistry *self, WherryDevice *row)
{
  if (wherry_device_get_nearby (row) || wherry_device_get_needs_pairing (row) ||
      wherry_device_get_state (row) != DEVICE_STATE_DISCOVERED)
    return;
  g_hash_table_remove (self->by_id, wherry_device_get_node_id (row));
  guint at;
  g_ptr_array_find (self->rows, row, &at);
  g_ptr_array_remove_index (self->rows, at);
  g_list_model_items_changed (G_LIST_MODEL (self), at, 1, 0);
}

static void
refresh_history (WherryDeviceRegistry *self, WherryDevice *row)
{
  const PairedDevice *paired =
      network_state_lookup_paired (self->state, wherry_device_get_node_id (row));
  if (paired)
    device_set_history (row, paired);
}

/* A stored device whose secret is gone cannot be trusted any more than a stranger: its row says
 * that it has to be paired again. */
static void
add_stored_row (WherryDeviceRegistry *self, const PairedDevice *paired)
{
  const NodeId *id = &paired->info.node_id;
  const uint8_t *root = secrets_get_root (network_state_get_secrets (self->state), id);
  WherryDevice *row = device_new (id, root ? DEVICE_STATE_PAIRED : DEVICE_STATE_DISCOVERED);
  device_set_info (row, &paired->info);
  device_set_history (row, paired);
  device_set_root (row, root);
  device_set_needs_pairing (row, !root);
  add_row (self, row);
}

WherryDeviceRegistry *
wherry_device_registry_new (NetworkState *state)
{
  WherryDeviceRegistry *self = g_object_new (WHERRY_TYPE_DEVICE_REGISTRY, NULL);
  GPtrArray *paired = network_state_list_paired (state);
  self->state = state;
  for (guint i = 0; i < paired->len; i++)
    add_stored_row (self, g_ptr_array_index (paired, i));
  return self;
}

GPtrArray *
device_registry_peek (const char *data_dir, GError **error)
{
  g_autoptr (StateDocument) document = NULL;
  if (!state_file_peek (data_dir, &document, error))
    return NULL;
  GPtrArray *devices = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; document && i < document->paired->len; i++)
    {
      const PairedDevice *paired = g_ptr_array_index (document->paired, i);
      WherryDevice *device = device_new (&paired->info.node_id, DEVICE_STATE_PAIRED);
      device_set_info (device, &paired->info);
      g_ptr_array_add (devices, device);
    }
  return devices;
}

WherryDevice *
wherry_device_registry_lookup (WherryDeviceRegistry *self, const NodeId *id)
{
  return g_hash_table_lookup (self->by_id, id);
}

WherryDevice *
wherry_device_registry_find (WherryDeviceRegistry *self, const char *text, GError **error)
{
  return device_find (self->rows, text, error);
}

static guint
count_unpaired (WherryDeviceRegistry *self)
{
  guint n = 0;
  for (guint i = 0; i < self->rows->len; i++)
    n += !wherry_device_get_paired (g_ptr_array_index (self->rows, i));
  return n;
}

void
wherry_device_registry_discovered (WherryDeviceRegistry *self, const NodeId *id, const char *name,
                                   DeviceType type, bool pairing_open, GPtrArray *addresses)
{
  WherryDevice *row = wherry_device_registry_lookup (self, id);
  if (row)
    {
      device_set_nearby (row, name, type, pairing_open, addresses);
      return;
    }
  if (count_unpaired (self) >= REGISTRY_NEARBY_MAX ||
      node_id_equal (id, &network_state_get_device (self->state)->node_id))
    return;
  row = device_new (id, DEVICE_STATE_DISCOVERED);
  device_set_nearby (row, name, type, pairing_open, addresses);
  add_row (self, row);
}

void
wherry_device_registry_vanished (WherryDeviceRegistry *self, const NodeId *id)
{
  WherryDevice *row = wherry_device_registry_lookup (self, id);
  if (!row)
    return;
  device_set_gone (row);
  drop_row_without_reason (self, row);
}

void
wherry_device_registry_pairing (WherryDeviceRegistry *self, const NodeId *id, bool active)
{
  WherryDevice *row = wherry_device_registry_lookup (self, id);
  if (!row)
    return;
  device_advance (row, active ? DEVICE_EVENT_PAIRING_STARTED : DEVICE_EVENT_PAIRING_FAILED);
  drop_row_without_reason (self, row);
}

static WherryDevice *
ensure_row (WherryDeviceRegistry *self, const NodeId *id)
{
  WherryDevice *row = wherry_device_registry_lookup (self, id);
  return row ? g_object_ref (row) : device_new (id, DEVICE_STATE_DISCOVERED);
}

WherryDevice *
wherry_device_registry_paired (WherryDeviceRegistry *self, const DeviceInfo *info,
                               const uint8_t *root)
{
  g_autoptr (WherryDevice) row = ensure_row (self, &info->node_id);
  bool is_new = !wherry_device_registry_lookup (self, &info->node_id);
  device_set_root (row, root);
  device_set_info (row, info);
  device_set_needs_pairing (row, false);
  refresh_history (self, row);
  /* A device that was never seen by discovery, or whose session did not say so, was found just
   * now. */
  if (wherry_device_get_state (row) == DEVICE_STATE_DISCOVERED)
    device_advance (row, DEVICE_EVENT_PAIRING_STARTED);
  device_advance (row, DEVICE_EVENT_PAIRED);
  if (is_new)
    add_row (self, g_object_ref (row));
  return row;
}

void
wherry_device_registry_unpaired (WherryDeviceRegistry *self, const NodeId *id)
{
  WherryDevice *row = wherry_device_registry_lookup (self, id);
  if (!row || (!wherry_device_get_paired (row) && !wherry_device_get_needs_pairing (row)))
    return;
  device_set_root (row, NULL);
  device_set_needs_pairing (row, false);
  device_set_rtt (row, 0);
  if (wherry_device_get_paired (row))
    device_advance (row, DEVICE_EVENT_UNPAIRED);
  drop_row_without_reason (self, row);
}

const uint8_t *
wherry_device_registry_get_root (WherryDeviceRegistry *self, const NodeId *id)
{
  WherryDevice *row = wherry_device_registry_lookup (self, id);
  return row ? device_get_root (row) : NULL;
}

/* The row of a paired device; what happens to others is no news. */
static WherryDevice *
lookup_paired (WherryDeviceRegistry *self, const NodeId *id)
{
  WherryDevice *row = wherry_device_registry_lookup (self, id);
  return row && wherry_device_get_paired (row) ? row : NULL;
}

void
wherry_device_registry_introduced (WherryDeviceRegistry *self, const DeviceInfo *info)
{
  WherryDevice *row = lookup_paired (self, &info->node_id);
  if (!row)
    return;
  network_state_introduced (self->state, info);
  const PairedDevice *paired = network_state_lookup_paired (self->state, &info->node_id);
  if (paired)
    device_set_info (row, &paired->info);
}

/* Counted apart from the state: connections outlive an unpairing, or a new pairing, by the moment
 * it takes to close them. */
static guint
count_connection (WherryDeviceRegistry *self, const NodeId *id, int change)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->connections, id)) + change;
  if (n)
    g_hash_table_replace (self->connections, g_memdup2 (id, sizeof *id), GUINT_TO_POINTER (n));
  else
    g_hash_table_remove (self->connections, id);
  return n;
}

void
wherry_device_registry_connected (WherryDeviceRegistry *self, const NodeId *id,
                                  GInetSocketAddress *address)
{
  WherryDevice *row = lookup_paired (self, id);
  if (!row)
    return;
  count_connection (self, id, +1);
  network_state_seen (self->state, id, address);
  refresh_history (self, row);
  if (wherry_device_get_state (row) != DEVICE_STATE_CONNECTED)
    device_advance (row, DEVICE_EVENT_CONNECTED);
}

void
wherry_device_registry_disconnected (WherryDeviceRegistry *self, const NodeId *id)
{
  WherryDevice *row = lookup_paired (self, id);
  if (!g_hash_table_contains (self->connections, id) || count_connection (self, id, -1) || !row)
    return;
  network_state_seen (self->state, id, NULL);
  refresh_history (self, row);
  device_set_rtt (row, 0);
  device_advance (row, DEVICE_EVENT_DISCONNECTED);
}

void
wherry_device_registry_measured (WherryDeviceRegistry *self, const NodeId *id, int64_t rtt_us)
{
  WherryDevice *row = lookup_paired (self, id);
  if (row)
    device_set_rtt (row, rtt_us);
}

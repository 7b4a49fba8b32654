/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/reconnector.h"

#include "net/core/backoff.h"

struct Reconnector
{
  Pool *pool;
  WherryDeviceRegistry *registry;
  const char *alpn;
  NodeId self;
  GPtrArray *contacts; /* (owned) (element-type Contact) in the order of the registry */
  GNetworkMonitor *monitor;
};

/* One device of the registry. */
typedef struct
{
  Reconnector *owner;
  WherryDevice *device; /* (owned) */
  guint timer;          /* until the next attempt; 0 when none is due */
  DexFuture *dialling;  /* (owned) (nullable) */
  unsigned failures;    /* in a row */
  bool refused;         /* it does not know us: until it is seen anew */
} Contact;

static void consider (Contact *contact);

static void
contact_free (gpointer data)
{
  Contact *contact = data;
  g_signal_handlers_disconnect_by_data (contact->device, contact);
  g_clear_handle_id (&contact->timer, g_source_remove);
  dex_clear (&contact->dialling);
  g_object_unref (contact->device);
  g_free (contact);
}

static DexFuture *
dialled_cb (DexFuture *dialling, gpointer user_data)
{
  Contact *contact = user_data;
  g_autoptr (GError) error = NULL;
  if (dex_future_get_value (dialling, &error))
    contact->failures = 0;
  else if (g_error_matches (error, QUIC_ERROR, QUIC_ERROR_NOT_PAIRED))
    contact->refused = true;
  else
    contact->failures++;
  return dex_future_new_true ();
}

/* On the next turn of the main loop, when the future can be let go. */
static DexFuture *
settled_cb (DexFuture *settled, gpointer user_data)
{
  Contact *contact = user_data;
  dex_clear (&contact->dialling);
  consider (contact);
  return dex_future_new_true ();
}

static gboolean
attempt_cb (gpointer user_data)
{
  Contact *contact = user_data;
  Reconnector *self = contact->owner;
  contact->timer = 0;
  DexFuture *dialling = dex_future_finally (
      pool_share (self->pool, wherry_device_get_node_id (contact->device), self->alpn, NULL),
      dialled_cb, contact, NULL);
  /* Settles later than this returns, so that there is something to let go. */
  contact->dialling = dex_future_finally (dex_future_all (dialling, dex_timeout_new_msec (1), NULL),
                                          settled_cb, contact, NULL);
  return G_SOURCE_REMOVE;
}

static bool
is_wanted (const Contact *contact)
{
  return wherry_device_get_paired (contact->device) && wherry_device_get_nearby (contact->device) &&
         wherry_device_get_state (contact->device) != DEVICE_STATE_CONNECTED && !contact->refused;
}

static void
consider (Contact *contact)
{
  if (!wherry_device_get_nearby (contact->device))
    {
      contact->failures = 0;
      contact->refused = false;
    }
  if (!is_wanted (contact))
    {
      g_clear_handle_id (&contact->timer, g_source_remove);
      return;
    }
  if (contact->dialling || contact->timer)
    return;
  bool yields =
      node_id_is_less (wherry_device_get_node_id (contact->device), &contact->owner->self);
  uint32_t delay_ms = backoff_delay_ms (contact->failures, g_random_int ());
  contact->timer =
      g_timeout_add (delay_ms + (yields ? RECONNECTOR_YIELD_MS : 0), attempt_cb, contact);
}

static void
devices_changed_cb (Reconnector *self, guint position, guint removed, guint added)
{
  for (guint i = 0; i < added; i++)
    {
      Contact *contact = g_new0 (Contact, 1);
      contact->owner = self;
      contact->device = g_list_model_get_item (G_LIST_MODEL (self->registry), position + i);
      for (const char *const *name = (const char *const[]) { "paired", "nearby", "state", NULL };
           *name; name++)
        {
          g_autofree char *signal = g_strconcat ("notify::", *name, NULL);
          g_signal_connect_swapped (contact->device, signal, G_CALLBACK (consider), contact);
        }
      g_ptr_array_insert (self->contacts, (int) (position + removed + i), contact);
      consider (contact);
    }
  if (removed > 0)
    g_ptr_array_remove_range (self->contacts, position, removed);
}

/* Whoever could not be reached may be now. */
static void
network_changed_cb (Reconnector *self)
{
  for (guint i = 0; i < self->contacts->len; i++)
    {
      Contact *contact = self->contacts->pdata[i];
      contact->failures = 0;
      g_clear_handle_id (&contact->timer, g_source_remove);
      consider (contact);
    }
}

Reconnector *
reconnector_new (Pool *pool, WherryDeviceRegistry *registry, const char *alpn, const NodeId *id)
{
  Reconnector *self = g_new0 (Reconnector, 1);
  self->pool = pool;
  self->registry = registry;
  self->alpn = alpn;
  self->self = *id;
  self->contacts = g_ptr_array_new_with_free_func (contact_free);
  self->monitor = g_network_monitor_get_default ();
  g_signal_connect_swapped (registry, "items-changed", G_CALLBACK (devices_changed_cb), self);
  g_signal_connect_swapped (self->monitor, "network-changed", G_CALLBACK (network_changed_cb),
                            self);
  devices_changed_cb (self, 0, 0, g_list_model_get_n_items (G_LIST_MODEL (registry)));
  return self;
}

void
reconnector_free (Reconnector *self)
{
  g_signal_handlers_disconnect_by_data (self->registry, self);
  g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_ptr_array_unref (self->contacts);
  g_free (self);
}

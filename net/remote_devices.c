/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/remote_private.h"

#include <string.h>

static const char *
id_of_path (const char *path)
{
  const char *slash = strrchr (path, '/');
  return slash ? slash + 1 : path;
}

char *
remote_device_path (WherryDevice *device)
{
  return g_strdup_printf (WHERRY_BUS_PATH "/devices/%s", wherry_device_get_id (device));
}

WherryDevice *
remote_devices_lookup (WherryRemote *self, const char *path)
{
  return wherry_client_lookup_device (WHERRY_CLIENT (self), id_of_path (path));
}

WherryDevice *
remote_device_new (const char *path)
{
  NodeId id;
  return node_id_parse (&id, id_of_path (path)) ? device_new (&id, DEVICE_STATE_DISCOVERED) : NULL;
}

/* Along the edges of core/device_state, of which some were not told. */
static void
advance_to (WherryDevice *device, DeviceState to)
{
  if (wherry_device_get_state (device) == to)
    return;
  bool paired = wherry_device_get_paired (device);
  if (!device_state_is_paired (to))
    {
      if (paired)
        device_advance (device, DEVICE_EVENT_UNPAIRED);
      device_advance (device, to == DEVICE_STATE_PAIRING ? DEVICE_EVENT_PAIRING_STARTED
                                                         : DEVICE_EVENT_PAIRING_FAILED);
      return;
    }
  if (!paired)
    device_advance (device, DEVICE_EVENT_PAIRING_STARTED);
  if (!paired || to == DEVICE_STATE_PAIRED)
    device_advance (device, DEVICE_EVENT_PAIRED);
  if (to != DEVICE_STATE_PAIRED)
    device_advance (device, DEVICE_EVENT_CONNECTED);
  if (to == DEVICE_STATE_DISCONNECTED)
    device_advance (device, DEVICE_EVENT_DISCONNECTED);
}

static void
read_info (GDBusProxy *proxy, DeviceInfo *info)
{
  g_autofree char *name = remote_read_text (proxy, "Name");
  g_autofree char *device_id = remote_read_text (proxy, "DeviceId");
  device_name_sanitize (info->name, name ? name : "", -1);
  if (device_id && device_id_is_valid (device_id))
    g_strlcpy (info->device_id, device_id, sizeof info->device_id);
  info->type =
      (DeviceType) remote_read_enum (proxy, "Type", WHERRY_TYPE_DEVICE_TYPE, DEVICE_DESKTOP);
}

/* All of its addresses are kept as known ones, in their order. */
static void
read_history (GDBusProxy *proxy, WherryDevice *device)
{
  g_auto (GStrv) texts = NULL;
  remote_read (proxy, "Addresses", "^as", &texts);
  g_autoptr (GPtrArray) addresses =
      texts ? wherry_bus_parse_addresses ((const char *const *) texts, NULL) : NULL;
  if (!addresses)
    return;
  PairedDevice history = { .addresses = addresses };
  remote_read (proxy, "LastSeen", "x", &history.last_seen);
  device_set_history (device, &history);
}

void
remote_devices_follow (WherryRemote *self, GDBusProxy *proxy)
{
  const char *path = g_dbus_proxy_get_object_path (proxy);
  WherryDevice *known = remote_devices_lookup (self, path);
  g_autoptr (WherryDevice) device = known ? g_object_ref (known) : remote_device_new (path);
  if (!device)
    return;
  DeviceInfo info = { .node_id = *wherry_device_get_node_id (device) };
  gboolean needs_pairing = FALSE, nearby = FALSE, pairing_open = FALSE;
  gint64 rtt_us = 0;
  read_info (proxy, &info);
  remote_read (proxy, "NeedsPairing", "b", &needs_pairing);
  remote_read (proxy, "Nearby", "b", &nearby);
  remote_read (proxy, "PairingOpen", "b", &pairing_open);
  remote_read (proxy, "RttMicroseconds", "x", &rtt_us);

  device_set_info (device, &info);
  read_history (proxy, device);
  device_set_needs_pairing (device, needs_pairing);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  if (nearby)
    device_set_nearby (device, info.name, info.type, pairing_open, none);
  else
    device_set_gone (device);
  device_set_rtt (device, rtt_us);
  advance_to (device, (DeviceState) remote_read_enum (proxy, "State", WHERRY_TYPE_DEVICE_STATE,
                                                      DEVICE_STATE_DISCOVERED));
  if (!known)
    g_list_store_append (self->devices, device);
}

void
remote_devices_remove (WherryRemote *self, const char *path)
{
  guint position;
  WherryDevice *device = remote_devices_lookup (self, path);
  if (device && g_list_store_find (self->devices, device, &position))
    g_list_store_remove (self->devices, position);
}

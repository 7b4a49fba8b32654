/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/dbus/device_object.h"

#include <glib/gi18n-lib.h>

#include "app/dbus/transfer_object.h"
#include "wherry-bus.h"

char *
device_object_path (WherryDevice *device)
{
  return g_strdup_printf (WHERRY_BUS_PATH "/devices/%s", wherry_device_get_id (device));
}

static void
update (WherryBusDevice *object, WherryDevice *device)
{
  g_autoptr (GPtrArray) list = wherry_device_list_addresses (device);
  g_autoptr (GStrvBuilder) addresses = g_strv_builder_new ();
  for (guint i = 0; i < list->len; i++)
    g_strv_builder_take (addresses, wherry_client_format_address (g_ptr_array_index (list, i)));
  g_auto (GStrv) texts = g_strv_builder_end (addresses);

  wherry_bus_device_set_id (object, wherry_device_get_id (device));
  wherry_bus_device_set_device_id (object, wherry_device_get_device_id (device) ?: "");
  wherry_bus_device_set_name (object, wherry_device_get_name (device));
  wherry_bus_device_set_type_ (
      object, enum_nick (WHERRY_TYPE_DEVICE_TYPE, (int) wherry_device_get_device_type (device)));
  wherry_bus_device_set_state (
      object, enum_nick (WHERRY_TYPE_DEVICE_STATE, (int) wherry_device_get_state (device)));
  wherry_bus_device_set_needs_pairing (object, wherry_device_get_needs_pairing (device));
  wherry_bus_device_set_nearby (object, wherry_device_get_nearby (device));
  wherry_bus_device_set_pairing_open (object, wherry_device_get_pairing_open (device));
  wherry_bus_device_set_rtt_microseconds (object, wherry_device_get_rtt_us (device));
  wherry_bus_device_set_last_seen (object, wherry_device_get_last_seen (device));
  wherry_bus_device_set_addresses (object, (const char *const *) texts);
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (object));
}

static void
changed_cb (WherryDevice *device, GParamSpec *pspec, WherryBusDevice *object)
{
  update (object, device);
}

static DexFuture *
ponged_cb (DexFuture *future, gpointer invocation)
{
  GError *error = NULL;
  const GValue *rtt_us = dex_future_get_value (future, &error);
  if (rtt_us)
    wherry_bus_device_complete_ping (NULL, invocation, g_value_get_int64 (rtt_us));
  else
    g_dbus_method_invocation_take_error (invocation, error);
  return dex_future_new_true ();
}

static gboolean
ping_cb (WherryBusDevice *object, GDBusMethodInvocation *invocation, const char *const *addresses,
         WherryDevice *device)
{
  WherryClient *client = g_object_get_data (G_OBJECT (object), "client");
  GError *error = NULL;
  g_autoptr (GPtrArray) list = wherry_bus_parse_addresses (addresses, &error);
  if (list)
    dex_future_disown (
        dex_future_finally (wherry_client_ping (client, device, list->len > 0 ? list : NULL),
                            ponged_cb, invocation, NULL));
  else
    g_dbus_method_invocation_take_error (invocation, error);
  return TRUE;
}

static DexFuture *
text_taken_cb (DexFuture *future, gpointer invocation)
{
  GError *error = NULL;
  if (dex_future_get_value (future, &error))
    wherry_bus_device_complete_share_text (NULL, invocation);
  else
    g_dbus_method_invocation_take_error (invocation, error);
  return dex_future_new_true ();
}

static gboolean
share_text_cb (WherryBusDevice *object, GDBusMethodInvocation *invocation, const char *text,
               const char *const *addresses, WherryDevice *device)
{
  WherryClient *client = g_object_get_data (G_OBJECT (object), "client");
  GError *error = NULL;
  g_autoptr (GPtrArray) list = wherry_bus_parse_addresses (addresses, &error);
  if (list)
    dex_future_disown (dex_future_finally (
        wherry_client_share_text (client, device, text, list->len > 0 ? list : NULL), text_taken_cb,
        invocation, NULL));
  else
    g_dbus_method_invocation_take_error (invocation, error);
  return TRUE;
}

static gboolean
send_cb (WherryBusDevice *object, GDBusMethodInvocation *invocation, const char *const *paths,
         const char *const *addresses, WherryDevice *device)
{
  WherryClient *client = g_object_get_data (G_OBJECT (object), "client");
  GError *error = NULL;
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  for (; *paths; paths++)
    {
      if (!g_path_is_absolute (*paths))
        {
          g_dbus_method_invocation_return_error_literal (
              invocation, CLIENT_ERROR, CLIENT_ERROR_INVALID, _ ("Every path must be absolute."));
          return TRUE;
        }
      g_ptr_array_add (files, g_file_new_for_path (*paths));
    }
  g_autoptr (GPtrArray) list = wherry_bus_parse_addresses (addresses, &error);
  WherryTransfer *transfer =
      list ? wherry_client_send (client, device, files, list->len > 0 ? list : NULL, &error) : NULL;
  if (transfer)
    {
      g_autofree char *path = transfer_object_path (transfer);
      wherry_bus_device_complete_send (object, invocation, path,
                                       wherry_transfer_get_protocol_id (transfer));
    }
  else
    g_dbus_method_invocation_take_error (invocation, error);
  return TRUE;
}

static DexFuture *
unpaired_cb (DexFuture *future, gpointer invocation)
{
  GError *error = NULL;
  if (dex_future_get_value (future, &error))
    wherry_bus_device_complete_unpair (NULL, invocation);
  else
    g_dbus_method_invocation_take_error (invocation, error);
  return dex_future_new_true ();
}

static gboolean
unpair_cb (WherryBusDevice *object, GDBusMethodInvocation *invocation, WherryDevice *device)
{
  WherryClient *client = g_object_get_data (G_OBJECT (object), "client");
  dex_future_disown (
      dex_future_finally (wherry_client_unpair (client, device), unpaired_cb, invocation, NULL));
  return TRUE;
}

GDBusObjectSkeleton *
device_object_new (WherryClient *client, WherryDevice *device)
{
  g_autofree char *path = device_object_path (device);
  GDBusObjectSkeleton *skeleton = g_dbus_object_skeleton_new (path);
  g_autoptr (WherryBusDevice) object = wherry_bus_device_skeleton_new ();
  g_object_set_data (G_OBJECT (object), "client", client);
  g_object_set_data_full (G_OBJECT (object), "device", g_object_ref (device), g_object_unref);
  g_signal_connect (object, "handle-ping", G_CALLBACK (ping_cb), device);
  g_signal_connect (object, "handle-share-text", G_CALLBACK (share_text_cb), device);
  g_signal_connect (object, "handle-send", G_CALLBACK (send_cb), device);
  g_signal_connect (object, "handle-unpair", G_CALLBACK (unpair_cb), device);
  g_signal_connect_object (device, "notify", G_CALLBACK (changed_cb), object, 0);
  update (object, device);
  g_dbus_object_skeleton_add_interface (skeleton, G_DBUS_INTERFACE_SKELETON (object));
  return skeleton;
}

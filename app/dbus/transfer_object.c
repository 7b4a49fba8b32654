/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/dbus/transfer_object.h"

#include <glib/gi18n-lib.h>

#include "app/dbus/device_object.h"
#include "wherry-bus.h"

char *
transfer_object_path (WherryTransfer *transfer)
{
  return g_strdup_printf (WHERRY_BUS_PATH "/transfers/%s", wherry_transfer_get_id (transfer));
}

/* Names of files are bytes, a D-Bus string is not. (transfer full) */
static GStrv
make_valid (const char *const *texts)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (; texts && *texts; texts++)
    g_strv_builder_take (builder, g_utf8_make_valid (*texts, -1));
  return g_strv_builder_end (builder);
}

static const char *
path_of (GFile *file)
{
  const char *path = file ? g_file_peek_path (file) : NULL;
  return path ?: "";
}

/* What is known once and what goes on; the state comes last, but all of it in one signal. */
static void
describe (WherryBusTransfer *object, WherryTransfer *transfer)
{
  g_autofree char *device = device_object_path (wherry_transfer_get_device (transfer));
  g_autofree char *title = g_utf8_make_valid (wherry_transfer_get_title (transfer), -1);
  g_auto (GStrv) names = make_valid (wherry_transfer_get_names (transfer));
  wherry_bus_transfer_set_protocol_id (object, wherry_transfer_get_protocol_id (transfer));
  wherry_bus_transfer_set_device (object, device);
  wherry_bus_transfer_set_direction (
      object,
      enum_nick (WHERRY_TYPE_TRANSFER_DIRECTION, (int) wherry_transfer_get_direction (transfer)));
  wherry_bus_transfer_set_title (object, title);
  wherry_bus_transfer_set_names (object, (const char *const *) names);
  wherry_bus_transfer_set_files_total (object, wherry_transfer_get_files_total (transfer));
  wherry_bus_transfer_set_bytes_total (object, wherry_transfer_get_bytes_total (transfer));
  wherry_bus_transfer_set_destination (object,
                                       path_of (wherry_transfer_get_destination (transfer)));
  wherry_bus_transfer_set_free_space (object, wherry_transfer_get_free_space (transfer));
}

static void
update (WherryBusTransfer *object, WherryTransfer *transfer)
{
  g_auto (GStrv) notes = make_valid (wherry_transfer_get_notes (transfer));
  g_autofree char *message = g_utf8_make_valid (wherry_transfer_get_message (transfer) ?: "", -1);
  describe (object, transfer);
  wherry_bus_transfer_set_state (
      object, enum_nick (WHERRY_TYPE_TRANSFER_STATE, (int) wherry_transfer_get_state (transfer)));
  wherry_bus_transfer_set_phase (
      object, enum_nick (WHERRY_TYPE_TRANSFER_PHASE, (int) wherry_transfer_get_phase (transfer)));
  wherry_bus_transfer_set_reason (
      object, enum_nick (WHERRY_TYPE_TRANSFER_REASON, (int) wherry_transfer_get_reason (transfer)));
  wherry_bus_transfer_set_message (object, message);
  wherry_bus_transfer_set_notes (object, (const char *const *) notes);
  wherry_bus_transfer_set_files_done (object, wherry_transfer_get_files_done (transfer));
  wherry_bus_transfer_set_files_skipped (object, wherry_transfer_get_files_skipped (transfer));
  wherry_bus_transfer_set_bytes_done (object, wherry_transfer_get_bytes_done (transfer));
  wherry_bus_transfer_set_rate (object, wherry_transfer_get_rate (transfer));
  wherry_bus_transfer_set_time_left (object, wherry_transfer_get_eta (transfer));
  wherry_bus_transfer_set_received (object, path_of (wherry_transfer_get_received (transfer)));
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (object));
}

static void
changed_cb (WherryTransfer *transfer, GParamSpec *pspec, WherryBusTransfer *object)
{
  update (object, transfer);
}

/* An answer to what is not, or no longer, an offer. */
static bool
is_offer (WherryTransfer *transfer, GDBusMethodInvocation *invocation)
{
  if (wherry_transfer_get_direction (transfer) == TRANSFER_RECEIVING &&
      wherry_transfer_get_state (transfer) == TRANSFER_OFFERED)
    return true;
  g_dbus_method_invocation_return_error_literal (
      invocation, CLIENT_ERROR, CLIENT_ERROR_INVALID,
      _ ("This transfer is not an offer that waits for an answer."));
  return false;
}

static gboolean
accept_cb (WherryBusTransfer *object, GDBusMethodInvocation *invocation, const char *folder,
           WherryTransfer *transfer)
{
  g_autoptr (GFile) destination = *folder ? g_file_new_for_path (folder) : NULL;
  if (!is_offer (transfer, invocation))
    return TRUE;
  if (destination && !g_path_is_absolute (folder))
    {
      g_dbus_method_invocation_return_error_literal (invocation, CLIENT_ERROR, CLIENT_ERROR_INVALID,
                                                     _ ("The folder must be an absolute path."));
      return TRUE;
    }
  if (!destination && !wherry_transfer_get_destination (transfer))
    {
      g_dbus_method_invocation_return_error_literal (
          invocation, CLIENT_ERROR, CLIENT_ERROR_INVALID,
          _ ("There is no folder for received files yet: name one."));
      return TRUE;
    }
  wherry_transfer_accept (transfer, destination);
  wherry_bus_transfer_complete_accept (object, invocation);
  return TRUE;
}

static gboolean
decline_cb (WherryBusTransfer *object, GDBusMethodInvocation *invocation, WherryTransfer *transfer)
{
  if (!is_offer (transfer, invocation))
    return TRUE;
  wherry_transfer_decline (transfer);
  wherry_bus_transfer_complete_decline (object, invocation);
  return TRUE;
}

static gboolean
cancel_cb (WherryBusTransfer *object, GDBusMethodInvocation *invocation, WherryTransfer *transfer)
{
  wherry_transfer_cancel (transfer);
  wherry_bus_transfer_complete_cancel (object, invocation);
  return TRUE;
}

GDBusObjectSkeleton *
transfer_object_new (WherryTransfer *transfer)
{
  g_autofree char *path = transfer_object_path (transfer);
  GDBusObjectSkeleton *skeleton = g_dbus_object_skeleton_new (path);
  g_autoptr (WherryBusTransfer) object = wherry_bus_transfer_skeleton_new ();
  g_object_set_data_full (G_OBJECT (object), "transfer", g_object_ref (transfer), g_object_unref);
  g_signal_connect (object, "handle-accept", G_CALLBACK (accept_cb), transfer);
  g_signal_connect (object, "handle-decline", G_CALLBACK (decline_cb), transfer);
  g_signal_connect (object, "handle-cancel", G_CALLBACK (cancel_cb), transfer);
  g_signal_connect_object (transfer, "notify", G_CALLBACK (changed_cb), object, 0);
  update (object, transfer);
  g_dbus_object_skeleton_add_interface (skeleton, G_DBUS_INTERFACE_SKELETON (object));
  return skeleton;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/dbus/pairing_object.h"

#include "wherry-bus.h"

static void
update (WherryBusPairing *object, WherryPairingSession *session)
{
  WherryDevice *device = wherry_pairing_session_get_device (session);
  wherry_bus_pairing_set_phase (
      object,
      enum_nick (WHERRY_TYPE_PAIRING_PHASE, (int) wherry_pairing_session_get_phase (session)));
  wherry_bus_pairing_set_reason (
      object,
      enum_nick (WHERRY_TYPE_PAIRING_REASON, (int) wherry_pairing_session_get_reason (session)));
  wherry_bus_pairing_set_message (object, wherry_pairing_session_get_message (session) ?: "");
  wherry_bus_pairing_set_attempts_left (object, wherry_pairing_session_get_attempts_left (session));
  wherry_bus_pairing_set_seconds_left (object, wherry_pairing_session_get_seconds_left (session));
  wherry_bus_pairing_set_peer_name (object, wherry_pairing_session_get_peer_name (session) ?: "");
  wherry_bus_pairing_set_device (object, device ? wherry_device_get_id (device) : "");
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (object));
}

static void
changed_cb (WherryPairingSession *session, GParamSpec *pspec, WherryBusPairing *object)
{
  update (object, session);
}

static gboolean
confirm_cb (WherryBusPairing *object, GDBusMethodInvocation *invocation, gboolean accept,
            WherryPairingSession *session)
{
  wherry_pairing_session_confirm (session, accept);
  wherry_bus_pairing_complete_confirm (object, invocation);
  return TRUE;
}

static gboolean
cancel_cb (WherryBusPairing *object, GDBusMethodInvocation *invocation,
           WherryPairingSession *session)
{
  wherry_pairing_session_cancel (session);
  wherry_bus_pairing_complete_cancel (object, invocation);
  return TRUE;
}

static void
left_cb (GDBusConnection *bus, const char *name, gpointer session)
{
  wherry_pairing_session_cancel (session);
}

static void
unwatch (gpointer watch)
{
  g_bus_unwatch_name (GPOINTER_TO_UINT (watch));
}

GDBusObjectSkeleton *
pairing_object_new (WherryPairingSession *session, const char *path, GDBusConnection *bus,
                    const char *sender)
{
  GDBusObjectSkeleton *skeleton = g_dbus_object_skeleton_new (path);
  g_autoptr (WherryBusPairing) object = wherry_bus_pairing_skeleton_new ();
  guint watch = g_bus_watch_name_on_connection (bus, sender, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
                                                left_cb, session, NULL);
  g_object_set_data_full (G_OBJECT (skeleton), "watch", GUINT_TO_POINTER (watch), unwatch);
  g_object_set_data_full (G_OBJECT (skeleton), "session", g_object_ref (session), g_object_unref);
  g_signal_connect_object (object, "handle-confirm", G_CALLBACK (confirm_cb), session, 0);
  g_signal_connect_object (object, "handle-cancel", G_CALLBACK (cancel_cb), session, 0);
  g_signal_connect_object (session, "notify", G_CALLBACK (changed_cb), object, 0);
  update (object, session);
  g_dbus_object_skeleton_add_interface (skeleton, G_DBUS_INTERFACE_SKELETON (object));
  return skeleton;
}

WherryPairingSession *
pairing_object_get_session (GDBusObjectSkeleton *object)
{
  return g_object_get_data (G_OBJECT (object), "session");
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/remote.h"

#include <glib/gi18n-lib.h>

#include "net/peer/device_find.h"
#include "net/remote_private.h"

typedef enum
{
  PROP_NAME = 1,
  PROP_VISIBLE,
  PROP_DISCOVERY_STATE,
} WherryRemoteProperty;

static void client_iface_init (WherryClientInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WherryRemote, wherry_remote, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (WHERRY_TYPE_CLIENT, client_iface_init))

static void
wherry_remote_finalize (GObject *object)
{
  WherryRemote *self = WHERRY_REMOTE (object);
  if (self->objects)
    g_signal_handlers_disconnect_by_data (self->objects, self);
  if (self->manager)
    g_signal_handlers_disconnect_by_data (self->manager, self);
  g_ptr_array_unref (self->pairings);
  remote_transfers_detach (self);
  g_object_unref (self->transfers);
  g_object_unref (self->devices);
  g_clear_object (&self->manager);
  g_clear_object (&self->objects);
  g_clear_object (&self->policy.folder);
  g_clear_object (&self->receive_dir);
  g_free (self->warning);
  G_OBJECT_CLASS (wherry_remote_parent_class)->finalize (object);
}

static void
wherry_remote_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  WherryRemote *self = WHERRY_REMOTE (object);
  gboolean visible = FALSE;
  switch ((WherryRemoteProperty) id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->info.name);
      break;
    case PROP_VISIBLE:
      remote_read (self->manager, "Visible", "b", &visible);
      g_value_set_boolean (value, visible);
      break;
    case PROP_DISCOVERY_STATE:
      g_value_set_enum (value, remote_read_enum (self->manager, "DiscoveryState",
                                                 WHERRY_TYPE_DISCOVERY_STATE, DISCOVERY_OFF));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* The service tells of the change, and then it is notified here. */
static void
change (WherryRemote *self, const char *name, GVariant *value)
{
  remote_tell (self, WHERRY_BUS_PATH, "org.freedesktop.DBus.Properties", "Set",
               g_variant_new ("(ssv)", REMOTE_MANAGER, name, value));
}

static void
wherry_remote_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  WherryRemote *self = WHERRY_REMOTE (object);
  switch ((WherryRemoteProperty) id)
    {
    case PROP_NAME:
      change (self, "Name", g_variant_new_string (g_value_get_string (value)));
      break;
    case PROP_VISIBLE:
      change (self, "Visible", g_variant_new_boolean (g_value_get_boolean (value)));
      break;
    case PROP_DISCOVERY_STATE:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
wherry_remote_class_init (WherryRemoteClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->finalize = wherry_remote_finalize;
  object_class->get_property = wherry_remote_get_property;
  object_class->set_property = wherry_remote_set_property;

  g_object_class_override_property (object_class, PROP_NAME, "name");
  g_object_class_override_property (object_class, PROP_VISIBLE, "visible");
  g_object_class_override_property (object_class, PROP_DISCOVERY_STATE, "discovery-state");
}

static void
wherry_remote_init (WherryRemote *self)
{
  self->devices = g_list_store_new (WHERRY_TYPE_DEVICE);
  self->transfers = g_list_store_new (WHERRY_TYPE_TRANSFER);
  self->pairings = remote_pairings_new ();
}

/* What the service tells */

static void
read_info (WherryRemote *self)
{
  g_autofree char *id = remote_read_text (self->manager, "NodeId");
  g_autofree char *device_id = remote_read_text (self->manager, "DeviceId");
  g_autofree char *name = remote_read_text (self->manager, "Name");
  g_autofree char *version = remote_read_text (self->manager, "Version");
  self->info = (DeviceInfo) { .type = (DeviceType) remote_read_enum (
                                  self->manager, "Type", WHERRY_TYPE_DEVICE_TYPE, DEVICE_DESKTOP) };
  if (id && !node_id_parse (&self->info.node_id, id))
    g_warning ("the service has no valid id");
  g_strlcpy (self->info.device_id, device_id ? device_id : "", sizeof self->info.device_id);
  g_strlcpy (self->info.version, version ? version : "", sizeof self->info.version);
  device_name_sanitize (self->info.name, name ? name : "", -1);
}

static void
manager_changed_cb (WherryRemote *self)
{
  read_info (self);
  g_object_notify (G_OBJECT (self), "name");
  g_object_notify (G_OBJECT (self), "visible");
  g_object_notify (G_OBJECT (self), "discovery-state");
}

static void
manager_signal_cb (GDBusProxy *proxy, const char *sender, const char *name, GVariant *arguments,
                   WherryRemote *self)
{
  const char *text = NULL;
  if (g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(s)")))
    g_variant_get (arguments, "(&s)", &text);
  else if (g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(o)")))
    g_variant_get (arguments, "(&o)", &text);
  if (!text)
    return;
  WherryTransfer *transfer = remote_transfers_lookup (self, text);
  WherryDevice *device = wherry_client_lookup_device (WHERRY_CLIENT (self), text);
  if (g_str_equal (name, "Warned"))
    g_signal_emit_by_name (self, "warning", text);
  else if (g_str_equal (name, "Offered") && transfer)
    g_signal_emit_by_name (self, "offer", transfer);
  else if (g_str_equal (name, "UnpairedBy") && device)
    g_signal_emit_by_name (self, "unpaired-by", device);
}

static void
follow (WherryRemote *self, GDBusProxy *proxy)
{
  const char *interface = g_dbus_proxy_get_interface_name (proxy);
  if (g_str_equal (interface, REMOTE_DEVICE))
    remote_devices_follow (self, proxy);
  else if (g_str_equal (interface, REMOTE_TRANSFER))
    remote_transfers_follow (self, proxy);
  else if (g_str_equal (interface, REMOTE_PAIRING))
    remote_pairings_follow (self, proxy);
}

static void
object_added_cb (WherryRemote *self, GDBusObject *object)
{
  GList *interfaces = g_dbus_object_get_interfaces (object);
  for (GList *l = interfaces; l; l = l->next)
    follow (self, G_DBUS_PROXY (l->data));
  g_list_free_full (interfaces, g_object_unref);
}

/* What there is at the beginning, in no order. */
static void
follow_all (WherryRemote *self, const char *interface)
{
  GList *objects = g_dbus_object_manager_get_objects (self->objects);
  for (GList *l = objects; l; l = l->next)
    {
      g_autoptr (GDBusInterface) proxy = g_dbus_object_get_interface (l->data, interface);
      if (proxy)
        follow (self, G_DBUS_PROXY (proxy));
    }
  g_list_free_full (objects, g_object_unref);
}

static void
object_removed_cb (WherryRemote *self, GDBusObject *object)
{
  const char *path = g_dbus_object_get_object_path (object);
  remote_devices_remove (self, path);
  remote_transfers_remove (self, path);
  remote_pairings_remove (self, path);
}

static void
changed_cb (GDBusObjectManagerClient *objects, GDBusObjectProxy *object, GDBusProxy *proxy,
            GVariant *changed, const char *const *invalidated, WherryRemote *self)
{
  follow (self, proxy);
}

/* Who offers the folder, with all there is of it. */
static bool
find_service (WherryRemote *self, GDBusConnection *bus, const char *name, GError **error)
{
  self->objects = g_dbus_object_manager_client_new_sync (
      bus, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_DO_NOT_AUTO_START, name, WHERRY_BUS_PATH, NULL, NULL,
      NULL, NULL, error);
  if (!self->objects)
    return false;
  g_autofree char *owner =
      g_dbus_object_manager_client_get_name_owner (G_DBUS_OBJECT_MANAGER_CLIENT (self->objects));
  if (!owner)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "nobody owns %s", name);
      return false;
    }
  self->manager = g_dbus_proxy_new_sync (bus, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, NULL, owner,
                                         WHERRY_BUS_PATH, REMOTE_MANAGER, NULL, error);
  return self->manager;
}

WherryRemote *
wherry_remote_new (const char *data_dir, GError **error)
{
  g_autoptr (WherryRemote) self = g_object_new (WHERRY_TYPE_REMOTE, NULL);
  g_autofree char *name = wherry_bus_dup_name (data_dir);
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, error);
  if (!bus)
    return NULL;
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  if (!find_service (self, bus, name, error))
    return NULL;
  read_info (self);
  self->warning = remote_read_text (self->manager, "Warning");
  g_signal_connect_swapped (self->manager, "g-properties-changed", G_CALLBACK (manager_changed_cb),
                            self);
  g_signal_connect (self->manager, "g-signal", G_CALLBACK (manager_signal_cb), self);
  g_signal_connect_swapped (self->objects, "object-added", G_CALLBACK (object_added_cb), self);
  g_signal_connect_swapped (self->objects, "object-removed", G_CALLBACK (object_removed_cb), self);
  g_signal_connect (self->objects, "interface-proxy-properties-changed", G_CALLBACK (changed_cb),
                    self);
  follow_all (self, REMOTE_DEVICE);
  follow_all (self, REMOTE_TRANSFER); /* which speak of devices */
  return g_steal_pointer (&self);
}

/* WherryClient */

static const char *
get_warning (WherryClient *client)
{
  return remote_of (client)->warning;
}

static const DeviceInfo *
get_device_info (WherryClient *client)
{
  return &remote_of (client)->info;
}

static uint16_t
get_port (WherryClient *client)
{
  guint16 port = 0;
  remote_read (remote_of (client)->manager, "Port", "q", &port);
  return port;
}

static GVariant *
ask_manager (WherryClient *client, const char *method, GVariant *arguments, const char *result)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply = remote_call_sync (remote_of (client), WHERRY_BUS_PATH, REMOTE_MANAGER, method,
                                      arguments, result, &error);
  if (!reply)
    g_warning ("%s: %s", method, error->message);
  return reply;
}

static GPtrArray *
list_addresses (WherryClient *client)
{
  g_autoptr (GVariant) reply = ask_manager (client, "ListAddresses", NULL, "(as)");
  g_auto (GStrv) texts = NULL;
  if (reply)
    g_variant_get (reply, "(^as)", &texts);
  GPtrArray *addresses =
      texts ? wherry_bus_parse_addresses ((const char *const *) texts, NULL) : NULL;
  return addresses ?: g_ptr_array_new_with_free_func (g_object_unref);
}

static GFile *
get_receive_dir (WherryClient *client)
{
  WherryRemote *self = remote_of (client);
  g_autoptr (GVariant) reply = ask_manager (client, "GetReceiveDir", NULL, "(ay)");
  const char *folder = NULL;
  if (reply)
    g_variant_get (reply, "(^&ay)", &folder);
  g_clear_object (&self->receive_dir);
  return self->receive_dir = remote_file_of_bytes (folder);
}

static void
set_receive_dir (WherryClient *client, GFile *dir)
{
  g_autoptr (GVariant) reply =
      ask_manager (client, "SetReceiveDir", g_variant_new ("(^ay)", g_file_peek_path (dir)), "()");
}

static const Policy *
get_policy (WherryClient *client, WherryDevice *device)
{
  WherryRemote *self = remote_of (client);
  g_autoptr (GVariant) reply =
      ask_manager (client, "GetPolicy",
                   g_variant_new ("(s)", device ? wherry_device_get_id (device) : ""), "(say)");
  const char *rule = "ask", *folder = NULL;
  if (reply)
    g_variant_get (reply, "(&s^&ay)", &rule, &folder);
  g_autoptr (GTypeClass) rules = g_type_class_ref (WHERRY_TYPE_POLICY_RULE);
  const GEnumValue *found = g_enum_get_value_by_nick ((GEnumClass *) rules, rule);
  g_clear_object (&self->policy.folder);
  self->policy =
      (Policy) { found ? (PolicyRule) found->value : POLICY_ASK, remote_file_of_bytes (folder) };
  return &self->policy;
}

static void
set_policy (WherryClient *client, WherryDevice *device, const Policy *policy)
{
  const char *folder = policy && policy->folder ? g_file_peek_path (policy->folder) : "";
  g_autoptr (GVariant) reply = ask_manager (
      client, "SetPolicy",
      g_variant_new ("(ss^ay)", device ? wherry_device_get_id (device) : "",
                     policy ? enum_nick (WHERRY_TYPE_POLICY_RULE, (int) policy->rule) : "", folder),
      "()");
}

static GListModel *
get_devices (WherryClient *client)
{
  return G_LIST_MODEL (remote_of (client)->devices);
}

static WherryDevice *
find_device (WherryClient *client, const char *text, GError **error)
{
  GListModel *devices = get_devices (client);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < g_list_model_get_n_items (devices); i++)
    g_ptr_array_add (all, g_list_model_get_item (devices, i));
  g_autoptr (GError) missing = NULL;
  WherryDevice *device = device_find (all, text, &missing);
  if (!device)
    g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_NOT_FOUND, missing->message);
  return device; /* the list has a reference of its own */
}

static DexFuture *
measured_cb (DexFuture *future, gpointer user_data)
{
  const GValue *value = dex_future_get_value (future, NULL);
  gint64 microseconds;
  g_variant_get (g_value_get_variant (value), "(x)", &microseconds);
  return dex_future_new_for_int64 (microseconds);
}

static DexFuture *
ping (WherryClient *client, WherryDevice *device, GPtrArray *addresses)
{
  g_autofree char *path = remote_device_path (device);
  DexFuture *asking =
      remote_call (remote_of (client), path, REMOTE_DEVICE, "Ping",
                   g_variant_new ("(@as)", remote_pack_addresses (addresses)), "(x)");
  return dex_future_then (asking, measured_cb, NULL, NULL);
}

static DexFuture *
taken_cb (DexFuture *future, gpointer user_data)
{
  return dex_future_new_true ();
}

static DexFuture *
share_text (WherryClient *client, WherryDevice *device, const char *text, GPtrArray *addresses)
{
  /* D-Bus carries nothing else. */
  if (!g_utf8_validate (text, -1, NULL))
    return dex_future_new_for_error (g_error_new_literal (
        CLIENT_ERROR, CLIENT_ERROR_INVALID, _ ("The text is not valid UTF-8. Send it as a file.")));
  g_autofree char *path = remote_device_path (device);
  DexFuture *asking =
      remote_call (remote_of (client), path, REMOTE_DEVICE, "ShareText",
                   g_variant_new ("(s@as)", text, remote_pack_addresses (addresses)), "()");
  return dex_future_then (asking, taken_cb, NULL, NULL);
}

static int
value_of_nick (GType type, const char *nick)
{
  const GEnumValue *found = g_enum_get_value_by_nick (g_type_class_get (type), nick);
  return found ? found->value : 0;
}

static char *
dup_unless_empty (const char *text)
{
  return *text ? g_strdup (text) : NULL;
}

static DexFuture *
diagnosed_cb (DexFuture *future, gpointer user_data)
{
  const GValue *value = dex_future_get_value (future, NULL);
  GPtrArray *findings = findings_new ();
  g_autoptr (GVariantIter) told = NULL;
  const char *kind, *severity, *cause, *remedy, *command;
  g_variant_get (g_value_get_variant (value), "(a(sssss))", &told);
  while (g_variant_iter_loop (told, "(&s&s&s&s&s)", &kind, &severity, &cause, &remedy, &command))
    g_ptr_array_add (
        findings,
        finding_new ((FindingKind) value_of_nick (WHERRY_TYPE_FINDING_KIND, kind),
                     (FindingSeverity) value_of_nick (WHERRY_TYPE_FINDING_SEVERITY, severity),
                     g_strdup (cause), dup_unless_empty (remedy), dup_unless_empty (command)));
  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, findings);
}

static DexFuture *
diagnose (WherryClient *client, const char *target)
{
  g_autofree char *valid = g_utf8_make_valid (target ? target : "", -1);
  DexFuture *asking = remote_call (remote_of (client), WHERRY_BUS_PATH, REMOTE_MANAGER, "Diagnose",
                                   g_variant_new ("(s)", valid), "(a(sssss))");
  return dex_future_then (asking, diagnosed_cb, NULL, NULL);
}

static DexFuture *
unpair (WherryClient *client, WherryDevice *device)
{
  g_autofree char *path = remote_device_path (device);
  return remote_call (remote_of (client), path, REMOTE_DEVICE, "Unpair", NULL, "()");
}

/* What was told is on its way before this process ends. */
static DexFuture *
close_remote (WherryClient *client)
{
  WherryRemote *self = remote_of (client);
  g_autoptr (GError) error = NULL;
  remote_pairings_cancel (self);
  if (!g_dbus_connection_flush_sync (g_dbus_proxy_get_connection (self->manager), NULL, &error))
    g_info ("%s", error->message);
  return dex_future_new_true ();
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
  iface->find_device = find_device;
  iface->ping = ping;
  iface->share_text = share_text;
  iface->diagnose = diagnose;
  iface->unpair = unpair;
  iface->close = close_remote;
  remote_transfers_install (iface);
  remote_pairings_install (iface);
}

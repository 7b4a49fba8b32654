/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/dbus/service.h"

#include <glib/gi18n-lib.h>

#include "app/dbus/device_object.h"
#include "app/dbus/pairing_object.h"
#include "app/dbus/transfer_object.h"
#include "wherry-bus.h"

struct DbusService
{
  WherryClient *client;              /* (owned) */
  GDBusConnection *bus;              /* (owned) */
  GDBusObjectManagerServer *objects; /* (owned) */
  WherryBusManager *manager;         /* (owned) */
  GPtrArray *devices;                /* (owned utf8) paths, as the rows are in their list */
  GPtrArray *transfers;              /* (owned utf8) likewise */
  GPtrArray *pairings;               /* (owned GDBusObjectSkeleton) */
  unsigned n_pairings;               /* that there ever were */
  guint name;                        /* what owns it */
};

/* Rows become objects */

static void
replace_paths (DbusService *self, GPtrArray *paths, guint position, guint removed)
{
  for (guint i = position; i < position + removed; i++)
    g_dbus_object_manager_server_unexport (self->objects, g_ptr_array_index (paths, i));
  if (removed > 0)
    g_ptr_array_remove_range (paths, position, removed);
}

static void
add_object (DbusService *self, GPtrArray *paths, guint position, GDBusObjectSkeleton *object)
{
  const char *path = g_dbus_object_get_object_path (G_DBUS_OBJECT (object));
  g_ptr_array_insert (paths, (int) position, g_strdup (path));
  g_dbus_object_manager_server_export (self->objects, object);
}

static void
devices_changed_cb (GListModel *devices, guint position, guint removed, guint added,
                    DbusService *self)
{
  replace_paths (self, self->devices, position, removed);
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (WherryDevice) device = g_list_model_get_item (devices, i);
      g_autoptr (GDBusObjectSkeleton) object = device_object_new (self->client, device);
      add_object (self, self->devices, i, object);
    }
}

static void
transfers_changed_cb (GListModel *transfers, guint position, guint removed, guint added,
                      DbusService *self)
{
  replace_paths (self, self->transfers, position, removed);
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (WherryTransfer) transfer = g_list_model_get_item (transfers, i);
      g_autoptr (GDBusObjectSkeleton) object = transfer_object_new (transfer);
      add_object (self, self->transfers, i, object);
    }
}

/* Pairings */

static bool
has_ended (WherryPairingSession *session)
{
  PairingPhase phase = wherry_pairing_session_get_phase (session);
  return phase == PAIRING_DONE || phase == PAIRING_FAILED;
}

static void
drop_ended_pairings (DbusService *self)
{
  for (guint i = self->pairings->len; i-- > 0;)
    {
      GDBusObjectSkeleton *object = g_ptr_array_index (self->pairings, i);
      if (!has_ended (pairing_object_get_session (object)))
        continue;
      g_dbus_object_manager_server_unexport (
          self->objects, g_dbus_object_get_object_path (G_DBUS_OBJECT (object)));
      g_ptr_array_remove_index (self->pairings, i);
    }
}

/* The path of @session, which has an object from now on. (transfer none) */
static const char *
show_pairing (DbusService *self, WherryPairingSession *session, GDBusMethodInvocation *invocation)
{
  for (guint i = 0; i < self->pairings->len; i++)
    if (pairing_object_get_session (g_ptr_array_index (self->pairings, i)) == session)
      return g_dbus_object_get_object_path (g_ptr_array_index (self->pairings, i));
  drop_ended_pairings (self);
  g_autofree char *path = g_strdup_printf (WHERRY_BUS_PATH "/pairings/%u", ++self->n_pairings);
  GDBusObjectSkeleton *object = pairing_object_new (
      session, path, self->bus, g_dbus_method_invocation_get_sender (invocation));
  g_ptr_array_add (self->pairings, object);
  g_dbus_object_manager_server_export (self->objects, object);
  return g_dbus_object_get_object_path (G_DBUS_OBJECT (object));
}

static gboolean
host_cb (WherryBusManager *manager, GDBusMethodInvocation *invocation, DbusService *self)
{
  GError *error = NULL;
  g_autoptr (WherryPairingSession) session = wherry_client_host_pairing (self->client, &error);
  if (session)
    wherry_bus_manager_complete_host_pairing (
        manager, invocation, show_pairing (self, session, invocation),
        wherry_pairing_session_get_words (session), wherry_pairing_session_get_link (session),
        wherry_pairing_session_get_attempts_left (session),
        wherry_pairing_session_get_seconds_left (session));
  else
    g_dbus_method_invocation_take_error (invocation, error);
  return TRUE;
}

static WherryPairingSession *
join (DbusService *self, const char *code, const char *id, const char *const *addresses,
      GError **error)
{
  WherryDevice *device = *id ? wherry_client_find_device (self->client, id, error) : NULL;
  g_autoptr (GPtrArray) list = NULL;
  if ((*id && !device) || !(list = wherry_bus_parse_addresses (addresses, error)))
    return NULL;
  return wherry_client_join_pairing (self->client, code, device, list->len > 0 ? list : NULL,
                                     error);
}

static gboolean
join_cb (WherryBusManager *manager, GDBusMethodInvocation *invocation, const char *code,
         const char *id, const char *const *addresses, DbusService *self)
{
  GError *error = NULL;
  g_autoptr (WherryPairingSession) session = join (self, code, id, addresses, &error);
  if (session)
    wherry_bus_manager_complete_join_pairing (manager, invocation,
                                              show_pairing (self, session, invocation),
                                              wherry_pairing_session_get_seconds_left (session));
  else
    g_dbus_method_invocation_take_error (invocation, error);
  return TRUE;
}

static DexFuture *
diagnosed_cb (DexFuture *future, gpointer invocation)
{
  GError *error = NULL;
  const GValue *value = dex_future_get_value (future, &error);
  if (!value)
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return dex_future_new_true ();
    }
  GPtrArray *findings = g_value_get_boxed (value);
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sssss)"));
  for (guint i = 0; i < findings->len; i++)
    {
      const Finding *finding = g_ptr_array_index (findings, i);
      /* It may quote the name of a process. */
      g_autofree char *cause = g_utf8_make_valid (finding->cause, -1);
      g_variant_builder_add (&builder, "(sssss)",
                             enum_nick (WHERRY_TYPE_FINDING_KIND, (int) finding->kind),
                             enum_nick (WHERRY_TYPE_FINDING_SEVERITY, (int) finding->severity),
                             cause, finding->remedy ?: "", finding->command ?: "");
    }
  wherry_bus_manager_complete_diagnose (NULL, invocation, g_variant_builder_end (&builder));
  return dex_future_new_true ();
}

static gboolean
diagnose_cb (WherryBusManager *manager, GDBusMethodInvocation *invocation, const char *target,
             DbusService *self)
{
  dex_future_disown (
      dex_future_finally (wherry_client_diagnose (self->client, *target ? target : NULL),
                          diagnosed_cb, invocation, NULL));
  return TRUE;
}

/* What there is to be set */

static gboolean
list_addresses_cb (WherryBusManager *manager, GDBusMethodInvocation *invocation, DbusService *self)
{
  g_autoptr (GPtrArray) list = wherry_client_list_addresses (self->client);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; i < list->len; i++)
    g_strv_builder_take (builder, wherry_client_format_address (g_ptr_array_index (list, i)));
  g_auto (GStrv) texts = g_strv_builder_end (builder);
  wherry_bus_manager_complete_list_addresses (manager, invocation, (const char *const *) texts);
  return TRUE;
}

static const char *
path_of (GFile *file)
{
  const char *path = file ? g_file_peek_path (file) : NULL;
  return path ?: "";
}

static gboolean
get_receive_dir_cb (WherryBusManager *manager, GDBusMethodInvocation *invocation, DbusService *self)
{
  wherry_bus_manager_complete_get_receive_dir (
      manager, invocation, path_of (wherry_client_get_receive_dir (self->client)));
  return TRUE;
}

static gboolean
set_receive_dir_cb (WherryBusManager *manager, GDBusMethodInvocation *invocation,
                    const char *folder, DbusService *self)
{
  if (g_path_is_absolute (folder))
    {
      g_autoptr (GFile) dir = g_file_new_for_path (folder);
      wherry_client_set_receive_dir (self->client, dir);
      wherry_bus_manager_complete_set_receive_dir (manager, invocation);
    }
  else
    g_dbus_method_invocation_return_error_literal (invocation, CLIENT_ERROR, CLIENT_ERROR_INVALID,
                                                   _ ("The folder must be an absolute path."));
  return TRUE;
}

/* False when there is none that @id names, and it is not empty. */
static bool
find_device (DbusService *self, const char *id, WherryDevice **device,
             GDBusMethodInvocation *invocation)
{
  GError *error = NULL;
  *device = *id ? wherry_client_find_device (self->client, id, &error) : NULL;
  if (!error)
    return true;
  g_dbus_method_invocation_take_error (invocation, error);
  return false;
}

static gboolean
get_policy_cb (WherryBusManager *manager, GDBusMethodInvocation *invocation, const char *id,
               DbusService *self)
{
  WherryDevice *device;
  if (!find_device (self, id, &device, invocation))
    return TRUE;
  const Policy *policy = wherry_client_get_policy (self->client, device);
  wherry_bus_manager_complete_get_policy (manager, invocation,
                                          enum_nick (WHERRY_TYPE_POLICY_RULE, (int) policy->rule),
                                          path_of (policy->folder));
  return TRUE;
}

static gboolean
set_policy_cb (WherryBusManager *manager, GDBusMethodInvocation *invocation, const char *id,
               const char *rule, const char *folder, DbusService *self)
{
  WherryDevice *device;
  if (!find_device (self, id, &device, invocation))
    return TRUE;
  const GEnumValue *known =
      g_enum_get_value_by_nick (g_type_class_get (WHERRY_TYPE_POLICY_RULE), rule);
  if ((*rule && !known) || (!*rule && !device) || (*folder && !g_path_is_absolute (folder)))
    {
      g_dbus_method_invocation_return_error_literal (
          invocation, CLIENT_ERROR, CLIENT_ERROR_INVALID,
          _ ("A rule is ask, accept or decline, and a folder an absolute path."));
      return TRUE;
    }
  g_autoptr (GFile) dir = *folder ? g_file_new_for_path (folder) : NULL;
  Policy policy = { known ? (PolicyRule) known->value : POLICY_ASK, dir };
  wherry_client_set_policy (self->client, device, known ? &policy : NULL);
  wherry_bus_manager_complete_set_policy (manager, invocation);
  return TRUE;
}

/* What the manager tells */

static void
update (DbusService *self)
{
  WherryBusManager *manager = self->manager;
  wherry_bus_manager_set_name (manager, wherry_client_get_name (self->client));
  wherry_bus_manager_set_visible (manager, wherry_client_get_visible (self->client));
  wherry_bus_manager_set_discovery_state (
      manager, enum_nick (WHERRY_TYPE_DISCOVERY_STATE,
                          (int) wherry_client_get_discovery_state (self->client)));
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (manager));
}

/* A caller has set it; the client may make something else of a name. */
static void
renamed_cb (WherryBusManager *manager, GParamSpec *pspec, DbusService *self)
{
  const char *name = wherry_bus_manager_get_name (manager);
  if (g_str_equal (name, wherry_client_get_name (self->client)))
    return;
  wherry_client_set_name (self->client, name);
  update (self);
}

static void
hidden_cb (WherryBusManager *manager, GParamSpec *pspec, DbusService *self)
{
  bool visible = wherry_bus_manager_get_visible (manager);
  if (visible != wherry_client_get_visible (self->client))
    wherry_client_set_visible (self->client, visible);
}

static void
offer_cb (DbusService *self, WherryTransfer *transfer)
{
  g_autofree char *path = transfer_object_path (transfer);
  wherry_bus_manager_emit_offered (self->manager, path);
}

static void
warning_cb (DbusService *self, const char *sentence)
{
  g_autofree char *text = g_utf8_make_valid (sentence, -1);
  wherry_bus_manager_emit_warned (self->manager, text);
}

static void
unpaired_by_cb (DbusService *self, WherryDevice *device)
{
  wherry_bus_manager_emit_unpaired_by (self->manager, wherry_device_get_id (device));
}

static void
connect_manager (DbusService *self)
{
  g_signal_connect (self->manager, "handle-host-pairing", G_CALLBACK (host_cb), self);
  g_signal_connect (self->manager, "handle-join-pairing", G_CALLBACK (join_cb), self);
  g_signal_connect (self->manager, "handle-diagnose", G_CALLBACK (diagnose_cb), self);
  g_signal_connect (self->manager, "handle-list-addresses", G_CALLBACK (list_addresses_cb), self);
  g_signal_connect (self->manager, "handle-get-receive-dir", G_CALLBACK (get_receive_dir_cb), self);
  g_signal_connect (self->manager, "handle-set-receive-dir", G_CALLBACK (set_receive_dir_cb), self);
  g_signal_connect (self->manager, "handle-get-policy", G_CALLBACK (get_policy_cb), self);
  g_signal_connect (self->manager, "handle-set-policy", G_CALLBACK (set_policy_cb), self);
  g_signal_connect (self->manager, "notify::name", G_CALLBACK (renamed_cb), self);
  g_signal_connect (self->manager, "notify::visible", G_CALLBACK (hidden_cb), self);
  g_signal_connect_swapped (self->client, "notify", G_CALLBACK (update), self);
  g_signal_connect_swapped (self->client, "offer", G_CALLBACK (offer_cb), self);
  g_signal_connect_swapped (self->client, "warning", G_CALLBACK (warning_cb), self);
  g_signal_connect_swapped (self->client, "unpaired-by", G_CALLBACK (unpaired_by_cb), self);
}

static void
describe (DbusService *self, const char *data_dir)
{
  const DeviceInfo *info = wherry_client_get_device_info (self->client);
  g_autofree char *folder = wherry_bus_dup_folder (data_dir);
  g_autofree char *id = wherry_client_dup_id (self->client);
  wherry_bus_manager_set_data_dir (self->manager, folder);
  wherry_bus_manager_set_node_id (self->manager, id);
  wherry_bus_manager_set_device_id (self->manager, info->device_id);
  wherry_bus_manager_set_type_ (self->manager,
                                enum_nick (WHERRY_TYPE_DEVICE_TYPE, (int) info->type));
  wherry_bus_manager_set_version (self->manager, WHERRY_VERSION);
  wherry_bus_manager_set_port (self->manager, wherry_client_get_port (self->client));
  wherry_bus_manager_set_warning (self->manager, wherry_client_get_warning (self->client) ?: "");
  update (self);
}

static void
watch_list (DbusService *self, GListModel *list, GCallback changed)
{
  g_signal_connect (list, "items-changed", changed, self);
  ((void (*) (GListModel *, guint, guint, guint, DbusService *)) changed) (
      list, 0, 0, g_list_model_get_n_items (list), self);
}

DbusService *
dbus_service_new (GDBusConnection *bus, WherryClient *client, const char *data_dir)
{
  DbusService *self = g_new (DbusService, 1);
  *self = (DbusService) {
    .client = g_object_ref (client),
    .bus = g_object_ref (bus),
    .objects = g_dbus_object_manager_server_new (WHERRY_BUS_PATH),
    .manager = wherry_bus_manager_skeleton_new (),
    .devices = g_ptr_array_new_with_free_func (g_free),
    .transfers = g_ptr_array_new_with_free_func (g_free),
    .pairings = g_ptr_array_new_with_free_func (g_object_unref),
  };
  g_autoptr (GError) error = NULL;
  describe (self, data_dir);
  connect_manager (self);
  watch_list (self, wherry_client_get_devices (client), G_CALLBACK (devices_changed_cb));
  watch_list (self, wherry_client_get_transfers (client), G_CALLBACK (transfers_changed_cb));
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->manager), bus,
                                         WHERRY_BUS_PATH, &error))
    g_warning ("%s", error->message);
  g_dbus_object_manager_server_set_connection (self->objects, bus);
  g_autofree char *name = wherry_bus_dup_name (data_dir);
  self->name =
      g_bus_own_name_on_connection (bus, name, G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  return self;
}

DbusService *
dbus_service_new_on_session_bus (WherryClient *client, const char *data_dir)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  if (!bus)
    {
      g_info ("no session bus, so no other command can ask this one: %s", error->message);
      return NULL;
    }
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  DbusService *self = dbus_service_new (bus, client, data_dir);
  /* Whoever is told that this runs finds the name. */
  g_dbus_connection_flush_sync (bus, NULL, NULL);
  return self;
}

void
dbus_service_free (DbusService *self)
{
  if (!self)
    return;
  g_bus_unown_name (self->name);
  g_signal_handlers_disconnect_by_data (wherry_client_get_devices (self->client), self);
  g_signal_handlers_disconnect_by_data (wherry_client_get_transfers (self->client), self);
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_signal_handlers_disconnect_by_data (self->manager, self);
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->manager));
  g_dbus_object_manager_server_set_connection (self->objects, NULL);
  g_object_unref (self->objects);
  g_object_unref (self->manager);
  g_ptr_array_unref (self->devices);
  g_ptr_array_unref (self->transfers);
  g_ptr_array_unref (self->pairings);
  g_object_unref (self->bus);
  g_object_unref (self->client);
  g_free (self);
}

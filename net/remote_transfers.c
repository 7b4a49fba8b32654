/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/remote_private.h"

#include <glib/gi18n-lib.h>

#include "net/transfer/transfer_private.h"

/* A transfer of the service, and its row here. It belongs to the row. */
typedef struct
{
  WherryRemote *remote;
  char *path;    /* (owned) */
  guint n_notes; /* that the row has */
  bool described;
} RemoteTransfer;

static G_DEFINE_QUARK (wherry-remote-transfer-quark, remote_transfer)

                          static void remote_transfer_free (gpointer data)
{
  RemoteTransfer *own = data;
  g_free (own->path);
  g_free (own);
}

static RemoteTransfer *
own_of (WherryTransfer *transfer)
{
  return g_object_get_qdata (G_OBJECT (transfer), remote_transfer_quark ());
}

static void
act_cb (TransferAct act, gpointer user_data)
{
  WherryTransfer *transfer = user_data;
  RemoteTransfer *own = own_of (transfer);
  GFile *folder = wherry_transfer_get_destination (transfer);
  const char *path = folder ? g_file_peek_path (folder) : NULL;
  switch (act)
    {
    case TRANSFER_ACT_ACCEPT:
      remote_tell (own->remote, own->path, REMOTE_TRANSFER, "Accept",
                   g_variant_new ("(^ay)", path ? path : ""));
      break;
    case TRANSFER_ACT_DECLINE:
      remote_tell (own->remote, own->path, REMOTE_TRANSFER, "Decline", NULL);
      break;
    case TRANSFER_ACT_CANCEL:
      remote_tell (own->remote, own->path, REMOTE_TRANSFER, "Cancel", NULL);
      break;
    default:
      g_assert_not_reached ();
    }
}

static WherryTransfer *
add_row (WherryRemote *self, const char *path, TransferDirection direction, const char *protocol_id,
         WherryDevice *device)
{
  g_autoptr (WherryTransfer) transfer = transfer_new (direction, protocol_id, device);
  RemoteTransfer *own = g_new (RemoteTransfer, 1);
  *own = (RemoteTransfer) { .remote = self, .path = g_strdup (path) };
  g_object_set_qdata_full (G_OBJECT (transfer), remote_transfer_quark (), own,
                           remote_transfer_free);
  transfer_attach (transfer, act_cb, transfer);
  g_list_store_insert (self->transfers, 0, transfer);
  return transfer; /* the list has a reference of its own */
}

WherryTransfer *
remote_transfers_lookup (WherryRemote *self, const char *path)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->transfers)); i++)
    {
      g_autoptr (WherryTransfer) transfer =
          g_list_model_get_item (G_LIST_MODEL (self->transfers), i);
      if (g_str_equal (own_of (transfer)->path, path))
        return transfer; /* likewise */
    }
  return NULL;
}

static WherryTransfer *
ensure (WherryRemote *self, GDBusProxy *proxy)
{
  const char *path = g_dbus_proxy_get_object_path (proxy);
  WherryTransfer *transfer = remote_transfers_lookup (self, path);
  if (transfer)
    return transfer;
  g_autofree char *device_path = NULL, *protocol_id = remote_read_text (proxy, "ProtocolId");
  remote_read (proxy, "Device", "o", &device_path);
  WherryDevice *known = device_path ? remote_devices_lookup (self, device_path) : NULL;
  g_autoptr (WherryDevice) device = known         ? g_object_ref (known)
                                    : device_path ? remote_device_new (device_path)
                                                  : NULL;
  if (!device)
    return NULL;
  TransferDirection direction = (TransferDirection) remote_read_enum (
      proxy, "Direction", WHERRY_TYPE_TRANSFER_DIRECTION, TRANSFER_SENDING);
  return add_row (self, path, direction, protocol_id ? protocol_id : "", device);
}

/* What is known once what is sent has been looked through. */
static void
describe (WherryTransfer *transfer, GDBusProxy *proxy, TransferState state)
{
  g_auto (GStrv) names = NULL;
  guint64 files = 0, bytes = 0;
  if (own_of (transfer)->described)
    return;
  own_of (transfer)->described = state != TRANSFER_PREPARING;
  remote_read (proxy, "Names", "^as", &names);
  remote_read (proxy, "FilesTotal", "t", &files);
  remote_read (proxy, "BytesTotal", "t", &bytes);
  if (names)
    transfer_describe (transfer, (const char *const *) names, g_strv_length (names), files, bytes);
}

static void
read_places (WherryTransfer *transfer, GDBusProxy *proxy)
{
  g_autofree char *folder = NULL, *received = NULL;
  guint64 free_space = UINT64_MAX;
  remote_read (proxy, "Destination", "^ay", &folder);
  remote_read (proxy, "Received", "^ay", &received);
  remote_read (proxy, "FreeSpace", "t", &free_space);
  g_autoptr (GFile) destination = remote_file_of_bytes (folder);
  if (!destination)
    return;
  transfer_set_destination (transfer, destination, free_space);
  if (received && *received)
    {
      g_autofree char *name = g_path_get_basename (received);
      transfer_set_received (transfer, name);
    }
}

static void
read_counts (WherryTransfer *transfer, GDBusProxy *proxy)
{
  RemoteTransfer *own = own_of (transfer);
  guint64 files = 0, bytes = 0, skipped = 0;
  g_auto (GStrv) notes = NULL;
  remote_read (proxy, "FilesSkipped", "t", &skipped);
  remote_read (proxy, "Notes", "^as", &notes);
  transfer_set_skipped (transfer, skipped);
  for (guint n = notes ? g_strv_length (notes) : 0; own->n_notes < n; own->n_notes++)
    transfer_note (transfer, notes[own->n_notes]);

  remote_read (proxy, "FilesDone", "t", &files);
  remote_read (proxy, "BytesDone", "t", &bytes);
  TransferPhase phase = (TransferPhase) remote_read_enum (
      proxy, "Phase", WHERRY_TYPE_TRANSFER_PHASE, TRANSFER_PHASE_WAITING);
  transfer_set_silent (transfer, phase == TRANSFER_PHASE_SILENT);
  if (phase != TRANSFER_PHASE_SILENT)
    transfer_set_phase (transfer, phase);
  transfer_report (transfer, bytes, files, 0, g_get_monotonic_time ());
}

/* Along the edges of the state machine: a row that begins late has none of what was before. */
static void
step_towards (WherryTransfer *transfer, TransferState to)
{
  static const TransferState way[] = { TRANSFER_OFFERED, TRANSFER_ACTIVE };
  for (size_t i = 0; i < G_N_ELEMENTS (way); i++)
    {
      TransferState state = wherry_transfer_get_state (transfer);
      if (state != to && !transfer_state_may_become (state, to) &&
          transfer_state_may_become (state, way[i]))
        transfer_advance (transfer, way[i]);
    }
}

static void
end (WherryTransfer *transfer, TransferState state, TransferReason reason, const char *message)
{
  transfer_attach (transfer, NULL, NULL);
  if (state == TRANSFER_DONE &&
      transfer_state_may_become (wherry_transfer_get_state (transfer), state))
    transfer_advance (transfer, state);
  else
    transfer_end (transfer, state, reason, message);
}

void
remote_transfers_follow (WherryRemote *self, GDBusProxy *proxy)
{
  WherryTransfer *transfer = ensure (self, proxy);
  if (!transfer || transfer_state_is_final (wherry_transfer_get_state (transfer)))
    return;
  TransferState state = (TransferState) remote_read_enum (
      proxy, "State", WHERRY_TYPE_TRANSFER_STATE, TRANSFER_PREPARING);
  TransferReason reason = (TransferReason) remote_read_enum (
      proxy, "Reason", WHERRY_TYPE_TRANSFER_REASON, TRANSFER_REASON_NONE);
  g_autofree char *message = remote_read_text (proxy, "Message");

  g_object_ref (transfer); /* whoever is told may let go of it */
  describe (transfer, proxy, state);
  read_places (transfer, proxy);
  step_towards (transfer, state);
  read_counts (transfer, proxy);
  if (transfer_state_is_final (state))
    end (transfer, state, reason, message);
  else if (transfer_state_may_become (wherry_transfer_get_state (transfer), state))
    transfer_advance (transfer, state);
  g_object_unref (transfer);
}

void
remote_transfers_remove (WherryRemote *self, const char *path)
{
  WherryTransfer *transfer = remote_transfers_lookup (self, path);
  if (transfer && !transfer_state_is_final (wherry_transfer_get_state (transfer)))
    end (transfer, TRANSFER_INTERRUPTED, TRANSFER_REASON_CONNECTION,
         _ ("The Wherry that ran as this device has ended. Start it, or try again without it."));
}

void
remote_transfers_detach (WherryRemote *self)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->transfers)); i++)
    {
      g_autoptr (WherryTransfer) transfer =
          g_list_model_get_item (G_LIST_MODEL (self->transfers), i);
      transfer_attach (transfer, NULL, NULL);
    }
}

/* Paths are bytes; the service runs as the same user and opens them itself. */
static GVariant *
pack_paths (GPtrArray *files, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aay"));
  for (guint i = 0; i < files->len; i++)
    {
      const char *path = g_file_peek_path (g_ptr_array_index (files, i));
      if (path)
        g_variant_builder_add (&builder, "^ay", path);
      else
        {
          g_autofree char *uri = g_file_get_uri (g_ptr_array_index (files, i));
          g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_INVALID,
                       _ ("“%s” is not a file on this computer."), uri);
          return NULL;
        }
    }
  return g_variant_builder_end (&builder);
}

static WherryTransfer *
send_files (WherryClient *client, WherryDevice *device, GPtrArray *files, GPtrArray *addresses,
            GError **error)
{
  WherryRemote *self = remote_of (client);
  g_autofree char *device_path = remote_device_path (device);
  GVariant *paths = pack_paths (files, error);
  if (!paths)
    return NULL;
  g_autoptr (GVariant) reply = remote_call_sync (
      self, device_path, REMOTE_DEVICE, "Send",
      g_variant_new ("(@aay@as)", paths, remote_pack_addresses (addresses)), "(os)", error);
  if (!reply)
    return NULL;
  const char *path, *protocol_id;
  g_variant_get (reply, "(&o&s)", &path, &protocol_id);
  WherryTransfer *transfer = remote_transfers_lookup (self, path);
  if (!transfer)
    {
      transfer = add_row (self, path, TRANSFER_SENDING, protocol_id, device);
      transfer_set_sources (transfer, files);
    }
  return transfer;
}

static GListModel *
get_transfers (WherryClient *client)
{
  return G_LIST_MODEL (remote_of (client)->transfers);
}

void
remote_transfers_install (WherryClientInterface *iface)
{
  iface->send = send_files;
  iface->get_transfers = get_transfers;
}

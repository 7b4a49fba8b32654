/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/store/network_state.h"

#include "net/store/state_file.h"
#include "net/store/this_device.h"

#define SAVE_DELAY_S   3
#define LOST_NAMES_MAX 5 /* in one sentence */

struct NetworkState
{
  const DataDir *dir;
  Secrets *secrets;
  StateDocument *document; /* (owned) */
  StateWriter *writer;     /* (owned) */
  guint save_source;
  GCancellable *gone; /* (owned) cancelled when the state is freed */
  NetworkStateFailed failed;
  gpointer user_data;
};

static void
put (NetworkState *state)
{
  size_t len;
  char *text = state_document_serialize (state->document, &len);
  g_clear_handle_id (&state->save_source, g_source_remove);
  state_writer_put (state->writer, text, len);
}

static void
flush_thread (GTask *task, gpointer source, gpointer writer, GCancellable *cancellable)
{
  GError *error = NULL;
  if (state_writer_flush (writer, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
flushed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  NetworkState *state = user_data;
  g_autoptr (GError) error = NULL;
  if (g_task_propagate_boolean (G_TASK (result), &error) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (state->failed)
    state->failed (error, state->user_data);
  else
    g_warning ("%s", error->message);
}

static void
save_in_background (NetworkState *state)
{
  g_autoptr (GTask) task = g_task_new (NULL, state->gone, flushed_cb, state);
  put (state);
  g_task_set_task_data (task, state_writer_ref (state->writer),
                        (GDestroyNotify) state_writer_unref);
  g_task_run_in_thread (task, flush_thread);
}

static gboolean
save_cb (gpointer user_data)
{
  NetworkState *state = user_data;
  state->save_source = 0;
  save_in_background (state);
  return G_SOURCE_REMOVE;
}

static void
complete_device (NetworkState *state)
{
  DeviceInfo *device = &state->document->device;
  device->node_id = *node_identity_get_id (secrets_get_identity (state->secrets));
  g_strlcpy (device->version, WHERRY_VERSION, sizeof device->version);
}

/* The devices whose secret was lost, for a person. */
static void
warn_of_lost_roots (const NetworkState *state, GError **warning)
{
  GPtrArray *paired = state->document->paired;
  g_autoptr (GString) names = g_string_new (NULL);
  guint n = 0;
  for (guint i = 0; i < paired->len; i++)
    {
      const PairedDevice *device = g_ptr_array_index (paired, i);
      if (secrets_get_root (state->secrets, &device->info.node_id))
        continue;
      if (n++ < LOST_NAMES_MAX)
        g_string_append_printf (names, "%s“%s”", n > 1 ? ", " : "", device->info.name);
    }
  if (n == 0)
    return;
  if (n > LOST_NAMES_MAX)
    g_string_append (names, ", …");
  g_autofree char *text = g_strdup_printf (
      "The secrets shared with %s are missing or damaged. Pair again, or restore “%s” from a backup.",
      names->str, data_dir_get_path (state->dir));
  GError *told = g_error_new_literal (STATE_ERROR, STATE_ERROR_SECRETS, text);
  state_error_get_data (told)->names = g_strdup (names->str);
  state_file_warn (state->dir, told, warning);
}

NetworkState *
network_state_open (const DataDir *dir, Secrets *secrets, GError **warning, GError **error)
{
  g_autoptr (NetworkState) state = g_new (NetworkState, 1);
  *state = (NetworkState) {
    .dir = dir, .secrets = secrets, .writer = state_writer_new (dir), .gone = g_cancellable_new ()
  };
  if (warning)
    *warning = NULL;
  if (!state_file_read (dir, &state->document, warning, error))
    return NULL;

  if (!state->document)
    {
      state->document = state_document_new ();
      this_device_describe (&state->document->device);
      put (state);
      if (!state_writer_flush (state->writer, error))
        return NULL;
    }
  complete_device (state);
  warn_of_lost_roots (state, warning);
  return g_steal_pointer (&state);
}

void
network_state_free (NetworkState *state)
{
  g_autoptr (GError) error = NULL;
  if (!state)
    return;
  g_cancellable_cancel (state->gone);
  if (state->save_source)
    put (state);
  if (!state_writer_flush (state->writer, &error))
    g_warning ("%s", error->message);
  g_clear_object (&state->gone);
  g_clear_pointer (&state->writer, state_writer_unref);
  g_clear_pointer (&state->document, state_document_free);
  g_free (state);
}

StateWriter *
network_state_get_writer (const NetworkState *state)
{
  return state->writer;
}

void
network_state_on_failure (NetworkState *state, NetworkStateFailed failed, gpointer user_data)
{
  state->failed = failed;
  state->user_data = user_data;
}

const DeviceInfo *
network_state_get_device (const NetworkState *state)
{
  return &state->document->device;
}

Secrets *
network_state_get_secrets (const NetworkState *state)
{
  return state->secrets;
}

void
network_state_set_name (NetworkState *state, const char *name)
{
  device_name_sanitize (state->document->device.name, name, -1);
  save_in_background (state);
}

bool
network_state_get_visible (const NetworkState *state)
{
  return state->document->visible;
}

void
network_state_set_visible (NetworkState *state, bool visible)
{
  state->document->visible = visible;
  save_in_background (state);
}

GFile *
network_state_get_receive_dir (const NetworkState *state)
{
  const char *uri = state->document->receive_dir;
  return uri ? g_file_new_for_uri (uri) : NULL;
}

void
network_state_set_receive_dir (NetworkState *state, GFile *dir)
{
  g_free (state->document->receive_dir);
  state->document->receive_dir = g_file_get_uri (dir);
  save_in_background (state);
}

GPtrArray *
network_state_list_paired (const NetworkState *state)
{
  return state->document->paired;
}

static PairedDevice *
find_paired (const NetworkState *state, const NodeId *id, guint *at)
{
  GPtrArray *list = state->document->paired;
  for (*at = 0; *at < list->len; (*at)++)
    {
      PairedDevice *paired = g_ptr_array_index (list, *at);
      if (node_id_equal (&paired->info.node_id, id))
        return paired;
    }
  return NULL;
}

const PairedDevice *
network_state_lookup_paired (const NetworkState *state, const NodeId *id)
{
  guint at;
  return find_paired (state, id, &at);
}

static void
note_seen (PairedDevice *paired, GInetSocketAddress *address)
{
  paired->last_seen = g_get_real_time () / G_USEC_PER_SEC;
  if (address)
    paired_device_add_address (paired, address);
}

/* What an update keeps of the older entry. */
static PairedDevice *
renew (const PairedDevice *old, const DeviceInfo *info)
{
  PairedDevice *paired = paired_device_new (info);
  if (!old)
    return paired;
  g_ptr_array_extend (paired->addresses, old->addresses, (GCopyFunc) g_object_ref, NULL);
  json_object_unref (paired->rest);
  paired->rest = json_object_ref (old->rest);
  return paired;
}

bool
network_state_put_paired (NetworkState *state, const DeviceInfo *info, GInetSocketAddress *address,
                          PairedDevice **before, GError **error)
{
  GPtrArray *list = state->document->paired;
  guint at;
  PairedDevice *old = find_paired (state, &info->node_id, &at);
  if (!old && list->len == STATE_PAIRED_MAX)
    {
      g_set_error (error, STATE_ERROR, STATE_ERROR_FULL,
                   "%d devices are paired already. Unpair one you no longer use.",
                   STATE_PAIRED_MAX);
      return false;
    }
  PairedDevice *paired = renew (old, info);
  note_seen (paired, address);
  if (old)
    list->pdata[at] = paired;
  else
    g_ptr_array_add (list, paired);
  put (state);
  *before = old;
  return true;
}

void
network_state_restore_paired (NetworkState *state, const NodeId *id, PairedDevice *before)
{
  GPtrArray *list = state->document->paired;
  guint at;
  PairedDevice *paired = find_paired (state, id, &at);
  if (paired && before)
    {
      list->pdata[at] = before;
      paired_device_free (paired);
    }
  else if (paired)
    g_ptr_array_remove_index (list, at);
  else if (before)
    g_ptr_array_add (list, before);
  put (state);
}

void
network_state_remove_paired (NetworkState *state, const NodeId *id)
{
  network_state_restore_paired (state, id, NULL);
}

static void
save_soon (NetworkState *state)
{
  if (!state->save_source)
    state->save_source = g_timeout_add_seconds (SAVE_DELAY_S, save_cb, state);
}

void
network_state_seen (NetworkState *state, const NodeId *id, GInetSocketAddress *address)
{
  guint at;
  PairedDevice *paired = find_paired (state, id, &at);
  if (!paired)
    return;
  note_seen (paired, address);
  save_soon (state);
}

void
network_state_introduced (NetworkState *state, const DeviceInfo *info)
{
  guint at;
  PairedDevice *paired = find_paired (state, &info->node_id, &at);
  if (!paired)
    return;
  DeviceInfo learnt = *info;
  g_strlcpy (learnt.device_id, paired->info.device_id, sizeof learnt.device_id);
  if (learnt.type == paired->info.type && g_str_equal (learnt.name, paired->info.name) &&
      g_str_equal (learnt.version, paired->info.version))
    return;
  paired->info = learnt;
  save_soon (state);
}

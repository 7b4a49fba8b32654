/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/node_open.h"

#include <glib/gi18n-lib.h>

#include "net/async/worker.h"
#include "net/disk/sandbox.h"
#include "net/node_private.h"
#include "net/peer/sentences.h"

/* What a node remembers. Opening it blocks, and may be done on any thread. */
typedef struct
{
  ClientOptions options;
  char *data_dir;    /* (owned) (nullable) */
  char *receive_dir; /* (owned) (nullable) */
  GFile *chosen;     /* (owned) (nullable) the folder for received files, as it was kept */
  GFile *missing;    /* (owned) (nullable) the same, when it is not there */
  DataDir *dir;      /* (owned) until a node takes it, as are the next four */
  Secrets *secrets;
  NetworkState *state;
  Mailbox *outbox;
  Mailbox *inbox;
  GError *warning; /* (owned) (nullable) */
} Store;

static Store *
store_new (const ClientOptions *options)
{
  Store *store = g_new (Store, 1);
  *store = (Store) { .options = *options,
                     .data_dir = g_strdup (options->data_dir),
                     .receive_dir = g_strdup (options->receive_dir) };
  store->options.data_dir = store->data_dir;
  store->options.receive_dir = store->receive_dir;
  return store;
}

static void
store_free (Store *store)
{
  g_clear_pointer (&store->outbox, mailbox_free);
  g_clear_pointer (&store->inbox, mailbox_free);
  g_clear_pointer (&store->state, network_state_free);
  g_clear_pointer (&store->secrets, secrets_free);
  g_clear_pointer (&store->dir, data_dir_close);
  g_free (store->data_dir);
  g_free (store->receive_dir);
  g_clear_error (&store->warning);
  g_clear_object (&store->chosen);
  g_clear_object (&store->missing);
  g_free (store);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Store, store_free)

/* A folder that is not there may be on a disk that is not plugged in: it is not made anew, and not
 * forgotten. */
static void
find_receive_dir (Store *store)
{
  g_autoptr (GFile) kept = network_state_get_receive_dir (store->state);
  if (store->options.receive_dir || !kept)
    return;
  bool there = g_file_query_file_type (kept, G_FILE_QUERY_INFO_NONE, NULL) == G_FILE_TYPE_DIRECTORY;
  g_set_object (there ? &store->chosen : &store->missing, kept);
}

static bool
open_store (gpointer data, GError **error)
{
  Store *store = data;
  GError *local = NULL;
  if ((store->dir = data_dir_open (store->options.data_dir, &local)) &&
      (store->secrets = secrets_open (store->dir, store->options.secret_service, &local)) &&
      (store->state = network_state_open (store->dir, store->secrets, &store->warning, &local)) &&
      (store->outbox = mailbox_open (store->dir, "outbox", &local)) &&
      (store->inbox = mailbox_open (store->dir, "inbox", &local)))
    {
      find_receive_dir (store);
      return true;
    }
  error_take_sentence (local);
  if (g_error_matches (local, DATA_DIR_ERROR, DATA_DIR_ERROR_LOCKED))
    {
      local->domain = CLIENT_ERROR;
      local->code = CLIENT_ERROR_LOCKED;
    }
  g_propagate_error (error, local);
  return false;
}

static void
unsaved_cb (const GError *error, gpointer user_data)
{
  g_warning ("%s", error->message);
  g_autofree char *sentence = sentence_for_unsaved (error);
  g_signal_emit_by_name (user_data, "warning", sentence);
}

static void
take_store (WherryNode *self, Store *store)
{
  self->dir = g_steal_pointer (&store->dir);
  self->secrets = g_steal_pointer (&store->secrets);
  self->state = g_steal_pointer (&store->state);
  self->outbox = g_steal_pointer (&store->outbox);
  self->inbox = g_steal_pointer (&store->inbox);
  network_state_on_failure (self->state, unsaved_cb, self);
  self->registry = wherry_device_registry_new (self->state);
  self->pairings = pair_store_new (self->state, self->registry);
}

static GFile *
default_receive_dir (void)
{
  const char *downloads = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);
  return downloads ? g_file_new_for_path (downloads)
                   : g_file_new_build_filename (g_get_home_dir (), "Downloads", NULL);
}

/* (nullable) */
static GFile *
choose_receive_dir (const Store *store)
{
  if (store->options.receive_dir)
    return g_file_new_for_path (store->options.receive_dir);
  if (store->chosen)
    return g_object_ref (store->chosen);
  return store->options.sandboxed ? NULL : default_receive_dir ();
}

/* What a person should know of the opening, in a sentence; NULL as a rule. What was damaged comes
 * first. */
static char *
warning_of (const Store *store)
{
  if (store->warning)
    return sentence_for_error (store->warning);
  if (!store->missing)
    return NULL;
  g_autofree char *missing_name = sandbox_dup_shown_path (store->missing);
  if (store->options.sandboxed)
    return g_strdup_printf (
        _ ("The folder for received files, “%s”, is not there. You are asked for another one when "
           "something arrives."),
        missing_name);
  g_autoptr (GFile) instead = default_receive_dir ();
  g_autofree char *instead_name = sandbox_dup_shown_path (instead);
  return g_strdup_printf (
      _ ("The folder for received files, “%s”, is not there: this time they go to “%s”. Connect its "
         "disk and start Wherry again, or choose another folder."),
      missing_name, instead_name);
}

/* A node of what was opened. */
static WherryNode *
node_new (Store *store, GError **error)
{
  const ClientOptions *options = &store->options;
  g_autoptr (WherryNode) self = g_object_new (WHERRY_TYPE_NODE, NULL);
  self->policies = policy_table_new (options->accept);
  self->receive_dir = choose_receive_dir (store);
  take_store (self, store);
  self->warning = warning_of (store);
  GError *local = NULL;
  self->endpoint = quic_endpoint_new (secrets_get_identity (self->secrets), options->port, &local);
  if (!self->endpoint)
    {
      g_info ("%s", local->message);
      error_take_sentence (local);
      g_propagate_error (error, local);
      return NULL;
    }
  node_wire (self);
  if (options->stay_connected)
    self->reconnector =
        reconnector_new (self->pool, self->registry, MESSAGES_ALPN,
                         node_identity_get_id (secrets_get_identity (self->secrets)));
  if (options->mdns)
    node_start_discovery (self);
  return g_steal_pointer (&self);
}

WherryNode *
wherry_node_new (const ClientOptions *options, char **warning, GError **error)
{
  g_autoptr (Store) store = store_new (options);
  if (!open_store (store, error))
    return NULL;
  if (warning)
    *warning = warning_of (store);
  return node_new (store, error);
}

static DexFuture *
open_fiber (gpointer user_data)
{
  Store *store = user_data;
  GError *error = NULL;
  if (!flow_await_regardless (worker_start ("open", open_store, store), &error))
    return dex_future_new_for_error (error);
  WherryNode *node = node_new (store, &error);
  if (!node)
    return dex_future_new_for_error (error);
  return dex_future_new_take_object (node);
}

DexFuture *
wherry_node_open (const ClientOptions *options)
{
  return flow_spawn (open_fiber, store_new (options), (GDestroyNotify) store_free);
}

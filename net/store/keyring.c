/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "net/store/keyring.h"

#include <libsecret/secret.h>
#include <sodium.h>

#include "net/core/secret.h"

#define SECRET_HEX_LEN (2 * KEYRING_SECRET_LEN)

G_DEFINE_QUARK (wherry-keyring-error-quark, keyring_error)

static const SecretSchema schema = {
  "io.github.wherry.Wherry",
  SECRET_SCHEMA_NONE,
  {
      { "data-dir", SECRET_SCHEMA_ATTRIBUTE_STRING },
      { "kind", SECRET_SCHEMA_ATTRIBUTE_STRING },
      { "node-id", SECRET_SCHEMA_ATTRIBUTE_STRING },
  },
};

/* One libsecret operation with a deadline. libsecret's own _sync functions have none, and a keyring
 * may wait for a person. */
typedef struct
{
  GMainContext *context;
  GSource *deadline;
  GCancellable *cancellable;
  GAsyncResult *result;
} Call;

static gboolean
deadline_cb (gpointer user_data)
{
  g_cancellable_cancel (((Call *) user_data)->cancellable);
  return G_SOURCE_REMOVE;
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((Call *) user_data)->result = g_object_ref (result);
}

static void
call_begin (Call *call)
{
  *call = (Call) {
    .context = g_main_context_new (),
    .deadline = g_timeout_source_new (KEYRING_TIMEOUT_MS),
    .cancellable = g_cancellable_new (),
  };
  g_main_context_push_thread_default (call->context);
  g_source_set_callback (call->deadline, deadline_cb, call, NULL);
  g_source_attach (call->deadline, call->context);
}

static GAsyncResult *
call_wait (Call *call)
{
  while (!call->result)
    g_main_context_iteration (call->context, TRUE);
  return call->result;
}

static void
call_end (Call *call)
{
  g_source_destroy (call->deadline);
  g_source_unref (call->deadline);
  g_clear_object (&call->result);
  g_clear_object (&call->cancellable);
  /* libsecret has queued callbacks that release objects of this context: run them. */
  while (g_main_context_iteration (call->context, FALSE))
    ;
  g_main_context_pop_thread_default (call->context);
  g_main_context_unref (call->context);
}

static void
set_unavailable_error (GError *cause, GError **error)
{
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_set_error_literal (error, KEYRING_ERROR, KEYRING_ERROR_UNAVAILABLE,
                         "The keyring did not answer in time. Unlock it and try again.");
  else if (g_error_matches (cause, SECRET_ERROR, SECRET_ERROR_IS_LOCKED))
    g_set_error_literal (error, KEYRING_ERROR, KEYRING_ERROR_LOCKED,
                         "The keyring is locked. Unlock it and try again.");
  else
    g_set_error (error, KEYRING_ERROR, KEYRING_ERROR_UNAVAILABLE,
                 "The keyring cannot be used: %s. Unlock it and try again.",
                 cause ? cause->message : "it refused");
  g_clear_error (&cause);
}

static bool
unavailable (GError *cause, GError **error)
{
  set_unavailable_error (cause, error);
  return false;
}

static GHashTable *
attributes_new (const char *data_dir, KeyringKind kind, const NodeId *id)
{
  GHashTable *attributes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_hash_table_insert (attributes, (gpointer) "data-dir", g_strdup (data_dir));
  g_hash_table_insert (attributes, (gpointer) "kind",
                       g_strdup (kind == KEYRING_IDENTITY ? "identity" : "root"));
  g_hash_table_insert (attributes, (gpointer) "node-id", node_id_to_hex (id));
  return attributes;
}

bool
keyring_store (const char *data_dir, KeyringKind kind, const NodeId *id,
               const uint8_t secret[static KEYRING_SECRET_LEN], GError **error)
{
  g_autoptr (GHashTable) attributes = attributes_new (data_dir, kind, id);
  GError *cause = NULL;
  char *hex = secret_new (SECRET_HEX_LEN + 1);
  sodium_bin2hex (hex, SECRET_HEX_LEN + 1, secret, KEYRING_SECRET_LEN);
  Call call;
  call_begin (&call);
  secret_password_storev (&schema, attributes, SECRET_COLLECTION_DEFAULT,
                          kind == KEYRING_IDENTITY ? "Wherry: the key of this device"
                                                   : "Wherry: a paired device",
                          hex, call.cancellable, done_cb, &call);
  bool stored = secret_password_store_finish (call_wait (&call), &cause);
  call_end (&call);
  sodium_free (hex);
  return stored || unavailable (cause, error);
}

static void
keyring_item_free (gpointer data)
{
  KeyringItem *item = data;
  sodium_free (item->secret);
  g_free (item);
}

/* The value that the search has loaded; a locked item has none. */
static SecretValue *
load_value (SecretRetrievable *found, GError **error)
{
  SecretValue *value = SECRET_IS_ITEM (found)
                           ? secret_item_get_secret (SECRET_ITEM (found))
                           : secret_retrievable_retrieve_secret_sync (found, NULL, error);
  if (!value && error && !*error)
    g_set_error_literal (error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED, "it is locked");
  return value;
}

static uint8_t *
decode_secret (SecretValue *value)
{
  uint8_t *secret = secret_new (KEYRING_SECRET_LEN);
  gsize hex_len;
  const char *hex = secret_value_get (value, &hex_len);
  size_t len;
  if (sodium_hex2bin (secret, KEYRING_SECRET_LEN, hex, hex_len, NULL, &len, NULL) == 0 &&
      len == KEYRING_SECRET_LEN)
    return secret;
  sodium_free (secret);
  return NULL;
}

/* False when the secret of an item cannot be read; what is no item of ours is passed over. */
static bool
add_item (GPtrArray *items, SecretRetrievable *found, GError **error)
{
  g_autoptr (GHashTable) attributes = secret_retrievable_get_attributes (found);
  const char *kind = g_hash_table_lookup (attributes, "kind");
  const char *id = g_hash_table_lookup (attributes, "node-id");
  KeyringItem item = { 0 };
  if (!kind || !id || !node_id_parse (&item.id, id) ||
      (!g_str_equal (kind, "identity") && !g_str_equal (kind, "root")))
    return true;
  SecretValue *value = load_value (found, error);
  if (!value)
    return false;
  item.kind = g_str_equal (kind, "identity") ? KEYRING_IDENTITY : KEYRING_ROOT;
  item.secret = decode_secret (value);
  secret_value_unref (value);
  g_ptr_array_add (items, g_memdup2 (&item, sizeof item));
  return true;
}

GPtrArray *
keyring_search (const char *data_dir, GError **error)
{
  g_autoptr (GHashTable) attributes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (keyring_item_free);
  GError *cause = NULL;
  g_hash_table_insert (attributes, (gpointer) "data-dir", (gpointer) data_dir);
  Call call;
  call_begin (&call);
  secret_password_searchv (&schema, attributes,
                           SECRET_SEARCH_ALL | SECRET_SEARCH_UNLOCK | SECRET_SEARCH_LOAD_SECRETS,
                           call.cancellable, done_cb, &call);
  GList *found = secret_password_search_finish (call_wait (&call), &cause);
  for (GList *l = found; l && !cause; l = l->next)
    add_item (items, l->data, &cause);
  /* Their proxies unsubscribe in the context of the call. */
  g_list_free_full (found, g_object_unref);
  call_end (&call);
  if (!cause)
    return g_steal_pointer (&items);
  set_unavailable_error (cause, error);
  return NULL;
}

bool
keyring_remove (const char *data_dir, KeyringKind kind, const NodeId *id, GError **error)
{
  g_autoptr (GHashTable) attributes = attributes_new (data_dir, kind, id);
  GError *cause = NULL;
  Call call;
  call_begin (&call);
  secret_password_clearv (&schema, attributes, call.cancellable, done_cb, &call);
  secret_password_clear_finish (call_wait (&call), &cause);
  call_end (&call);
  return !cause || unavailable (cause, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/store/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include <sodium.h>

#include "net/core/secret.h"
#include "net/store/keyring.h"
#include "net/store/private_file.h"
#include "net/store/secrets_private.h"
#include "net/store/state_document.h"

G_STATIC_ASSERT (SECRETS_LEN == NODE_SEED_LEN);
G_STATIC_ASSERT (SECRETS_LEN == PAIRING_ROOT_LEN);
G_STATIC_ASSERT (SECRETS_LEN == KEYRING_SECRET_LEN);
G_STATIC_ASSERT (SECRETS_LEN == SECRET_KEY_LEN);

struct Secrets
{
  const DataDir *dir;
  NodeIdentity *identity;
  GHashTable *roots; /* (owned) NodeId (owned) -> sodium memory (owned), as of the opening */
  bool has_roots;    /* there are some, damaged ones included */
  bool in_keyring;
};

/* Takes over what the search found; @seed is set when an identity is among it, the one that @marker
 * (nullable) names. */
static bool
take_items (Secrets *secrets, GPtrArray *items, const NodeId *marker, uint8_t *seed, bool *damaged)
{
  bool found = false;
  for (guint i = 0; i < items->len; i++)
    {
      KeyringItem *item = g_ptr_array_index (items, i);
      bool good = item->secret && secret_key_is_plausible (item->secret);
      if (item->kind == KEYRING_IDENTITY && (!marker || node_id_equal (&item->id, marker)))
        {
          *damaged |= !good;
          found |= good;
          if (good)
            memcpy (seed, item->secret, SECRETS_LEN);
        }
      else if (item->kind == KEYRING_ROOT)
        {
          secrets->has_roots = true;
          if (good)
            g_hash_table_insert (secrets->roots, g_memdup2 (&item->id, sizeof item->id),
                                 g_steal_pointer (&item->secret));
        }
    }
  return found;
}

/* The identity that @marker names, or without one whichever the keyring has for this folder; then
 * *@found may be false. */
static bool
load_from_keyring (Secrets *secrets, const NodeId *marker, uint8_t *seed, bool *found,
                   GError **error)
{
  g_autoptr (GError) local = NULL;
  const char *path = data_dir_get_path (secrets->dir);
  g_autoptr (GPtrArray) items = keyring_search (path, &local);
  bool damaged = false;
  *found = false;
  if (!items)
    {
      g_set_error (error, SECRETS_ERROR, SECRETS_ERROR_UNAVAILABLE,
                   "The key of this device is in the keyring, and cannot be read: %s",
                   local->message);
      secrets_annotate (error, secrets->dir, NULL);
      return false;
    }
  *found = take_items (secrets, items, marker, seed, &damaged);
  if (!*found && damaged)
    {
      g_set_error (
          error, SECRETS_ERROR, SECRETS_ERROR_DAMAGED,
          "The key of this device in the keyring is damaged. Restore the keyring from a backup, or "
          "begin anew as a new device: move “%s” away.",
          path);
      secrets_annotate (error, secrets->dir, NULL);
      return false;
    }
  if (!*found)
    return true;
  secrets->identity = node_identity_from_seed (seed);
  if (marker && !node_id_equal (marker, node_identity_get_id (secrets->identity)))
    {
      g_set_error (error, SECRETS_ERROR, SECRETS_ERROR_DAMAGED,
                   "The keyring has another key than the one that “%s” belongs to. Restore the "
                   "keyring or the folder from the same backup.",
                   path);
      secrets_annotate (error, secrets->dir, NULL);
      return false;
    }
  secrets->in_keyring = true;
  return true;
}

/* A keyring that fails here has nothing of ours yet, so the reason is worth a debug line only. */
static bool
store_in_keyring (Secrets *secrets)
{
  g_autoptr (GError) error = NULL;
  secrets->in_keyring = keyring_store (data_dir_get_path (secrets->dir), KEYRING_IDENTITY,
                                       node_identity_get_id (secrets->identity),
                                       node_identity_get_seed (secrets->identity), &error);
  if (error)
    g_debug ("secrets go to files: %s", error->message);
  return secrets->in_keyring;
}

static bool
create_identity (Secrets *secrets, bool use_keyring, GError **error)
{
  secrets->identity = node_identity_generate ();
  if (use_keyring && store_in_keyring (secrets))
    return secrets_write_marker (secrets->dir, node_identity_get_id (secrets->identity), error);
  return private_file_write (data_dir_get_fd (secrets->dir), SECRETS_IDENTITY_FILE,
                             node_identity_get_seed (secrets->identity), SECRETS_LEN,
                             PRIVATE_FILE_NEW, error);
}

/* A state that cannot be read counts as yes: with a new identity its pairings would be lost. */
static bool
state_knows_devices (const DataDir *dir)
{
  g_autofree char *data = g_malloc (STATE_DOCUMENT_SIZE_MAX);
  g_autoptr (GError) error = NULL;
  size_t len;
  if (!private_file_read (data_dir_get_fd (dir), STATE_DOCUMENT_FILE, data, STATE_DOCUMENT_SIZE_MAX,
                          &len, &error))
    return !g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_autoptr (StateDocument) document = state_document_parse (data, len, NULL);
  return !document || document->paired->len > 0;
}

static bool
fail_missing (const Secrets *secrets, GError **error)
{
  const char *path = data_dir_get_path (secrets->dir);
  g_set_error (error, SECRETS_ERROR, SECRETS_ERROR_MISSING,
               "The key of this device, “" SECRETS_IDENTITY_FILE
               "” in “%s”, is missing, although other devices are paired "
               "with it. Restore it from a backup, or begin anew as a new device: move “%s” away.",
               path, path);
  secrets_annotate (error, secrets->dir, SECRETS_IDENTITY_FILE);
  return false;
}

/* First start, or the marker was lost: then the keyring still knows. */
static bool
find_or_create_identity (Secrets *secrets, bool use_keyring, uint8_t *seed, GError **error)
{
  g_autoptr (GError) local = NULL;
  bool found = false;
  bool answered = use_keyring && load_from_keyring (secrets, NULL, seed, &found, &local);
  if (found && !local)
    return secrets_write_marker (secrets->dir, node_identity_get_id (secrets->identity), error);
  bool knows = secrets->has_roots || state_knows_devices (secrets->dir);
  if (local && (knows || !g_error_matches (local, SECRETS_ERROR, SECRETS_ERROR_UNAVAILABLE)))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  if (knows)
    return fail_missing (secrets, error);
  if (local)
    g_debug ("%s", local->message);
  return create_identity (secrets, answered, error);
}

static bool
open_identity (Secrets *secrets, bool use_keyring, uint8_t *seed, GError **error)
{
  bool has_file, has_marker, found;
  if (!secrets_read_file (secrets->dir, SECRETS_IDENTITY_FILE, seed, &has_file, error))
    return false;
  if (has_file)
    {
      secrets->identity = node_identity_from_seed (seed);
      return true;
    }
  NodeId id;
  if (!secrets_read_marker (secrets->dir, &id, &has_marker, error))
    return false;
  if (!has_marker)
    return find_or_create_identity (secrets, use_keyring, seed, error);
  if (!load_from_keyring (secrets, &id, seed, &found, error))
    return false;
  if (!found)
    g_set_error (
        error, SECRETS_ERROR, SECRETS_ERROR_MISSING,
        "The key of this device is not in the keyring any more. Restore the keyring from a backup, or "
        "begin anew as a new device: move “%s” away.",
        data_dir_get_path (secrets->dir));
  if (!found)
    secrets_annotate (error, secrets->dir, NULL);
  return found;
}

/* Who may write here may remove a secret, and put an old one back. */
static bool
protect_roots_folder (const DataDir *dir)
{
  g_autofd int fd = openat (data_dir_get_fd (dir), SECRETS_ROOTS_FOLDER,
                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat st;
  if (fd < 0 || fstat (fd, &st) < 0)
    return false;
  if (!(st.st_mode & 077))
    return true;
  g_warning ("%s/" SECRETS_ROOTS_FOLDER " was open to other users (mode %04o): took that "
             "permission away",
             data_dir_get_path (dir), st.st_mode & 07777);
  return fchmod (fd, 0700) == 0;
}

static bool
make_roots_folder (const DataDir *dir, GError **error)
{
  bool there = mkdirat (data_dir_get_fd (dir), SECRETS_ROOTS_FOLDER, 0700) == 0 || errno == EEXIST;
  if (there && protect_roots_folder (dir))
    return true;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
               "The folder “%s/" SECRETS_ROOTS_FOLDER "” cannot be made: %s",
               data_dir_get_path (dir), g_strerror (errno));
  return false;
}

/* A root that cannot be used is told, and its device has to be paired again. */
static void
read_root_file (Secrets *secrets, const char *name)
{
  g_autofree char *path = g_strconcat (SECRETS_ROOTS_FOLDER "/", name, NULL);
  g_autoptr (GError) error = NULL;
  NodeId id;
  if (strlen (name) != NODE_ID_HEX_LEN || !node_id_parse (&id, name))
    return;
  secrets->has_roots = true;
  uint8_t *root = secret_new (SECRETS_LEN);
  bool found;
  if (secrets_read_file (secrets->dir, path, root, &found, &error) && found)
    {
      g_hash_table_insert (secrets->roots, g_memdup2 (&id, sizeof id), root);
      return;
    }
  sodium_free (root);
  if (error)
    g_warning ("%s", error->message);
}

static bool
read_root_files (Secrets *secrets, GError **error)
{
  g_autofree char *path =
      g_build_filename (data_dir_get_path (secrets->dir), SECRETS_ROOTS_FOLDER, NULL);
  g_autoptr (GDir) names = g_dir_open (path, 0, error);
  if (!names)
    return false;
  const char *name;
  while ((name = g_dir_read_name (names)))
    read_root_file (secrets, name);
  return true;
}

Secrets *
secrets_open (const DataDir *dir, bool use_keyring, GError **error)
{
  g_autoptr (Secrets) secrets = g_new0 (Secrets, 1);
  uint8_t *seed = secret_new (SECRETS_LEN);
  secrets->dir = dir;
  secrets->roots = g_hash_table_new_full (node_id_hash, node_id_equal_cb, g_free, sodium_free);
  bool opened = make_roots_folder (dir, error) && read_root_files (secrets, error) &&
                open_identity (secrets, use_keyring, seed, error);
  sodium_free (seed);
  return opened ? g_steal_pointer (&secrets) : NULL;
}

void
secrets_free (Secrets *secrets)
{
  if (!secrets)
    return;
  g_clear_pointer (&secrets->identity, node_identity_free);
  g_hash_table_unref (secrets->roots);
  g_free (secrets);
}

const NodeIdentity *
secrets_get_identity (const Secrets *secrets)
{
  return secrets->identity;
}

bool
secrets_store_root (Secrets *secrets, const NodeId *peer,
                    const uint8_t root[static PAIRING_ROOT_LEN], GError **error)
{
  g_autofree char *name = secrets_root_file_name (peer);
  if (secrets->in_keyring)
    return keyring_store (data_dir_get_path (secrets->dir), KEYRING_ROOT, peer, root, error);
  return private_file_write (data_dir_get_fd (secrets->dir), name, root, PAIRING_ROOT_LEN,
                             PRIVATE_FILE_REPLACE, error);
}

const uint8_t *
secrets_get_root (const Secrets *secrets, const NodeId *peer)
{
  return g_hash_table_lookup (secrets->roots, peer);
}

bool
secrets_remove_root (Secrets *secrets, const NodeId *peer, GError **error)
{
  g_autofree char *name = secrets_root_file_name (peer);
  if (secrets->in_keyring)
    return keyring_remove (data_dir_get_path (secrets->dir), KEYRING_ROOT, peer, error);
  return private_file_remove (data_dir_get_fd (secrets->dir), name, error);
}

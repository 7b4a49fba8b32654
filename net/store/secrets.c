/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "wherry-store"

#include "net/store/secrets.h"

#include <errno.h>
#include <sys/stat.h>

#include <sodium.h>

#include "net/core/secret.h"
#include "net/store/keyring.h"
#include "net/store/private_file.h"

#define SECRET_LEN   32
#define IDENTITY_KEY "identity.key"
#define MARKER       "identity.keyring" /* the hex node id: the keyring has the seed */

G_STATIC_ASSERT (SECRET_LEN == NODE_SEED_LEN);
G_STATIC_ASSERT (SECRET_LEN == PAIRING_ROOT_LEN);
G_STATIC_ASSERT (SECRET_LEN == KEYRING_SECRET_LEN);

struct Secrets
{
  const DataDir *dir;
  NodeIdentity *identity;
  bool in_keyring;
};

G_DEFINE_QUARK (secrets - error, secrets_error)

/* True with *@found false when there is no such file. */
static bool
read_secret_file (const DataDir *dir, const char *name, uint8_t *secret, bool *found,
                  GError **error)
{
  g_autoptr (GError) local = NULL;
  size_t len = 0;

  *found = private_file_read (data_dir_get_fd (dir), name, secret, SECRET_LEN, &len, &local);
  if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return true;
  if (*found && len == SECRET_LEN)
    return true;
  if (*found || g_error_matches (local, PRIVATE_FILE_ERROR, PRIVATE_FILE_ERROR_TOO_LONG))
    g_set_error (
        error, SECRETS_ERROR, SECRETS_ERROR_DAMAGED,
        "“%s” in “%s” is damaged: it should be %d bytes long. Restore it from a backup, or "
        "move it away; a device without it is a new device and has to be paired again.",
        name, data_dir_get_path (dir), SECRET_LEN);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

static char *
root_file_name (const NodeId *peer)
{
  g_autofree char *hex = node_id_to_hex (peer);

  return g_strconcat ("roots/", hex, NULL);
}

/* The marker is no secret, but a wrong one must not be mistaken for none: it costs the identity. */
static bool
read_marker (const DataDir *dir, NodeId *id, bool *found, GError **error)
{
  g_autoptr (GError) local = NULL;
  char hex[NODE_ID_HEX_LEN + 1] = { 0 };
  size_t len = 0;

  *found = private_file_read (data_dir_get_fd (dir), MARKER, hex, NODE_ID_HEX_LEN, &len, &local);
  if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return true;
  if (*found && node_id_parse (id, hex))
    return true;
  g_set_error (error, SECRETS_ERROR, SECRETS_ERROR_DAMAGED,
               "“" MARKER "” in “%s” is damaged. Move it away to look for the key in the keyring.",
               data_dir_get_path (dir));
  return false;
}

static bool
write_marker (const DataDir *dir, const NodeId *id, GError **error)
{
  g_autofree char *hex = node_id_to_hex (id);

  return private_file_write (data_dir_get_fd (dir), MARKER, hex, NODE_ID_HEX_LEN, PRIVATE_FILE_NEW,
                             error);
}

/* The identity that @marker names, or without one whichever the keyring has for this folder. */
static bool
load_from_keyring (Secrets *secrets, const NodeId *marker, uint8_t *seed, GError **error)
{
  g_autoptr (GError) local = NULL;
  const char *path = data_dir_get_path (secrets->dir);

  if (!keyring_lookup (path, KEYRING_IDENTITY, marker, seed, &local))
    {
      g_set_error (error, SECRETS_ERROR, SECRETS_ERROR_UNAVAILABLE,
                   "The key of this device is in the keyring, and cannot be read: %s",
                   local->message);
      return false;
    }
  secrets->identity = node_identity_from_seed (seed);
  if (marker && !node_id_equal (marker, node_identity_get_id (secrets->identity)))
    {
      g_set_error (error, SECRETS_ERROR, SECRETS_ERROR_DAMAGED,
                   "The keyring has another key than the one that “%s” belongs to. Restore the "
                   "keyring or the folder from the same backup.",
                   path);
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
    return write_marker (secrets->dir, node_identity_get_id (secrets->identity), error);
  return private_file_write (data_dir_get_fd (secrets->dir), IDENTITY_KEY,
                             node_identity_get_seed (secrets->identity), SECRET_LEN,
                             PRIVATE_FILE_NEW, error);
}

/* First start, or the marker was lost: then the keyring still knows. */
static bool
find_or_create_identity (Secrets *secrets, bool use_keyring, uint8_t *seed, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (use_keyring && load_from_keyring (secrets, NULL, seed, &local))
    return write_marker (secrets->dir, node_identity_get_id (secrets->identity), error);
  if (local)
    g_debug ("%s", local->message);
  return create_identity (secrets, use_keyring, error);
}

static bool
open_identity (Secrets *secrets, bool use_keyring, uint8_t *seed, GError **error)
{
  NodeId id;
  bool has_file, has_marker;

  if (!read_secret_file (secrets->dir, IDENTITY_KEY, seed, &has_file, error))
    return false;
  if (has_file)
    {
      secrets->identity = node_identity_from_seed (seed);
      return true;
    }
  if (!read_marker (secrets->dir, &id, &has_marker, error))
    return false;
  if (has_marker)
    return load_from_keyring (secrets, &id, seed, error);
  return find_or_create_identity (secrets, use_keyring, seed, error);
}

static bool
make_roots_folder (const DataDir *dir, GError **error)
{
  if (mkdirat (data_dir_get_fd (dir), "roots", 0700) == 0 || errno == EEXIST)
    return true;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
               "The folder “%s/roots” cannot be made: %s", data_dir_get_path (dir),
               g_strerror (errno));
  return false;
}

Secrets *
secrets_open (const DataDir *dir, gboolean use_keyring, GError **error)
{
  g_autoptr (Secrets) secrets = g_new0 (Secrets, 1);
  uint8_t *seed = secret_new (SECRET_LEN);
  bool opened;

  secrets->dir = dir;
  opened = make_roots_folder (dir, error) && open_identity (secrets, use_keyring, seed, error);
  sodium_free (seed);
  return opened ? g_steal_pointer (&secrets) : NULL;
}

void
secrets_free (Secrets *secrets)
{
  if (!secrets)
    return;
  g_clear_pointer (&secrets->identity, node_identity_free);
  g_free (secrets);
}

const NodeIdentity *
secrets_get_identity (const Secrets *secrets)
{
  return secrets->identity;
}

gboolean
secrets_store_root (Secrets *secrets, const NodeId *peer,
                    const uint8_t root[static PAIRING_ROOT_LEN], GError **error)
{
  g_autofree char *name = root_file_name (peer);

  if (secrets->in_keyring)
    return keyring_store (data_dir_get_path (secrets->dir), KEYRING_ROOT, peer, root, error);
  return private_file_write (data_dir_get_fd (secrets->dir), name, root, PAIRING_ROOT_LEN,
                             PRIVATE_FILE_REPLACE, error);
}

static bool
load_root (const Secrets *secrets, const NodeId *peer, uint8_t *root, GError **error)
{
  g_autofree char *name = root_file_name (peer);
  bool found;

  if (secrets->in_keyring)
    return keyring_lookup (data_dir_get_path (secrets->dir), KEYRING_ROOT, peer, root, error);
  if (!read_secret_file (secrets->dir, name, root, &found, error))
    return false;
  if (!found)
    g_set_error (error, SECRETS_ERROR, SECRETS_ERROR_MISSING,
                 "The secret shared with this device is gone. Pair again.");
  return found;
}

uint8_t *
secrets_load_root (const Secrets *secrets, const NodeId *peer, GError **error)
{
  uint8_t *root = secret_new (SECRET_LEN);

  if (load_root (secrets, peer, root, error))
    return root;
  sodium_free (root);
  return NULL;
}

gboolean
secrets_remove_root (Secrets *secrets, const NodeId *peer, GError **error)
{
  g_autofree char *name = root_file_name (peer);

  if (secrets->in_keyring)
    return keyring_remove (data_dir_get_path (secrets->dir), KEYRING_ROOT, peer, error);
  return private_file_remove (data_dir_get_fd (secrets->dir), name, error);
}

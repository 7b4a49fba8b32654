/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/store/secrets_private.h"

#include "net/core/secret.h"
#include "net/store/private_file.h"

static void
secrets_error_private_init (SecretsErrorPrivate *data)
{
}

static void
secrets_error_private_copy (const SecretsErrorPrivate *from, SecretsErrorPrivate *to)
{
  to->folder = g_strdup (from->folder);
  to->file = g_strdup (from->file);
}

static void
secrets_error_private_clear (SecretsErrorPrivate *data)
{
  g_free (data->folder);
  g_free (data->file);
}

G_DEFINE_EXTENDED_ERROR (SecretsError, secrets_error)

const SecretsErrorPrivate *
secrets_error_get_data (const GError *error)
{
  return secrets_error_get_private (error);
}

void
secrets_annotate (GError **error, const DataDir *dir, const char *file)
{
  if (!error || !g_error_matches (*error, SECRETS_ERROR, (*error)->code))
    return;
  SecretsErrorPrivate *data = secrets_error_get_private (*error);
  g_set_str (&data->folder, data_dir_get_path (dir));
  g_set_str (&data->file, file);
}

bool
secrets_read_file (const DataDir *dir, const char *name, uint8_t *secret, bool *found,
                   GError **error)
{
  g_autoptr (GError) local = NULL;
  size_t len = 0;
  *found = private_file_read (data_dir_get_fd (dir), name, secret, SECRETS_LEN, &len, &local);
  if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return true;
  if (*found && len == SECRETS_LEN && secret_key_is_plausible (secret))
    return true;
  if (*found && len == SECRETS_LEN)
    g_set_error (
        error, SECRETS_ERROR, SECRETS_ERROR_DAMAGED,
        "“%s” in “%s” is no random key, so that others could know it. Restore it from a backup, or move "
        "it away; a device without it is a new device and has to be paired again.",
        name, data_dir_get_path (dir));
  else if (*found || g_error_matches (local, PRIVATE_FILE_ERROR, PRIVATE_FILE_ERROR_TOO_LONG))
    g_set_error (
        error, SECRETS_ERROR, SECRETS_ERROR_DAMAGED,
        "“%s” in “%s” is damaged: it should be %d bytes long. Restore it from a backup, or "
        "move it away; a device without it is a new device and has to be paired again.",
        name, data_dir_get_path (dir), SECRETS_LEN);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  secrets_annotate (error, dir, name);
  return false;
}

char *
secrets_root_file_name (const NodeId *peer)
{
  g_autofree char *hex = node_id_to_hex (peer);
  return g_strconcat (SECRETS_ROOTS_FOLDER "/", hex, NULL);
}

bool
secrets_read_marker (const DataDir *dir, NodeId *id, bool *found, GError **error)
{
  g_autoptr (GError) local = NULL;
  char hex[NODE_ID_HEX_LEN + 1] = { 0 };
  size_t len = 0;
  *found = private_file_read (data_dir_get_fd (dir), SECRETS_MARKER_FILE, hex, NODE_ID_HEX_LEN,
                              &len, &local);
  if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return true;
  if (*found && node_id_parse (id, hex))
    return true;
  g_set_error (error, SECRETS_ERROR, SECRETS_ERROR_DAMAGED,
               "“" SECRETS_MARKER_FILE
               "” in “%s” is damaged. Move it away to look for the key in the keyring.",
               data_dir_get_path (dir));
  secrets_annotate (error, dir, SECRETS_MARKER_FILE);
  return false;
}

bool
secrets_write_marker (const DataDir *dir, const NodeId *id, GError **error)
{
  g_autofree char *hex = node_id_to_hex (id);
  return private_file_write (data_dir_get_fd (dir), SECRETS_MARKER_FILE, hex, NODE_ID_HEX_LEN,
                             PRIVATE_FILE_NEW, error);
}

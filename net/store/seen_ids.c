/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/store/seen_ids.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "net/store/private_file.h"

#define FOLDER "seen"

static char *
file_of (const NodeId *device)
{
  g_autofree char *hex = node_id_to_hex (device);
  return g_strconcat (FOLDER "/", hex, NULL);
}

bool
seen_ids_read (const DataDir *dir, const NodeId *device, SeenIds *seen, GError **error)
{
  g_autofree char *file = file_of (device);
  g_autoptr (GError) local = NULL;
  size_t len = 0;
  seen->n = 0;
  if (!private_file_read (data_dir_get_fd (dir), file, seen->ids, sizeof seen->ids, &len, &local) &&
      local->domain == G_FILE_ERROR && local->code != G_FILE_ERROR_NOENT)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  if (len % MESSAGE_ID_LEN != 0 || (local && local->domain != G_FILE_ERROR))
    g_warning ("“%s” is damaged: messages may arrive twice", file);
  else
    seen->n = (guint) (len / MESSAGE_ID_LEN);
  return true;
}

bool
seen_ids_write (const DataDir *dir, const NodeId *device, const SeenIds *seen, GError **error)
{
  g_autofree char *file = file_of (device);
  if (mkdirat (data_dir_get_fd (dir), FOLDER, 0700) < 0 && errno != EEXIST)
    {
      int code = errno;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
                   "“" FOLDER "” cannot be made: %s", g_strerror (code));
      return false;
    }
  return private_file_write (data_dir_get_fd (dir), file, seen->ids, seen->n * MESSAGE_ID_LEN,
                             PRIVATE_FILE_REPLACE, error);
}

bool
seen_ids_remove (const DataDir *dir, const NodeId *device, GError **error)
{
  g_autofree char *file = file_of (device);
  return private_file_remove (data_dir_get_fd (dir), file, error);
}

bool
seen_ids_has (const SeenIds *seen, const MessageId *id)
{
  for (guint i = 0; i < seen->n; i++)
    if (message_id_equal (&seen->ids[i], id))
      return true;
  return false;
}

void
seen_ids_add (SeenIds *seen, const MessageId *id)
{
  if (seen->n == SEEN_IDS_MAX)
    memmove (seen->ids, seen->ids + 1, --seen->n * sizeof *seen->ids);
  seen->ids[seen->n++] = *id;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/failed_folders.h"

#include <string.h>

struct FailedFolders
{
  /* path, owned -> ControlReason; a peer could choose names whose hashes collide */
  GTree *reasons;
};

static int
compare_paths (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

FailedFolders *
failed_folders_new (void)
{
  FailedFolders *self = g_new (FailedFolders, 1);
  self->reasons = g_tree_new_full (compare_paths, NULL, g_free, NULL);
  return self;
}

void
failed_folders_free (FailedFolders *self)
{
  g_tree_unref (self->reasons);
  g_free (self);
}

void
failed_folders_add (FailedFolders *self, const char *path, ControlReason reason)
{
  g_tree_insert (self->reasons, g_strdup (path), GINT_TO_POINTER (reason));
}

bool
failed_folders_cover (const FailedFolders *self, const char *path, ControlReason *reason)
{
  if (g_tree_nnodes (self->reasons) == 0)
    return false;
  g_autofree char *above = g_strdup (path);
  for (char *slash; (slash = strrchr (above, '/'));)
    {
      *slash = '\0';
      gpointer why;
      if (!g_tree_lookup_extended (self->reasons, above, NULL, &why))
        continue;
      if (reason)
        *reason = GPOINTER_TO_INT (why);
      return true;
    }
  return false;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/renamed_paths.h"

#include <string.h>

struct RenamedPaths
{
  /* offered -> actual path, owned; a peer could choose names whose hashes collide */
  GTree *actual;
};

static int
compare_paths (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

RenamedPaths *
renamed_paths_new (void)
{
  RenamedPaths *self = g_new (RenamedPaths, 1);
  self->actual = g_tree_new_full (compare_paths, NULL, g_free, g_free);
  return self;
}

void
renamed_paths_free (RenamedPaths *self)
{
  g_tree_unref (self->actual);
  g_free (self);
}

void
renamed_paths_add (RenamedPaths *self, const char *offered, const char *actual)
{
  g_tree_insert (self->actual, g_strdup (offered), g_strdup (actual));
}

bool
renamed_paths_is_empty (const RenamedPaths *self)
{
  return g_tree_nnodes (self->actual) == 0;
}

char *
renamed_paths_resolve (const RenamedPaths *self, const char *offered)
{
  if (renamed_paths_is_empty (self))
    return g_strdup (offered);
  g_autofree char *above = g_strdup (offered);
  for (;;)
    {
      const char *actual = g_tree_lookup (self->actual, above);
      if (actual)
        return g_strconcat (actual, offered + strlen (above), NULL);
      char *slash = strrchr (above, '/');
      if (!slash)
        return g_strdup (offered);
      *slash = '\0';
    }
}

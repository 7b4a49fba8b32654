/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/folder_names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "net/core/free_name.h"
#include "net/core/path.h"

struct FolderNames
{
  GPtrArray *names;  /* utf8, owned */
  GHashTable *taken; /* utf8, owned: names and what others are offered as; NULL until it matters */
};

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Returns 0 or an errno. */
static int
list_names (int dir, GPtrArray *names)
{
  int copy = openat (dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = copy >= 0 ? fdopendir (copy) : NULL;
  if (!stream)
    {
      int code = errno;
      if (copy >= 0)
        close (copy);
      return code;
    }
  for (struct dirent *entry; errno = 0, (entry = readdir (stream));)
    if (!g_str_equal (entry->d_name, ".") && !g_str_equal (entry->d_name, ".."))
      g_ptr_array_add (names, g_strdup (entry->d_name));
  int code = errno;
  closedir (stream);
  return code;
}

FolderNames *
folder_names_new (int dir, int *code)
{
  FolderNames *self = g_new0 (FolderNames, 1);
  self->names = g_ptr_array_new_with_free_func (g_free);
  *code = list_names (dir, self->names);
  g_ptr_array_sort (self->names, compare_names);
  return self;
}

void
folder_names_free (FolderNames *self)
{
  g_ptr_array_unref (self->names);
  g_clear_pointer (&self->taken, g_hash_table_unref);
  g_free (self);
}

GPtrArray *
folder_names_get (const FolderNames *self)
{
  return self->names;
}

static bool
is_in_table (const char *name, void *table)
{
  return g_hash_table_contains (table, name);
}

char *
folder_names_find_free (const char *cleaned, GHashTable *taken)
{
  unsigned n = 0;
  return g_hash_table_contains (taken, cleaned) ? free_name_find (cleaned, &n, is_in_table, taken)
                                                : g_strdup (cleaned);
}

char *
folder_names_offer (FolderNames *self, const char *name)
{
  if (path_check_component (name, NULL))
    return g_strdup (name);
  if (!self->taken)
    {
      self->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      for (guint i = 0; i < self->names->len; i++)
        g_hash_table_add (self->taken, g_strdup (self->names->pdata[i]));
    }
  g_autofree char *cleaned = path_clean_component (name);
  char *candidate = folder_names_find_free (cleaned, self->taken);
  g_hash_table_add (self->taken, g_strdup (candidate));
  return candidate;
}

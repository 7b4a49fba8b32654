/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/path_set.h"

#include <blake3.h>
#include <string.h>

struct PathSet
{
  GArray *files;   /* PathDigest */
  GArray *folders; /* PathDigest */
  GArray *parents; /* PathDigest; may repeat */
};

void
path_digest_below (const PathDigest *parent, const char *name, size_t len, PathDigest *digest)
{
  blake3_hasher hasher;
  blake3_hasher_init (&hasher);
  blake3_hasher_update (&hasher, parent->bytes, sizeof parent->bytes);
  blake3_hasher_update (&hasher, name, len);
  blake3_hasher_finalize (&hasher, digest->bytes, sizeof digest->bytes);
}

PathSet *
path_set_new (void)
{
  PathSet *set = g_new (PathSet, 1);
  *set = (PathSet) {
    .files = g_array_new (false, false, sizeof (PathDigest)),
    .folders = g_array_new (false, false, sizeof (PathDigest)),
    .parents = g_array_new (false, false, sizeof (PathDigest)),
  };
  return set;
}

void
path_set_free (PathSet *set)
{
  g_array_unref (set->files);
  g_array_unref (set->folders);
  g_array_unref (set->parents);
  g_free (set);
}

void
path_set_add (PathSet *set, const PathDigest *path, bool is_folder)
{
  g_array_append_vals (is_folder ? set->folders : set->files, path, 1);
}

void
path_set_add_parent (PathSet *set, const PathDigest *folder)
{
  g_array_append_vals (set->parents, folder, 1);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (PathDigest));
}

static bool
has_twins (const GArray *sorted)
{
  for (guint i = 1; i < sorted->len; i++)
    if (compare (&g_array_index (sorted, PathDigest, i - 1),
                 &g_array_index (sorted, PathDigest, i)) == 0)
      return true;
  return false;
}

static bool
share_one (const GArray *a, const GArray *b)
{
  for (guint i = 0, k = 0; i < a->len && k < b->len;)
    {
      int order = compare (&g_array_index (a, PathDigest, i), &g_array_index (b, PathDigest, k));
      if (order == 0)
        return true;
      i += order < 0;
      k += order > 0;
    }
  return false;
}

bool
path_set_is_tree (PathSet *set)
{
  g_array_sort (set->files, compare);
  g_array_sort (set->folders, compare);
  g_array_sort (set->parents, compare);
  return !has_twins (set->files) && !has_twins (set->folders) &&
         !share_one (set->files, set->folders) && !share_one (set->files, set->parents);
}

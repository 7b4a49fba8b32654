/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever is taken and whatever the name, the search asks a bounded number of times. */
#include "net/core/free_name.h"

#include <stdio.h>
#include <string.h>

#include "net/core/path.h"

#define FILES 8000
#define TWINS 2000

typedef struct
{
  GHashTable *names; /* (owned) */
  bool fold;         /* letters' case is ignored */
  unsigned asked;
} Folder;

static char *
fold (const Folder *folder, const char *name)
{
  return folder->fold ? g_ascii_strdown (name, -1) : g_strdup (name);
}

static bool
is_taken (const char *name, void *user_data)
{
  Folder *folder = user_data;
  g_autofree char *folded = fold (folder, name);
  folder->asked++;
  return g_hash_table_contains (folder->names, folded);
}

static void
take (Folder *folder, const char *name)
{
  g_assert_true (g_hash_table_add (folder->names, fold (folder, name)));
}

static void
folder_init (Folder *folder, bool folds)
{
  *folder = (Folder) { g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL), folds, 0 };
}

/* As a file comes: under its name, or else under the next free one. */
static void
arrive (Folder *folder, const char *name)
{
  unsigned n = 0, before = folder->asked;
  if (!is_taken (name, folder))
    {
      take (folder, name);
      return;
    }
  g_autofree char *found = free_name_find (name, &n, is_taken, folder);
  g_assert_cmpuint (folder->asked - before, <=, FREE_NAME_ASKS_MAX + 1);
  take (folder, found);
}

static void
first_ones_in_order (void)
{
  static const char *const expected[] = { "a.txt",     "a (1).txt", "a (2).txt",
                                          "a (3).txt", "a (4).txt", "a (5).txt" };
  Folder folder;
  folder_init (&folder, false);
  for (size_t i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      arrive (&folder, "a.txt");
      g_assert_true (is_taken (expected[i], &folder));
    }
  g_hash_table_unref (folder.names);
}

static void
one_name (void)
{
  Folder folder;
  folder_init (&folder, false);
  for (unsigned i = 0; i < FILES; i++)
    arrive (&folder, "a.txt");
  g_autofree char *last = path_conflict_name ("a.txt", FILES - 1);
  g_assert_true (is_taken (last, &folder)); /* without gaps */
  g_hash_table_unref (folder.names);
}

static void
numbered_names (void)
{
  Folder folder;
  folder_init (&folder, false);
  take (&folder, "a");
  for (unsigned i = 1; i <= FILES; i++)
    {
      g_autofree char *name = path_conflict_name ("a", i);
      take (&folder, name);
    }
  arrive (&folder, "a");
  for (unsigned i = 1; i <= FILES; i++)
    {
      g_autofree char *name = path_conflict_name ("a", i);
      arrive (&folder, name);
    }
  g_hash_table_unref (folder.names);
}

/* All of 255 bytes: adding a number cuts them to one and the same. */
static void
names_cut_alike (void)
{
  Folder folder;
  folder_init (&folder, false);
  g_autofree char *stem = g_strnfill (PATH_COMPONENT_MAX - 4, 'x');
  for (unsigned round = 0; round < 2; round++)
    for (unsigned i = 0; i < TWINS; i++)
      {
        g_autofree char *name = g_strdup_printf ("%s%04u", stem, i);
        arrive (&folder, name);
      }
  g_assert_cmpuint (g_hash_table_size (folder.names), ==, 2 * TWINS);
  g_hash_table_unref (folder.names);
}

static void
twins_by_case (void)
{
  Folder folder;
  folder_init (&folder, true);
  for (unsigned i = 0; i < TWINS; i++)
    {
      char name[] = "abcdefghijk";
      for (int bit = 0; bit < 11; bit++)
        if (i >> bit & 1)
          name[bit] = g_ascii_toupper (name[bit]);
      arrive (&folder, name);
    }
  g_assert_cmpuint (g_hash_table_size (folder.names), ==, TWINS);
  g_hash_table_unref (folder.names);
}

static bool
all_taken (const char *name, void *user_data)
{
  ++*(unsigned *) user_data;
  return true;
}

static void
nothing_free (void)
{
  unsigned n = 0, asked = 0;
  g_assert_null (free_name_find ("a", &n, all_taken, &asked));
  g_assert_cmpuint (asked, <=, FREE_NAME_ASKS_MAX);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/free-name/first-ones-in-order", first_ones_in_order);
  g_test_add_func ("/free-name/one-name", one_name);
  g_test_add_func ("/free-name/numbered-names", numbered_names);
  g_test_add_func ("/free-name/names-cut-alike", names_cut_alike);
  g_test_add_func ("/free-name/twins-by-case", twins_by_case);
  g_test_add_func ("/free-name/nothing-free", nothing_free);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/scratch.h"

#include <ftw.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void
scratch_init (Scratch *scratch)
{
  scratch->path = g_dir_make_tmp ("wherry-test-XXXXXX", NULL);
  g_assert_nonnull (scratch->path);
}

static int
open_up_cb (const char *path, const struct stat *status, int type, struct FTW *ftw)
{
  return S_ISDIR (status->st_mode) ? chmod (path, 0700) : 0;
}

static int
remove_cb (const char *path, const struct stat *status, int type, struct FTW *ftw)
{
  return remove (path);
}

void
scratch_clear (Scratch *scratch)
{
  if (!scratch->path)
    return;
  nftw (scratch->path, open_up_cb, 16, FTW_PHYS);
  nftw (scratch->path, remove_cb, 16, FTW_PHYS | FTW_DEPTH);
  g_clear_pointer (&scratch->path, g_free);
}

char *
scratch_path (const Scratch *scratch, const char *below, ...)
{
  va_list args;
  va_start (args, below);
  g_autofree char *name = g_strdup_vprintf (below, args);
  va_end (args);
  return g_build_filename (scratch->path, name, NULL);
}

GFile *
scratch_file (const Scratch *scratch, const char *below)
{
  g_autofree char *path = scratch_path (scratch, "%s", below);
  return g_file_new_for_path (path);
}

void
scratch_mkdir (const Scratch *scratch, const char *below)
{
  g_autofree char *path = scratch_path (scratch, "%s", below);
  g_assert_no_errno (g_mkdir_with_parents (path, 0755));
}

void
scratch_write (const Scratch *scratch, const char *below, const void *data, gssize len)
{
  g_autofree char *path = scratch_path (scratch, "%s", below);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;
  g_assert_no_errno (g_mkdir_with_parents (parent, 0755));
  g_file_set_contents_full (path, data, len, G_FILE_SET_CONTENTS_NONE, 0644, &error);
  g_assert_no_error (error);
}

void
scratch_fill (const Scratch *scratch, const char *below, size_t size, uint32_t seed)
{
  g_autofree uint8_t *data = g_malloc (size + 1);
  for (size_t i = 0; i < size; i++)
    {
      seed = seed * 1664525 + 1013904223;
      data[i] = seed >> 24;
    }
  scratch_write (scratch, below, data, (gssize) size);
}

bool
scratch_exists (const Scratch *scratch, const char *below)
{
  g_autofree char *path = scratch_path (scratch, "%s", below);
  struct stat status;
  return lstat (path, &status) == 0;
}

void
scratch_assert_content (const Scratch *scratch, const char *below, const char *content)
{
  g_autofree char *path = scratch_path (scratch, "%s", below);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (path, &data, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (data, ==, content);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
list_names (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &error);
  g_assert_no_error (error);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  for (const char *name; (name = g_dir_read_name (dir));)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

void
scratch_assert_names (const Scratch *scratch, const char *below, const char *joined)
{
  g_autofree char *path = scratch_path (scratch, "%s", below);
  g_autoptr (GPtrArray) names = list_names (path);
  g_autoptr (GString) found = g_string_new (NULL);
  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (found, "%s%s", i ? "|" : "", (char *) names->pdata[i]);
  g_assert_cmpstr (found->str, ==, joined);
}

static void
assert_same (const char *a, const char *b)
{
  struct stat status_a, status_b;
  g_assert_no_errno (lstat (a, &status_a));
  g_assert_no_errno (lstat (b, &status_b));
  g_assert_cmphex (status_a.st_mode, ==, status_b.st_mode);
  g_assert_cmpint (status_a.st_mtim.tv_sec, ==, status_b.st_mtim.tv_sec);
  g_assert_cmpint (status_a.st_mtim.tv_nsec, ==, status_b.st_mtim.tv_nsec);
  if (!S_ISDIR (status_a.st_mode))
    {
      g_autofree char *data_a = NULL, *data_b = NULL;
      gsize len_a, len_b;
      g_assert_true (g_file_get_contents (a, &data_a, &len_a, NULL));
      g_assert_true (g_file_get_contents (b, &data_b, &len_b, NULL));
      g_assert_cmpmem (data_a, len_a, data_b, len_b);
      return;
    }
  g_autoptr (GPtrArray) names_a = list_names (a), names_b = list_names (b);
  g_assert_cmpuint (names_a->len, ==, names_b->len);
  for (guint i = 0; i < names_a->len; i++)
    {
      g_autofree char *child_a = g_build_filename (a, names_a->pdata[i], NULL);
      g_autofree char *child_b = g_build_filename (b, names_b->pdata[i], NULL);
      g_assert_cmpstr (names_a->pdata[i], ==, names_b->pdata[i]);
      assert_same (child_a, child_b);
    }
}

void
scratch_assert_same (const Scratch *scratch, const char *a, const char *b)
{
  g_autofree char *path_a = scratch_path (scratch, "%s", a);
  g_autofree char *path_b = scratch_path (scratch, "%s", b);
  assert_same (path_a, path_b);
}

void
scratch_drop_capabilities (void)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
  g_assert_no_errno ((int) syscall (SYS_capset, &header, none));
}

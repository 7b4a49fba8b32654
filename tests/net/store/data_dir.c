/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/store/data_dir.h"

#include <sys/wait.h>

#include "tests/net/store/fixture.h"

static void
test_made_private (Folder *folder, gconstpointer data)
{
  g_autofree char *path = g_build_filename (folder->path, "x", "y", NULL);
  g_autoptr (DataDir) dir = data_dir_open (path, NULL);
  g_assert_cmpstr (data_dir_get_path (dir), ==, path);
  g_assert_cmpint (folder_mode (folder, "x"), ==, 0700);
  g_assert_cmpint (folder_mode (folder, "x/y"), ==, 0700);
  g_assert_cmpint (folder_mode (folder, "x/y/lock"), ==, 0600);
}

static void
test_one_at_a_time (Folder *folder, gconstpointer data)
{
  g_autofree char *pid = g_strdup_printf ("%ld", (long) getpid ());
  g_autoptr (GError) error = NULL;
  g_autoptr (DataDir) second = data_dir_open (folder->path, &error);
  g_assert_null (second);
  g_assert_error (error, DATA_DIR_ERROR, DATA_DIR_ERROR_LOCKED);
  g_assert_nonnull (strstr (error->message, pid));
  g_assert_nonnull (strstr (error->message, folder->path));
  g_assert_cmpint (data_dir_find_holder (folder->path), ==, getpid ());

  g_clear_pointer (&folder->dir, data_dir_close);
  folder->dir = data_dir_open (folder->path, NULL);
  g_assert_nonnull (folder->dir);
}

/* A holder that is killed holds nothing. */
static void
test_lock_dies_with_its_process (Folder *folder, gconstpointer data)
{
  g_clear_pointer (&folder->dir, data_dir_close);
  int ready[2];
  g_assert_no_errno (pipe (ready));
  pid_t child = fork ();
  if (child == 0)
    {
      DataDir *dir = data_dir_open (folder->path, NULL);
      if (dir && write (ready[1], "", 1) == 1)
        pause ();
      _exit (1);
    }
  char byte;
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  g_assert_null (data_dir_open (folder->path, NULL));
  kill (child, SIGKILL);
  g_assert_no_errno (waitpid (child, NULL, 0));
  close (ready[0]);
  close (ready[1]);
  folder->dir = data_dir_open (folder->path, NULL);
  g_assert_nonnull (folder->dir);
}

static void
test_others_may_not_write (Folder *folder, gconstpointer data)
{
  g_autofree char *path = g_build_filename (folder->path, "open", NULL);
  g_autoptr (DataDir) dir = NULL;
  g_assert_no_errno (g_mkdir (path, 0700));
  g_assert_no_errno (g_chmod (path, 0777));
  dir = data_dir_open (path, NULL);
  assert_warned ("others could write");
  g_assert_nonnull (dir);
  g_assert_cmpint (folder_mode (folder, "open"), ==, 0755);
}

static void
test_no_folder (Folder *folder, gconstpointer data)
{
  g_autofree char *path = g_build_filename (folder->path, "file", NULL);
  g_autoptr (GError) error = NULL;
  folder_write (folder, "file", "");
  g_assert_null (data_dir_open (path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/data-dir/made-private", test_made_private);
  ADD ("/data-dir/one-at-a-time", test_one_at_a_time);
  ADD ("/data-dir/lock-dies-with-its-process", test_lock_dies_with_its_process);
  ADD ("/data-dir/others-may-not-write", test_others_may_not_write);
  ADD ("/data-dir/no-folder", test_no_folder);
  return run_tests ();
}

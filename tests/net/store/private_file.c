/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/store/private_file.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "tests/net/store/fixture.h"

static void
test_round_trip (Folder *folder, gconstpointer data)
{
  int fd = data_dir_get_fd (folder->dir);
  g_autoptr (GError) error = NULL;
  mode_t mask = umask (0);
  g_assert_true (private_file_write (fd, "a", "first", 5, PRIVATE_FILE_NEW, &error));
  umask (mask);
  g_assert_cmpint (folder_mode (folder, "a"), ==, 0600);
  char buffer[8];
  size_t len;
  g_assert_true (private_file_read (fd, "a", buffer, sizeof buffer, &len, &error));
  g_assert_cmpmem (buffer, len, "first", 5);

  g_assert_false (private_file_write (fd, "a", "second", 6, PRIVATE_FILE_NEW, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST);
  g_clear_error (&error);
  g_assert_true (private_file_write (fd, "a", "secondly", 8, PRIVATE_FILE_REPLACE, &error));
  g_assert_true (private_file_read (fd, "a", buffer, sizeof buffer, &len, &error));
  g_assert_cmpmem (buffer, len, "secondly", 8);
  g_assert_null (folder_find (folder, "a."));

  g_assert_false (private_file_read (fd, "a", buffer, 7, &len, &error));
  g_assert_error (error, PRIVATE_FILE_ERROR, PRIVATE_FILE_ERROR_TOO_LONG);
  g_clear_error (&error);
  g_assert_true (private_file_remove (fd, "a", &error));
  g_assert_true (private_file_remove (fd, "a", &error));
  g_assert_false (private_file_read (fd, "a", buffer, sizeof buffer, &len, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* A write that breaks off in the middle: RLIMIT_FSIZE stands for the full disk. */
static void
test_full_disk (Folder *folder, gconstpointer data)
{
  int fd = data_dir_get_fd (folder->dir);
  struct rlimit tiny = { .rlim_cur = 3, .rlim_max = RLIM_INFINITY };
  g_autofree char *content = NULL;
  g_autofree char *rest = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (private_file_write (fd, "a", "old", 3, PRIVATE_FILE_NEW, NULL));
  signal (SIGXFSZ, SIG_IGN);
  struct rlimit before;
  g_assert_no_errno (getrlimit (RLIMIT_FSIZE, &before));
  tiny.rlim_max = before.rlim_max;
  g_assert_no_errno (setrlimit (RLIMIT_FSIZE, &tiny));
  gboolean written =
      private_file_write (fd, "a", "the new content", 15, PRIVATE_FILE_REPLACE, &error);
  g_assert_no_errno (setrlimit (RLIMIT_FSIZE, &before));

  g_assert_false (written);
  g_assert_nonnull (error);
  content = folder_read (folder, "a");
  g_assert_cmpstr (content, ==, "old");
  rest = folder_find (folder, "a.");
  g_assert_null (rest);
}

/* What a crash left behind is in nobody's way. */
static void
test_stale_temporary (Folder *folder, gconstpointer data)
{
  g_autofree char *content = NULL;
  folder_write (folder, "a.new", "half a wri");
  g_assert_true (private_file_write (data_dir_get_fd (folder->dir), "a", "whole", 5,
                                     PRIVATE_FILE_REPLACE, NULL));
  content = folder_read (folder, "a");
  g_assert_cmpstr (content, ==, "whole");
  g_assert_null (folder_find (folder, "a."));
}

static void
test_open_permissions_are_taken_back (Folder *folder, gconstpointer data)
{
  int fd = data_dir_get_fd (folder->dir);
  folder_write (folder, "a", "secret");
  g_assert_no_errno (fchmodat (fd, "a", 0644, 0));
  char buffer[8];
  size_t len;
  g_assert_true (private_file_read (fd, "a", buffer, sizeof buffer, &len, NULL));
  assert_warned ("a was open to other users (mode 0644)");
  g_assert_cmpint (folder_mode (folder, "a"), ==, 0600);
}

static void
test_only_plain_files (Folder *folder, gconstpointer data)
{
  int fd = data_dir_get_fd (folder->dir);
  g_autoptr (GError) error = NULL;
  g_assert_no_errno (symlinkat ("/etc/passwd", fd, "link"));
  char buffer[8];
  size_t len;
  g_assert_false (private_file_read (fd, "link", buffer, sizeof buffer, &len, &error));
  g_assert_error (error, PRIVATE_FILE_ERROR, PRIVATE_FILE_ERROR_UNSAFE);
  g_assert_cmpstr (private_file_error_get_name (error), ==, "link");
  g_clear_error (&error);
  /* Nobody writes to it, and reading it must not wait for that. */
  g_assert_no_errno (mkfifoat (fd, "fifo", 0600));
  g_assert_false (private_file_read (fd, "fifo", buffer, sizeof buffer, &len, &error));
  g_assert_error (error, PRIVATE_FILE_ERROR, PRIVATE_FILE_ERROR_UNSAFE);
}

static void
test_rename_never_overwrites (Folder *folder, gconstpointer data)
{
  int fd = data_dir_get_fd (folder->dir);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  folder_write (folder, "a", "new");
  folder_write (folder, "b", "old");
  g_assert_false (private_file_rename (fd, "a", "b", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST);
  content = folder_read (folder, "b");
  g_assert_cmpstr (content, ==, "old");
  g_assert_true (private_file_rename (fd, "a", "c", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/private-file/round-trip", test_round_trip);
  ADD ("/private-file/full-disk", test_full_disk);
  ADD ("/private-file/stale-temporary", test_stale_temporary);
  ADD ("/private-file/permissions", test_open_permissions_are_taken_back);
  ADD ("/private-file/only-plain-files", test_only_plain_files);
  ADD ("/private-file/rename-never-overwrites", test_rename_never_overwrites);
  return run_tests ();
}

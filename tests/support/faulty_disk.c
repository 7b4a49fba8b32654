/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/faulty_disk.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Once: what is mounted is seen by this process and its children only, and goes with them. */
static bool
enter_namespace (void)
{
  static bool entered;
  if (!entered)
    entered =
        unshare (CLONE_NEWNS) == 0 && mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
  return entered;
}

static bool
said_ready (int fd)
{
  char text[7] = "";
  for (size_t got = 0; got < 6;)
    {
      ssize_t n = read (fd, text + got, 6 - got);
      if (n <= 0)
        return false;
      got += n;
    }
  return g_str_equal (text, "ready\n");
}

bool
faulty_disk_mount (FaultyDisk *disk, const char *source, const char *mountpoint, const char *rules)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "support", "fuse_faulty", NULL);
  if (access ("/dev/fuse", R_OK | W_OK) < 0 || !g_file_test (program, G_FILE_TEST_EXISTS) ||
      !enter_namespace ())
    {
      g_test_skip ("no /dev/fuse, no libfuse, or this user may not mount");
      return false;
    }
  g_assert_no_errno (g_mkdir_with_parents (mountpoint, 0755));
  g_autofree char *line = g_strdup_printf ("%s %s", mountpoint, rules);
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_ptr_array_add (argv, program);
  g_ptr_array_add (argv, (char *) source);
  for (char **word = words; *word; word++)
    if (**word)
      g_ptr_array_add (argv, *word);
  g_ptr_array_add (argv, NULL);
  g_spawn_async_with_pipes (NULL, (char **) argv->pdata, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                            NULL, &disk->pid, &disk->input, &disk->output, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (said_ready (disk->output));
  disk->mountpoint = g_strdup (mountpoint);
  return true;
}

char *
faulty_disk_unmount (FaultyDisk *disk)
{
  close (disk->input);
  GString *text = g_string_new (NULL);
  char block[1024];
  for (ssize_t n; (n = read (disk->output, block, sizeof block)) > 0;)
    g_string_append_len (text, block, n);
  close (disk->output);
  int status;
  g_assert_cmpint (waitpid (disk->pid, &status, 0), ==, disk->pid);
  g_assert_cmpint (status, ==, 0);
  g_clear_pointer (&disk->mountpoint, g_free);
  return g_string_free_and_steal (text);
}

unsigned
faulty_disk_count (const char *counts, const char *call)
{
  g_autofree char *key = g_strdup_printf ("\n%s ", call);
  g_autofree char *text = g_strconcat ("\n", counts, NULL);
  const char *found = strstr (text, key);
  g_assert_nonnull (found);
  return (unsigned) strtoul (found + strlen (key), NULL, 10);
}

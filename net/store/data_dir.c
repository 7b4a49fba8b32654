/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/store/data_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gstdio.h>

#define PID_TEXT_MAX 32

struct DataDir
{
  char *path;
  int fd;
  int lock_fd;
};

G_DEFINE_QUARK (wherry-data-dir-error-quark, data_dir_error)

static bool
fail_errno (const char *what, const char *path, GError **error)
{
  int saved = errno;
  g_set_error (
      error, G_FILE_ERROR, g_file_error_from_errno (saved),
      "The folder “%s” cannot be %s: %s. Choose another data folder or mend its permissions.", path,
      what, g_strerror (saved));
  return false;
}

static bool
open_folder (DataDir *dir, GError **error)
{
  if (g_mkdir_with_parents (dir->path, 0700) < 0)
    return fail_errno ("made", dir->path, error);
  dir->fd = open (dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct stat st;
  if (dir->fd < 0 || fstat (dir->fd, &st) < 0)
    return fail_errno ("opened", dir->path, error);

  if (st.st_uid != geteuid ())
    {
      g_set_error (error, DATA_DIR_ERROR, DATA_DIR_ERROR_UNSAFE,
                   "The folder “%s” belongs to another user. Choose a data folder of your own.",
                   dir->path);
      return false;
    }
  /* Who may write here may swap the identity; reading is guarded by the mode of each file. */
  if (st.st_mode & 022)
    {
      if (fchmod (dir->fd, st.st_mode & 07755) < 0)
        return fail_errno ("protected", dir->path, error);
      g_warning ("others could write to %s: took that permission away", dir->path);
    }
  return true;
}

static int64_t
read_holder (int lock_fd)
{
  char text[PID_TEXT_MAX] = { 0 };
  return pread (lock_fd, text, sizeof text - 1, 0) > 0 ? g_ascii_strtoll (text, NULL, 10) : 0;
}

static char *
folder_path (const char *path)
{
  g_autofree char *fallback = g_build_filename (g_get_user_data_dir (), DATA_DIR_NAME, NULL);
  return g_canonicalize_filename (path ? path : fallback, NULL);
}

char *
data_dir_resolve (const char *path)
{
  g_autofree char *folder = folder_path (path);
  char *resolved = realpath (folder, NULL);
  return resolved ?: g_steal_pointer (&folder);
}

int64_t
data_dir_find_holder (const char *path)
{
  g_autofree char *folder = folder_path (path);
  g_autofree char *lock = g_build_filename (folder, "lock", NULL);
  g_autofd int fd = open (lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  return fd >= 0 ? read_holder (fd) : 0;
}

int
data_dir_peek (const char *path, GError **error)
{
  g_autofree char *folder = folder_path (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    fail_errno ("opened", folder, error);
  return fd;
}

static void
set_locked_error (const DataDir *dir, GError **error)
{
  int64_t pid = read_holder (dir->lock_fd);
  if (pid > 0)
    g_set_error (error, DATA_DIR_ERROR, DATA_DIR_ERROR_LOCKED,
                 "Wherry already runs on “%s” (process %" G_GINT64_FORMAT
                 "). Use that one, or choose another data folder.",
                 dir->path, pid);
  else
    g_set_error (error, DATA_DIR_ERROR, DATA_DIR_ERROR_LOCKED,
                 "Wherry already runs on “%s”. Use that one, or choose another data folder.",
                 dir->path);
}

static bool
take_lock (DataDir *dir, GError **error)
{
  char text[PID_TEXT_MAX];
  int len = g_snprintf (text, sizeof text, "%ld\n", (long) getpid ());
  dir->lock_fd = openat (dir->fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (dir->lock_fd < 0)
    return fail_errno ("written to", dir->path, error);
  if (flock (dir->lock_fd, LOCK_EX | LOCK_NB) < 0)
    {
      if (errno != EWOULDBLOCK)
        return fail_errno ("locked", dir->path, error);
      set_locked_error (dir, error);
      return false;
    }
  /* Only messages use the pid, the lock is held without it: a full disk is no reason to fail. */
  if (ftruncate (dir->lock_fd, 0) < 0 || pwrite (dir->lock_fd, text, len, 0) < 0)
    g_debug ("the lock of %s does not name us: %s", dir->path, g_strerror (errno));
  return true;
}

DataDir *
data_dir_open (const char *path, GError **error)
{
  g_autoptr (DataDir) dir = g_new (DataDir, 1);
  *dir = (DataDir) {
    .path = folder_path (path),
    .fd = -1,
    .lock_fd = -1,
  };
  if (!open_folder (dir, error) || !take_lock (dir, error))
    return NULL;
  return g_steal_pointer (&dir);
}

void
data_dir_close (DataDir *dir)
{
  if (!dir)
    return;
  g_clear_fd (&dir->lock_fd, NULL);
  g_clear_fd (&dir->fd, NULL);
  g_free (dir->path);
  g_free (dir);
}

const char *
data_dir_get_path (const DataDir *dir)
{
  return dir->path;
}

int
data_dir_get_fd (const DataDir *dir)
{
  return dir->fd;
}

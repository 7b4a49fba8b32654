/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "net/store/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gstdio.h>

typedef struct
{
  char *name; /* (owned) (nullable) */
} PrivateFileErrorPrivate;

static void
private_file_error_private_init (PrivateFileErrorPrivate *data)
{
}

static void
private_file_error_private_copy (const PrivateFileErrorPrivate *from, PrivateFileErrorPrivate *to)
{
  to->name = g_strdup (from->name);
}

static void
private_file_error_private_clear (PrivateFileErrorPrivate *data)
{
  g_free (data->name);
}

G_DEFINE_EXTENDED_ERROR (PrivateFileError, private_file_error)

const char *
private_file_error_get_name (const GError *error)
{
  return private_file_error_get_private (error)->name;
}

static bool G_GNUC_PRINTF (4, 5)
    refuse (PrivateFileError code, const char *name, GError **error, const char *format, ...)
{
  if (!error)
    return false;
  va_list args;
  va_start (args, format);
  *error = g_error_new_valist (PRIVATE_FILE_ERROR, code, format, args);
  va_end (args);
  private_file_error_get_private (*error)->name = g_strdup (name);
  return false;
}

static bool
fail (const char *verb, const char *name, int code, GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "“%s” cannot be %s: %s", name,
               verb, g_strerror (code));
  return false;
}

static bool
write_all (int fd, const void *data, size_t len)
{
  for (size_t done = 0; done < len;)
    {
      ssize_t n = write (fd, (const char *) data + done, len - done);
      if (n < 0 && errno != EINTR)
        return false;
      if (n > 0)
        done += n;
    }
  return true;
}

/* After the rename the file is there; a folder that cannot be synced (some network file systems) is
 * no failure. */
static void
sync_folder_of (int dir_fd, const char *name)
{
  g_autofree char *folder = g_path_get_dirname (name);
  g_autofd int fd = openat (dir_fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || fsync (fd) < 0)
    g_debug ("the folder of %s cannot be synced: %s", name, g_strerror (errno));
}

static bool
rename_in (int dir_fd, const char *from, const char *to, PrivateFileMode mode)
{
  if (renameat2 (dir_fd, from, dir_fd, to, mode == PRIVATE_FILE_NEW ? RENAME_NOREPLACE : 0) == 0)
    return true;
  /* Some file systems know no flags; the lock of the data folder keeps others away meanwhile. */
  if (errno != EINVAL || mode != PRIVATE_FILE_NEW)
    return false;
  if (faccessat (dir_fd, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
    errno = EEXIST;
  return errno == ENOENT && renameat (dir_fd, from, dir_fd, to) == 0;
}

bool
private_file_write (int dir_fd, const char *name, const void *data, size_t len,
                    PrivateFileMode mode, GError **error)
{
  /* The folder is locked by its one process, so a file of this name is the rest of a crash. */
  g_autofree char *temp = g_strconcat (name, ".new", NULL);
  g_autofd int fd = -1;

  if (unlinkat (dir_fd, temp, 0) < 0 && errno != ENOENT)
    return fail ("replaced", temp, errno, error);
  fd = openat (dir_fd, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail ("made", name, errno, error);

  if (write_all (fd, data, len) && fsync (fd) == 0 && rename_in (dir_fd, temp, name, mode))
    {
      sync_folder_of (dir_fd, name);
      return true;
    }
  int code = errno;
  unlinkat (dir_fd, temp, 0);
  return fail ("written", name, code, error);
}

static bool
guard (int fd, const char *name, GError **error)
{
  struct stat st;
  if (fstat (fd, &st) < 0)
    return fail ("read", name, errno, error);
  if (!S_ISREG (st.st_mode) || st.st_uid != geteuid ())
    return refuse (PRIVATE_FILE_ERROR_UNSAFE, name, error,
                   "“%s” cannot be trusted: it belongs to another user or is no plain file", name);
  if (st.st_mode & 077)
    {
      if (fchmod (fd, 0600) < 0)
        return fail ("protected", name, errno, error);
      g_warning ("%s was open to other users (mode %04o): took that permission away", name,
                 st.st_mode & 07777);
    }
  return true;
}

bool
private_file_read (int dir_fd, const char *name, void *data, size_t size, size_t *len,
                   GError **error)
{
  g_autofd int fd = openat (dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 && errno == ELOOP)
    return refuse (PRIVATE_FILE_ERROR_UNSAFE, name, error, "“%s” cannot be trusted: it is a link",
                   name);
  if (fd < 0)
    return fail ("read", name, errno, error);
  if (!guard (fd, name, error))
    return false;

  *len = 0;
  for (;;)
    {
      bool full = *len == size;
      char beyond;
      ssize_t n = full ? read (fd, &beyond, 1) : read (fd, (char *) data + *len, size - *len);
      if (n == 0)
        return true;
      if (n < 0 && errno != EINTR)
        return fail ("read", name, errno, error);
      if (n > 0 && full)
        return refuse (PRIVATE_FILE_ERROR_TOO_LONG, name, error,
                       "“%s” is longer than %" G_GSIZE_FORMAT " bytes", name, size);
      if (n > 0)
        *len += n;
    }
}

bool
private_file_remove (int dir_fd, const char *name, GError **error)
{
  if (unlinkat (dir_fd, name, 0) < 0 && errno != ENOENT)
    return fail ("removed", name, errno, error);
  sync_folder_of (dir_fd, name);
  return true;
}

bool
private_file_rename (int dir_fd, const char *name, const char *new_name, GError **error)
{
  if (!rename_in (dir_fd, name, new_name, PRIVATE_FILE_NEW))
    return fail ("renamed", name, errno, error);
  sync_folder_of (dir_fd, new_name);
  return true;
}

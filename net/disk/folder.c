/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sodium.h>
#include <unistd.h>

#include "net/core/path.h"
#include "net/disk/beneath.h"
#include "net/disk/disk_error.h"

Folder *
folder_new (int fd, const char *offered, const char *actual, bool elsewhere)
{
  Folder *folder = g_rc_box_new (Folder);
  *folder = (Folder) { fd, g_strdup (offered), g_strdup (actual), elsewhere };
  return folder;
}

Folder *
folder_ref (Folder *folder)
{
  return g_rc_box_acquire (folder);
}

static void
folder_clear (gpointer data)
{
  Folder *folder = data;
  close (folder->fd);
  g_free (folder->offered);
  g_free (folder->actual);
}

void
folder_unref (Folder *folder)
{
  g_rc_box_release_full (folder, folder_clear);
}

/* Not for reading where that is forbidden: then it only cannot be synced by itself. */
int
folder_open_beneath (int dir, const char *path)
{
  path = *path ? path : ".";
  int fd = open_beneath (dir, path, O_RDONLY | O_DIRECTORY, 0);
  if (fd >= 0 || errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
    return fd;
  return open_beneath (dir, path, O_PATH | O_DIRECTORY, 0);
}

int
folder_open (const char *path)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return fd >= 0 ? fd : open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* A server that maps users may answer EACCES to faccessat() and yet create files. */
bool
folder_takes_files (int dir)
{
  if (faccessat (dir, ".", W_OK | X_OK, AT_EACCESS) == 0)
    return true;
  uint64_t random;
  randombytes_buf (&random, sizeof random);
  g_autofree char *name = path_temp_name ("trial", random);
  int fd = openat (dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return disk_is_full (errno); /* which is said of the first file */
  close (fd);
  unlinkat (dir, name, 0);
  return true;
}

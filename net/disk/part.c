/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/part.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include "net/core/path.h"
#include "net/disk/beneath.h"
#include "net/disk/disk_error.h"
#include "net/disk/exclusive_rename.h"
#include "net/disk/name_claim.h"
#include "net/disk/part_private.h"

/* Writeback of a large file begins while it still arrives, so that its fsync() finds little to
 * do. */
#define WRITEBACK_STEP (8 * 1024 * 1024)
/* A name that was drawn at random is there already only if the disk did what it then said it had
 * not. */
#define TEMP_TRIES 4

static int
create_temp (Part *part)
{
  for (int i = 0; i < TEMP_TRIES; i++)
    {
      uint64_t random;
      randombytes_buf (&random, sizeof random);
      g_autofree char *temp = path_temp_name (part->name, random);
      int fd = open_beneath (part->folder->fd, temp, O_WRONLY | O_CREAT | O_EXCL, 0600);
      if (fd < 0 && errno == EEXIST)
        continue;
      if (fd >= 0)
        part->temp = g_steal_pointer (&temp);
      return fd;
    }
  return -1;
}

Part *
part_new (Destination *destination, const char *path, GError **error)
{
  Folder *folder = destination_enter (destination, path, error);
  if (!folder)
    return NULL;

  g_autoptr (Part) part = g_new (Part, 1);
  *part = (Part) {
    .destination = destination,
    .folder = folder_ref (folder),
    .name = g_strdup (path_last_component (path)),
  };
  part->fd = create_temp (part);
  if (part->fd >= 0)
    return g_steal_pointer (&part);
  destination_fail (destination, error, path, errno);
  return NULL;
}

int
part_close (Part *part)
{
  int fd = part->fd;
  part->fd = -1;
  if (fd < 0 || close (fd) == 0 || errno == EINTR)
    return 0;
  return disk_cannot_sync (errno) ? 0 : errno;
}

static void
unlink_temp (Part *part)
{
  if (unlinkat (part->folder->fd, part->temp, 0) < 0 && errno != ENOENT)
    disk_notes_add (destination_get_notes (part->destination), DISK_NOTE_LEFTOVER, part->temp,
                    errno);
}

void
part_free (Part *part)
{
  if (part->temp)
    unlink_temp (part);
  part_close (part);
  folder_unref (part->folder);
  g_free (part->temp);
  g_free (part->name);
  g_free (part->tag);
  g_free (part);
}

bool
part_write (Part *part, const void *data, size_t len, GError **error)
{
  for (const char *next = data, *end = next + len; next < end;)
    {
      ssize_t n = write (part->fd, next, end - next);
      if (n == 0 || (n < 0 && errno != EINTR))
        return destination_fail (part->destination, error, part->name, n == 0 ? EIO : errno);
      next += MAX (n, 0);
    }
  part->size += len;
  if (part->size - part->written_back >= WRITEBACK_STEP)
    {
      sync_file_range (part->fd, part->written_back, part->size - part->written_back,
                       SYNC_FILE_RANGE_WRITE);
      part->written_back = part->size;
    }
  return true;
}

int
part_sync (const Part *part, int fd)
{
  if (fsync (fd) == 0)
    return 0;
  int code = errno;
  if (!disk_cannot_sync (code))
    return code;
  disk_notes_add (destination_get_notes (part->destination), DISK_NOTE_SYNC, part->name, code);
  return 0;
}

int
part_sync_again (Part *part)
{
  int fd = part->fd >= 0 ? part->fd : open_beneath (part->folder->fd, part->temp, O_RDONLY, 0);
  if (fd < 0)
    return errno;
  int code = part_sync (part, fd);
  if (fd != part->fd)
    close (fd);
  return code;
}

static int
claim_file (int dir, const char *name, gpointer user_data)
{
  Part *part = user_data;
  bool linked = false;
  int claimed = rename_exclusively (dir, part->temp, name, &linked);
  if (linked)
    unlink_temp (part);
  return claimed;
}

char *
part_take_name (Part *part)
{
  int refused;
  g_autofree char *name = name_claim (part->folder->fd, part->name, claim_file, part, &refused);
  if (!name)
    return NULL;
  if (refused)
    disk_notes_add (destination_get_notes (part->destination), DISK_NOTE_NAME, part->name, refused);
  g_clear_pointer (&part->temp, g_free);
  const char *folder = part->folder->actual;
  return *folder ? g_strconcat (folder, "/", name, NULL) : g_steal_pointer (&name);
}

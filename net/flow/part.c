/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#define G_LOG_DOMAIN "wherry-flow"

#include "net/flow/part.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/core/path.h"

/* Up to so many files are synced one by one; for more one syncfs() is cheaper. */
#define FSYNC_FILES_MAX 8
/* A commit is due after so many files or bytes: this bounds what waits, and how long the sender waits to hear of it. */
#define BATCH_FILES 512
#define BATCH_BYTES (32 * 1024 * 1024)
/* Parts keep their folder open until they have their names, and descriptors are scarce. */
#define BATCH_FOLDERS 128
/* From this size on a file is synced as it is finished instead of waiting with dirty pages. */
#define LARGE_FILE (4 * 1024 * 1024)
/* Writeback of a large file begins while it still arrives, so that its fsync() finds little to do. */
#define WRITEBACK_STEP (8 * 1024 * 1024)
/* How many "name (n)" are tried. */
#define CONFLICTS_MAX 10000

struct Part
{
  Destination *destination; /* borrowed */
  Folder *folder;           /* a reference */
  char *name;               /* wanted */
  char *temp;               /* NULL once it has its name */
  int fd;                   /* -1 once closed */
  uint64_t size;
  uint64_t written_back;
  bool synced;
  gpointer tag; /* owned */
};

struct PartBatch
{
  Destination *destination; /* borrowed */
  GPtrArray *parts;         /* Part, owned */
  size_t bytes;             /* not yet synced */
  unsigned folders;         /* changes of folder: an upper bound of the folders held open */
};

Part *
part_new (Destination *destination, const char *path, GError **error)
{
  Folder *folder = destination_enter (destination, path, error);
  if (!folder)
    return NULL;

  const char *slash = strrchr (path, '/');
  uint64_t random;
  randombytes_buf (&random, sizeof random);
  Part *part = g_new (Part, 1);
  *part = (Part) {
    .destination = destination,
    .folder = folder_ref (folder),
    .name = g_strdup (slash ? slash + 1 : path),
  };
  g_autofree char *temp = path_temp_name (part->name, random);
  part->fd = open_beneath (folder->fd, temp, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (part->fd < 0)
    {
      destination_fail (destination, error, path, errno);
      part_free (part);
      return NULL;
    }
  part->temp = g_steal_pointer (&temp);
  return part;
}

void
part_free (Part *part)
{
  if (part->temp)
    unlinkat (part->folder->fd, part->temp, 0);
  if (part->fd >= 0)
    close (part->fd);
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
      if (n < 0 && errno != EINTR)
        return destination_fail (part->destination, error, part->name, errno);
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

PartBatch *
part_batch_new (Destination *destination)
{
  PartBatch *batch = g_new (PartBatch, 1);
  *batch = (PartBatch) {
    .destination = destination,
    .parts = g_ptr_array_new_with_free_func ((GDestroyNotify) part_free),
  };
  return batch;
}

void
part_batch_free (PartBatch *batch)
{
  g_ptr_array_unref (batch->parts);
  g_free (batch);
}

static int
dress (const Part *part, uint32_t mode, int64_t mtime_ns)
{
  int64_t seconds = mtime_ns / 1000000000 - (mtime_ns % 1000000000 < 0);
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
                               { seconds, mtime_ns - seconds * 1000000000 } };
  return fchmod (part->fd, mode & 0777) < 0 ? -1 : futimens (part->fd, times);
}

bool
part_batch_add (PartBatch *batch, Part *part, uint32_t mode, int64_t mtime_ns, gpointer tag,
                GError **error)
{
  g_autoptr (Part) owned = part;
  part->tag = tag;
  /* One syncfs() of the destination would not reach another file system below it. */
  part->synced = part->size >= LARGE_FILE || part->folder->elsewhere;
  if (dress (part, mode, mtime_ns) < 0 || (part->synced && fsync (part->fd) < 0))
    return destination_fail (batch->destination, error, part->name, errno);

  const Part *before = batch->parts->len ? batch->parts->pdata[batch->parts->len - 1] : NULL;
  batch->folders += !before || before->folder != part->folder;
  batch->bytes += part->synced ? 0 : part->size;
  if (part->synced || batch->parts->len >= FSYNC_FILES_MAX)
    {
      close (part->fd);
      part->fd = -1;
    }
  g_ptr_array_add (batch->parts, g_steal_pointer (&owned));
  return true;
}

bool
part_batch_is_ripe (const PartBatch *batch)
{
  return batch->parts->len >= BATCH_FILES || batch->bytes >= BATCH_BYTES ||
         batch->folders >= BATCH_FOLDERS;
}

static bool
sync_parts (PartBatch *batch, GError **error)
{
  if (batch->parts->len > FSYNC_FILES_MAX)
    return destination_sync (batch->destination, error);
  for (guint i = 0; i < batch->parts->len; i++)
    {
      const Part *part = batch->parts->pdata[i];
      if (!part->synced && fsync (part->fd) < 0)
        return destination_fail (batch->destination, error, part->name, errno);
    }
  return true;
}

/* Some file systems cannot rename without replacing. There the name is reserved by creating it, which is as exclusive;
 * what is then replaced is ours. */
static int
rename_over_placeholder (int dir, const char *from, const char *to)
{
  int placeholder = open_beneath (dir, to, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (placeholder < 0)
    return -1;
  close (placeholder);
  if (renameat (dir, from, dir, to) == 0)
    return 0;

  int code = errno;
  unlinkat (dir, to, 0);
  errno = code;
  return -1;
}

static int
rename_exclusively (int dir, const char *from, const char *to)
{
  if (renameat2 (dir, from, dir, to, RENAME_NOREPLACE) == 0)
    return 0;
  return errno == EINVAL || errno == ENOSYS ? rename_over_placeholder (dir, from, to) : -1;
}

/* Gives the part its name or the next free one like it. Returns its path, or NULL with errno. */
static char *
name_part (Part *part)
{
  for (unsigned n = 0; n < CONFLICTS_MAX; n++)
    {
      g_autofree char *name = n ? path_conflict_name (part->name, n) : g_strdup (part->name);
      if (rename_exclusively (part->folder->fd, part->temp, name) == 0)
        {
          g_clear_pointer (&part->temp, g_free);
          const char *folder = part->folder->actual;
          return *folder ? g_strconcat (folder, "/", name, NULL) : g_steal_pointer (&name);
        }
      if (errno != EEXIST)
        return NULL;
    }
  errno = EEXIST;
  return NULL;
}

bool
part_batch_commit (PartBatch *batch, PartNamed named, gpointer user_data, GError **error)
{
  if (!sync_parts (batch, error))
    return false;

  for (guint i = 0; i < batch->parts->len; i++)
    {
      Part *part = batch->parts->pdata[i];
      g_autoptr (GError) failure = NULL;
      g_autofree char *path = name_part (part);
      if (path)
        destination_touched (batch->destination, part->folder);
      else
        destination_fail (batch->destination, &failure, part->name, errno);
      named (part->tag, path, failure, user_data);
    }
  g_ptr_array_set_size (batch->parts, 0);
  batch->bytes = 0;
  batch->folders = 0;
  return true;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/part.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/core/path.h"
#include "net/disk/beneath.h"
#include "net/disk/disk_error.h"
#include "net/disk/file_attributes.h"
#include "net/disk/name_claim.h"

/* Up to so many files are synced one by one; for more one syncfs() is cheaper. */
#define FSYNC_FILES_MAX 8
/* A commit is due after so many files or bytes: this bounds what waits, and how long the sender
 * waits to hear of it. */
#define BATCH_FILES 512
#define BATCH_BYTES (32 * 1024 * 1024)
/* Parts keep their folder open until they have their names, and descriptors are scarce. */
#define BATCH_FOLDERS 128
/* From this size on a file is synced as it is finished instead of waiting with dirty pages. */
#define LARGE_FILE (4 * 1024 * 1024)
/* Writeback of a large file begins while it still arrives, so that its fsync() finds little to
 * do. */
#define WRITEBACK_STEP (8 * 1024 * 1024)
/* A name that was drawn at random is there already only if the disk did what it then said it had
 * not. */
#define TEMP_TRIES 4

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
  int failed;   /* errno of the disk that did not take the bytes; 0 as a rule */
  gpointer tag; /* owned */
};

struct PartBatch
{
  Destination *destination; /* borrowed */
  GPtrArray *parts;         /* Part, owned */
  size_t bytes;             /* not yet synced */
  unsigned folders;         /* changes of folder: an upper bound of the folders held open */
};

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

  const char *slash = strrchr (path, '/');
  g_autoptr (Part) part = g_new (Part, 1);
  *part = (Part) {
    .destination = destination,
    .folder = folder_ref (folder),
    .name = g_strdup (slash ? slash + 1 : path),
  };
  part->fd = create_temp (part);
  if (part->fd >= 0)
    return g_steal_pointer (&part);
  destination_fail (destination, error, path, errno);
  return NULL;
}

/* What the disk says at the end is the last word on bytes that it took before. Returns 0 or an
 * errno. */
static int
close_file (Part *part)
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
  close_file (part);
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

/* Returns 0, also when the disk does not sync at all, or an errno. */
static int
sync_file (const Part *part, int fd)
{
  if (fsync (fd) == 0)
    return 0;
  int code = errno;
  if (!disk_cannot_sync (code))
    return code;
  disk_notes_add (destination_get_notes (part->destination), DISK_NOTE_SYNC, part->name, code);
  return 0;
}

bool
part_batch_add (PartBatch *batch, Part *part, uint32_t mode, OfferTime mtime, gpointer tag,
                GError **error)
{
  g_autoptr (Part) owned = part;
  part->tag = tag;
  file_attributes_set (destination_get_notes (batch->destination), part->fd, part->name,
                       destination_file_mode (batch->destination, mode), mtime);
  /* One syncfs() of the destination would not reach another file system below it. */
  part->synced = part->size >= LARGE_FILE || part->folder->elsewhere;
  int code = part->synced ? sync_file (part, part->fd) : 0;
  if (code == 0 && (part->synced || batch->parts->len >= FSYNC_FILES_MAX))
    code = close_file (part);
  if (code)
    return destination_fail (batch->destination, error, part->name, code);

  const Part *before = batch->parts->len ? batch->parts->pdata[batch->parts->len - 1] : NULL;
  batch->folders += !before || before->folder != part->folder;
  batch->bytes += part->synced ? 0 : part->size;
  g_ptr_array_add (batch->parts, g_steal_pointer (&owned));
  return true;
}

bool
part_batch_is_ripe (const PartBatch *batch)
{
  return batch->parts->len >= BATCH_FILES || batch->bytes >= BATCH_BYTES ||
         batch->folders >= BATCH_FOLDERS;
}

/* Asked of a new descriptor too, the disk reports what it has reported to nobody yet. */
static int
sync_part (Part *part)
{
  int fd = part->fd >= 0 ? part->fd : open_beneath (part->folder->fd, part->temp, O_RDONLY, 0);
  if (fd < 0)
    return errno;
  int code = sync_file (part, fd);
  if (fd != part->fd)
    close (fd);
  return code;
}

static void
sync_parts (PartBatch *batch)
{
  bool all = batch->parts->len > FSYNC_FILES_MAX && destination_sync (batch->destination);
  for (guint i = 0; i < batch->parts->len; i++)
    {
      Part *part = batch->parts->pdata[i];
      if (!all && !part->synced)
        part->failed = sync_part (part);
      int code = close_file (part);
      part->failed = part->failed ?: code;
    }
}

/* Some file systems cannot rename without replacing. There the name is reserved by creating it,
 * which is as exclusive; what is then replaced is ours. What a failed rename leaves there is ours to
 * remove only while it is still the placeholder. */
static int
rename_over_placeholder (int dir, const char *from, const char *to)
{
  int placeholder = open_beneath (dir, to, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (placeholder < 0)
    return -1;
  struct stat ours, there;
  bool known = fstat (placeholder, &ours) == 0;
  close (placeholder);
  if (renameat (dir, from, dir, to) == 0)
    return 0;

  int code = errno;
  if (known && fstatat (dir, to, &there, AT_SYMLINK_NOFOLLOW) == 0 && there.st_ino == ours.st_ino &&
      there.st_dev == ours.st_dev)
    unlinkat (dir, to, 0);
  errno = code;
  return -1;
}

/* Whether @to is what @temp was. A server that is asked twice says no to the second request. */
static bool
is_done (int dir, const struct stat *temp, const char *from, const char *to)
{
  struct stat there;
  return temp->st_ino && fstatat (dir, to, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
         there.st_ino == temp->st_ino && there.st_dev == temp->st_dev &&
         fstatat (dir, from, &there, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

static int
claim_file (int dir, const char *name, gpointer user_data)
{
  const Part *part = user_data;
  struct stat temp = { 0 };
  if (fstatat (dir, part->temp, &temp, AT_SYMLINK_NOFOLLOW) < 0)
    temp.st_ino = 0;
  if (renameat2 (dir, part->temp, dir, name, RENAME_NOREPLACE) == 0)
    return 0;
  int code = errno;
  if (is_done (dir, &temp, part->temp, name))
    return 0;
  errno = code;
  if (code == EEXIST || code == ENOENT || code == EILSEQ || code == ENAMETOOLONG)
    return -1;
  if (linkat (dir, part->temp, dir, name, 0) == 0)
    {
      unlink_temp ((Part *) part);
      return 0;
    }
  return errno == EEXIST ? -1 : rename_over_placeholder (dir, part->temp, name);
}

/* Gives the part its name or one like it. Returns its path, or NULL with errno. */
static char *
name_part (Part *part)
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

static void
finish_part (PartBatch *batch, Part *part, PartNamed named, gpointer user_data)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *path = part->failed ? NULL : name_part (part);
  if (path)
    destination_touched (batch->destination, part->folder);
  else
    destination_fail (batch->destination, &failure, part->name, part->failed ?: errno);
  named (part->tag, path, failure, user_data);
}

bool
part_batch_commit (PartBatch *batch, GCancellable *cancellable, PartNamed named, gpointer user_data,
                   GError **error)
{
  bool cancelled = g_cancellable_set_error_if_cancelled (cancellable, error);
  if (!cancelled)
    sync_parts (batch);
  for (guint i = 0; i < batch->parts->len && !cancelled; i++)
    {
      finish_part (batch, batch->parts->pdata[i], named, user_data);
      cancelled =
          i + 1 < batch->parts->len && g_cancellable_set_error_if_cancelled (cancellable, error);
    }
  g_ptr_array_set_size (batch->parts, 0);
  batch->bytes = 0;
  batch->folders = 0;
  return !cancelled;
}

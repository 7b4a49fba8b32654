/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/part_batch.h"

#include <errno.h>

#include "net/disk/file_attributes.h"
#include "net/disk/part_private.h"

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

struct PartBatch
{
  Destination *destination; /* borrowed */
  GPtrArray *parts;         /* Part, owned */
  size_t bytes;             /* not yet synced */
  unsigned folders;         /* changes of folder: an upper bound of the folders held open */
};

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
  int code = part->synced ? part_sync (part, part->fd) : 0;
  if (code == 0 && (part->synced || batch->parts->len >= FSYNC_FILES_MAX))
    code = part_close (part);
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

static void
sync_parts (PartBatch *batch)
{
  bool all = batch->parts->len > FSYNC_FILES_MAX && destination_sync (batch->destination);
  for (guint i = 0; i < batch->parts->len; i++)
    {
      Part *part = batch->parts->pdata[i];
      if (!all && !part->synced)
        part->failed = part_sync_again (part);
      int code = part_close (part);
      part->failed = part->failed ?: code;
    }
}

static void
finish_part (PartBatch *batch, Part *part, PartNamed named, gpointer user_data)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *path = part->failed ? NULL : part_take_name (part);
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

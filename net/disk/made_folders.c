/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/made_folders.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "net/disk/beneath.h"
#include "net/disk/file_attributes.h"
#include "net/disk/folder.h"

/* Up to so many folders are synced one by one; for more one syncfs() is cheaper. */
#define FSYNC_FOLDERS_MAX 16

typedef struct
{
  char *actual; /* owned */
  MadeFolder folder;
} Made;

struct MadeFolders
{
  GArray *made; /* Made */
  /* actual paths, owned, of folders that got names; FSYNC_FOLDERS_MAX + 1 at most */
  GHashTable *unsynced;
};

static void
made_clear (gpointer data)
{
  g_free (((Made *) data)->actual);
}

MadeFolders *
made_folders_new (void)
{
  MadeFolders *self = g_new (MadeFolders, 1);
  *self = (MadeFolders) {
    .made = g_array_new (false, false, sizeof (Made)),
    .unsynced = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
  };
  g_array_set_clear_func (self->made, made_clear);
  return self;
}

void
made_folders_free (MadeFolders *self)
{
  g_hash_table_unref (self->unsynced);
  g_array_unref (self->made);
  g_free (self);
}

void
made_folders_add (MadeFolders *self, const char *actual, const MadeFolder *folder)
{
  Made made = { g_strdup (actual), *folder };
  g_array_append_val (self->made, made);
}

void
made_folders_touch (MadeFolders *self, const char *actual)
{
  if (g_hash_table_size (self->unsynced) <= FSYNC_FOLDERS_MAX &&
      !g_hash_table_contains (self->unsynced, actual))
    g_hash_table_add (self->unsynced, g_strdup (actual));
}

/* Deepest first: what is made in a folder changes its time. */
static void
dress (const MadeFolders *self, int root, DiskNotes *notes)
{
  for (guint i = self->made->len; i-- > 0;)
    {
      const Made *made = &g_array_index (self->made, Made, i);
      if (!made->folder.offered)
        continue;
      int fd = folder_open_beneath (root, made->actual);
      if (fd < 0)
        continue; /* somebody took it away */
      file_attributes_set (notes, fd, made->actual, made->folder.mode, made->folder.mtime);
      close (fd);
    }
}

/* A folder that somebody moved away meanwhile, or that takes no reader, is not a disk that
 * failed. */
static void
sync_folder (int root, const char *actual, DiskNotes *notes)
{
  int fd = open_beneath (root, *actual ? actual : ".", O_RDONLY | O_DIRECTORY, 0);
  if (fd >= 0 && fsync (fd) < 0)
    disk_notes_add (notes, DISK_NOTE_SYNC, actual, errno);
  if (fd >= 0)
    close (fd);
}

static void
sync_all (MadeFolders *self, int root, DiskNotes *notes)
{
  if (g_hash_table_size (self->unsynced) + self->made->len > FSYNC_FOLDERS_MAX)
    {
      if (syncfs (root) < 0)
        disk_notes_add (notes, DISK_NOTE_SYNC, "", errno);
      return;
    }

  for (guint i = 0; i < self->made->len; i++)
    g_hash_table_add (self->unsynced, g_strdup (g_array_index (self->made, Made, i).actual));
  GHashTableIter iter;
  gpointer path;
  g_hash_table_iter_init (&iter, self->unsynced);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    sync_folder (root, path, notes);
}

void
made_folders_close (MadeFolders *self, int root, DiskNotes *notes)
{
  dress (self, root, notes);
  sync_all (self, root, notes);
  g_hash_table_remove_all (self->unsynced);
  g_array_set_size (self->made, 0);
}

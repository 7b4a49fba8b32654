/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/destination.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/core/path.h"
#include "net/disk/beneath.h"
#include "net/disk/disk_error.h"
#include "net/disk/file_attributes.h"
#include "net/disk/name_claim.h"

/* Up to so many folders are synced one by one; for more one syncfs() is cheaper. */
#define FSYNC_FOLDERS_MAX 16

typedef struct
{
  char *actual; /* owned */
  bool offered; /* has a mode and a time to get; else it was only on the way to something */
  mode_t mode;
  OfferTime mtime;
} MadeFolder;

struct Destination
{
  char *display_name;
  Folder *root;
  Folder *current; /* the one last entered: entries come folder by folder */
  GTree *renamed;  /* offered -> actual path, owned: folders that could not have their name */
  GArray *made;    /* MadeFolder */
  /* actual paths, owned, of folders that got names; FSYNC_FOLDERS_MAX + 1 at most */
  GHashTable *unsynced;
  char *failed; /* the offered path of the folder that last could not be made, and why */
  int failed_code;
  mode_t mask;
  DiskNotes *notes;
};

bool
destination_fail (const Destination *self, GError **error, const char *path, int code)
{
  return destination_error_set_entry (error, self->display_name, path, code);
}

DiskNotes *
destination_get_notes (const Destination *self)
{
  return self->notes;
}

static void
made_folder_clear (gpointer data)
{
  g_free (((MadeFolder *) data)->actual);
}

mode_t
destination_file_mode (const Destination *self, uint32_t offered)
{
  return file_attributes_mode (offered, false, self->mask);
}

static int
compare_paths (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

Destination *
destination_new (GFile *folder, GError **error)
{
  g_autofree char *name = g_file_get_basename (folder);
  g_autoptr (Destination) self = g_new (Destination, 1);
  *self = (Destination) {
    .display_name = g_filename_display_name (name),
    .renamed = g_tree_new_full (compare_paths, NULL, g_free, g_free),
    .made = g_array_new (false, false, sizeof (MadeFolder)),
    .unsynced = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .mask = file_attributes_get_umask (),
  };
  self->notes = disk_notes_new (self->display_name);
  g_array_set_clear_func (self->made, made_folder_clear);

  const char *path = g_file_peek_path (folder);
  if (!path || g_mkdir_with_parents (path, 0777) < 0)
    {
      destination_error_set_folder (error, self->display_name, path ? errno : ENOTSUP);
      return NULL;
    }
  int fd = folder_open (path);
  if (fd < 0)
    {
      destination_error_set_folder (error, self->display_name, errno);
      return NULL;
    }
  self->root = folder_new (fd, "", "", false);
  self->current = folder_ref (self->root);
  if (!folder_takes_files (fd))
    {
      destination_error_set_folder (error, self->display_name, errno);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
destination_free (Destination *self)
{
  g_clear_pointer (&self->current, folder_unref);
  g_clear_pointer (&self->root, folder_unref);
  g_tree_unref (self->renamed);
  g_hash_table_unref (self->unsynced);
  g_array_unref (self->made);
  disk_notes_free (self->notes);
  g_free (self->failed);
  g_free (self->display_name);
  g_free (self);
}

/* @offered with the folders exchanged that had to take another name. */
static char *
actual_path (const Destination *self, const char *offered)
{
  if (g_tree_nnodes (self->renamed) == 0)
    return g_strdup (offered);

  g_autofree char *prefix = g_strdup (offered);
  for (;;)
    {
      const char *renamed = g_tree_lookup (self->renamed, prefix);
      if (renamed)
        return g_strconcat (renamed, offered + strlen (prefix), NULL);
      char *slash = strrchr (prefix, '/');
      if (!slash)
        return g_strdup (offered);
      *slash = '\0';
    }
}

static const char *
last_name (const char *path)
{
  const char *slash = strrchr (path, '/');
  return slash ? slash + 1 : path;
}

static bool
is_folder (int dir, const char *name)
{
  struct stat there;
  return fstatat (dir, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (there.st_mode);
}

typedef struct
{
  const char *wanted;
  mode_t mode;
  bool made;
} FolderClaim;

/* Merges with a folder that has the wanted name, whatever mkdirat() says of it. */
static int
claim_folder (int dir, const char *name, gpointer user_data)
{
  FolderClaim *claim = user_data;
  claim->made = mkdirat (dir, name, claim->mode) == 0;
  int code = errno;
  if (claim->made || (g_str_equal (name, claim->wanted) && is_folder (dir, name)))
    return 0;
  errno = code;
  return -1;
}

static bool
fail_folder (Destination *self, const char *path, int code, GError **error)
{
  g_free (self->failed);
  self->failed = g_strdup (path);
  self->failed_code = code;
  return destination_fail (self, error, path, code);
}

static bool
make_folder (Destination *self, const char *path, MadeFolder folder, GError **error)
{
  Folder *parent = destination_enter (self, path, error);
  if (!parent)
    return false;

  const char *wanted = last_name (path);
  FolderClaim claim = { wanted, folder.offered ? 0700 : 0755, false };
  int refused;
  g_autofree char *name = name_claim (parent->fd, wanted, claim_folder, &claim, &refused);
  if (!name)
    return fail_folder (self, path, errno, error);
  if (refused)
    disk_notes_add (self->notes, DISK_NOTE_NAME, path, refused);

  g_autofree char *actual =
      *parent->actual ? g_strconcat (parent->actual, "/", name, NULL) : g_strdup (name);
  if (!g_str_equal (name, wanted))
    g_tree_insert (self->renamed, g_strdup (path), g_strdup (actual));
  if (claim.made)
    {
      destination_touched (self, parent);
      folder.actual = g_steal_pointer (&actual);
      g_array_append_val (self->made, folder);
    }
  return true;
}

bool
destination_make_folder (Destination *self, const char *path, uint32_t mode, OfferTime mtime,
                         GError **error)
{
  MadeFolder folder = {
    .offered = true,
    .mode = file_attributes_mode (mode, true, self->mask),
    .mtime = mtime,
  };
  return make_folder (self, path, folder, error);
}

/* Whether @path, @len bytes, is the folder that could not be made, or below it: it would fail
 * again for each entry. */
static bool
is_below_failed (const Destination *self, const char *path, size_t len)
{
  size_t failed_len = self->failed ? strlen (self->failed) : len + 1;
  return failed_len <= len && memcmp (self->failed, path, failed_len) == 0 &&
         (failed_len == len || path[failed_len] == '/');
}

static int
open_folder (const Destination *self, const char *actual)
{
  return folder_open_beneath (self->root->fd, *actual ? actual : ".");
}

Folder *
destination_enter (Destination *self, const char *path, GError **error)
{
  size_t len = MAX (last_name (path) - path, 1) - 1;
  if (strncmp (self->current->offered, path, len) == 0 && self->current->offered[len] == '\0')
    return self->current;
  if (len == 0)
    {
      folder_unref (self->current);
      return self->current = folder_ref (self->root);
    }

  g_autofree char *offered = g_strndup (path, len);
  if (is_below_failed (self, path, len))
    {
      destination_fail (self, error, offered, self->failed_code);
      return NULL;
    }
  g_autofree char *actual = actual_path (self, offered);
  int fd = open_folder (self, actual);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
    {
      if (!make_folder (self, offered, (MadeFolder) { .offered = false }, error))
        return NULL;
      g_free (actual);
      actual = actual_path (self, offered);
      fd = open_folder (self, actual);
    }
  if (fd < 0)
    {
      destination_fail (self, error, offered, errno);
      return NULL;
    }
  struct stat here, root;
  bool same =
      fstat (fd, &here) == 0 && fstat (self->root->fd, &root) == 0 && here.st_dev == root.st_dev;
  folder_unref (self->current);
  return self->current = folder_new (fd, offered, actual, !same);
}

void
destination_touched (Destination *self, const Folder *folder)
{
  if (g_hash_table_size (self->unsynced) <= FSYNC_FOLDERS_MAX &&
      !g_hash_table_contains (self->unsynced, folder->actual))
    g_hash_table_add (self->unsynced, g_strdup (folder->actual));
}

bool
destination_sync (Destination *self)
{
  return syncfs (self->root->fd) == 0;
}

/* Deepest first: what is made in a folder changes its time. */
static void
dress_made_folders (Destination *self)
{
  for (guint i = self->made->len; i-- > 0;)
    {
      const MadeFolder *made = &g_array_index (self->made, MadeFolder, i);
      if (!made->offered)
        continue;
      int fd = open_folder (self, made->actual);
      if (fd < 0)
        continue; /* somebody took it away */
      file_attributes_set (self->notes, fd, made->actual, made->mode, made->mtime);
      close (fd);
    }
}

/* A folder that somebody moved away meanwhile, or that takes no reader, is not a disk that
 * failed. */
static void
sync_folder (Destination *self, const char *actual)
{
  int fd = open_beneath (self->root->fd, *actual ? actual : ".", O_RDONLY | O_DIRECTORY, 0);
  if (fd >= 0 && fsync (fd) < 0)
    disk_notes_add (self->notes, DISK_NOTE_SYNC, actual, errno);
  if (fd >= 0)
    close (fd);
}

static void
sync_folders (Destination *self)
{
  if (g_hash_table_size (self->unsynced) + self->made->len > FSYNC_FOLDERS_MAX)
    {
      if (!destination_sync (self))
        disk_notes_add (self->notes, DISK_NOTE_SYNC, "", errno);
      return;
    }

  for (guint i = 0; i < self->made->len; i++)
    g_hash_table_add (self->unsynced, g_strdup (g_array_index (self->made, MadeFolder, i).actual));
  GHashTableIter iter;
  gpointer path;
  g_hash_table_iter_init (&iter, self->unsynced);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    sync_folder (self, path);
}

void
destination_close (Destination *self)
{
  dress_made_folders (self);
  sync_folders (self);
  g_hash_table_remove_all (self->unsynced);
  g_array_set_size (self->made, 0);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#define G_LOG_DOMAIN "wherry-flow"

#include "net/flow/destination.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net/core/path.h"

G_DEFINE_QUARK (wherry - destination - error - quark, destination_error)

/* Up to so many folders are synced one by one; for more one syncfs() is cheaper. */
#define FSYNC_FOLDERS_MAX 16
/* How many "name (n)" are tried. */
#define CONFLICTS_MAX 10000

typedef struct
{
  char *actual; /* owned */
  bool offered; /* has a mode and a time to get; else it was only on the way to something */
  uint32_t mode;
  int64_t mtime_ns;
} MadeFolder;

struct Destination
{
  char *display_name;
  Folder *root;
  Folder *current;      /* the one last entered: entries come folder by folder */
  GHashTable *renamed;  /* offered -> actual path, owned: folders that could not have their name */
  GArray *made;         /* MadeFolder */
  GHashTable *unsynced; /* actual paths, owned, of folders that got names */
};

static bool
is_out_of_space (int code)
{
  return code == ENOSPC || code == EDQUOT;
}

bool
destination_fail (const Destination *self, GError **error, const char *path, int code)
{
  if (is_out_of_space (code))
    g_set_error (error, DESTINATION_ERROR, DESTINATION_ERROR_NO_SPACE,
                 _ ("There is no space left in “%s”. Free some space and send again."),
                 self->display_name);
  else if (code == EROFS || code == EIO)
    g_set_error (error, DESTINATION_ERROR, DESTINATION_ERROR_FOLDER,
                 _ ("The disk with “%1$s” cannot be written (%2$s). Choose another folder."),
                 self->display_name, g_strerror (code));
  else
    {
      g_autofree char *shown = path_display (path, strlen (path));
      g_set_error (error, DESTINATION_ERROR, DESTINATION_ERROR_ENTRY,
                   _ ("“%1$s” could not be written: %2$s."), shown, g_strerror (code));
    }
  return false;
}

static bool
fail_all (const Destination *self, GError **error, int code)
{
  if (is_out_of_space (code))
    return destination_fail (self, error, "", code);
  g_set_error (error, DESTINATION_ERROR, DESTINATION_ERROR_FOLDER,
               _ ("The folder “%1$s” cannot be written (%2$s). Choose another folder."),
               self->display_name, g_strerror (code));
  return false;
}

int
open_beneath (int dir, const char *path, uint64_t flags, uint64_t mode)
{
  struct open_how how = {
    .flags = flags | O_CLOEXEC,
    .mode = mode,
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };
  return (int) syscall (SYS_openat2, dir, path, &how, sizeof how);
}

static Folder *
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

static void
made_folder_clear (gpointer data)
{
  g_free (((MadeFolder *) data)->actual);
}

Destination *
destination_new (GFile *folder, GError **error)
{
  g_autofree char *name = g_file_get_basename (folder);
  g_autoptr (Destination) self = g_new (Destination, 1);
  *self = (Destination) {
    .display_name = g_filename_display_name (name),
    .renamed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
    .made = g_array_new (false, false, sizeof (MadeFolder)),
    .unsynced = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
  };
  g_array_set_clear_func (self->made, made_folder_clear);

  const char *path = g_file_peek_path (folder);
  if (!path || g_mkdir_with_parents (path, 0777) < 0)
    {
      fail_all (self, error, path ? errno : ENOTSUP);
      return NULL;
    }
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    {
      fail_all (self, error, errno);
      return NULL;
    }
  self->root = folder_new (fd, "", "", false);
  self->current = folder_ref (self->root);
  if (faccessat (fd, ".", W_OK | X_OK, AT_EACCESS) < 0)
    {
      fail_all (self, error, errno);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
destination_free (Destination *self)
{
  g_clear_pointer (&self->current, folder_unref);
  g_clear_pointer (&self->root, folder_unref);
  g_hash_table_unref (self->renamed);
  g_hash_table_unref (self->unsynced);
  g_array_unref (self->made);
  g_free (self->display_name);
  g_free (self);
}

uint64_t
destination_free_space (GFile *folder)
{
  for (g_autoptr (GFile) at = g_object_ref (folder); at;)
    {
      struct statvfs disk;
      if (g_file_peek_path (at) && statvfs (g_file_peek_path (at), &disk) == 0)
        {
          uint64_t size = (uint64_t) disk.f_blocks * disk.f_frsize;
          uint64_t available = (uint64_t) disk.f_bavail * disk.f_frsize;
          uint64_t reserve = MIN (DESTINATION_RESERVE_MAX, size / 100);
          return available > reserve ? available - reserve : 0;
        }
      GFile *parent = g_file_get_parent (at);
      g_object_unref (at);
      at = parent;
    }
  return 0;
}

/* @offered with the folders exchanged that had to take another name. */
static char *
actual_path (const Destination *self, const char *offered)
{
  if (g_hash_table_size (self->renamed) == 0)
    return g_strdup (offered);

  g_autofree char *prefix = g_strdup (offered);
  for (;;)
    {
      const char *renamed = g_hash_table_lookup (self->renamed, prefix);
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

/* Returns the name under which the folder now exists, or NULL with errno. */
static char *
make_or_merge (const Folder *parent, const char *name, mode_t mode, bool *made)
{
  for (unsigned n = 0; n < CONFLICTS_MAX; n++)
    {
      g_autofree char *candidate = n ? path_conflict_name (name, n) : g_strdup (name);
      *made = mkdirat (parent->fd, candidate, mode) == 0;
      if (*made)
        return g_steal_pointer (&candidate);
      if (errno != EEXIST)
        return NULL;
      struct stat there;
      if (n == 0 && fstatat (parent->fd, candidate, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
          S_ISDIR (there.st_mode))
        return g_steal_pointer (&candidate);
    }
  errno = EEXIST;
  return NULL;
}

static bool
make_folder (Destination *self, const char *path, MadeFolder folder, GError **error)
{
  Folder *parent = destination_enter (self, path, error);
  if (!parent)
    return false;

  bool made = false;
  const char *wanted = last_name (path);
  g_autofree char *name = make_or_merge (parent, wanted, folder.offered ? 0700 : 0777, &made);
  if (!name)
    return destination_fail (self, error, path, errno);

  g_autofree char *actual =
      *parent->actual ? g_strconcat (parent->actual, "/", name, NULL) : g_strdup (name);
  if (!g_str_equal (name, wanted))
    g_hash_table_insert (self->renamed, g_strdup (path), g_strdup (actual));
  if (made)
    {
      destination_touched (self, parent);
      folder.actual = g_steal_pointer (&actual);
      g_array_append_val (self->made, folder);
    }
  return true;
}

bool
destination_make_folder (Destination *self, const char *path, uint32_t mode, int64_t mtime_ns,
                         GError **error)
{
  MadeFolder folder = { .offered = true, .mode = mode & 0777, .mtime_ns = mtime_ns };
  return make_folder (self, path, folder, error);
}

static int
open_folder (const Destination *self, const char *actual)
{
  return open_beneath (self->root->fd, *actual ? actual : ".", O_RDONLY | O_DIRECTORY, 0);
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
  struct stat here, root;
  if (fd < 0 || fstat (fd, &here) < 0 || fstat (self->root->fd, &root) < 0)
    {
      destination_fail (self, error, offered, errno);
      return NULL;
    }
  folder_unref (self->current);
  return self->current = folder_new (fd, offered, actual, here.st_dev != root.st_dev);
}

void
destination_touched (Destination *self, const Folder *folder)
{
  if (!g_hash_table_contains (self->unsynced, folder->actual))
    g_hash_table_add (self->unsynced, g_strdup (folder->actual));
}

bool
destination_sync (Destination *self, GError **error)
{
  return syncfs (self->root->fd) == 0 || fail_all (self, error, errno);
}

/* Deepest first: a folder that ends without write or search permission must not lock out what is below. */
static void
dress_made_folders (const Destination *self)
{
  for (guint i = self->made->len; i-- > 0;)
    {
      const MadeFolder *made = &g_array_index (self->made, MadeFolder, i);
      if (!made->offered)
        continue;
      struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };
      times[1].tv_sec = made->mtime_ns / 1000000000 - (made->mtime_ns % 1000000000 < 0);
      times[1].tv_nsec = made->mtime_ns - times[1].tv_sec * 1000000000;
      int fd = open_folder (self, made->actual);
      if (fd < 0 || fchmod (fd, made->mode) < 0 || futimens (fd, times) < 0)
        g_warning ("a received folder does not keep its mode and time: %s", g_strerror (errno));
      if (fd >= 0)
        close (fd);
    }
}

/* A folder that somebody moved away meanwhile, or that takes no reader, is not a disk that failed. */
static bool
sync_folder (const Destination *self, const char *actual)
{
  int fd = open_folder (self, actual);
  if (fd < 0)
    return errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EACCES;
  bool ok = fsync (fd) == 0;
  close (fd);
  return ok;
}

static bool
sync_folders (Destination *self)
{
  if (g_hash_table_size (self->unsynced) + self->made->len > FSYNC_FOLDERS_MAX)
    return syncfs (self->root->fd) == 0;

  for (guint i = 0; i < self->made->len; i++)
    g_hash_table_add (self->unsynced, g_strdup (g_array_index (self->made, MadeFolder, i).actual));
  GHashTableIter iter;
  gpointer path;
  g_hash_table_iter_init (&iter, self->unsynced);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    if (!sync_folder (self, path))
      return false;
  return true;
}

bool
destination_close (Destination *self, GError **error)
{
  dress_made_folders (self);
  if (!sync_folders (self))
    return fail_all (self, error, errno);
  g_hash_table_remove_all (self->unsynced);
  g_array_set_size (self->made, 0);
  return true;
}

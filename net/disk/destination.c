/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/disk/destination.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "net/core/path.h"
#include "net/disk/disk_error.h"
#include "net/disk/name_claim.h"

typedef struct
{
  int code; /* errno */
} DestinationErrorPrivate;

static void
destination_error_private_init (DestinationErrorPrivate *private)
{
}

static void
destination_error_private_copy (const DestinationErrorPrivate *from, DestinationErrorPrivate *to)
{
  to->code = from->code;
}

static void
destination_error_private_clear (DestinationErrorPrivate *private)
{
}

G_DEFINE_EXTENDED_ERROR (DestinationError, destination_error)

int
destination_error_get_errno (const GError *error)
{
  const DestinationErrorPrivate *private = destination_error_get_private (error);
  return private ? private->code : 0;
}

/* Up to so many folders are synced one by one; for more one syncfs() is cheaper. */
#define FSYNC_FOLDERS_MAX 16
/* FAT keeps times in steps of so many seconds. */
#define TIME_STEP_MAX 2
/* Where the system does not tell it. */
#define UMASK_DEFAULT 022

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
  GPtrArray *notes;
  bool noted[DESTINATION_N_NOTES];
};

bool
destination_fail (const Destination *self, GError **error, const char *path, int code)
{
  if (disk_is_full (code))
    g_set_error (error, DESTINATION_ERROR, DESTINATION_ERROR_NO_SPACE,
                 _ ("There is no space left in “%s”. Free some space and send again."),
                 self->display_name);
  else if (disk_is_lost (code))
    g_set_error (error, DESTINATION_ERROR, DESTINATION_ERROR_FOLDER,
                 _ ("The disk with “%1$s” cannot be written (%2$s). Choose another folder."),
                 self->display_name, g_strerror (code));
  else
    {
      g_autofree char *shown = path_display (path, strlen (path));
      g_set_error (error, DESTINATION_ERROR, DESTINATION_ERROR_ENTRY,
                   _ ("“%1$s” could not be written: %2$s."), shown, g_strerror (code));
    }
  if (error)
    destination_error_get_private (*error)->code = code;
  return false;
}

static bool
fail_all (const Destination *self, GError **error, int code)
{
  if (disk_is_full (code))
    return destination_fail (self, error, "", code);
  g_set_error (error, DESTINATION_ERROR, DESTINATION_ERROR_FOLDER,
               _ ("The folder “%1$s” cannot be written (%2$s). Choose another folder."),
               self->display_name, g_strerror (code));
  return false;
}

static char *
note_sentence (DestinationNote note, const char *shown, const char *reason)
{
  switch (note)
    {
    case DESTINATION_NOTE_MODE:
      return g_strdup_printf (
          _ ("The disk does not keep permissions as they were sent: “%s” has others (%s)."), shown,
          reason);
    case DESTINATION_NOTE_TIME:
      return g_strdup_printf (
          _ ("The disk does not keep times as they were sent: “%s” has another (%s)."), shown,
          reason);
    case DESTINATION_NOTE_NAME:
      return g_strdup_printf (_ ("The disk refuses some names: “%s” got another (%s)."), shown,
                              reason);
    case DESTINATION_NOTE_SYNC:
      return g_strdup_printf (
          _ ("The disk does not say when files are safe: “%s” may not outlive a power cut (%s)."),
          shown, reason);
    case DESTINATION_NOTE_LEFTOVER:
      return g_strdup_printf (
          _ ("The hidden file “%s” could not be removed (%s). You can delete it."), shown, reason);
    case DESTINATION_N_NOTES:
    default:
      g_assert_not_reached ();
    }
}

void
destination_note (Destination *self, DestinationNote note, const char *path, int code)
{
  if (self->noted[note])
    return;
  self->noted[note] = true;
  g_autofree char *shown =
      *path ? path_display (path, strlen (path)) : g_strdup (self->display_name);
  g_ptr_array_add (self->notes,
                   note_sentence (note, shown, code ? g_strerror (code) : _ ("without an error")));
}

GPtrArray *
destination_get_notes (const Destination *self)
{
  return self->notes;
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

mode_t
destination_mode (uint32_t offered, bool is_folder, mode_t mask)
{
  mode_t mode = offered & 0777 & ~mask & ~(mode_t) (S_IWGRP | S_IWOTH);
  return mode | (is_folder ? S_IRWXU : S_IRUSR | S_IWUSR);
}

mode_t
destination_file_mode (const Destination *self, uint32_t offered)
{
  return destination_mode (offered, false, self->mask);
}

/* umask() tells it only by changing it, for all threads. */
static mode_t
get_umask (void)
{
  FILE *status = fopen ("/proc/self/status", "re");
  unsigned mask = UMASK_DEFAULT;
  char line[256];
  while (status && fgets (line, sizeof line, status) && sscanf (line, "Umask: %o", &mask) != 1)
    continue;
  if (status)
    fclose (status);
  return mask;
}

/* Not for reading where that is forbidden: then it only cannot be synced by itself. */
static int
open_folder_at (int dir, const char *path)
{
  int fd = open_beneath (dir, path, O_RDONLY | O_DIRECTORY, 0);
  if (fd >= 0 || errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
    return fd;
  return open_beneath (dir, path, O_PATH | O_DIRECTORY, 0);
}

/* A server may say no where it would not refuse. */
static bool
can_write (int dir)
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
    .mask = get_umask (),
    .notes = g_ptr_array_new_with_free_func (g_free),
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
    fd = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    {
      fail_all (self, error, errno);
      return NULL;
    }
  self->root = folder_new (fd, "", "", false);
  self->current = folder_ref (self->root);
  if (!can_write (fd))
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
  g_tree_unref (self->renamed);
  g_hash_table_unref (self->unsynced);
  g_array_unref (self->made);
  g_ptr_array_unref (self->notes);
  g_free (self->failed);
  g_free (self->display_name);
  g_free (self);
}

static uint64_t
multiply (uint64_t blocks, uint64_t size)
{
  uint64_t bytes;
  return __builtin_mul_overflow (blocks, size, &bytes) ? UINT64_MAX - 1 : bytes;
}

uint64_t
destination_free_space (GFile *folder)
{
  for (g_autoptr (GFile) at = g_object_ref (folder); at;)
    {
      struct statvfs disk;
      const char *path = g_file_peek_path (at);
      if (path && statvfs (path, &disk) == 0)
        {
          uint64_t block = disk.f_frsize ? disk.f_frsize : disk.f_bsize;
          uint64_t available = multiply (disk.f_bavail, block);
          uint64_t reserve = MIN (DESTINATION_RESERVE_MAX, multiply (disk.f_blocks, block) / 100);
          if (disk.f_blocks == 0 || block == 0)
            return UINT64_MAX;
          return available > reserve ? available - reserve : 0;
        }
      if (path && errno != ENOENT && errno != ENOTDIR)
        return UINT64_MAX;
      GFile *parent = g_file_get_parent (at);
      g_object_unref (at);
      at = parent;
    }
  return UINT64_MAX;
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
    destination_note (self, DESTINATION_NOTE_NAME, path, refused);

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
    .mode = destination_mode (mode, true, self->mask),
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
  return open_folder_at (self->root->fd, *actual ? actual : ".");
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

/* Returns 0 or an errno. A descriptor that is only a path takes neither call, but its name in
 * /proc does. */
static int
set_mode (int fd, mode_t mode)
{
  if (fchmod (fd, mode) == 0)
    return 0;
  char name[32];
  g_snprintf (name, sizeof name, "/proc/self/fd/%d", fd);
  return errno != EBADF || chmod (name, mode) < 0 ? errno : 0;
}

static int
set_mtime (int fd, OfferTime mtime)
{
  const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
                                     { mtime.seconds, mtime.nanoseconds } };
  if (futimens (fd, times) == 0)
    return 0;
  char name[32];
  g_snprintf (name, sizeof name, "/proc/self/fd/%d", fd);
  return errno != EBADF || utimensat (AT_FDCWD, name, times, 0) < 0 ? errno : 0;
}

void
destination_dress (Destination *self, int fd, const char *path, mode_t mode, OfferTime mtime)
{
  struct stat status;
  int mode_code = set_mode (fd, mode);
  int time_code = set_mtime (fd, mtime);
  bool known = fstat (fd, &status) == 0;
  if (mode_code || (known && (status.st_mode & 0777) != mode))
    destination_note (self, DESTINATION_NOTE_MODE, path, mode_code);
  int64_t off = 0;
  if (time_code ||
      (known && (__builtin_sub_overflow ((int64_t) status.st_mtim.tv_sec, mtime.seconds, &off) ||
                 off > TIME_STEP_MAX || off < -TIME_STEP_MAX)))
    destination_note (self, DESTINATION_NOTE_TIME, path, time_code);
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
      destination_dress (self, fd, made->actual, made->mode, made->mtime);
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
    destination_note (self, DESTINATION_NOTE_SYNC, actual, errno);
  if (fd >= 0)
    close (fd);
}

static void
sync_folders (Destination *self)
{
  if (g_hash_table_size (self->unsynced) + self->made->len > FSYNC_FOLDERS_MAX)
    {
      if (!destination_sync (self))
        destination_note (self, DESTINATION_NOTE_SYNC, "", errno);
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

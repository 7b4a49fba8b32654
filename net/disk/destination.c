/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/destination.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/core/path.h"
#include "net/disk/file_attributes.h"
#include "net/disk/made_folders.h"
#include "net/disk/name_claim.h"
#include "net/disk/renamed_paths.h"

struct Destination
{
  char *display_name;
  Folder *root;
  Folder *current;       /* the one last entered: entries come folder by folder */
  RenamedPaths *renamed; /* folders that could not have their name */
  MadeFolders *made;
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

mode_t
destination_file_mode (const Destination *self, uint32_t offered)
{
  return file_attributes_mode (offered, false, self->mask);
}

Destination *
destination_new (GFile *folder, GError **error)
{
  g_autofree char *name = g_file_get_basename (folder);
  g_autoptr (Destination) self = g_new (Destination, 1);
  *self = (Destination) {
    .display_name = g_filename_display_name (name),
    .renamed = renamed_paths_new (),
    .made = made_folders_new (),
    .mask = file_attributes_get_umask (),
  };
  self->notes = disk_notes_new (self->display_name);

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
  renamed_paths_free (self->renamed);
  made_folders_free (self->made);
  disk_notes_free (self->notes);
  g_free (self->failed);
  g_free (self->display_name);
  g_free (self);
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
make_folder (Destination *self, const char *path, const MadeFolder *folder, GError **error)
{
  Folder *parent = destination_enter (self, path, error);
  if (!parent)
    return false;

  const char *wanted = path_last_component (path);
  FolderClaim claim = { wanted, folder->offered ? 0700 : 0755, false };
  int refused;
  g_autofree char *name = name_claim (parent->fd, wanted, claim_folder, &claim, &refused);
  if (!name)
    return fail_folder (self, path, errno, error);
  if (refused)
    disk_notes_add (self->notes, DISK_NOTE_NAME, path, refused);

  g_autofree char *actual =
      *parent->actual ? g_strconcat (parent->actual, "/", name, NULL) : g_strdup (name);
  if (!g_str_equal (name, wanted))
    renamed_paths_add (self->renamed, path, actual);
  if (claim.made)
    {
      destination_touched (self, parent);
      made_folders_add (self->made, actual, folder);
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
  return make_folder (self, path, &folder, error);
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

Folder *
destination_enter (Destination *self, const char *path, GError **error)
{
  size_t len = MAX (path_last_component (path) - path, 1) - 1;
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
  g_autofree char *actual = renamed_paths_resolve (self->renamed, offered);
  int fd = folder_open_beneath (self->root->fd, actual);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
    {
      if (!make_folder (self, offered, &(MadeFolder) { .offered = false }, error))
        return NULL;
      g_free (actual);
      actual = renamed_paths_resolve (self->renamed, offered);
      fd = folder_open_beneath (self->root->fd, actual);
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
  made_folders_touch (self->made, folder->actual);
}

bool
destination_sync (Destination *self)
{
  return syncfs (self->root->fd) == 0;
}

void
destination_close (Destination *self)
{
  made_folders_close (self->made, self->root->fd, self->notes);
}

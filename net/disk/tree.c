/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/disk/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "net/core/path.h"
#include "net/disk/beneath.h"
#include "net/disk/folder_names.h"
#include "net/disk/renamed_paths.h"

struct Tree
{
  GHashTable *roots; /* offered top-level name -> path on disk, both owned */
  /* of what had to be cleaned; the first component stays the offered name of the root */
  RenamedPaths *renamed;
  LeftOut left_out;
  char *other_name, *other_offered; /* (owned) (nullable) the first that is sent as another name */
  guint n_others;
  const char *opened; /* the OfferEntry.folder that opened_fd is */
  int opened_fd;
};

/* The walk's position: the offered path and the real one, below the same root, grown and shrunk
 * together. */
typedef struct
{
  Tree *tree;
  Offer *offer;
  GCancellable *cancellable;
  GString *offered;
  GString *real;
} Walk;

OfferTime
tree_mtime (const struct stat *status)
{
  return (OfferTime) {
    .seconds = status->st_mtim.tv_sec,
    .nanoseconds = CLAMP (status->st_mtim.tv_nsec, 0, OFFER_NANOSECONDS_MAX),
  };
}

/* Offers the current position. Only a full offer ends the walk; a path or a size that the offer
 * refuses is noted. */
static bool
offer_here (Walk *walk, OfferKind kind, const struct stat *status, bool *offered, GError **error)
{
  g_autoptr (GError) refused = NULL;
  uint64_t size =
      kind == OFFER_FILE ? (uint64_t) status->st_size : 0; /* one below 0 is too large */
  *offered = false;
  if (size > OFFER_BYTES_MAX - offer_get_total_bytes (walk->offer))
    {
      left_out_unreadable (&walk->tree->left_out, walk->offered->str, EFBIG);
      return true;
    }
  *offered = offer_add (walk->offer, walk->offered->str, kind, size, tree_mtime (status),
                        status->st_mode & 0777, &refused);
  if (*offered)
    return true;
  if (g_error_matches (refused, OFFER_ERROR, OFFER_ERROR_LIMIT))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   _ ("This is more than one transfer can hold (%d files and folders). Send it in "
                      "several parts."),
                   OFFER_ENTRIES_MAX);
      return false;
    }
  left_out_refused (&walk->tree->left_out, walk->offered->str);
  return true;
}

static bool walk_folder (Walk *walk, int dir, GError **error);

/* @links: AT_SYMLINK_NOFOLLOW, or 0 for what was chosen itself. */
static bool
walk_entry (Walk *walk, int dir, const char *name, int links, GError **error)
{
  struct stat status;
  bool offered = false;
  if (fstatat (dir, name, &status, links) < 0)
    {
      left_out_unreadable (&walk->tree->left_out, walk->offered->str, errno);
      return true;
    }
  if (S_ISREG (status.st_mode))
    {
      if (faccessat (dir, name, R_OK, AT_EACCESS | links) < 0)
        {
          left_out_unreadable (&walk->tree->left_out, walk->offered->str, errno);
          return true;
        }
      return offer_here (walk, OFFER_FILE, &status, &offered, error);
    }
  if (!S_ISDIR (status.st_mode))
    {
      left_out_skip (&walk->tree->left_out, walk->offered->str, status.st_mode);
      return true;
    }

  int fd = openat (dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (links ? O_NOFOLLOW : 0));
  if (fd < 0)
    {
      left_out_unreadable (&walk->tree->left_out, walk->offered->str, errno);
      return true;
    }
  bool ok = offer_here (walk, OFFER_FOLDER, &status, &offered, error) &&
            (!offered || walk_folder (walk, fd, error));
  close (fd);
  return ok;
}

static void
walk_push (GString *path, const char *name)
{
  if (path->len)
    g_string_append_c (path, '/');
  g_string_append (path, name);
}

/* @name, as bytes on disk, is in the offer as @offered. */
static void
note_other_name (Tree *tree, const char *name, const char *offered)
{
  if (tree->n_others++ > 0)
    return;
  tree->other_name = path_display (name, strlen (name));
  tree->other_offered = g_strdup (offered);
}

/* Recursion is bounded: the offer refuses folders deeper than PATH_MAX_DEPTH. */
static bool
walk_folder (Walk *walk, int dir, GError **error)
{
  int code;
  g_autoptr (FolderNames) folder = folder_names_new (dir, &code);
  GPtrArray *names = folder_names_get (folder);
  if (code)
    left_out_unreadable (&walk->tree->left_out, walk->offered->str, code);

  for (guint i = 0; i < names->len; i++)
    {
      if (g_cancellable_set_error_if_cancelled (walk->cancellable, error))
        return false;
      const char *name = names->pdata[i];
      g_autofree char *offered = folder_names_offer (folder, name);
      size_t offered_len = walk->offered->len, real_len = walk->real->len;
      walk_push (walk->offered, offered);
      walk_push (walk->real, name);
      bool other = !g_str_equal (offered, name);
      if (other)
        renamed_paths_add (walk->tree->renamed, walk->offered->str, walk->real->str);
      size_t n_before = offer_get_n_entries (walk->offer);
      bool ok = walk_entry (walk, dir, name, AT_SYMLINK_NOFOLLOW, error);
      if (other && offer_get_n_entries (walk->offer) > n_before)
        note_other_name (walk->tree, walk->real->str, walk->offered->str);
      g_string_truncate (walk->offered, offered_len);
      g_string_truncate (walk->real, real_len);
      if (!ok)
        return false;
    }
  return true;
}

static char *
root_name (const Tree *tree, GFile *file)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *cleaned = path_clean_component (name);
  return folder_names_find_free (cleaned, tree->roots);
}

static bool
walk_root (Walk *walk, GFile *file, GError **error)
{
  const char *path = g_file_peek_path (file);
  if (!path)
    {
      g_autofree char *uri = g_file_get_uri (file);
      left_out_unreadable (&walk->tree->left_out, uri, ENOTSUP);
      return true;
    }
  char *name = root_name (walk->tree, file);
  g_hash_table_insert (walk->tree->roots, name, g_strdup (path));
  g_string_assign (walk->offered, name);
  g_string_assign (walk->real, name);
  size_t n_before = offer_get_n_entries (walk->offer);
  bool ok = walk_entry (walk, AT_FDCWD, path, 0, error);
  if (!g_str_equal (path_last_component (path), name) &&
      offer_get_n_entries (walk->offer) > n_before)
    note_other_name (walk->tree, path_last_component (path), name);
  return ok;
}

Tree *
tree_new (GPtrArray *files, Offer *offer, GCancellable *cancellable, GError **error)
{
  g_autoptr (Tree) tree = g_new (Tree, 1);
  *tree = (Tree) {
    .roots = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
    .renamed = renamed_paths_new (),
    .opened_fd = -1,
  };
  left_out_init (&tree->left_out);
  g_autoptr (GString) offered = g_string_new (NULL), real = g_string_new (NULL);
  Walk walk = { tree, offer, cancellable, offered, real };
  for (guint i = 0; i < files->len; i++)
    if (!walk_root (&walk, files->pdata[i], error))
      return NULL;
  if (offer_get_n_entries (offer) == 0)
    {
      const LeftOut *left_out = &tree->left_out;
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           left_out->unreadable   ? left_out->unreadable
                           : left_out->notes->len ? (char *) left_out->notes->pdata[0]
                                                  : _ ("There is nothing to send."));
      return NULL;
    }
  return g_steal_pointer (&tree);
}

void
tree_free (Tree *tree)
{
  if (tree->opened_fd >= 0)
    close (tree->opened_fd);
  g_hash_table_unref (tree->roots);
  renamed_paths_free (tree->renamed);
  left_out_clear (&tree->left_out);
  g_free (tree->other_name);
  g_free (tree->other_offered);
  g_free (tree);
}

const LeftOut *
tree_get_left_out (const Tree *tree)
{
  return &tree->left_out;
}

char *
tree_dup_other_names (const Tree *tree)
{
  if (tree->n_others == 0)
    return NULL;
  if (tree->n_others == 1)
    return g_strdup_printf (_ ("“%s” was sent as “%s”."), tree->other_name, tree->other_offered);
  guint others = tree->n_others - 1;
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "“%s” was sent as “%s”, and %u more under another name.",
                   "“%s” was sent as “%s”, and %u more under other names.", others),
      tree->other_name, tree->other_offered, others);
}

/* The path below its root of an offered one that lies in a folder of it. */
static char *
real_path (const Tree *tree, const char *offered)
{
  g_autofree char *real = renamed_paths_resolve (tree->renamed, offered);
  const char *slash = strchr (real, '/');
  return g_strdup (slash ? slash + 1 : ".");
}

static int
open_folder (const Tree *tree, const char *offered)
{
  g_autofree char *root = g_strndup (offered, strcspn (offered, "/"));
  g_autofree char *below = real_path (tree, offered);
  int root_fd = open (g_hash_table_lookup (tree->roots, root), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root_fd < 0)
    return -1;
  int fd = open_beneath (root_fd, below, O_PATH | O_DIRECTORY, 0);
  int code = errno;
  close (root_fd);
  errno = code;
  return fd;
}

/* Entries come folder by folder, so one open folder is enough. */
static int
open_in_folder (Tree *tree, const OfferEntry *entry, int flags)
{
  if (tree->opened != entry->folder)
    {
      if (tree->opened_fd >= 0)
        close (tree->opened_fd);
      tree->opened_fd = open_folder (tree, entry->folder);
      tree->opened = tree->opened_fd >= 0 ? entry->folder : NULL;
    }
  if (tree->opened_fd < 0)
    return -1;
  if (renamed_paths_is_empty (tree->renamed))
    return openat (tree->opened_fd, entry->name, flags | O_NOFOLLOW);

  g_autofree char *offered = offer_entry_dup_path (entry);
  g_autofree char *real = renamed_paths_resolve (tree->renamed, offered);
  return openat (tree->opened_fd, path_last_component (real), flags | O_NOFOLLOW);
}

int
tree_open (Tree *tree, const OfferEntry *entry)
{
  int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  int fd = *entry->folder ? open_in_folder (tree, entry, flags)
                          : open (g_hash_table_lookup (tree->roots, entry->name), flags);
  struct stat status;
  if (fd < 0 || (fstat (fd, &status) == 0 && S_ISREG (status.st_mode)))
    return fd;
  close (fd);
  errno = EMEDIUMTYPE;
  return -1;
}

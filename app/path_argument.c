/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/path_argument.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "net/client.h"

/* The parent's path in @parent, (transfer full); the last part, inside @path without the slashes at
 * its end. */
static char *
split (const char *path, char **parent)
{
  size_t length = strlen (path);
  while (length > 1 && path[length - 1] == '/')
    length--;
  size_t start = length;
  while (start > 0 && path[start - 1] != '/')
    start--;
  *parent = start > 0 ? g_strndup (path, start) : g_strdup (".");
  return g_strndup (path + start, length - start);
}

static bool
is_plain (const char *part)
{
  return part[0] && strcmp (part, ".") != 0 && strcmp (part, "..") != 0;
}

char *
path_argument_resolve (const char *path)
{
  char *found = realpath (path, NULL);
  if (found || errno != ENOENT || !path[0])
    return found; /* GLib's memory is malloc's */

  g_autofree char *parent = NULL;
  g_autofree char *last = split (path, &parent);
  if (!is_plain (last))
    {
      errno = ENOENT;
      return NULL;
    }
  g_autofree char *above = path_argument_resolve (parent);
  return above ? g_build_filename (above, last, NULL) : NULL;
}

/* The absolute path of what @path itself names; NULL with errno set. */
static char *
find (const char *path)
{
  struct stat st;
  g_autofree char *parent = NULL;
  g_autofree char *last = split (path, &parent);
  if (lstat (path, &st) < 0)
    return NULL;
  if (g_str_has_suffix (path, "/") || !is_plain (last))
    return realpath (path, NULL);
  g_autofree char *above = realpath (parent, NULL);
  return above ? g_build_filename (above, last, NULL) : NULL;
}

GFile *
path_argument_to_file (const char *path, GError **error)
{
  g_autofree char *found = find (path);
  if (found)
    return g_file_new_for_path (found);

  int failure = errno;
  g_autofree char *shown = g_utf8_make_valid (path, -1);
  if ((failure == ENOENT || failure == EACCES) && wherry_client_is_sandboxed ())
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                 _ ("“%s” is not to be seen from Wherry’s sandbox. Choose it in the window, or open "
                    "it from the file manager."),
                 shown);
  else if (failure == ENOENT || failure == ENOTDIR)
    g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (failure),
                 _ ("There is no file or folder “%s”."), shown);
  else
    g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (failure),
                 _ ("“%s” cannot be sent: %s."), shown, g_strerror (failure));
  return NULL;
}

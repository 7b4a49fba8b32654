/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/open_arguments.h"

#include <glib/gi18n-lib.h>
#include <stdbool.h>
#include <string.h>

#include "app/path_argument.h"

static bool
is_this_computer (const char *host)
{
  return !host || !host[0] || g_ascii_strcasecmp (host, "localhost") == 0 ||
         g_ascii_strcasecmp (host, g_get_host_name ()) == 0;
}

static GFile *
find_uri (const char *uri, GError **error)
{
  g_autofree char *host = NULL;
  g_autofree char *path = g_filename_from_uri (uri, &host, NULL);
  if (path && is_this_computer (host))
    return path_argument_to_file (path, error);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, _ ("“%s” is not a file on this computer."),
               uri);
  return NULL;
}

static GFile *
find (const char *argument, GError **error)
{
  g_autoptr (GError) failure = NULL;
  const char *scheme = g_uri_peek_scheme (argument);
  GFile *file = path_argument_to_file (argument, &failure);
  if (file)
    return file;
  if (g_strcmp0 (scheme, "wherry") == 0)
    return g_file_new_for_uri (argument);
  if (scheme && g_str_has_prefix (argument + strlen (scheme), "://") &&
      g_utf8_validate (argument, -1, NULL))
    return find_uri (argument, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

GPtrArray *
open_arguments_find (const char *const *arguments, char **left_out)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GStrvBuilder) sentences = g_strv_builder_new ();
  for (size_t i = 0; arguments[i]; i++)
    {
      g_autoptr (GError) error = NULL;
      GFile *file = find (arguments[i], &error);
      if (file)
        g_ptr_array_add (files, file);
      else
        g_strv_builder_add (sentences, error->message);
    }
  g_auto (GStrv) all = g_strv_builder_end (sentences);
  *left_out = all[0] ? g_strjoinv ("\n", all) : NULL;
  return files;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/store/state_file.h"

#include <glib/gstdio.h>

#include "net/store/private_file.h"

#define ASIDE_ATTEMPTS 100 /* corrupt files of one second */

void
state_file_warn (const DataDir *dir, GError *told, GError **warning)
{
  state_error_get_data (told)->folder = g_strdup (data_dir_get_path (dir));
  if (!warning)
    g_warning ("%s", told->message);
  g_propagate_error (warning, told);
}

static bool
set_aside (const DataDir *dir, const char *reason, GError **warning, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *base = g_date_time_format (now, STATE_DOCUMENT_FILE ".corrupt-%Y%m%dT%H%M%SZ");
  for (int i = 1; i <= ASIDE_ATTEMPTS; i++)
    {
      g_autofree char *name = i == 1 ? g_strdup (base) : g_strdup_printf ("%s-%d", base, i);
      g_autoptr (GError) local = NULL;
      if (private_file_rename (data_dir_get_fd (dir), STATE_DOCUMENT_FILE, name, &local))
        {
          g_autofree char *text = g_strdup_printf (
              "The list of paired devices was damaged (%s). It was kept as “%s” in “%s”, and a new "
              "one was begun: pair your devices again, or quit and put back a good copy.",
              reason, name, data_dir_get_path (dir));

          GError *told = g_error_new_literal (STATE_ERROR, STATE_ERROR_CORRUPT, text);
          state_error_get_data (told)->file = g_steal_pointer (&name);
          state_file_warn (dir, told, warning);
          return true;
        }
      if (!g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_EXIST) || i == ASIDE_ATTEMPTS)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return false;
        }
    }
  g_assert_not_reached ();
}

static bool
set_aside_if_corrupt (const DataDir *dir, GError *cause, GError **warning, GError **error)
{
  g_autoptr (GError) reason = cause;
  if (g_error_matches (reason, STATE_ERROR, STATE_ERROR_CORRUPT))
    return set_aside (dir, reason->message, warning, error);
  if (g_error_matches (reason, STATE_ERROR, STATE_ERROR_NEWER))
    g_set_error (error, STATE_ERROR, STATE_ERROR_NEWER,
                 "“" STATE_DOCUMENT_FILE
                 "” in “%s” was written by a later Wherry: %s. Update Wherry, or "
                 "choose another data folder.",
                 data_dir_get_path (dir), reason->message);
  else
    g_propagate_error (error, g_steal_pointer (&reason));
  return false;
}

/* *@document NULL when there is no file. */
static bool
read_document (int dir_fd, StateDocument **document, GError **error)
{
  g_autofree char *data = g_malloc (STATE_DOCUMENT_SIZE_MAX);
  g_autoptr (GError) local = NULL;
  size_t len;
  if (private_file_read (dir_fd, STATE_DOCUMENT_FILE, data, STATE_DOCUMENT_SIZE_MAX, &len, &local))
    {
      *document = state_document_parse (data, len, error);
      return *document != NULL;
    }
  *document = NULL;
  if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return true;
  if (g_error_matches (local, PRIVATE_FILE_ERROR, PRIVATE_FILE_ERROR_TOO_LONG))
    g_set_error (error, STATE_ERROR, STATE_ERROR_CORRUPT, "it is longer than %d bytes",
                 STATE_DOCUMENT_SIZE_MAX);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

bool
state_file_read (const DataDir *dir, StateDocument **document, GError **warning, GError **error)
{
  GError *cause = NULL;
  return read_document (data_dir_get_fd (dir), document, &cause) ||
         set_aside_if_corrupt (dir, cause, warning, error);
}

bool
state_file_peek (const char *path, StateDocument **document, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofd int fd = data_dir_peek (path, &cause);
  if (fd >= 0)
    return read_document (fd, document, error);
  *document = NULL;
  if (g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return true;
  g_propagate_error (error, g_steal_pointer (&cause));
  return false;
}

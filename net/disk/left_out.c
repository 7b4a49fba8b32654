/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/disk/left_out.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>

#include "net/core/path.h"

void
left_out_init (LeftOut *self)
{
  *self = (LeftOut) {
    .paths = g_ptr_array_new_with_free_func (g_free),
    .reasons = g_array_new (false, false, sizeof (ControlReason)),
    .notes = g_ptr_array_new_with_free_func (g_free),
  };
}

void
left_out_clear (LeftOut *self)
{
  g_ptr_array_unref (self->paths);
  g_array_unref (self->reasons);
  g_ptr_array_unref (self->notes);
  g_free (self->unreadable);
}

/* (transfer full) */
static char *
special_sentence (const char *path, mode_t mode)
{
  g_autofree char *shown = path_display (path, strlen (path));
  if (S_ISLNK (mode))
    return g_strdup_printf (_ ("“%s” was skipped: it is a link."), shown);
  if (S_ISFIFO (mode))
    return g_strdup_printf (_ ("“%s” was skipped: it is a pipe."), shown);
  if (S_ISSOCK (mode))
    return g_strdup_printf (_ ("“%s” was skipped: it is a socket."), shown);
  return g_strdup_printf (_ ("“%s” was skipped: it is a device."), shown);
}

/* (transfer full) */
static char *
refused_sentence (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = path_display (path, strlen (path));
  path_check_entry (path, &error);
  if (g_error_matches (error, PATH_ERROR, PATH_ERROR_DEPTH))
    return g_strdup_printf (_ ("“%s” was skipped: it lies in too many folders."), shown);
  if (g_error_matches (error, PATH_ERROR, PATH_ERROR_LENGTH))
    return g_strdup_printf (_ ("“%s” was skipped: its path is too long."), shown);
  return g_strdup_printf (_ ("“%s” was skipped: its name cannot be sent."), shown);
}

/* Takes @sentence. */
static void
add_note (LeftOut *self, char *sentence)
{
  if (self->notes->len < LEFT_OUT_NOTES_MAX)
    g_ptr_array_add (self->notes, sentence);
  else
    g_free (sentence);
}

static void
add_path (LeftOut *self, const char *path, ControlReason reason)
{
  if (self->paths->len == LEFT_OUT_PATHS_MAX || !path_check_entry (path, NULL))
    return;
  g_ptr_array_add (self->paths, g_strdup (path));
  g_array_append_val (self->reasons, reason);
}

void
left_out_skip (LeftOut *self, const char *path, mode_t mode)
{
  self->n_skipped++;
  add_path (self, path, CONTROL_REASON_NOT_REGULAR);
  add_note (self, special_sentence (path, mode));
}

/* Takes @sentence. */
static void
add_unreadable (LeftOut *self, const char *path, char *sentence)
{
  add_path (self, path, CONTROL_REASON_READ);
  if (self->n_unreadable++ == 0)
    self->unreadable = sentence;
  else
    add_note (self, sentence);
}

void
left_out_unreadable (LeftOut *self, const char *path, int code)
{
  g_autofree char *shown = path_display (path, strlen (path));
  /* Translators: a path, and what the system says about it */
  add_unreadable (self, path,
                  g_strdup_printf (_ ("“%1$s” was skipped: %2$s."), shown, g_strerror (code)));
}

void
left_out_refused (LeftOut *self, const char *path)
{
  add_unreadable (self, path, refused_sentence (path));
}

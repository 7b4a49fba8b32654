/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/disk/left_out.h"

#include <glib/gi18n-lib.h>
#include <string.h>

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

static char *
skipped_sentence (const char *path, const char *reason)
{
  g_autofree char *shown = path_display (path, strlen (path));
  return g_strdup_printf (_ ("“%1$s” was skipped: %2$s."), shown, reason);
}

static void
add_note (LeftOut *self, const char *path, const char *reason)
{
  if (self->notes->len < LEFT_OUT_NOTES_MAX)
    g_ptr_array_add (self->notes, skipped_sentence (path, reason));
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
left_out_skip (LeftOut *self, const char *path, const char *reason)
{
  self->n_skipped++;
  add_path (self, path, CONTROL_REASON_NOT_REGULAR);
  add_note (self, path, reason);
}

void
left_out_unreadable (LeftOut *self, const char *path, const char *reason)
{
  add_path (self, path, CONTROL_REASON_READ);
  if (self->n_unreadable++ == 0)
    self->unreadable = skipped_sentence (path, reason);
  else
    add_note (self, path, reason);
}

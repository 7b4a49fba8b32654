/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/disk/disk_notes.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "net/core/path.h"

struct DiskNotes
{
  char *folder;
  GPtrArray *sentences;
  bool noted[DISK_N_NOTES];
};

DiskNotes *
disk_notes_new (const char *folder)
{
  DiskNotes *self = g_new0 (DiskNotes, 1);
  self->folder = g_strdup (folder);
  self->sentences = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
disk_notes_free (DiskNotes *self)
{
  g_ptr_array_unref (self->sentences);
  g_free (self->folder);
  g_free (self);
}

static char *
note_sentence (DiskNote note, const char *shown, const char *reason)
{
  switch (note)
    {
    case DISK_NOTE_MODE:
      return g_strdup_printf (
          _ ("The disk does not keep permissions as they were sent: “%s” has others (%s)."), shown,
          reason);
    case DISK_NOTE_TIME:
      return g_strdup_printf (
          _ ("The disk does not keep times as they were sent: “%s” has another (%s)."), shown,
          reason);
    case DISK_NOTE_NAME:
      return g_strdup_printf (_ ("The disk refuses some names: “%s” got another (%s)."), shown,
                              reason);
    case DISK_NOTE_SYNC:
      return g_strdup_printf (
          _ ("The disk does not say when files are safe: “%s” may not outlive a power cut (%s)."),
          shown, reason);
    case DISK_NOTE_LEFTOVER:
      return g_strdup_printf (
          _ ("The hidden file “%s” could not be removed (%s). You can delete it."), shown, reason);
    case DISK_N_NOTES:
    default:
      g_assert_not_reached ();
    }
}

void
disk_notes_add (DiskNotes *self, DiskNote note, const char *path, int code)
{
  if (self->noted[note])
    return;
  self->noted[note] = true;
  g_autofree char *shown = *path ? path_display (path, strlen (path)) : g_strdup (self->folder);
  g_ptr_array_add (self->sentences,
                   note_sentence (note, shown, code ? g_strerror (code) : _ ("without an error")));
}

GPtrArray *
disk_notes_get_sentences (const DiskNotes *self)
{
  return self->sentences;
}

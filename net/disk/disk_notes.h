/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a disk that files are received on refused or misreported beside their bytes: one sentence
 * for each kind, about the first file or folder that met it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef enum
{
  DISK_NOTE_MODE,
  DISK_NOTE_TIME,
  DISK_NOTE_NAME,
  DISK_NOTE_SYNC,
  DISK_NOTE_LEFTOVER,
  DISK_N_NOTES
} DiskNote;

typedef struct DiskNotes DiskNotes;

/** @folder: what the receive folder is called in sentences. */
DiskNotes *disk_notes_new (const char *folder);
void disk_notes_free (DiskNotes *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiskNotes, disk_notes_free)

/** It was so with @path ("": the receive folder); @code is an errno, or 0 when the disk had said
 * yes. */
void disk_notes_add (DiskNotes *self, DiskNote note, const char *path, int code);
/** At most DISK_N_NOTES. (transfer none) (element-type utf8) */
GPtrArray *disk_notes_get_sentences (const DiskNotes *self);

G_END_DECLS

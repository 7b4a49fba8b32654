/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folders below a destination that were made, or got names: what has to be done with them at
 * the end. One thread at a time. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "net/core/offer.h"
#include "net/disk/disk_notes.h"

G_BEGIN_DECLS

typedef struct
{
  bool offered; /* has a mode and a time to get; else it was only on the way to something */
  mode_t mode;
  OfferTime mtime;
} MadeFolder;

typedef struct MadeFolders MadeFolders;

MadeFolders *made_folders_new (void);
void made_folders_free (MadeFolders *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MadeFolders, made_folders_free)

/** The folder @actual, a path below the destination, was made. */
void made_folders_add (MadeFolders *self, const char *actual, const MadeFolder *folder);
/** The folder @actual, which was there, got new names. */
void made_folders_touch (MadeFolders *self, const char *actual);
/** Sets modes and times of what was made below the folder @root and makes all names durable; then
 * none is left. */
void made_folders_close (MadeFolders *self, int root, DiskNotes *notes);

G_END_DECLS

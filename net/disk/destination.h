/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that received files go to: one descriptor, and nothing that is opened through it lies
 * outside.
 *
 * Folders of an offer merge with those that are there; where a file or a link has the name, the
 * folder takes another ("name (1)") for the whole transfer. Links below the folder are never
 * followed. Nothing is removed. What a file system refuses or misreports costs a note:
 * net/disk/disk_error.h has the list.
 *
 * Paths are relative, separated by '/', and have passed the gate of core/path. One thread at a
 * time. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/core/offer.h"
#include "net/disk/destination_error.h"
#include "net/disk/disk_notes.h"
#include "net/disk/folder.h"

G_BEGIN_DECLS

typedef struct Destination Destination;

/** Opens @folder, creating it with its parents when missing. */
Destination *destination_new (GFile *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void destination_free (Destination *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Destination, destination_free)

/** file_attributes_mode() for files, with the umask as it was at destination_new(). */
mode_t destination_file_mode (const Destination *self, uint32_t offered);

/** Makes a folder of the offer, or merges with the one that is there. Mode and time are set by
 * destination_close(), and only on folders made here. */
bool destination_make_folder (Destination *self, const char *path, uint32_t mode, OfferTime mtime,
                              GError **error);
/** The folder that the entry @path goes into, opened; made when the offer left it out. Borrowed
 * until the next call. */
Folder *destination_enter (Destination *self, const char *path, GError **error);
/** Remembers that @folder got new names. */
void destination_touched (Destination *self, const Folder *folder);

/** (transfer none) */
DiskNotes *destination_get_notes (const Destination *self);
/** destination_error_set_entry() for @path in this destination. */
bool destination_fail (const Destination *self, GError **error, const char *path, int code);

/** Makes everything written so far durable with one syncfs(). False when that is not certain. */
bool destination_sync (Destination *self);
/** At the end: sets modes and times of the folders made here and makes all names durable. */
void destination_close (Destination *self);

G_END_DECLS

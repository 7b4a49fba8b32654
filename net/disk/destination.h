/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that received files go to: one descriptor, and nothing that is opened through it lies
 * outside.
 *
 * Folders of an offer merge with those that are there; where a file or a link has the name, the
 * folder takes another ("name (1)") for the whole transfer. Links below the folder are never
 * followed. Nothing is removed. What a file system refuses or misreports costs a note:
 * flow/disk_error.h has the list.
 *
 * Paths are relative, separated by '/', and have passed the gate of core/path. One thread at a
 * time. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/core/offer.h"
#include "net/disk/beneath.h"

G_BEGIN_DECLS

/** By what it means for the transfer. */
typedef enum
{
  DESTINATION_ERROR_NO_SPACE, /* no further file will fit */
  DESTINATION_ERROR_FOLDER,   /* the destination itself cannot be used */
  DESTINATION_ERROR_ENTRY,    /* this file or folder cannot be written; others may */
} DestinationError;

#define DESTINATION_ERROR (destination_error_quark ())
GQuark destination_error_quark (void);
/** What the system said about a DESTINATION_ERROR_ENTRY; 0 when @error is of another kind. */
int destination_error_get_errno (const GError *error);

/** An open folder, shared by reference. */
typedef struct
{
  int fd;
  char *offered;  /* its path as the sender calls it */
  char *actual;   /* its path below the destination; "" for the destination itself */
  bool elsewhere; /* on another file system than the destination */
} Folder;

Folder *folder_ref (Folder *folder);
void folder_unref (Folder *folder);

typedef struct Destination Destination;

/** Opens @folder, creating it with its parents when missing. */
Destination *destination_new (GFile *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void destination_free (Destination *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Destination, destination_free)

/** What is left for everybody else: DESTINATION_RESERVE_MAX bytes, or a hundredth of a smaller
 * disk. */
#define DESTINATION_RESERVE_MAX (256ull * 1024 * 1024)
/** Bytes that can be accepted into @folder, or into the nearest parent that exists, with the
 * reserve taken off. UINT64_MAX when it cannot be told. */
uint64_t destination_free_space (GFile *folder);

/** The permission bits for what was offered with @offered: as under this umask, for others never to
 * write, and for the owner always to read and write (and to search a folder). */
mode_t destination_mode (uint32_t offered, bool is_folder, mode_t mask);
/** destination_mode() for files, with the umask as it was at destination_new(). */
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

/** Makes everything written so far durable with one syncfs(). False when that is not certain. */
bool destination_sync (Destination *self);
/** At the end: sets modes and times of the folders made here and makes all names durable. */
void destination_close (Destination *self);

/** Sets mode and time and looks whether they are kept; notes it when not. */
void destination_dress (Destination *self, int fd, const char *path, mode_t mode, OfferTime mtime);

/** What the disk did not take beside the bytes. */
typedef enum
{
  DESTINATION_NOTE_MODE,
  DESTINATION_NOTE_TIME,
  DESTINATION_NOTE_NAME,
  DESTINATION_NOTE_SYNC,
  DESTINATION_NOTE_LEFTOVER,
  DESTINATION_N_NOTES
} DestinationNote;

/** Notes that it was so with @path; @code is an errno, or 0 when the disk had said yes. One
 * sentence is kept for each kind. */
void destination_note (Destination *self, DestinationNote note, const char *path, int code);
/** Sentences, at most DESTINATION_N_NOTES. (transfer none) (element-type utf8) */
GPtrArray *destination_get_notes (const Destination *self);

/** Sets @error to what errno @code means for the transfer, in a sentence about @path. Always
 * returns false. */
bool destination_fail (const Destination *self, GError **error, const char *path, int code);

G_END_DECLS

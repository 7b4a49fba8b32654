/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that received files go to: one descriptor, and nothing that is opened through it lies outside.
 *
 * Folders of an offer merge with those that are there; where a file or a link has the name, the folder takes another
 * ("name (1)") for the whole transfer. Links below the folder are never followed. Nothing is removed.
 *
 * Paths are relative, separated by '/', and have passed the gate of core/path. One thread at a time. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

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

/** What is left for everybody else: DESTINATION_RESERVE_MAX bytes, or a hundredth of a smaller disk. */
#define DESTINATION_RESERVE_MAX (256ull * 1024 * 1024)
/** Bytes that can be accepted into @folder, or into the nearest parent that exists, with the reserve taken off. 0 when
 * it cannot be told. */
uint64_t destination_free_space (GFile *folder);

/** Makes a folder of the offer, or merges with the one that is there. @mode (permission bits) and @mtime_ns (Unix time)
 * are set by destination_close(), and only on folders made here. */
bool destination_make_folder (Destination *self, const char *path, uint32_t mode, int64_t mtime_ns,
                              GError **error);
/** The folder that the entry @path goes into, opened; made when the offer left it out. Borrowed until the next call. */
Folder *destination_enter (Destination *self, const char *path, GError **error);
/** Remembers that @folder got new names. */
void destination_touched (Destination *self, const Folder *folder);

/** Makes everything written so far durable with one syncfs(). */
bool destination_sync (Destination *self, GError **error);
/** At the end: sets modes and times of the folders made here and makes all names durable. A folder that does not take
 * its mode or time is logged, not fatal. */
bool destination_close (Destination *self, GError **error);

/** Sets @error to what errno @code means for the transfer, in a sentence about @path. Always returns false. */
bool destination_fail (const Destination *self, GError **error, const char *path, int code);

/** openat2() that stays beneath @dir and follows no links; close-on-exec. */
int open_beneath (int dir, const char *path, uint64_t flags, uint64_t mode);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small file for our eyes only: mode 0600, whole or not there, whatever happens meanwhile.
 * Blocking calls. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  PRIVATE_FILE_ERROR_TOO_LONG,
  PRIVATE_FILE_ERROR_UNSAFE, /* another user's, a link, or no plain file */
} PrivateFileError;

#define PRIVATE_FILE_ERROR (private_file_error_quark ())
GQuark private_file_error_quark (void);
/** Of which file. NULL for an error that was not made here. */
const char *private_file_error_get_name (const GError *error);

typedef enum
{
  PRIVATE_FILE_NEW,     /* fails with G_FILE_ERROR_EXIST when the name is taken */
  PRIVATE_FILE_REPLACE, /* the old content stays until the new one is on the disk */
} PrivateFileMode;

/** Writes @data to @name (relative to the folder @dir_fd): a temporary file with mode 0600 from the
 * start, fsync, rename, fsync of the folder. On failure nothing has changed and no temporary file
 * is left. Errors: G_FILE_ERROR_*. */
bool private_file_write (int dir_fd, const char *name, const void *data, size_t len,
                         PrivateFileMode mode, GError **error);

/** Reads all of @name into @data, which holds @size bytes, and sets @len; no copy is made
 * elsewhere.
 *
 * Links are not followed. A file that others may read or write is taken back to mode 0600 with a
 * warning (a restored backup often has a wrong mode, and refusing it would cost all pairings); one
 * that belongs to another user is refused. Errors: PRIVATE_FILE_ERROR_*, G_FILE_ERROR_NOENT when
 * there is none, other G_FILE_ERROR_*. */
bool private_file_read (int dir_fd, const char *name, void *data, size_t size, size_t *len,
                        GError **error);

/** True also when there was none. */
bool private_file_remove (int dir_fd, const char *name, GError **error);

/** The name must not exist: the old file is never lost. */
bool private_file_rename (int dir_fd, const char *name, const char *new_name, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that holds everything this device remembers, and the lock that gives it to one process
 * at a time. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  DATA_DIR_ERROR_LOCKED, /* another process holds it; the message names its pid */
  DATA_DIR_ERROR_UNSAFE, /* it belongs to somebody else, or is no folder */
} DataDirError;

#define DATA_DIR_ERROR (data_dir_error_quark ())
GQuark data_dir_error_quark (void);

typedef struct DataDir DataDir;

/** Opens @path (NULL: DATA_DIR_NAME in $XDG_DATA_HOME), makes it and its parents with mode 0700
 * when they are missing, and locks it.
 *
 * The lock lives in the file `lock` and ends with data_dir_close() or with the process, however
 * that dies. A folder that others could write to loses those permissions, with a warning. Errors:
 * DATA_DIR_ERROR_*, G_FILE_ERROR_*. */
DataDir *data_dir_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void data_dir_close (DataDir *dir);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DataDir, data_dir_close)

/** The folder itself, by its path without links when it is there. (transfer full) */
char *data_dir_resolve (const char *path);
/** The process that holds @path (as above), as far as its lock tells; 0 when that says nothing. */
int64_t data_dir_find_holder (const char *path);

/** A descriptor of @path (as above), which is neither made nor locked; -1 with G_FILE_ERROR_*. Only
 * what is replaced as a whole can be read there: a process may run on it. */
int data_dir_peek (const char *path, GError **error);

/** Absolute. */
const char *data_dir_get_path (const DataDir *dir);
/** For openat() and its kin; valid until data_dir_close(). */
int data_dir_get_fd (const DataDir *dir);

G_END_DECLS

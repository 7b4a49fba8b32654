/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was typed on a command line, as a path. No character of it is special: not ':', '%' or '~',
 * not "file:" at its start. */
#pragma once

#include <stdbool.h>
#include <gio/gio.h>

/** The absolute path, without "." and "..", that the kernel would find for @path; the last part, or
 * more, need not exist. A symbolic link at its end is followed. NULL, with errno set, when it
 * cannot be: ENOENT for "". (transfer full) */
char *path_argument_resolve (const char *path);

/** What @path names, to be sent. A symbolic link at its end stays one, unless a slash follows it.
 * G_FILE_ERROR, in a sentence that names @path, when there is nothing. (transfer full) */
GFile *path_argument_to_file (const char *path, GError **error);

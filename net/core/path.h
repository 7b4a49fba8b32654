/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one gate for names of files and folders that come from a peer or are made for one.
 *
 * Two sides. The sender *cleans* each component of what it found on disk (path_clean_component)
 * and so offers only paths that pass; the receiver *refuses* (path_check_entry), so that what
 * was shown is what is written.
 *
 * Refused: absolute paths; empty, "." and ".." components; invalid UTF-8; control characters (C0
 * with NUL, DEL, C1); line and paragraph separators; every character that only changes text
 * direction (U+061C, U+200E, U+200F, U+202A-202E, U+2066-2069); the byte order mark; components
 * over 255 bytes, paths over 4096 bytes or 128 levels; names that look like our temporary files
 * (a later clean-up could take them for its own).
 *
 * Allowed as they are, because they are plain names to the kernel and common in real trees:
 * leading dot, dash or "~", trailing dot or space, backslash, "%2e", markup, "file:". Whoever
 * shows a name escapes it.
 *
 * Twins: names that differ in case or in Unicode normalisation (NFC and NFD) are different
 * names, as on the sender's disk; nothing is folded or normalised. Where the receiver's
 * filesystem takes them for one, the no-clobber rename finds the name taken and the second gets
 * path_conflict_name(). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

#define PATH_COMPONENT_MAX 255  /* bytes: NAME_MAX of every filesystem of Linux */
#define PATH_MAX_BYTES     4096 /* bytes of a whole relative path */
#define PATH_MAX_DEPTH     128  /* components */
#define PATH_TEMP_SUFFIX   ".wherry-part"

typedef enum
{
  PATH_ERROR_EMPTY,     /* nothing, or an empty component ("a//b", "a/") */
  PATH_ERROR_ESCAPE,    /* absolute, or "." or ".." */
  PATH_ERROR_ENCODING,  /* not UTF-8 */
  PATH_ERROR_CHARACTER, /* control, line or direction character */
  PATH_ERROR_LENGTH,    /* a component or the whole is too long */
  PATH_ERROR_DEPTH,
  PATH_ERROR_RESERVED, /* looks like a temporary file of ours */
} PathError;

#define PATH_ERROR (path_error_quark ())
GQuark path_error_quark (void);

/** True when @path may be created below a folder, one component at a time. @len bytes; NUL inside
 * is refused. The message of @error shows the path escaped and shortened: it is safe to log and
 * to show. */
bool path_check_entry_len (const char *path, size_t len, GError **error);
bool path_check_entry (const char *path, GError **error);
/** The same for a single component (no "/"). */
bool path_check_component (const char *name, GError **error);

/** What stands behind the last "/" of @path; all of it where there is none. A part of @path. */
const char *path_last_component (const char *path);

/** The nearest name that path_check_component() lets pass: direction characters and the byte
 * order mark are dropped, invalid bytes, control characters and "/" become "_", what is too long
 * is cut at a character border in front of the extension, nothing or only dots becomes "_". A
 * good name comes back unchanged. (transfer full) */
char *path_clean_component (const char *name);

/** A name like the good name @name that file systems of other systems take too: what vfat, exfat,
 * NTFS and CIFS forbid becomes "_", names of devices get one in front; cut to @max bytes (32 at
 * least) at a character border in front of the extension. With @ascii nothing else is left.
 * (transfer full) */
char *path_portable_component (const char *name, size_t max, bool ascii);

/** Keep-both: "name.tar.gz", 1 -> "name (1).tar.gz"; ".profile", 2 -> ".profile (2)"; "a.b c", 1
 * -> "a.b c (1)". Cut at a character border to stay within 255 bytes. (transfer full) */
char *path_conflict_name (const char *name, unsigned n);

/** Hidden name for a file that is not yet verified: ".NAME.0123456789abcdef.wherry-part", NAME made
 * portable and short: a file system that takes the name itself takes this one. @random comes from
 * randombytes_buf(). (transfer full) */
char *path_temp_name (const char *name, uint64_t random);

/** @text made fit for a log or a sentence: invalid and control and direction characters escaped,
 * cut to about 80 characters. (transfer full) */
char *path_display (const char *text, size_t len);

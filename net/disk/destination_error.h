/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the errno of a call on a received file or folder means for its transfer, in a sentence. */
#pragma once

#include <glib.h>
#include <stdbool.h>

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

/** Sets @error to what errno @code means when it concerns @path, a file or folder that is received
 * into the folder called @folder. Always returns false. */
bool destination_error_set_entry (GError **error, const char *folder, const char *path, int code);
/** The same for @folder itself. */
bool destination_error_set_folder (GError **error, const char *folder, int code);

G_END_DECLS

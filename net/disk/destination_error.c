/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/disk/destination_error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "net/core/path.h"
#include "net/disk/disk_error.h"

typedef struct
{
  int code; /* errno */
} DestinationErrorPrivate;

static void
destination_error_private_init (DestinationErrorPrivate *private)
{
}

static void
destination_error_private_copy (const DestinationErrorPrivate *from, DestinationErrorPrivate *to)
{
  to->code = from->code;
}

static void
destination_error_private_clear (DestinationErrorPrivate *private)
{
}

G_DEFINE_EXTENDED_ERROR (DestinationError, destination_error)

int
destination_error_get_errno (const GError *error)
{
  const DestinationErrorPrivate *private = destination_error_get_private (error);
  return private ? private->code : 0;
}

bool
destination_error_set_entry (GError **error, const char *folder, const char *path, int code)
{
  if (disk_is_full (code))
    g_set_error (error, DESTINATION_ERROR, DESTINATION_ERROR_NO_SPACE,
                 _ ("There is no space left in “%s”. Free some space and send again."), folder);
  else if (disk_is_lost (code))
    g_set_error (error, DESTINATION_ERROR, DESTINATION_ERROR_FOLDER,
                 _ ("The disk with “%1$s” cannot be written (%2$s). Choose another folder."),
                 folder, g_strerror (code));
  else
    {
      g_autofree char *shown = path_display (path, strlen (path));
      g_set_error (error, DESTINATION_ERROR, DESTINATION_ERROR_ENTRY,
                   _ ("“%1$s” could not be written: %2$s."), shown, g_strerror (code));
    }
  if (error)
    destination_error_get_private (*error)->code = code;
  return false;
}

bool
destination_error_set_folder (GError **error, const char *folder, int code)
{
  if (disk_is_full (code))
    return destination_error_set_entry (error, folder, "", code);
  g_set_error (error, DESTINATION_ERROR, DESTINATION_ERROR_FOLDER,
               _ ("The folder “%1$s” cannot be written (%2$s). Choose another folder."), folder,
               g_strerror (code));
  return false;
}

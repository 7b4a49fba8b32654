/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/open_folder.h"

#include <glib/gi18n-lib.h>

static void
launched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkWidget) widget = user_data;
  g_autoptr (GError) error = NULL;
  if (gtk_file_launcher_launch_finish (GTK_FILE_LAUNCHER (source), result, &error) ||
      g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    return;

  g_autofree char *path =
      wherry_client_dup_shown_path (gtk_file_launcher_get_file (GTK_FILE_LAUNCHER (source)));
  g_autofree char *sentence =
      g_strdup_printf (_ ("No file manager could be opened. The files are in %s"), path);
  gtk_widget_activate_action (widget, "win.complain", "s", sentence);
}

void
open_folder_of_transfer (GtkWidget *widget, WherryTransfer *transfer)
{
  GFile *folder = wherry_transfer_get_destination (transfer);
  if (!folder)
    return;
  g_autoptr (GtkFileLauncher) launcher = gtk_file_launcher_new (folder);
  gtk_file_launcher_launch (launcher, GTK_WINDOW (gtk_widget_get_root (widget)), NULL, launched_cb,
                            g_object_ref (widget));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/open_folder.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  GtkWidget *widget; /* (owned) */
  GFile *folder;     /* (owned) */
} Request;

static void
request_free (Request *self)
{
  g_object_unref (self->widget);
  g_object_unref (self->folder);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

static void
complain_unless_opened (Request *request, const GError *error)
{
  if (!error || g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    return;

  g_autofree char *path = wherry_client_dup_shown_path (request->folder);
  g_autofree char *sentence =
      g_strdup_printf (_ ("No file manager could be opened. The files are in %s"), path);
  gtk_widget_activate_action (request->widget, "win.complain", "s", sentence);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Request) request = user_data;
  g_autoptr (GError) error = NULL;
  gtk_file_launcher_launch_finish (GTK_FILE_LAUNCHER (source), result, &error);
  complain_unless_opened (request, error);
}

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Request) request = user_data;
  g_autoptr (GError) error = NULL;
  gtk_file_launcher_open_containing_folder_finish (GTK_FILE_LAUNCHER (source), result, &error);
  complain_unless_opened (request, error);
}

void
open_folder_of_transfer (GtkWidget *widget, WherryTransfer *transfer)
{
  GFile *folder = wherry_transfer_get_destination (transfer);
  GFile *received = wherry_transfer_get_received (transfer);
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (widget));
  if (!folder)
    return;

  Request *request = g_new (Request, 1);
  *request = (Request) { g_object_ref (widget), g_object_ref (folder) };
  /* It may have been moved or removed since. */
  bool there = received && g_file_query_exists (received, NULL);
  g_autoptr (GtkFileLauncher) launcher = gtk_file_launcher_new (there ? received : folder);
  if (there)
    gtk_file_launcher_open_containing_folder (launcher, window, NULL, shown_cb, request);
  else
    gtk_file_launcher_launch (launcher, window, NULL, opened_cb, request);
}

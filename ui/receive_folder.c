/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/receive_folder.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  GtkWidget *widget;    /* (owned) */
  WherryClient *client; /* (owned) */
  ReceiveFolderChosen chosen;
  GObject *object; /* (owned) */
} Question;

static void
question_free (Question *self)
{
  g_object_unref (self->widget);
  g_object_unref (self->client);
  g_object_unref (self->object);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) folder =
      gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (source), result, &error);
  g_autofree char *sentence = NULL;

  if (folder && g_file_peek_path (folder))
    {
      wherry_client_set_receive_dir (question->client, folder);
      question->chosen (folder, question->object);
      return;
    }
  if (folder)
    sentence = g_strdup (_ ("Received files need a folder on this computer. Choose another one."));
  else if (!g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    sentence = g_strdup_printf (_ ("No folder could be chosen: %s"), error->message);
  if (sentence)
    gtk_widget_activate_action (question->widget, "win.complain", "s", sentence);
  question->chosen (NULL, question->object);
}

/* (transfer full) A chooser outside of the sandbox can open what is hidden in it. There the name of
 * the Downloads folder is not told, and the chooser opens its parent when it is another. */
static GFile *
initial_folder (WherryClient *client)
{
  GFile *folder = wherry_client_get_receive_dir (client);
  return folder ? g_object_ref (folder)
                : g_file_new_build_filename (g_get_home_dir (), "Downloads", NULL);
}

void
receive_folder_ask (GtkWidget *widget, WherryClient *client, ReceiveFolderChosen chosen,
                    GObject *object)
{
  Question *question = g_new (Question, 1);
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  gtk_file_dialog_set_title (dialog, _ ("Folder for Received Files"));
  gtk_file_dialog_set_accept_label (dialog, _ ("_Receive Here"));
  g_autoptr (GFile) initial = initial_folder (client);
  gtk_file_dialog_set_initial_folder (dialog, initial);
  *question =
      (Question) { g_object_ref (widget), g_object_ref (client), chosen, g_object_ref (object) };
  gtk_file_dialog_select_folder (dialog, GTK_WINDOW (gtk_widget_get_root (widget)), NULL,
                                 answered_cb, question);
}

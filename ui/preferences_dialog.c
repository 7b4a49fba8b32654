/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/preferences_dialog.h"

#include <glib/gi18n-lib.h>

struct _WherryPreferencesDialog
{
  AdwPreferencesDialog parent_instance;

  GtkEditable *name;
  AdwSwitchRow *visible;
  AdwActionRow *receive_folder;

  WherryClient *client; /* (owned) */
};

G_DEFINE_FINAL_TYPE (WherryPreferencesDialog, wherry_preferences_dialog,
                     ADW_TYPE_PREFERENCES_DIALOG)

static void
update_receive_folder (WherryPreferencesDialog *self)
{
  g_autofree char *path = g_file_get_parse_name (wherry_client_get_receive_dir (self->client));
  adw_action_row_set_subtitle (self->receive_folder, path);
}

static void
update_name (WherryPreferencesDialog *self)
{
  gtk_editable_set_text (self->name, wherry_client_get_name (self->client));
}

static void
name_applied_cb (WherryPreferencesDialog *self)
{
  const char *name = gtk_editable_get_text (self->name);
  if (*name != '\0')
    wherry_client_set_name (self->client, name);
  update_name (self);
}

static void
folder_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WherryPreferencesDialog) self = user_data;
  g_autoptr (GFile) folder =
      gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (source), result, NULL);
  /* Received files are written by path. */
  if (!folder || !g_file_peek_path (folder))
    return;
  wherry_client_set_receive_dir (self->client, folder);
  update_receive_folder (self);
}

static void
choose_folder_cb (WherryPreferencesDialog *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  gtk_file_dialog_set_title (dialog, _ ("Folder for Received Files"));
  gtk_file_dialog_set_initial_folder (dialog, wherry_client_get_receive_dir (self->client));
  gtk_file_dialog_select_folder (dialog, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), NULL,
                                 folder_chosen_cb, g_object_ref (self));
}

static void
wherry_preferences_dialog_dispose (GObject *object)
{
  WherryPreferencesDialog *self = WHERRY_PREFERENCES_DIALOG (object);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (wherry_preferences_dialog_parent_class)->dispose (object);
}

static void
wherry_preferences_dialog_class_init (WherryPreferencesDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = wherry_preferences_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wherry/Wherry/ui/preferences_dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, WherryPreferencesDialog, name);
  gtk_widget_class_bind_template_child (widget_class, WherryPreferencesDialog, visible);
  gtk_widget_class_bind_template_child (widget_class, WherryPreferencesDialog, receive_folder);
  gtk_widget_class_bind_template_callback (widget_class, name_applied_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_folder_cb);
}

static void
wherry_preferences_dialog_init (WherryPreferencesDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

AdwDialog *
wherry_preferences_dialog_new (WherryClient *client)
{
  WherryPreferencesDialog *self = g_object_new (WHERRY_TYPE_PREFERENCES_DIALOG, NULL);
  self->client = g_object_ref (client);
  update_name (self);
  update_receive_folder (self);
  g_object_bind_property (client, "visible", self->visible, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  return ADW_DIALOG (self);
}

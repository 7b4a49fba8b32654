/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/preferences_dialog.h"

#include <glib/gi18n-lib.h>

#include "ui/receive_folder.h"

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
  GFile *folder = wherry_client_get_receive_dir (self->client);
  g_autofree char *path = folder ? wherry_client_dup_shown_path (folder)
                                 : g_strdup (_ ("You are asked when something arrives"));
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
folder_chosen_cb (GFile *folder, gpointer self)
{
  update_receive_folder (self);
}

static void
choose_folder_cb (WherryPreferencesDialog *self)
{
  receive_folder_ask (GTK_WIDGET (self), self->client, folder_chosen_cb, G_OBJECT (self));
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

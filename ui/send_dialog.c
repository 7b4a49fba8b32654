/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/send_dialog.h"

#include <glib/gi18n-lib.h>

#include "ui/device_row.h"

struct _WherrySendDialog
{
  AdwDialog parent_instance;

  GtkLabel *files_label;
  GtkListBox *devices;

  GListModel *transfers; /* (owned) */
  GPtrArray *files;      /* (owned) GFile */
};

enum
{
  SIGNAL_CHOSEN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WherrySendDialog, wherry_send_dialog, ADW_TYPE_DIALOG)

static void
row_activated_cb (WherrySendDialog *self, GtkListBoxRow *row)
{
  g_signal_emit (self, signals[SIGNAL_CHOSEN], 0,
                 wherry_device_row_get_device (WHERRY_DEVICE_ROW (row)), self->files);
  adw_dialog_close (ADW_DIALOG (self));
}

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  WherrySendDialog *self = user_data;
  return wherry_device_row_new (item, self->transfers);
}

static void
wherry_send_dialog_dispose (GObject *object)
{
  WherrySendDialog *self = WHERRY_SEND_DIALOG (object);
  g_clear_object (&self->transfers);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  G_OBJECT_CLASS (wherry_send_dialog_parent_class)->dispose (object);
}

static void
wherry_send_dialog_class_init (WherrySendDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = wherry_send_dialog_dispose;
  signals[SIGNAL_CHOSEN] =
      g_signal_new ("chosen", WHERRY_TYPE_SEND_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, WHERRY_TYPE_DEVICE, G_TYPE_PTR_ARRAY);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wherry/Wherry/ui/send_dialog.ui");
  gtk_widget_class_bind_template_child_full (widget_class, "files", FALSE,
                                             G_STRUCT_OFFSET (WherrySendDialog, files_label));
  gtk_widget_class_bind_template_child (widget_class, WherrySendDialog, devices);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
}

static void
wherry_send_dialog_init (WherrySendDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static char *
describe_files (GPtrArray *files)
{
  g_autofree char *name = g_file_get_basename (g_ptr_array_index (files, 0));
  g_autofree char *shown = g_filename_display_name (name);
  guint more = files->len - 1;
  if (more == 0)
    return g_steal_pointer (&shown);
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%1$s and %2$u more", "%1$s and %2$u more", more), shown, more);
}

AdwDialog *
wherry_send_dialog_new (GListModel *paired, GListModel *transfers, GPtrArray *files)
{
  WherrySendDialog *self = g_object_new (WHERRY_TYPE_SEND_DIALOG, NULL);
  self->transfers = g_object_ref (transfers);
  self->files = g_ptr_array_ref (files);
  gtk_list_box_bind_model (self->devices, paired, create_row, self, NULL);
  g_autofree char *description = describe_files (files);
  gtk_label_set_label (self->files_label, description);
  return ADW_DIALOG (self);
}

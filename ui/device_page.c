/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/device_page.h"

#include <glib/gi18n-lib.h>

#include "ui/device_phrases.h"
#include "ui/dropped_files.h"
#include "ui/transfer_list.h"
#include "ui/transfer_row.h"

struct _WherryDevicePage
{
  AdwNavigationPage parent_instance;

  AdwWindowTitle *window_title;
  AdwBanner *unpaired_banner;
  GtkWidget *menu;
  GtkWidget *drop_zone;
  GtkDropTarget *drop;
  GtkWidget *transfers_section;
  GtkListBox *transfers;

  WherryDevice *device; /* (owned) */
  GListModel *rows;     /* (owned) WherryTransfer with this device */
  bool unpaired;        /* by the other device; what was transferred can still be seen */
};

typedef enum
{
  PROP_DEVICE = 1,
} WherryDevicePageProperty;

static GParamSpec *properties[PROP_DEVICE + 1];

enum
{
  SIGNAL_SEND,
  SIGNAL_UNPAIR,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WherryDevicePage, wherry_device_page, ADW_TYPE_NAVIGATION_PAGE)

static void
update_subtitle (WherryDevicePage *self)
{
  g_autofree char *state = device_phrase (self->device, g_get_real_time () / G_USEC_PER_SEC);
  adw_window_title_set_subtitle (self->window_title, state);
}

static void
update_transfers_section (WherryDevicePage *self)
{
  gtk_widget_set_visible (self->transfers_section, g_list_model_get_n_items (self->rows) > 0);
}

static void
send_files (WherryDevicePage *self, GPtrArray *files)
{
  if (files->len > 0 && !self->unpaired)
    g_signal_emit (self, signals[SIGNAL_SEND], 0, files);
}

static gboolean
drop_cb (WherryDevicePage *self, const GValue *value)
{
  LeftOut left_out;
  g_autoptr (GPtrArray) files = dropped_files (value, &left_out);
  gtk_widget_remove_css_class (self->drop_zone, "receptive");
  if (self->unpaired)
    return FALSE;
  tell_left_out (GTK_WIDGET (self), files, &left_out);
  send_files (self, files);
  return files->len > 0;
}

static GdkDragAction
drop_enter_cb (WherryDevicePage *self)
{
  gtk_widget_add_css_class (self->drop_zone, "receptive");
  return GDK_ACTION_COPY;
}

static void
drop_leave_cb (WherryDevicePage *self)
{
  gtk_widget_remove_css_class (self->drop_zone, "receptive");
}

static void
files_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WherryDevicePage) self = user_data;
  g_autoptr (GListModel) model =
      gtk_file_dialog_open_multiple_finish (GTK_FILE_DIALOG (source), result, NULL);
  if (!model)
    return;
  LeftOut left_out;
  g_autoptr (GPtrArray) files = chosen_files (model, &left_out);
  tell_left_out (GTK_WIDGET (self), files, &left_out);
  send_files (self, files);
}

static void
folders_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WherryDevicePage) self = user_data;
  g_autoptr (GListModel) model =
      gtk_file_dialog_select_multiple_folders_finish (GTK_FILE_DIALOG (source), result, NULL);
  if (!model)
    return;
  LeftOut left_out;
  g_autoptr (GPtrArray) files = chosen_files (model, &left_out);
  tell_left_out (GTK_WIDGET (self), files, &left_out);
  send_files (self, files);
}

static GtkFileDialog *
send_dialog (WherryDevicePage *self)
{
  GtkFileDialog *dialog = gtk_file_dialog_new ();
  g_autofree char *title =
      g_strdup_printf (_ ("Send to %s"), wherry_device_get_name (self->device));
  gtk_file_dialog_set_title (dialog, title);
  gtk_file_dialog_set_accept_label (dialog, _ ("_Send"));
  return dialog;
}

static void
choose_files (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_autoptr (GtkFileDialog) dialog = send_dialog (WHERRY_DEVICE_PAGE (widget));
  gtk_file_dialog_open_multiple (dialog, GTK_WINDOW (gtk_widget_get_root (widget)), NULL,
                                 files_chosen_cb, g_object_ref (widget));
}

static void
choose_folder (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_autoptr (GtkFileDialog) dialog = send_dialog (WHERRY_DEVICE_PAGE (widget));
  gtk_file_dialog_select_multiple_folders (dialog, GTK_WINDOW (gtk_widget_get_root (widget)), NULL,
                                           folders_chosen_cb, g_object_ref (widget));
}

static void
pasted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WherryDevicePage) self = user_data;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, NULL);
  if (!value)
    return;
  LeftOut left_out;
  g_autoptr (GPtrArray) files = dropped_files (value, &left_out);
  tell_left_out (GTK_WIDGET (self), files, &left_out);
  send_files (self, files);
}

static void
paste (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (widget);

  GType type = dropped_type (gdk_clipboard_get_formats (clipboard));
  if (type == G_TYPE_INVALID)
    {
      gtk_widget_activate_action (widget, "win.complain", "s",
                                  _ ("Nothing to send: copy files first, then paste them here"));
      return;
    }
  gdk_clipboard_read_value_async (clipboard, type, G_PRIORITY_DEFAULT, NULL, pasted_cb,
                                  g_object_ref (widget));
}

static void
unpair_answered_cb (WherryDevicePage *self, const char *response)
{
  if (g_str_equal (response, "forget"))
    g_signal_emit (self, signals[SIGNAL_UNPAIR], 0);
}

static void
unpair (GtkWidget *widget, const char *action, GVariant *parameter)
{
  WherryDevicePage *self = WHERRY_DEVICE_PAGE (widget);
  g_autofree char *heading =
      g_strdup_printf (_ ("Forget %s?"), wherry_device_get_name (self->device));
  AdwDialog *dialog = adw_alert_dialog_new (
      heading, _ ("The two devices will no longer be able to exchange files. To use them together "
                  "again, pair them anew."));

  adw_alert_dialog_add_responses (ADW_ALERT_DIALOG (dialog), "cancel", _ ("_Cancel"), "forget",
                                  _ ("_Forget"), NULL);
  adw_alert_dialog_set_response_appearance (ADW_ALERT_DIALOG (dialog), "forget",
                                            ADW_RESPONSE_DESTRUCTIVE);
  adw_alert_dialog_set_default_response (ADW_ALERT_DIALOG (dialog), "cancel");
  adw_alert_dialog_set_close_response (ADW_ALERT_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (unpair_answered_cb), self,
                           G_CONNECT_SWAPPED);
  adw_dialog_present (dialog, widget);
}

static void
pair_again_cb (WherryDevicePage *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.pair-again", "s",
                              wherry_device_get_id (self->device));
}

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  WherryDevicePage *self = user_data;
  GtkWidget *row = wherry_transfer_row_new (item);
  g_signal_connect_object (row, "send-again", G_CALLBACK (send_files), self, G_CONNECT_SWAPPED);
  return row;
}

static void
wherry_device_page_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  WherryDevicePage *self = WHERRY_DEVICE_PAGE (object);
  switch ((WherryDevicePageProperty) prop_id)
    {
    case PROP_DEVICE:
      g_value_set_object (value, self->device);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
wherry_device_page_set_property (GObject *object, guint prop_id, const GValue *value,
                                 GParamSpec *pspec)
{
  WherryDevicePage *self = WHERRY_DEVICE_PAGE (object);
  switch ((WherryDevicePageProperty) prop_id)
    {
    case PROP_DEVICE:
      self->device = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
wherry_device_page_dispose (GObject *object)
{
  WherryDevicePage *self = WHERRY_DEVICE_PAGE (object);
  g_clear_object (&self->rows);
  g_clear_object (&self->device);
  G_OBJECT_CLASS (wherry_device_page_parent_class)->dispose (object);
}

static void
wherry_device_page_class_init (WherryDevicePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  object_class->get_property = wherry_device_page_get_property;
  object_class->set_property = wherry_device_page_set_property;
  object_class->dispose = wherry_device_page_dispose;

  properties[PROP_DEVICE] =
      g_param_spec_object ("device", NULL, NULL, WHERRY_TYPE_DEVICE,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_SEND] = g_signal_new ("send", WHERRY_TYPE_DEVICE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);
  signals[SIGNAL_UNPAIR] = g_signal_new ("unpair", WHERRY_TYPE_DEVICE_PAGE, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wherry/Wherry/ui/device_page.ui");
  gtk_widget_class_bind_template_child (widget_class, WherryDevicePage, window_title);
  gtk_widget_class_bind_template_child (widget_class, WherryDevicePage, unpaired_banner);
  gtk_widget_class_bind_template_child (widget_class, WherryDevicePage, menu);
  gtk_widget_class_bind_template_child (widget_class, WherryDevicePage, drop_zone);
  gtk_widget_class_bind_template_child (widget_class, WherryDevicePage, drop);
  gtk_widget_class_bind_template_child (widget_class, WherryDevicePage, transfers_section);
  gtk_widget_class_bind_template_child (widget_class, WherryDevicePage, transfers);
  gtk_widget_class_bind_template_callback (widget_class, drop_cb);
  gtk_widget_class_bind_template_callback (widget_class, drop_enter_cb);
  gtk_widget_class_bind_template_callback (widget_class, drop_leave_cb);
  gtk_widget_class_bind_template_callback (widget_class, pair_again_cb);

  gtk_widget_class_install_action (widget_class, "page.choose-files", NULL, choose_files);
  gtk_widget_class_install_action (widget_class, "page.choose-folder", NULL, choose_folder);
  gtk_widget_class_install_action (widget_class, "page.paste", NULL, paste);
  gtk_widget_class_install_action (widget_class, "page.unpair", NULL, unpair);
}

static void
wherry_device_page_init (WherryDevicePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  gsize n_types;
  const GType *types = dropped_types (&n_types);
  gtk_drop_target_set_gtypes (self->drop, (GType *) types, n_types);
}

WherryDevicePage *
wherry_device_page_new (WherryDevice *device, GListModel *transfers)
{
  WherryDevicePage *self = g_object_new (WHERRY_TYPE_DEVICE_PAGE, "device", device, NULL);
  self->rows = transfer_list_with_device (transfers, device);
  gtk_list_box_bind_model (self->transfers, self->rows, create_row, self, NULL);
  g_signal_connect_object (self->rows, "items-changed", G_CALLBACK (update_transfers_section), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (device, "notify", G_CALLBACK (update_subtitle), self, G_CONNECT_SWAPPED);
  update_transfers_section (self);
  update_subtitle (self);
  return self;
}

WherryDevice *
wherry_device_page_get_device (WherryDevicePage *self)
{
  g_return_val_if_fail (WHERRY_IS_DEVICE_PAGE (self), NULL);
  return self->device;
}

void
wherry_device_page_set_unpaired (WherryDevicePage *self, const char *sentence)
{
  g_return_if_fail (WHERRY_IS_DEVICE_PAGE (self));

  self->unpaired = true;
  adw_banner_set_title (self->unpaired_banner, sentence);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), sentence,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
  adw_banner_set_revealed (self->unpaired_banner, TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->unpaired_banner), TRUE);
  gtk_widget_set_visible (self->menu, FALSE);
  gtk_widget_set_sensitive (self->drop_zone, FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "page.choose-files", FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "page.choose-folder", FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "page.paste", FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "page.unpair", FALSE);
}

bool
wherry_device_page_is_unpaired (WherryDevicePage *self)
{
  g_return_val_if_fail (WHERRY_IS_DEVICE_PAGE (self), false);
  return self->unpaired;
}

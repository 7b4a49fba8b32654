/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/window_private.h"

#include <glib/gi18n-lib.h>

#include "ui/add_device_dialog.h"
#include "ui/device_phrases.h"
#include "ui/dropped_files.h"
#include "ui/preferences_dialog.h"
#include "ui/send_dialog.h"
#include "ui/transfer_list.h"

static void
device_paired_cb (WherryWindow *self, WherryDevice *device)
{
  wherry_window_show_device (self, device);
}

static WherryAddDeviceDialog *
add_device_dialog_new (WherryWindow *self)
{
  WherryAddDeviceDialog *dialog = wherry_add_device_dialog_new (self->client, self->nearby);
  g_signal_connect_object (dialog, "paired", G_CALLBACK (device_paired_cb), self,
                           G_CONNECT_SWAPPED);
  return dialog;
}

void
window_pair_with (WherryWindow *self, WherryDevice *device)
{
  WherryAddDeviceDialog *dialog = add_device_dialog_new (self);
  wherry_add_device_dialog_enter_code (dialog, device);
  wherry_add_device_dialog_present (dialog, GTK_WIDGET (self));
}

static void
pair_again (GtkWidget *widget, const char *action, GVariant *parameter)
{
  WherryWindow *self = WHERRY_WINDOW (widget);
  if (!self->client)
    return;

  WherryDevice *device =
      wherry_client_lookup_device (self->client, g_variant_get_string (parameter, NULL));
  window_pair_with (self, device && !wherry_device_get_paired (device) ? device : NULL);
}

static void
add_device (GtkWidget *widget, const char *action, GVariant *parameter)
{
  wherry_add_device_dialog_present (add_device_dialog_new (WHERRY_WINDOW (widget)), widget);
}

static void
enter_code (GtkWidget *widget, const char *action, GVariant *parameter)
{
  window_pair_with (WHERRY_WINDOW (widget), NULL);
}

static void
enter_address (GtkWidget *widget, const char *action, GVariant *parameter)
{
  WherryAddDeviceDialog *dialog = add_device_dialog_new (WHERRY_WINDOW (widget));
  wherry_add_device_dialog_enter_address (dialog);
  wherry_add_device_dialog_present (dialog, widget);
}

void
wherry_window_enter_link (WherryWindow *self, const char *link)
{
  g_return_if_fail (WHERRY_IS_WINDOW (self));
  if (!self->client)
    return;

  WherryAddDeviceDialog *dialog = add_device_dialog_new (self);
  wherry_add_device_dialog_enter_link (dialog, link);
  wherry_add_device_dialog_present (dialog, GTK_WIDGET (self));
}

static void
receiver_chosen_cb (WherryWindow *self, WherryDevice *device, GPtrArray *files)
{
  window_send_to (self, device, files);
}

void
wherry_window_send_files (WherryWindow *self, GPtrArray *files)
{
  g_return_if_fail (WHERRY_IS_WINDOW (self));
  if (!self->client || files->len == 0)
    return;

  LeftOut left_out;
  g_autoptr (GPtrArray) local = local_files (files, &left_out);
  tell_left_out (GTK_WIDGET (self), local, &left_out);
  if (local->len == 0)
    return;
  if (g_list_model_get_n_items (self->paired) == 0)
    {
      window_complain (self, _ ("Add a device first, then send files to it"));
      return;
    }

  AdwDialog *dialog =
      wherry_send_dialog_new (self->paired, wherry_client_get_transfers (self->client), local);
  g_signal_connect_object (dialog, "chosen", G_CALLBACK (receiver_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  adw_dialog_present (dialog, GTK_WIDGET (self));
}

static void
preferences (GtkWidget *widget, const char *action, GVariant *parameter)
{
  WherryWindow *self = WHERRY_WINDOW (widget);
  adw_dialog_present (wherry_preferences_dialog_new (self->client), widget);
}

void
window_update_discovery (WherryWindow *self)
{
  adw_banner_set_revealed (
      self->discovery, discovery_advice (wherry_client_get_discovery_state (self->client)) != NULL);
}

static void
copy_command_cb (WherryWindow *self, const char *response)
{
  if (g_str_equal (response, "copy"))
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                            discovery_command (wherry_client_get_discovery_state (self->client)));
}

void
window_explain_discovery (WherryWindow *self)
{
  const char *command = discovery_command (wherry_client_get_discovery_state (self->client));
  AdwDialog *dialog = adw_alert_dialog_new (
      _ ("Avahi Is Needed"), discovery_advice (wherry_client_get_discovery_state (self->client)));
  GtkWidget *label = gtk_label_new (command);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  adw_alert_dialog_set_extra_child (ADW_ALERT_DIALOG (dialog), label);
  adw_alert_dialog_add_responses (ADW_ALERT_DIALOG (dialog), "close", _ ("_Close"), "copy",
                                  _ ("Copy Co_mmand"), NULL);
  adw_alert_dialog_set_default_response (ADW_ALERT_DIALOG (dialog), "copy");
  g_signal_connect_object (dialog, "response", G_CALLBACK (copy_command_cb), self,
                           G_CONNECT_SWAPPED);
  adw_dialog_present (dialog, GTK_WIDGET (self));
}

void
window_explain_warning (WherryWindow *self)
{
  AdwDialog *dialog = adw_alert_dialog_new (adw_banner_get_title (self->warning), self->warned_of);
  adw_alert_dialog_add_response (ADW_ALERT_DIALOG (dialog), "close", _ ("_Close"));
  adw_dialog_present (dialog, GTK_WIDGET (self));
  adw_banner_set_revealed (self->warning, FALSE);
}

static void
close_answered_cb (WherryWindow *self, const char *response)
{
  if (!g_str_equal (response, "close"))
    return;
  self->closing = TRUE;
  gtk_window_close (GTK_WINDOW (self));
}

gboolean
window_confirm_close (WherryWindow *self)
{
  if (self->closing || !self->client ||
      !transfer_list_get_current (wherry_client_get_transfers (self->client)))
    return GDK_EVENT_PROPAGATE;

  AdwDialog *dialog = adw_alert_dialog_new (
      _ ("Stop Transfers?"),
      _ ("Files are still on their way. Closing the window stops them, and what is not complete "
         "has to be sent again."));
  adw_alert_dialog_add_responses (ADW_ALERT_DIALOG (dialog), "stay", _ ("_Keep Open"), "close",
                                  _ ("_Stop and Close"), NULL);
  adw_alert_dialog_set_response_appearance (ADW_ALERT_DIALOG (dialog), "close",
                                            ADW_RESPONSE_DESTRUCTIVE);
  adw_alert_dialog_set_default_response (ADW_ALERT_DIALOG (dialog), "stay");
  adw_alert_dialog_set_close_response (ADW_ALERT_DIALOG (dialog), "stay");
  g_signal_connect_object (dialog, "response", G_CALLBACK (close_answered_cb), self,
                           G_CONNECT_SWAPPED);
  adw_dialog_present (dialog, GTK_WIDGET (self));
  return GDK_EVENT_STOP;
}

void
window_install_dialog_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.add-device", NULL, add_device);
  gtk_widget_class_install_action (widget_class, "win.pair-again", "s", pair_again);
  gtk_widget_class_install_action (widget_class, "win.enter-code", NULL, enter_code);
  gtk_widget_class_install_action (widget_class, "win.enter-address", NULL, enter_address);
  gtk_widget_class_install_action (widget_class, "win.preferences", NULL, preferences);
}

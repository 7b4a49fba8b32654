/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/offer_notifications.h"

#include <glib/gi18n.h>

#include "ui/transfer_phrases.h"

/* A server of org.freedesktop.Notifications takes the text for markup, and GLib does not escape it,
 * because that of GNOME takes it as it is. So text with a peer's words in it gets
 * characters that look alike and are markup nowhere. */
static char *
without_markup (const char *text)
{
  GString *plain = g_string_new (text);
  g_string_replace (plain, "<", "‹", 0);
  g_string_replace (plain, ">", "›", 0);
  g_string_replace (plain, "&", "＆", 0);
  return g_string_free_and_steal (plain);
}

static void
state_cb (GApplication *application, GParamSpec *pspec, WherryTransfer *transfer)
{
  if (wherry_transfer_get_state (transfer) != TRANSFER_OFFERED)
    g_application_withdraw_notification (application, wherry_transfer_get_id (transfer));
}

static void
offer_cb (GtkApplication *application, WherryTransfer *transfer)
{
  GtkWindow *window = gtk_application_get_active_window (application);
  const char *id = wherry_transfer_get_id (transfer);
  if (window && gtk_window_is_active (window))
    return;

  g_autofree char *offer = offer_phrase (transfer);
  g_autofree char *title = without_markup (offer);
  g_autofree char *files = names_phrase (transfer);
  g_autofree char *names = without_markup (files);
  g_autoptr (GNotification) notification = g_notification_new (title);
  g_notification_set_body (notification, names);
  g_notification_set_category (notification, "transfer");
  g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
  g_notification_set_default_action_and_target (notification, "app.show-offer", "s", id);
  g_notification_add_button_with_target (notification, _ ("Decline"), "app.decline-offer", "s", id);
  g_notification_add_button_with_target (notification, _ ("Accept"), "app.accept-offer", "s", id);
  g_application_send_notification (G_APPLICATION (application), id, notification);

  g_signal_connect_object (transfer, "notify::state", G_CALLBACK (state_cb), application,
                           G_CONNECT_SWAPPED);
}

void
offer_notifications_watch (GtkApplication *application, WherryClient *client)
{
  g_signal_connect_object (client, "offer", G_CALLBACK (offer_cb), application, G_CONNECT_SWAPPED);
}

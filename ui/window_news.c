/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/window_private.h"

#include <glib/gi18n-lib.h>

#include "ui/device_page.h"
#include "ui/open_folder.h"
#include "ui/receive_folder.h"
#include "ui/transfer_list.h"
#include "ui/transfer_phrases.h"

#define TEXT_SHOWN_MAX 200 /* characters of a text in a toast */

static WherryTransfer *
find_transfer (WherryWindow *self, GVariant *id)
{
  return self->client ? transfer_list_lookup (wherry_client_get_transfers (self->client),
                                              g_variant_get_string (id, NULL))
                      : NULL;
}

static void
open_folder (GtkWidget *widget, const char *action, GVariant *parameter)
{
  WherryWindow *self = WHERRY_WINDOW (widget);
  WherryTransfer *transfer = find_transfer (self, parameter);
  if (transfer)
    open_folder_of_transfer (widget, transfer);
}

static void
transfer_state_cb (WherryWindow *self, GParamSpec *pspec, WherryTransfer *transfer)
{
  g_autofree char *sentence = finished_phrase (transfer);
  if (!sentence)
    return;

  bool received = wherry_transfer_get_direction (transfer) == TRANSFER_RECEIVING;
  AdwToast *toast = window_toast_new (self, sentence, received ? _ ("_Open Folder") : NULL);
  /* Before a complaint, which stays until it is dismissed, and comes back afterwards. */
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  if (received)
    {
      adw_toast_set_detailed_action_name (toast, "win.open-folder");
      adw_toast_set_action_target (toast, "s", wherry_transfer_get_id (transfer));
    }
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
offer_cb (WherryWindow *self, WherryTransfer *transfer)
{
  WherryDevice *device = wherry_transfer_get_device (transfer);
  AdwNavigationPage *shown = adw_navigation_split_view_get_content (self->split);
  if (!WHERRY_IS_DEVICE_PAGE (shown))
    {
      wherry_window_show_device (self, device);
      return;
    }
  if (wherry_device_page_get_device (WHERRY_DEVICE_PAGE (shown)) == device &&
      (!adw_navigation_split_view_get_collapsed (self->split) ||
       adw_navigation_split_view_get_show_content (self->split)))
    return;

  g_autofree char *sentence =
      g_strdup_printf (_ ("%s wants to send you files"), wherry_device_get_name (device));
  AdwToast *toast = window_toast_new (self, sentence, _ ("_Show"));
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_set_detailed_action_name (toast, "win.show-device");
  adw_toast_set_action_target (toast, "s", wherry_device_get_id (device));
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/* Told on its page when that is what the person looks at, else where it can be seen from
 * anywhere. */
static void
unpaired_by_cb (WherryWindow *self, WherryDevice *device)
{
  AdwNavigationPage *shown = adw_navigation_split_view_get_content (self->split);
  g_autofree char *sentence =
      g_strdup_printf (_ ("%s no longer accepts this device"), wherry_device_get_name (device));
  if (WHERRY_IS_DEVICE_PAGE (shown) &&
      wherry_device_page_get_device (WHERRY_DEVICE_PAGE (shown)) == device)
    {
      wherry_device_page_set_unpaired (WHERRY_DEVICE_PAGE (shown), sentence);
      if (!adw_navigation_split_view_get_collapsed (self->split) ||
          adw_navigation_split_view_get_show_content (self->split))
        return;
    }

  AdwToast *toast = window_toast_new (self, sentence, _ ("_Pair Again…"));
  adw_toast_set_timeout (toast, 0);
  adw_toast_set_detailed_action_name (toast, "win.pair-again");
  adw_toast_set_action_target (toast, "s", wherry_device_get_id (device));
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
transfers_changed_cb (WherryWindow *self, guint position, guint removed, guint added,
                      GListModel *transfers)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (WherryTransfer) transfer = g_list_model_get_item (transfers, i);
      g_signal_handlers_disconnect_by_func (transfer, transfer_state_cb, self);
      g_signal_connect_object (transfer, "notify::state", G_CALLBACK (transfer_state_cb), self,
                               G_CONNECT_SWAPPED);
    }
}

/* The first of @text, for a sentence on one line: what would break it, or turn its direction, is a
 * space. (transfer full) */
static char *
beginning_of (const char *text)
{
  GString *beginning = g_string_new (NULL);
  int n = 0;
  for (; *text && n < TEXT_SHOWN_MAX; text = g_utf8_next_char (text), n++)
    {
      gunichar c = g_utf8_get_char (text);
      GUnicodeType type = g_unichar_type (c);
      bool plain = type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT &&
                   type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR;
      g_string_append_unichar (beginning, plain ? c : ' ');
    }
  if (*text)
    g_string_append (beginning, "…");
  return g_string_free_and_steal (beginning);
}

static void
copy_text_cb (WherryReceivedText *text, AdwToast *toast)
{
  GdkClipboard *clipboard = gdk_display_get_clipboard (gdk_display_get_default ());
  gdk_clipboard_set_text (clipboard, wherry_received_text_get_text (text));
}

/* Copied or closed: the person has seen it. */
static void
text_dismissed_cb (WherryWindow *self, AdwToast *toast)
{
  if (self->client)
    wherry_client_dismiss_text (self->client, g_object_get_data (G_OBJECT (toast), "text"));
}

static void
show_text (WherryWindow *self, WherryReceivedText *text)
{
  WherryDevice *device = wherry_received_text_get_device (text);
  g_autofree char *beginning = beginning_of (wherry_received_text_get_text (text));
  g_autofree char *sentence =
      g_strdup_printf (_ ("%s sent a text: %s"), wherry_device_get_name (device), beginning);
  AdwToast *toast = window_toast_new (self, sentence, _ ("_Copy"));
  adw_toast_set_timeout (toast, 0);
  g_object_set_data_full (G_OBJECT (toast), "text", g_object_ref (text), g_object_unref);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (copy_text_cb), text,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (text_dismissed_cb), self,
                           G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
texts_changed_cb (WherryWindow *self, guint position, guint removed, guint added, GListModel *texts)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (WherryReceivedText) text = g_list_model_get_item (texts, i);
      show_text (self, text);
    }
}

static void
show_device (GtkWidget *widget, const char *action, GVariant *parameter)
{
  WherryWindow *self = WHERRY_WINDOW (widget);
  if (!self->client)
    return;

  WherryDevice *device =
      wherry_client_lookup_device (self->client, g_variant_get_string (parameter, NULL));
  if (device)
    wherry_window_show_device (self, device);
}

static void
complain_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  window_complain (WHERRY_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
tell_outside (GtkWidget *widget, const char *action, GVariant *parameter)
{
  WherryWindow *self = WHERRY_WINDOW (widget);
  g_autofree char *sentence = outside_phrase (g_variant_get_uint32 (parameter));
  AdwToast *toast = window_toast_new (self, sentence, _ ("_Choose Files…"));
  adw_toast_set_timeout (toast, 0);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_set_action_name (toast, "win.choose-files");
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/* All that were accepted while the person was asked. */
static void
folder_chosen_cb (GFile *folder, gpointer window)
{
  WherryWindow *self = window;
  g_autoptr (GPtrArray) accepted = g_steal_pointer (&self->homeless);
  for (guint i = 0; folder && i < accepted->len; i++)
    wherry_transfer_accept (accepted->pdata[i], folder);
}

void
wherry_window_accept (WherryWindow *self, WherryTransfer *transfer)
{
  g_return_if_fail (WHERRY_IS_WINDOW (self) && self->client);

  GFile *folder = wherry_transfer_get_destination (transfer);
  if (!folder)
    folder = wherry_client_get_receive_dir (self->client);
  if (folder)
    {
      wherry_transfer_accept (transfer, folder);
      return;
    }
  bool asked = self->homeless;
  if (!asked)
    self->homeless = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->homeless, g_object_ref (transfer));
  if (!asked)
    receive_folder_ask (GTK_WIDGET (self), self->client, folder_chosen_cb, G_OBJECT (self));
}

static void
accept_offer (GtkWidget *widget, const char *action, GVariant *parameter)
{
  WherryTransfer *transfer = find_transfer (WHERRY_WINDOW (widget), parameter);
  if (transfer)
    wherry_window_accept (WHERRY_WINDOW (widget), transfer);
}

void
window_watch_transfers (WherryWindow *self)
{
  GListModel *transfers = wherry_client_get_transfers (self->client);
  g_signal_connect_object (transfers, "items-changed", G_CALLBACK (transfers_changed_cb), self,
                           G_CONNECT_SWAPPED);
  transfers_changed_cb (self, 0, 0, g_list_model_get_n_items (transfers), transfers);
  GListModel *texts = wherry_client_get_texts (self->client);
  g_signal_connect_object (texts, "items-changed", G_CALLBACK (texts_changed_cb), self,
                           G_CONNECT_SWAPPED);
  texts_changed_cb (self, 0, 0, g_list_model_get_n_items (texts), texts);
  g_signal_connect_object (self->client, "offer", G_CALLBACK (offer_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->client, "unpaired-by", G_CALLBACK (unpaired_by_cb), self,
                           G_CONNECT_SWAPPED);
}

void
window_install_news_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.show-device", "s", show_device);
  gtk_widget_class_install_action (widget_class, "win.open-folder", "s", open_folder);
  gtk_widget_class_install_action (widget_class, "win.accept", "s", accept_offer);
  gtk_widget_class_install_action (widget_class, "win.complain", "s", complain_action);
  gtk_widget_class_install_action (widget_class, "win.tell-outside", "u", tell_outside);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/window_private.h"

#include "ui/device_row.h"

/* Of a line of its sentence. libadwaita makes a toast as wide as it wants to be and as high as it
 * then is, and cuts it off: so much fits into a window of 360 px with large text, without a button
 * and with one. */
#define TOAST_LINE_CHARS               40
#define TOAST_LINE_CHARS_NARROW        20
#define TOAST_LINE_CHARS_NARROW_BUTTON 14
#define NARROW_PX                      500

/* The title of a toast is cut off after one line; all of a label can be read in a narrow window. */
AdwToast *
window_toast_new (WherryWindow *self, const char *sentence, const char *button)
{
  AdwToast *toast = adw_toast_new ("");
  GtkWidget *label = gtk_label_new (sentence);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  int line_chars = gtk_widget_get_width (GTK_WIDGET (self)) >= NARROW_PX ? TOAST_LINE_CHARS
                   : button ? TOAST_LINE_CHARS_NARROW_BUTTON
                            : TOAST_LINE_CHARS_NARROW;
  gtk_label_set_max_width_chars (GTK_LABEL (label), line_chars);
  adw_toast_set_button_label (toast, button);
  gtk_widget_add_css_class (label, "heading");
  adw_toast_set_custom_title (toast, label);
  gtk_accessible_announce (GTK_ACCESSIBLE (self->toasts), sentence,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  return toast;
}

void
window_complain (WherryWindow *self, const char *sentence)
{
  AdwToast *toast = window_toast_new (self, sentence, NULL);
  adw_toast_set_timeout (toast, 0);
  /* Before a text, which may stay for long. */
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

void
window_send_to (WherryWindow *self, WherryDevice *device, GPtrArray *files)
{
  g_autoptr (GError) error = NULL;
  if (!wherry_client_send (self->client, device, files, NULL, &error))
    window_complain (self, error->message);
  else
    wherry_window_show_device (self, device);
}

static void
page_send_cb (WherryWindow *self, GPtrArray *files, WherryDevicePage *page)
{
  window_send_to (self, wherry_device_page_get_device (page), files);
}

static DexFuture *
unpaired_cb (DexFuture *future, gpointer user_data)
{
  GWeakRef *window = user_data;
  g_autoptr (WherryWindow) self = g_weak_ref_get (window);
  g_autoptr (GError) error = NULL;
  if (self && !dex_future_get_value (future, &error))
    window_complain (self, error->message);
  return dex_future_new_true ();
}

static void
weak_ref_free (gpointer data)
{
  GWeakRef *ref = data;
  g_weak_ref_clear (ref);
  g_free (ref);
}

static void
page_unpair_cb (WherryWindow *self, WherryDevicePage *page)
{
  GWeakRef *window = g_new0 (GWeakRef, 1);
  g_weak_ref_init (window, self);
  /* Nobody waits for it: the row goes when it is done, and a failure says so. */
  dex_future_disown (
      dex_future_finally (wherry_client_unpair (self->client, wherry_device_page_get_device (page)),
                          unpaired_cb, window, weak_ref_free));
}

void
window_show_page_of (WherryWindow *self, WherryDevice *device)
{
  AdwNavigationPage *shown = adw_navigation_split_view_get_content (self->split);

  WherryDevicePage *page = WHERRY_IS_DEVICE_PAGE (shown) ? WHERRY_DEVICE_PAGE (shown) : NULL;
  bool unpaired = page && wherry_device_page_is_unpaired (page);
  if (!device)
    {
      /* The page of a device that has unpaired this one stays until another is chosen. */
      if (!unpaired)
        adw_navigation_split_view_set_content (self->split, self->no_device);
      return;
    }
  if (page && !unpaired && wherry_device_page_get_device (page) == device)
    return;

  page = wherry_device_page_new (device, wherry_client_get_transfers (self->client));
  g_signal_connect_object (page, "send", G_CALLBACK (page_send_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "unpair", G_CALLBACK (page_unpair_cb), self, G_CONNECT_SWAPPED);
  adw_navigation_split_view_set_content (self->split, ADW_NAVIGATION_PAGE (page));
}

WherryDevicePage *
window_get_shown_page (WherryWindow *self)
{
  AdwNavigationPage *shown = adw_navigation_split_view_get_content (self->split);
  bool hidden = adw_navigation_split_view_get_collapsed (self->split) &&
                !adw_navigation_split_view_get_show_content (self->split);
  return WHERRY_IS_DEVICE_PAGE (shown) && !hidden ? WHERRY_DEVICE_PAGE (shown) : NULL;
}

void
wherry_window_show_device (WherryWindow *self, WherryDevice *device)
{
  g_return_if_fail (WHERRY_IS_WINDOW (self));
  GtkListBoxRow *row;
  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->paired_list, i)); i++)
    if (wherry_device_row_get_device (WHERRY_DEVICE_ROW (row)) == device)
      {
        gtk_list_box_select_row (self->paired_list, row);
        adw_navigation_split_view_set_show_content (self->split, TRUE);
        return;
      }
}

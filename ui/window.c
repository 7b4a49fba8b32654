/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/window_private.h"

#include <glib/gi18n-lib.h>

#include "ui/device_list.h"
#include "ui/device_row.h"

G_DEFINE_FINAL_TYPE (WherryWindow, wherry_window, ADW_TYPE_APPLICATION_WINDOW)

/* The lists and the chosen device */

static void
update_sidebar_cb (WherryWindow *self)
{
  gboolean empty = self->paired && g_list_model_get_n_items (self->paired) == 0 &&
                   g_list_model_get_n_items (self->nearby) == 0;
  gtk_stack_set_visible_child_name (
      self->sidebar,
      empty && adw_navigation_split_view_get_collapsed (self->split) ? "empty" : "lists");
}

static void
row_send_cb (WherryWindow *self, GPtrArray *files, WherryDeviceRow *row)
{
  window_send_to (self, wherry_device_row_get_device (row), files);
}

static void
row_selected_cb (WherryWindow *self, GtkListBoxRow *row)
{
  window_show_page_of (self, row ? wherry_device_row_get_device (WHERRY_DEVICE_ROW (row)) : NULL);
}

static void
row_activated_cb (WherryWindow *self, GtkListBoxRow *row)
{
  adw_navigation_split_view_set_show_content (self->split, TRUE);
}

static void
nearby_activated_cb (WherryWindow *self, GtkListBoxRow *row)
{
  window_pair_with (self, wherry_device_row_get_device (WHERRY_DEVICE_ROW (row)));
}

static void
row_pair_cb (WherryWindow *self, WherryDeviceRow *row)
{
  window_pair_with (self, wherry_device_row_get_device (row));
}

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  WherryWindow *self = user_data;
  GtkWidget *row = wherry_device_row_new (item, wherry_client_get_transfers (self->client));
  g_signal_connect_object (row, "pair", G_CALLBACK (row_pair_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "send", G_CALLBACK (row_send_cb), self, G_CONNECT_SWAPPED);
  return row;
}

/* The chosen device's page acts for the window, which hears keys wherever the focus is */

static void
forward (GtkWidget *widget, const char *action, GVariant *parameter)
{
  WherryWindow *self = WHERRY_WINDOW (widget);
  g_autofree char *page_action = g_strconcat ("page.", strchr (action, '.') + 1, NULL);

  /* What lies below a dialog is not meant. */
  if (!self->client || adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (self)))
    return;
  if (!window_get_shown_page (self))
    window_complain (self, _ ("Choose a device first, then the files to send to it"));
  else
    gtk_widget_activate_action (GTK_WIDGET (window_get_shown_page (self)), page_action, NULL);
}

/* The window itself */

static void
toggle_visible (GtkWidget *widget, const char *action, GVariant *parameter)
{
  WherryClient *client = WHERRY_WINDOW (widget)->client;
  wherry_client_set_visible (client, !wherry_client_get_visible (client));
}

static void
wherry_window_dispose (GObject *object)
{
  WherryWindow *self = WHERRY_WINDOW (object);

  /* While the rows can still tell that they are no longer selected. */
  if (self->client)
    {
      gtk_list_box_bind_model (self->paired_list, NULL, NULL, NULL, NULL);
      gtk_list_box_bind_model (self->nearby_list, NULL, NULL, NULL, NULL);
    }
  /* A toast that is still there when its overlay goes would start its timeout once more. Without
   * the client, because what is dismissed now was seen by nobody. */
  g_clear_object (&self->client);
  if (self->toasts)
    adw_toast_overlay_dismiss_all (self->toasts);
  g_clear_object (&self->no_device);
  g_clear_object (&self->paired);
  g_clear_object (&self->nearby);
  G_OBJECT_CLASS (wherry_window_parent_class)->dispose (object);
}

static void
wherry_window_finalize (GObject *object)
{
  g_free (WHERRY_WINDOW (object)->warned_of);
  G_OBJECT_CLASS (wherry_window_parent_class)->finalize (object);
}

static void
wherry_window_class_init (WherryWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = wherry_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = wherry_window_finalize;

  g_type_ensure (WHERRY_TYPE_EMPTY_PAGE);
  g_type_ensure (WHERRY_TYPE_THIS_DEVICE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wherry/Wherry/ui/window.ui");
  gtk_widget_class_bind_template_child (widget_class, WherryWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, WherryWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, WherryWindow, split);
  gtk_widget_class_bind_template_child (widget_class, WherryWindow, warning);
  gtk_widget_class_bind_template_child (widget_class, WherryWindow, discovery);
  gtk_widget_class_bind_template_child (widget_class, WherryWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, WherryWindow, paired_list);
  gtk_widget_class_bind_template_child (widget_class, WherryWindow, nearby_list);
  gtk_widget_class_bind_template_child (widget_class, WherryWindow, sidebar_empty);
  gtk_widget_class_bind_template_child (widget_class, WherryWindow, content_empty);
  gtk_widget_class_bind_template_child (widget_class, WherryWindow, no_device);
  gtk_widget_class_bind_template_child (widget_class, WherryWindow, this_device);
  gtk_widget_class_bind_template_child (widget_class, WherryWindow, problem);
  gtk_widget_class_bind_template_callback (widget_class, row_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, nearby_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, update_sidebar_cb);
  gtk_widget_class_bind_template_callback (widget_class, window_explain_warning);
  gtk_widget_class_bind_template_callback (widget_class, window_explain_discovery);
  gtk_widget_class_bind_template_callback (widget_class, window_confirm_close);

  window_install_dialog_actions (widget_class);
  window_install_news_actions (widget_class);
  gtk_widget_class_install_action (widget_class, "win.toggle-visible", NULL, toggle_visible);
  gtk_widget_class_install_action (widget_class, "win.choose-files", NULL, forward);
  gtk_widget_class_install_action (widget_class, "win.choose-folder", NULL, forward);
  gtk_widget_class_install_action (widget_class, "win.paste", NULL, forward);
  /* Not as accelerators of the application, which would take Ctrl+V away from entries. */
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_o, GDK_CONTROL_MASK,
                                       "win.choose-files", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_o, GDK_CONTROL_MASK | GDK_SHIFT_MASK,
                                       "win.choose-folder", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_v, GDK_CONTROL_MASK, "win.paste",
                                       NULL);
}

static void
enable_actions (WherryWindow *self, gboolean enabled)
{
  static const char *const actions[] = { "win.add-device", "win.enter-code", "win.enter-address",
                                         "win.preferences", "win.toggle-visible" };
  for (size_t i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), actions[i], enabled);
}

static void
wherry_window_init (WherryWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* The page is put into the split view again whenever no device is chosen. */
  g_object_ref (self->no_device);
  enable_actions (self, FALSE);
}

WherryWindow *
wherry_window_new (GtkApplication *application)
{
  return g_object_new (WHERRY_TYPE_WINDOW, "application", application, NULL);
}

static void
bind_lists (WherryWindow *self)
{
  GListModel *devices = wherry_client_get_devices (self->client);
  self->paired = device_list_paired (devices);
  self->nearby = device_list_nearby (devices);
  g_signal_connect_object (self->paired, "items-changed", G_CALLBACK (update_sidebar_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->nearby, "items-changed", G_CALLBACK (update_sidebar_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_list_box_bind_model (self->paired_list, self->paired, create_row, self, NULL);
  gtk_list_box_bind_model (self->nearby_list, self->nearby, create_row, self, NULL);
  wherry_empty_page_set_devices (self->content_empty, self->paired, self->nearby);
  wherry_empty_page_set_devices (self->sidebar_empty, self->paired, self->nearby);

  window_watch_transfers (self);
}

void
wherry_window_set_client (WherryWindow *self, WherryClient *client)
{
  g_return_if_fail (WHERRY_IS_WINDOW (self));
  g_return_if_fail (!self->client && WHERRY_IS_CLIENT (client));

  self->client = g_object_ref (client);
  bind_lists (self);
  wherry_this_device_set_client (self->this_device, client);
  g_signal_connect_object (client, "notify::discovery-state", G_CALLBACK (window_update_discovery),
                           self, G_CONNECT_SWAPPED);
  window_update_discovery (self);
  update_sidebar_cb (self);
  enable_actions (self, TRUE);
  gtk_stack_set_visible_child_name (self->pages, "devices");
}

void
wherry_window_set_problem (WherryWindow *self, const char *title, const char *sentence)
{
  g_return_if_fail (WHERRY_IS_WINDOW (self));

  /* The description of a status page is markup; what went wrong may quote a path. */
  g_autofree char *escaped = g_markup_escape_text (sentence, -1);
  adw_status_page_set_title (self->problem, title);
  adw_status_page_set_description (self->problem, escaped);
  gtk_stack_set_visible_child_name (self->pages, "problem");
}

void
wherry_window_warn (WherryWindow *self, const char *sentence)
{
  g_return_if_fail (WHERRY_IS_WINDOW (self));
  g_set_str (&self->warned_of, sentence);
  adw_banner_set_revealed (self->warning, TRUE);
}

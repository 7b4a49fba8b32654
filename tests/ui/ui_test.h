/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of widgets share. Everything is awaited by its condition, never by time alone. */
#pragma once

#include <adwaita.h>
#include <libdex.h>

#include "net/transfer/transfer_private.h"
#include "net/peer/device_private.h"
#include "tests/support/wait.h"

/** A window around @child, on the screen. */
static inline GtkWindow *
ui_test_show (GtkWidget *child, int width, int height)
{
  GtkWidget *window = adw_window_new ();
  adw_window_set_content (ADW_WINDOW (window), child);
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_present (GTK_WINDOW (window));
  wait_until (gtk_widget_get_mapped (child));
  return GTK_WINDOW (window);
}

/** The @nth widget of @type below @root that is on the screen, in the order of the tree; NULL when
 * there is none. */
static inline GtkWidget *
ui_test_find_nth (GtkWidget *root, GType type, guint *nth)
{
  if (g_type_is_a (G_OBJECT_TYPE (root), type) && gtk_widget_get_mapped (root) && (*nth)-- == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = ui_test_find_nth (child, type, nth);
      if (found)
        return found;
    }
  return NULL;
}

static inline gpointer
ui_test_find (gpointer root, GType type, guint nth)
{
  return ui_test_find_nth (root, type, &nth);
}

/** The button on the screen with this label or tooltip. */
static inline GtkWidget *
ui_test_find_button (gpointer root, const char *text)
{
  GtkWidget *button;
  for (guint i = 0; (button = ui_test_find (root, GTK_TYPE_BUTTON, i)); i++)
    if (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (button)), text) == 0 ||
        g_strcmp0 (gtk_widget_get_tooltip_text (button), text) == 0)
      return button;
  return NULL;
}

/** Whether a label with exactly this text is on the screen; what looks like markup must not be
 * taken for it. */
static inline gboolean
ui_test_says (gpointer root, const char *text)
{
  GtkLabel *label;
  for (guint i = 0; (label = ui_test_find (root, GTK_TYPE_LABEL, i)); i++)
    if (g_strcmp0 (gtk_label_get_label (label), text) == 0)
      {
        g_assert_false (gtk_label_get_use_markup (label) && strpbrk (text, "<&"));
        return TRUE;
      }
  return FALSE;
}

static inline void
ui_test_click (gpointer root, const char *text)
{
  GtkWidget *button = ui_test_find_button (root, text);
  if (!button)
    g_error ("there is no button “%s”", text);
  g_assert_true (gtk_widget_get_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
}

/** Lets @files fall on the first drop target of @widget; what that answered. */
static inline gboolean
ui_test_drop (GtkWidget *widget, GFile **files, gsize n_files)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;
  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, gdk_file_list_new_from_array (files, n_files));
  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !taken; i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);
      if (GTK_IS_DROP_TARGET (controller))
        g_signal_emit_by_name (controller, "drop", &value, 1.0, 1.0, &taken);
    }
  return taken;
}

/** A device of @name, paired or only seen. */
static inline WherryDevice *
ui_test_device (const char *name, gboolean paired)
{
  g_autoptr (NodeIdentity) identity = node_identity_generate ();
  DeviceInfo info = { .type = DEVICE_LAPTOP, .node_id = *node_identity_get_id (identity) };
  WherryDevice *device =
      device_new (&info.node_id, paired ? DEVICE_STATE_PAIRED : DEVICE_STATE_DISCOVERED);
  g_strlcpy (info.name, name, sizeof info.name);
  g_strlcpy (info.version, "1", sizeof info.version);
  device_id_generate (info.device_id);
  device_set_info (device, &info);
  return device;
}

/** A transfer of @files files, 10 MB together, that is on offer (received) or in preparation
 * (sent). */
static inline WherryTransfer *
ui_test_transfer (WherryDevice *device, TransferDirection direction, const char *const *names,
                  guint64 files)
{
  WherryTransfer *transfer = transfer_new (direction, "3f2a", device);
  transfer_describe (transfer, names, g_strv_length ((char **) names), files, 10000000);
  return transfer;
}

static inline void
ui_test_init (int *argc, char ***argv)
{
  gtk_test_init (argc, argv, NULL);
  dex_init ();
  adw_init ();
}

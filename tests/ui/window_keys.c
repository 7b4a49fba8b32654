/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the shortcuts window promises, wherever the focus is. */
#include "ui/window.h"
#include "tests/ui/window_test.h"
#include "ui/device_row.h"

static GtkWindow *
find_chooser (void)
{
  GListModel *windows = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);
      if (g_str_equal (G_OBJECT_TYPE_NAME (window), "GtkFileChooserDialog") &&
          gtk_widget_get_mapped (GTK_WIDGET (window)))
        return window;
    }
  return NULL;
}

static void
assert_chooses (GtkWindow *window, const char *keys, const char *action)
{
  int have = -1;
  press (window, keys);
  wait_until (find_chooser () != NULL);
  g_autoptr (GEnumClass) actions = g_type_class_ref (g_type_from_name ("GtkFileChooserAction"));
  g_object_get (find_chooser (), "action", &have, NULL);
  g_assert_cmpstr (g_enum_get_value (actions, have)->value_nick, ==, action);
  gtk_window_close (find_chooser ());
  wait_until (!find_chooser ());
}

/* Something to paste, and how many transfers there are once it was pasted. */
static void
assert_pastes (Fixture *fixture, GFile *file)
{
  GListModel *transfers = wherry_client_get_transfers (fixture->here.client);
  guint before = g_list_model_get_n_items (transfers);
  g_auto (GValue) value = G_VALUE_INIT;
  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, gdk_file_list_new_from_array (&file, 1));
  gdk_clipboard_set_value (gtk_widget_get_clipboard (GTK_WIDGET (fixture->window)), &value);
  press (GTK_WINDOW (fixture->window), "ctrl+v");
  wait_until (g_list_model_get_n_items (transfers) == before + 1);
}

static GtkWidget *
focus_on (Fixture *fixture, const char *where)
{
  if (g_str_equal (where, "sidebar"))
    return ui_test_find (fixture->window, WHERRY_TYPE_DEVICE_ROW, 0);
  if (g_str_equal (where, "page"))
    return ui_test_find_button (fixture->window, "Choose _Files…");
  return ui_test_find_button (fixture->window, "Add Device");
}

static void
test_keys (Fixture *fixture, gconstpointer width)
{
  GtkWindow *window = GTK_WINDOW (fixture->window);
  g_autoptr (GFile) file = file_of (&fixture->here, "x.txt", "x");
  pair (fixture);
  for (const char *const *where = (const char *const[]) { "sidebar", "page", "header", NULL };
       *where; where++)
    {
      g_assert_true (gtk_widget_grab_focus (focus_on (fixture, *where)));
      assert_chooses (window, "ctrl+o", "open");
      g_assert_true (gtk_widget_grab_focus (focus_on (fixture, *where)));
      assert_chooses (window, "ctrl+shift+o", "select-folder");
      g_assert_true (gtk_widget_grab_focus (focus_on (fixture, *where)));
      assert_pastes (fixture, file);
    }
}

/* In an entry Ctrl+V pastes text, and behind a dialog nothing is sent. */
static void
test_keys_in_dialog (Fixture *fixture, gconstpointer width)
{
  GListModel *transfers = wherry_client_get_transfers (fixture->here.client);
  pair (fixture);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.enter-code", NULL);
  GtkEditable *first;
  wait_until ((first = ui_test_find (fixture->window, GTK_TYPE_ENTRY, 0)) != NULL);
  wait_until (gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (fixture->window)),
                                      GTK_WIDGET (first)));
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (fixture->window)), "zoo");
  press (GTK_WINDOW (fixture->window), "ctrl+v");
  wait_until (g_str_equal (gtk_editable_get_text (first), "zoo"));

  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.choose-files", NULL);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.paste", NULL);
  wait_settle ();
  g_assert_null (find_chooser ());
  g_assert_false (
      ui_test_says (fixture->window, "Nothing to send: copy files first, then paste them here"));
  g_assert_cmpuint (g_list_model_get_n_items (transfers), ==, 0);
}

/* With no device there is nobody to send to. */
static void
test_keys_without_device (Fixture *fixture, gconstpointer width)
{
  press (GTK_WINDOW (fixture->window), "ctrl+o");
  wait_until (
      ui_test_says (fixture->window, "Choose a device first, then the files to send to it"));
  g_assert_null (find_chooser ());
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
#define add(path, width, test)                                                                     \
  g_test_add (path, Fixture, GINT_TO_POINTER (width), set_up, test, tear_down)
  add ("/ui/window-keys/everywhere", 1000, test_keys);
  add ("/ui/window-keys/in-dialog", 1000, test_keys_in_dialog);
  add ("/ui/window-keys/without-device", 1000, test_keys_without_device);
  return g_test_run ();
}

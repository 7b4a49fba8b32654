/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/device_page.h"

#include "tests/ui/ui_test.h"

typedef struct
{
  WherryDevice *grace;
  GListStore *transfers;
  WherryDevicePage *page;
  GtkWindow *window;
  GPtrArray *sent; /* the files of the last "send" */
} Fixture;

static void
send_cb (Fixture *fixture, GPtrArray *files)
{
  g_clear_pointer (&fixture->sent, g_ptr_array_unref);
  fixture->sent = g_ptr_array_ref (files);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->grace = ui_test_device ("Grace", TRUE);
  fixture->transfers = g_list_store_new (WHERRY_TYPE_TRANSFER);
  fixture->page = wherry_device_page_new (fixture->grace, G_LIST_MODEL (fixture->transfers));
  g_signal_connect_swapped (fixture->page, "send", G_CALLBACK (send_cb), fixture);
  fixture->window = ui_test_show (GTK_WIDGET (fixture->page), 360, 640);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_add_weak_pointer (G_OBJECT (fixture->page), (gpointer *) &fixture->page);
  gtk_window_destroy (fixture->window);
  wait_settle ();
  g_assert_null (fixture->page);
  g_clear_pointer (&fixture->sent, g_ptr_array_unref);
  g_assert_finalize_object (fixture->transfers);
  g_assert_finalize_object (fixture->grace);
}

/* A desktop asks the target for its formats before it lets anything fall. */
static void
test_formats (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (fixture->page));
  guint targets = 0;
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);
      if (!GTK_IS_DROP_TARGET (controller))
        continue;
      g_assert_true (gdk_content_formats_contain_gtype (
          gtk_drop_target_get_formats (GTK_DROP_TARGET (controller)), GDK_TYPE_FILE_LIST));
      targets++;
    }
  g_assert_cmpuint (targets, ==, 1);
}

static void
test_drop (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_path ("/tmp/ä file.txt");
  g_autoptr (GFile) folder = g_file_new_for_path ("/tmp");
  g_assert_true (ui_test_drop (GTK_WIDGET (fixture->page), (GFile *[]) { file, folder }, 2));
  g_assert_cmpuint (fixture->sent->len, ==, 2);
  g_assert_true (g_file_equal (g_ptr_array_index (fixture->sent, 0), file));
  g_assert_true (g_file_equal (g_ptr_array_index (fixture->sent, 1), folder));
}

/* What is not a local file cannot be sent; a drop of nothing else is refused. */
static void
test_drop_remote (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GFile) remote = g_file_new_for_uri ("https://example.org/x");
  g_assert_false (ui_test_drop (GTK_WIDGET (fixture->page), &remote, 1));
  g_assert_null (fixture->sent);
}

/* The host of a URI is not lost on the way from another program. */
static void
test_drop_uris (Fixture *fixture, gconstpointer data)
{
  static const char *const uris[] = { "file:///tmp/a", "file://otherhost/etc/passwd", NULL };
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (fixture->page));
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;
  g_value_init (&value, G_TYPE_STRV);
  g_value_set_static_boxed (&value, uris);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);
      if (GTK_IS_DROP_TARGET (controller))
        g_signal_emit_by_name (controller, "drop", &value, 1.0, 1.0, &taken);
    }
  g_assert_true (taken);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  g_assert_cmpstr (g_file_peek_path (g_ptr_array_index (fixture->sent, 0)), ==, "/tmp/a");
}

static void
test_paste (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_path ("/tmp/b.txt");
  g_auto (GValue) value = G_VALUE_INIT;
  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, gdk_file_list_new_from_array (&file, 1));
  gdk_clipboard_set_value (gtk_widget_get_clipboard (GTK_WIDGET (fixture->page)), &value);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (fixture->page), "page.paste", NULL));
  wait_until (fixture->sent != NULL);
  g_assert_true (g_file_equal (g_ptr_array_index (fixture->sent, 0), file));
}

static void
test_transfers (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "x", NULL };
  g_autoptr (WherryDevice) ada = ui_test_device ("Ada", TRUE);
  g_autoptr (WherryTransfer) ours = ui_test_transfer (fixture->grace, TRANSFER_SENDING, names, 1);
  g_autoptr (WherryTransfer) other = ui_test_transfer (ada, TRANSFER_SENDING, names, 1);
  g_assert_false (ui_test_says (fixture->page, "Transfers"));
  g_list_store_append (fixture->transfers, other);
  g_assert_false (ui_test_says (fixture->page, "Transfers"));
  g_list_store_append (fixture->transfers, ours);
  wait_until (ui_test_says (fixture->page, "Getting ready to send"));
  g_assert_true (ui_test_says (fixture->page, "Transfers"));
  g_list_store_remove_all (fixture->transfers);
}

/* The whole page fits the narrowest window. */
static void
test_narrow (Fixture *fixture, gconstpointer data)
{
  int minimum;
  gtk_widget_measure (GTK_WIDGET (fixture->page), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL,
                      NULL, NULL);
  g_assert_cmpint (minimum, <=, 360);
  g_assert_nonnull (ui_test_find_button (fixture->page, "Choose _Files…"));
  gtk_test_accessible_assert_property (
      GTK_ACCESSIBLE (ui_test_find (fixture->page, GTK_TYPE_MENU_BUTTON, 0)),
      GTK_ACCESSIBLE_PROPERTY_LABEL, "Device menu");
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
#define add(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
  add ("/ui/device-page/formats", test_formats);
  add ("/ui/device-page/drop", test_drop);
  add ("/ui/device-page/drop-remote", test_drop_remote);
  add ("/ui/device-page/drop-uris", test_drop_uris);
  add ("/ui/device-page/paste", test_paste);
  add ("/ui/device-page/transfers", test_transfers);
  add ("/ui/device-page/narrow", test_narrow);
  return g_test_run ();
}

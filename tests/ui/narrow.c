/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every page and every dialog fits a window of 360 px, in the language of the catalogue in
 * LOCALE_DIR and with the text size of TEXT_SCALE. A window's own least width does not tell: where
 * its content needs more, it is cut off. So the content is measured. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <libintl.h>
#include <locale.h>

#include "tests/ui/window_test.h"
#include "ui/add_device_dialog.h"
#include "ui/preferences_dialog.h"
#include "ui/send_dialog.h"
#include "ui/transfer_row.h"
#include "ui/window_private.h"

#define NARROW 360
/* As long as a name may be, and of broad letters. */
#define LONG_NAME "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"

static GtkWidget *
find_widest (GtkWidget *widget, int *width)
{
  GtkWidget *widest = NULL;
  int own, most = -1;
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &own, NULL, NULL, NULL);
  *width = own;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    {
      if (!gtk_widget_get_visible (child))
        continue;
      int width_of_child;
      GtkWidget *found = find_widest (child, &width_of_child);
      if (width_of_child > most && width_of_child > NARROW - 12)
        {
          most = width_of_child;
          widest = found;
        }
    }
  return widest ? widest : widget;
}

static void
assert_fits (GtkWidget *widget, const char *what)
{
  int width;
  GtkWidget *widest = find_widest (widget, &width);
  if (width > NARROW)
    {
      g_autofree char *text = NULL;
      if (GTK_IS_LABEL (widest))
        text = g_strdup (gtk_label_get_label (GTK_LABEL (widest)));
      g_test_fail_printf ("%s wants %d px, because of a %s in a %s “%s”", what, width,
                          G_OBJECT_TYPE_NAME (widest),
                          G_OBJECT_TYPE_NAME (gtk_widget_get_parent (widest)), text ?: "");
    }
}

/* Each page of each stack below @widget in turn, whether or not it shows now. */
static void
assert_pages_fit (GtkWidget *root, GtkWidget *widget, const char *what)
{
  if (GTK_IS_STACK (widget))
    {
      GtkStack *stack = GTK_STACK (widget);
      g_autoptr (GtkSelectionModel) pages = gtk_stack_get_pages (stack);
      GtkWidget *shown = gtk_stack_get_visible_child (stack);
      for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (pages)); i++)
        {
          g_autoptr (GtkStackPage) page = g_list_model_get_item (G_LIST_MODEL (pages), i);
          g_autofree char *name = g_strdup_printf ("%s, %s", what, gtk_stack_page_get_name (page));
          gtk_stack_set_visible_child (stack, gtk_stack_page_get_child (page));
          assert_fits (root, name);
        }
      if (shown)
        gtk_stack_set_visible_child (stack, shown);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    assert_pages_fit (root, child, what);
}

static void
assert_all_fit (GtkWidget *root, const char *what)
{
  assert_fits (root, what);
  assert_pages_fit (root, root, what);
}

static void
present (Fixture *fixture, AdwDialog *dialog)
{
  adw_dialog_present (dialog, GTK_WIDGET (fixture->window));
  wait_until (gtk_widget_get_mapped (adw_dialog_get_child (dialog)));
}

static void
expand_all (GtkWidget *widget)
{
  if (ADW_IS_EXPANDER_ROW (widget))
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (widget), TRUE);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    expand_all (child);
}

static void
test_window (Fixture *fixture, gconstpointer width)
{
  GtkWidget *content =
      adw_application_window_get_content (ADW_APPLICATION_WINDOW (fixture->window));
  assert_all_fit (content, "the window");
  wherry_client_set_name (fixture->here.client, LONG_NAME);
  assert_all_fit (content, "the window of a device with a long name");
  wherry_window_warn (fixture->window, LONG_NAME);
  assert_fits (content, "the window with a warning");
  wherry_window_set_problem (fixture->window, LONG_NAME, LONG_NAME);
  wait_settle ();
  assert_fits (content, "the window with a problem");
}

static void
test_dialogs (Fixture *fixture, gconstpointer width)
{
  g_autoptr (GListStore) nobody = g_list_store_new (WHERRY_TYPE_DEVICE);
  g_autoptr (WherryDevice) device = ui_test_device (LONG_NAME, FALSE);
  g_list_store_append (nobody, device);
  WherryAddDeviceDialog *add =
      wherry_add_device_dialog_new (fixture->here.client, G_LIST_MODEL (nobody));
  present (fixture, ADW_DIALOG (add));
  assert_all_fit (adw_dialog_get_child (ADW_DIALOG (add)), "Add Device, Show a Code");
  wherry_add_device_dialog_enter_code (add, NULL);
  expand_all (GTK_WIDGET (add));
  assert_all_fit (adw_dialog_get_child (ADW_DIALOG (add)), "Add Device, Enter a Code");
  adw_dialog_force_close (ADW_DIALOG (add));

  AdwDialog *preferences = wherry_preferences_dialog_new (fixture->here.client);
  adw_dialog_present (preferences, GTK_WIDGET (fixture->window));
  wait_settle ();
  assert_fits (GTK_WIDGET (preferences), "Preferences");
  adw_dialog_force_close (preferences);

  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GListStore) transfers = g_list_store_new (WHERRY_TYPE_TRANSFER);
  g_ptr_array_add (files, g_file_new_for_path ("/tmp/" LONG_NAME));
  AdwDialog *send = wherry_send_dialog_new (G_LIST_MODEL (nobody), G_LIST_MODEL (transfers), files);
  present (fixture, send);
  assert_fits (adw_dialog_get_child (send), "Send To");
  adw_dialog_force_close (send);
}

static void
test_device_page (Fixture *fixture, gconstpointer width)
{
  static const char *const names[] = { LONG_NAME, "b", "c", "d", NULL };
  g_autoptr (WherryDevice) device = ui_test_device (LONG_NAME, TRUE);
  g_autoptr (GListStore) transfers = g_list_store_new (WHERRY_TYPE_TRANSFER);
  g_autoptr (GFile) folder = g_file_new_for_path ("/tmp/" LONG_NAME);
  for (int direction = TRANSFER_SENDING; direction <= TRANSFER_RECEIVING; direction++)
    for (int state = TRANSFER_OFFERED; state <= TRANSFER_INTERRUPTED; state++)
      {
        g_autoptr (WherryTransfer) transfer = ui_test_transfer (device, direction, names, 1234567);
        transfer_set_destination (transfer, folder, 1);
        if (direction == TRANSFER_SENDING)
          transfer_advance (transfer, TRANSFER_OFFERED);
        transfer_note (transfer, LONG_NAME);
        if (state != TRANSFER_OFFERED)
          transfer_advance (transfer, TRANSFER_ACTIVE);
        if (state == TRANSFER_DONE || state == TRANSFER_FAILED || state == TRANSFER_CANCELLED ||
            state == TRANSFER_INTERRUPTED)
          transfer_end (transfer, state, TRANSFER_REASON_CONNECTION, LONG_NAME);
        g_list_store_append (transfers, transfer);
      }
  WherryDevicePage *page = wherry_device_page_new (device, G_LIST_MODEL (transfers));
  GtkWindow *window = ui_test_show (GTK_WIDGET (page), NARROW, 640);
  assert_fits (GTK_WIDGET (page), "the page of a device");
  gtk_window_destroy (window);
  g_list_store_remove_all (transfers);
}

/* A toast is cut off by what it floats on, not by what it wants. */
static void
assert_inside (GtkWidget *widget, GtkWidget *outside)
{
  graphene_rect_t bounds;
  g_assert_true (gtk_widget_compute_bounds (widget, outside, &bounds));
  float right = graphene_rect_get_x (&bounds) + graphene_rect_get_width (&bounds);
  if (gtk_widget_get_mapped (widget) &&
      (graphene_rect_get_x (&bounds) < 0 || right > (float) gtk_widget_get_width (outside)))
    g_test_fail_printf ("a %s of a toast ends at %.0f px of %d", G_OBJECT_TYPE_NAME (widget),
                        (double) right, gtk_widget_get_width (outside));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    assert_inside (child, outside);
}

/* With the longest of its buttons, and sentences with spaces or without. */
static void
test_toast (Fixture *fixture, gconstpointer width)
{
  static const char *const sentences[] = { "Fähre nach Übersee von Annegret empfangen", LONG_NAME };
  WherryWindow *window = fixture->window;
  for (size_t i = 0; i < 2 * G_N_ELEMENTS (sentences); i++)
    {
      AdwToast *toast =
          window_toast_new (window, sentences[i / 2], i % 2 ? _ ("_Open Folder") : NULL);
      adw_toast_overlay_add_toast (window->toasts, toast);
      GtkWidget *shown = gtk_widget_get_last_child (GTK_WIDGET (window->toasts));
      wait_until (gtk_widget_get_mapped (shown) && gtk_widget_get_width (shown) > 0);
      assert_inside (shown, GTK_WIDGET (window));
      adw_toast_dismiss (toast);
      wait_settle ();
    }
}

/* libadwaita warns of it as well, but does not say what it is that is too wide. */
static gboolean
is_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  return !strstr (message, " exceeds ");
}

static void
set_up_scaled (Fixture *fixture, gconstpointer width)
{
  double scale = g_ascii_strtod (g_getenv ("TEXT_SCALE") ?: "1", NULL);
  g_test_log_set_fatal_handler (is_fatal, NULL);
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", (int) (96 * 1024 * scale), NULL);
  set_up (fixture, width);
}

int
main (int argc, char **argv)
{
  const char *expected = g_getenv ("EXPECT_NEARBY");
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, g_getenv ("LOCALE_DIR"));
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  /* A catalogue that is not found would make this a test of English. */
  g_assert_cmpstr (gettext ("Nearby"), ==, expected);

  ui_test_init (&argc, &argv);
#define add(path, test)                                                                            \
  g_test_add (path, Fixture, GINT_TO_POINTER (NARROW), set_up_scaled, test, tear_down)
  add ("/ui/narrow/window", test_window);
  add ("/ui/narrow/dialogs", test_dialogs);
  add ("/ui/narrow/toast", test_toast);
  add ("/ui/narrow/device-page", test_device_page);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/window.h"

#include "tests/ui/window_test.h"
#include "ui/device_row.h"

static void
assert_received (Device *device, const char *name, const char *contents)
{
  g_autofree char *path = g_build_filename (device->scratch.path, "received", name, NULL);
  g_autofree char *have = NULL;
  g_assert_true (g_file_get_contents (path, &have, NULL, NULL));
  g_assert_cmpstr (have, ==, contents);
}

static void
test_empty (Fixture *fixture, gconstpointer width)
{
  AdwNavigationSplitView *split = ui_test_find (fixture->window, ADW_TYPE_NAVIGATION_SPLIT_VIEW, 0);
  g_assert_true (adw_navigation_split_view_get_collapsed (split) ==
                 (GPOINTER_TO_INT (width) < 600));
  g_assert_true (ui_test_says (fixture->window, "Looking for Devices…"));
  g_assert_nonnull (ui_test_find_button (fixture->window, "_Add Device…"));
  g_assert_true (ui_test_says (fixture->window, "Visible as"));
  gtk_test_accessible_assert_property (
      GTK_ACCESSIBLE (ui_test_find_button (fixture->window, "Add Device")),
      GTK_ACCESSIBLE_PROPERTY_LABEL, "Add Device");

  wherry_client_set_visible (fixture->here.client, FALSE);
  g_assert_true (ui_test_says (fixture->window, "Hidden"));
  g_assert_false (gtk_switch_get_active (ui_test_find (fixture->window, GTK_TYPE_SWITCH, 0)));
}

static void
test_show_code (Fixture *fixture, gconstpointer width)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) address = address_of (&fixture->here);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.add-device", NULL);
  g_autoptr (WherryPairingSession) host = wherry_client_host_pairing (fixture->here.client, &error);
  g_auto (GStrv) words = g_strsplit (wherry_pairing_session_get_words (host), "-", -1);
  g_autofree char *spaced = g_strjoinv (" ", words);
  wait_until (ui_test_says (fixture->window, spaced));
  gtk_test_accessible_assert_property (
      GTK_ACCESSIBLE (ui_test_find_button (fixture->window, "Copy Link")),
      GTK_ACCESSIBLE_PROPERTY_LABEL, "QR code of the pairing link, press to copy the link");

  /* A wrong guess is told, and the code lives on. */
  const char *wrong = g_str_has_prefix (spaced, "zoo") ? "abandon-zoo-zoo" : "zoo-zoo-zoo";
  g_autoptr (WherryPairingSession) guess =
      wherry_client_join_pairing (fixture->there.client, wrong, NULL, address, &error);
  g_assert_no_error (error);
  wait_until (wherry_pairing_session_get_phase (guess) == PAIRING_FAILED);
  wait_until (wherry_pairing_session_get_attempts_left (host) == 2);

  /* The link needs a person's consent here. */
  g_autoptr (WherryPairingSession) join = wherry_client_join_pairing (
      fixture->there.client, wherry_pairing_session_get_link (host), NULL, address, &error);
  g_assert_no_error (error);
  wait_until (ui_test_says (fixture->window, "Pair with Grace <b>Hopper</b>?"));
  ui_test_click (fixture->window, "_Pair");
  wait_until (ui_test_says (fixture->window, "Paired with Grace <b>Hopper</b>"));
  wait_until (wherry_pairing_session_get_phase (join) == PAIRING_DONE);
  ui_test_click (fixture->window, "_Done");
  wait_until (ui_test_find (fixture->window, WHERRY_TYPE_DEVICE_PAGE, 0) != NULL);
}

static void
test_wrong_words (Fixture *fixture, gconstpointer width)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WherryPairingSession) host =
      wherry_client_host_pairing (fixture->there.client, &error);
  g_autofree char *address =
      g_strdup_printf ("127.0.0.1:%u", wherry_client_get_port (fixture->there.client));
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.enter-address", NULL);
  GtkEditable *first, *where;
  wait_until ((first = ui_test_find (fixture->window, GTK_TYPE_ENTRY, 0)) != NULL);
  gtk_editable_set_text (first, g_str_has_prefix (wherry_pairing_session_get_words (host), "zoo")
                                    ? "abandon zoo zoo"
                                    : "zoo zoo zoo");
  wait_until ((where = ui_test_find (fixture->window, ADW_TYPE_ENTRY_ROW, 0)) != NULL);
  gtk_editable_set_text (where, address);
  ui_test_click (fixture->window, "_Pair");
  wait_until (ui_test_says (
      fixture->window, "The other device shows different words. Compare them; 2 attempts left."));
  wherry_pairing_session_cancel (host);
}

/* Files fall on the page of the device, and lie there with the same bytes. */
static void
test_send (Fixture *fixture, gconstpointer width)
{
  pair (fixture);
  g_autoptr (GFile) file = file_of (&fixture->here, "Größe.txt", "hello");
  GListModel *incoming = wherry_client_get_transfers (fixture->there.client);

  g_assert_true (
      ui_test_drop (ui_test_find (fixture->window, WHERRY_TYPE_DEVICE_PAGE, 0), &file, 1));
  wait_until (g_list_model_get_n_items (incoming) == 1);
  g_autoptr (WherryTransfer) transfer = g_list_model_get_item (incoming, 0);
  wait_until (ui_test_says (fixture->window, "Waiting for Grace <b>Hopper</b> to accept"));
  wherry_transfer_accept (transfer, NULL);
  wait_until (ui_test_says (fixture->window, "Sent Größe.txt to Grace <b>Hopper</b>"));
  wait_until (wherry_transfer_get_state (transfer) == TRANSFER_DONE);
  assert_received (&fixture->there, "Größe.txt", "hello");
}

static void
test_receive (Fixture *fixture, gconstpointer width)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) address = address_of (&fixture->here);
  pair (fixture);
  g_ptr_array_add (files, file_of (&fixture->there, "a&b.txt", "contents"));
  WherryTransfer *sent = wherry_client_send (fixture->there.client, paired_device (&fixture->there),
                                             files, address, &error);
  g_assert_no_error (error);
  wait_until (ui_test_find_button (fixture->window, "_Accept") != NULL);
  g_assert_true (ui_test_says (fixture->window, "a&b.txt"));
  g_assert_cmpint (wherry_transfer_get_state (sent), ==, TRANSFER_OFFERED);
  ui_test_click (fixture->window, "_Accept");
  wait_until (ui_test_says (fixture->window, "Received a&b.txt from Grace <b>Hopper</b>"));
  wait_until (wherry_transfer_get_state (sent) == TRANSFER_DONE);
  g_assert_nonnull (ui_test_find_button (fixture->window, "Open Folder"));
  assert_received (&fixture->here, "a&b.txt", "contents");
}

static void
test_decline (Fixture *fixture, gconstpointer width)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) address = address_of (&fixture->here);
  pair (fixture);
  g_ptr_array_add (files, file_of (&fixture->there, "x", "y"));
  WherryTransfer *sent = wherry_client_send (fixture->there.client, paired_device (&fixture->there),
                                             files, address, &error);
  g_assert_no_error (error);
  wait_until (ui_test_find_button (fixture->window, "_Decline") != NULL);
  ui_test_click (fixture->window, "_Decline");
  wait_until (wherry_transfer_get_state (sent) == TRANSFER_DECLINED);
  wait_until (ui_test_says (fixture->window, "You declined"));
}

static void
test_forget (Fixture *fixture, gconstpointer width)
{
  GListModel *devices = wherry_client_get_devices (fixture->here.client);
  pair (fixture);
  WherryDevicePage *page = ui_test_find (fixture->window, WHERRY_TYPE_DEVICE_PAGE, 0);
  gtk_widget_activate_action (GTK_WIDGET (page), "page.unpair", NULL);
  wait_until (ui_test_says (fixture->window, "Forget Grace <b>Hopper</b>?"));
  ui_test_click (fixture->window, "_Forget");
  wait_until (g_list_model_get_n_items (devices) == 0);
  wait_until (!ui_test_find (fixture->window, WHERRY_TYPE_DEVICE_PAGE, 0));
}

static void
test_problem (void)
{
  WherryWindow *window = wherry_window_new (NULL);
  wherry_window_set_problem (window, "Wherry Is Already Running", "Another <Wherry> & its folder");
  gtk_window_present (GTK_WINDOW (window));
  wait_until (ui_test_says (window, "Wherry Is Already Running"));
  g_assert_false (ui_test_says (window, "My Devices"));
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/ui/window/problem", test_problem);
#define add(path, width, test)                                                                     \
  g_test_add (path, Fixture, GINT_TO_POINTER (width), set_up, test, tear_down)
  add ("/ui/window/empty", 1000, test_empty);
  add ("/ui/window/empty-narrow", 360, test_empty);
  add ("/ui/window/show-code", 1000, test_show_code);
  add ("/ui/window/show-code-narrow", 360, test_show_code);
  add ("/ui/window/wrong-words", 1000, test_wrong_words);
  add ("/ui/window/send", 1000, test_send);
  add ("/ui/window/send-narrow", 360, test_send);
  add ("/ui/window/receive", 1000, test_receive);
  add ("/ui/window/decline", 1000, test_decline);
  add ("/ui/window/forget", 1000, test_forget);
  return g_test_run ();
}

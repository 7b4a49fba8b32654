/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the window tells of things that happened elsewhere, or only in part. */
#include <sys/stat.h>

#include "ui/window.h"
#include "tests/ui/window_test.h"

#define GRACE "Grace <b>Hopper</b>"

static GtkWidget *
find_page (Fixture *fixture)
{
  return ui_test_find (fixture->window, WHERRY_TYPE_DEVICE_PAGE, 0);
}

/* A folder with a file, a symbolic link and a pipe: what is left out is told, and which. */
static void
test_skipped (Fixture *fixture, gconstpointer width)
{
  g_autofree char *folder = g_build_filename (fixture->here.scratch.path, "mixed", NULL);
  g_autofree char *link = g_build_filename (folder, "a link", NULL);
  g_autofree char *pipe = g_build_filename (folder, "a pipe", NULL);
  GListModel *incoming = wherry_client_get_transfers (fixture->there.client);
  pair (fixture);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_autoptr (GFile) file = file_of (&fixture->here, "mixed/file.txt", "hello");
  g_assert_cmpint (symlink ("file.txt", link), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_autoptr (GFile) mixed = g_file_new_for_path (folder);
  g_assert_true (ui_test_drop (find_page (fixture), &mixed, 1));
  wait_until (g_list_model_get_n_items (incoming) == 1);
  g_autoptr (WherryTransfer) transfer = g_list_model_get_item (incoming, 0);
  wherry_transfer_accept (transfer, NULL);

  wait_until (ui_test_says (fixture->window, "Sent · 1 file, 2 skipped"));
  wait_until (ui_test_says (fixture->window, "Sent mixed to " GRACE ", 2 skipped"));
  g_assert_false (ui_test_says (fixture->window, "“mixed/a link” was skipped: it is a link."));
  GtkWidget *details = ui_test_find_button (fixture->window, "Details");
  g_assert_nonnull (details);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (details), TRUE);
  wait_until (ui_test_says (fixture->window, "“mixed/a link” was skipped: it is a link.\n"
                                             "“mixed/a pipe” was skipped: it is a pipe.") ||
              ui_test_says (fixture->window, "“mixed/a pipe” was skipped: it is a pipe.\n"
                                             "“mixed/a link” was skipped: it is a link."));
}

/* One of two files is not there: the other arrives, and what does not is named. */
static void
test_missing (Fixture *fixture, gconstpointer width)
{
  g_autofree char *path = g_build_filename (fixture->here.scratch.path, "missing.txt", NULL);
  g_autoptr (GFile) missing = g_file_new_for_path (path);
  GListModel *incoming = wherry_client_get_transfers (fixture->there.client);
  pair (fixture);
  g_autoptr (GFile) file = file_of (&fixture->here, "file.txt", "hello");
  g_assert_true (ui_test_drop (find_page (fixture), (GFile *[]) { file, missing }, 2));
  wait_until (g_list_model_get_n_items (incoming) == 1);
  g_autoptr (WherryTransfer) transfer = g_list_model_get_item (incoming, 0);
  wherry_transfer_accept (transfer, NULL);
  wait_until (transfer_state_is_final (wherry_transfer_get_state (transfer)));
  GListModel *sent = wherry_client_get_transfers (fixture->here.client);
  g_autoptr (WherryTransfer) outgoing = g_list_model_get_item (sent, 0);
  wait_until (transfer_state_is_final (wherry_transfer_get_state (outgoing)));
  wait_until (ui_test_says (fixture->window, wherry_transfer_get_message (outgoing)));
  g_assert_nonnull (strstr (wherry_transfer_get_message (outgoing), "missing.txt"));
}

/* Nothing of what was chosen is there: the row is called after it all the same. */
static void
test_nothing_there (Fixture *fixture, gconstpointer width)
{
  g_autofree char *path = g_build_filename (fixture->here.scratch.path, "missing.txt", NULL);
  g_autoptr (GFile) missing = g_file_new_for_path (path);
  GListModel *sent = wherry_client_get_transfers (fixture->here.client);
  pair (fixture);
  g_assert_true (ui_test_drop (find_page (fixture), &missing, 1));
  wait_until (g_list_model_get_n_items (sent) == 1);
  g_autoptr (WherryTransfer) outgoing = g_list_model_get_item (sent, 0);
  wait_until (transfer_state_is_final (wherry_transfer_get_state (outgoing)));
  g_assert_true (ui_test_says (fixture->window, "missing.txt"));
}

/* The commonest mistake: nobody chose Add Device over there. */
static void
test_no_code (Fixture *fixture, gconstpointer width)
{
  g_autofree char *address =
      g_strdup_printf ("127.0.0.1:%u", wherry_client_get_port (fixture->there.client));
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.enter-address", NULL);
  GtkEditable *first;
  wait_until ((first = ui_test_find (fixture->window, GTK_TYPE_ENTRY, 0)) != NULL);
  gtk_editable_set_text (first, "zoo zoo zoo");
  GtkEditable *where;
  wait_until ((where = ui_test_find (fixture->window, ADW_TYPE_ENTRY_ROW, 0)) != NULL);
  gtk_editable_set_text (where, address);
  ui_test_click (fixture->window, "_Pair");
  wait_until (ui_test_says (fixture->window, "The Other Device Shows No Code"));
}

/* The other side forgets us: the page stays, says so, and offers to pair again. */
static void
test_unpaired_there (Fixture *fixture, gconstpointer width)
{
  GListModel *devices = wherry_client_get_devices (fixture->here.client);
  pair (fixture);
  g_autoptr (GFile) file = file_of (&fixture->here, "a.txt", "a");
  GListModel *incoming = wherry_client_get_transfers (fixture->there.client);
  g_assert_true (ui_test_drop (find_page (fixture), &file, 1));
  wait_until (g_list_model_get_n_items (incoming) == 1);
  g_autoptr (WherryTransfer) transfer = g_list_model_get_item (incoming, 0);
  wherry_transfer_accept (transfer, NULL);
  wait_until (ui_test_says (fixture->window, "Sent · 1 file · 1 byte"));

  g_autoptr (DexFuture) gone =
      wherry_client_unpair (fixture->there.client, paired_device (&fixture->there));
  wait_until (g_list_model_get_n_items (devices) == 0);
  wait_until (ui_test_says (fixture->window, GRACE " no longer accepts this device"));
  g_assert_nonnull (find_page (fixture));
  g_assert_true (ui_test_says (fixture->window, "Sent · 1 file · 1 byte"));
  g_assert_false (
      gtk_widget_get_sensitive (ui_test_find_button (fixture->window, "Choose _Files…")));
  g_assert_false (ui_test_drop (find_page (fixture), &file, 1));
  ui_test_click (fixture->window, "_Pair Again…");
  wait_until (ui_test_find (fixture->window, GTK_TYPE_ENTRY, 0) != NULL);
  wait_until (!dex_future_is_pending (gone));
}

/* What another program let fall: of three items one can be sent, and the two others are told. */
static void
test_mixed_paste (Fixture *fixture, gconstpointer width)
{
  static const char list[] =
      "file:///dev/null\r\ntrash:///old.txt\r\nfile://otherhost/etc/passwd\r\n";
  GListModel *transfers = wherry_client_get_transfers (fixture->here.client);
  g_autoptr (GBytes) bytes = g_bytes_new_static (list, strlen (list));
  g_autoptr (GdkContentProvider) provider =
      gdk_content_provider_new_for_bytes ("text/uri-list", bytes);

  pair (fixture);
  gdk_clipboard_set_content (gtk_widget_get_clipboard (GTK_WIDGET (fixture->window)), provider);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.paste", NULL);
  wait_until (g_list_model_get_n_items (transfers) == 1);
  wait_until (
      ui_test_says (fixture->window, "2 items are not on this computer and were left out."));
  g_autoptr (WherryTransfer) transfer = g_list_model_get_item (transfers, 0);
  g_assert_cmpuint (wherry_transfer_get_sources (transfer)->len, ==, 1);
  /* There is nothing in it that could be sent; its row has a name all the same. */
  wait_until (transfer_state_is_final (wherry_transfer_get_state (transfer)));
  g_assert_true (ui_test_says (fixture->window, "null"));
}

/* Who declines is not told that somebody declined. */
static void
test_declined_here (Fixture *fixture, gconstpointer width)
{
  AdwApplicationWindow *host_window = ADW_APPLICATION_WINDOW (fixture->window);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) address = address_of (&fixture->here);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.add-device", NULL);
  g_autoptr (WherryPairingSession) host = wherry_client_host_pairing (fixture->here.client, &error);
  g_assert_no_error (error);
  g_autoptr (WherryPairingSession) join = wherry_client_join_pairing (
      fixture->there.client, wherry_pairing_session_get_link (host), NULL, address, &error);
  g_assert_no_error (error);
  wait_until (ui_test_says (fixture->window, "Pair with " GRACE "?"));
  ui_test_click (fixture->window, "_Decline");
  wait_until (!adw_application_window_get_visible_dialog (host_window));
  wait_until (wherry_pairing_session_get_reason (join) == PAIRING_REASON_DECLINED);
}

static char *
clipboard_text (void)
{
  GValue value = G_VALUE_INIT;
  GdkClipboard *clipboard = gdk_display_get_clipboard (gdk_display_get_default ());
  GdkContentProvider *content = gdk_clipboard_get_content (clipboard);
  g_value_init (&value, G_TYPE_STRING);
  char *text = content && gdk_content_provider_get_value (content, &value, NULL)
                   ? g_value_dup_string (&value)
                   : NULL;
  g_value_unset (&value);
  return text;
}

/* Two texts: the first is copied, whole; then the second is shown, and stays until it is closed. */
static void
test_texts (Fixture *fixture, gconstpointer width)
{
  g_autofree char *long_text = g_strnfill (1000, 'x');
  pair (fixture);
  WherryDevice *here = paired_device (&fixture->there);
  const char *texts[] = { long_text, "<b>second</b>" };
  g_autoptr (GPtrArray) address = address_of (&fixture->here);
  GListModel *received = wherry_client_get_texts (fixture->here.client);
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    dex_future_disown (wherry_client_share_text (fixture->there.client, here, texts[i], address));
  wait_until (g_list_model_get_n_items (received) == 2);
  g_autofree char *shown = g_strdup_printf (GRACE " sent a text: %.200s…", long_text);
  wait_until (ui_test_says (fixture->window, shown));
  ui_test_click (fixture->window, "_Copy");
  wait_until (g_list_model_get_n_items (received) == 1);
  g_autofree char *copied = clipboard_text ();
  g_assert_cmpstr (copied, ==, long_text);
  wait_until (ui_test_says (fixture->window, GRACE " sent a text: <b>second</b>"));

  /* A window that closes has not shown it for good. */
  WherryWindow *other = wherry_window_new (NULL);
  wherry_window_set_client (other, fixture->here.client);
  gtk_window_present (GTK_WINDOW (other));
  wait_until (ui_test_says (other, GRACE " sent a text: <b>second</b>"));
  gtk_window_destroy (GTK_WINDOW (other));
  wait_settle ();
  g_assert_cmpuint (g_list_model_get_n_items (received), ==, 1);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
#define add(path, width, test)                                                                     \
  g_test_add (path, Fixture, GINT_TO_POINTER (width), set_up, test, tear_down)
  add ("/ui/window-news/skipped", 1000, test_skipped);
  add ("/ui/window-news/missing", 1000, test_missing);
  add ("/ui/window-news/nothing-there", 1000, test_nothing_there);
  add ("/ui/window-news/no-code", 1000, test_no_code);
  add ("/ui/window-news/unpaired-there", 1000, test_unpaired_there);
  add ("/ui/window-news/unpaired-there-narrow", 360, test_unpaired_there);
  add ("/ui/window-news/mixed-paste", 1000, test_mixed_paste);
  add ("/ui/window-news/declined-here", 1000, test_declined_here);
  add ("/ui/window-news/texts", 1000, test_texts);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/transfer_row.h"

#include "tests/ui/ui_test.h"

static const char *const names[] = { "<b>Bericht</b>.pdf", NULL };

typedef struct
{
  WherryDevice *device;
  WherryTransfer *transfer;
  GtkWidget *row;
  GtkWindow *window;
  int act; /* the last TransferAct, -1 none */
  guint again;
} Fixture;

static void
act_cb (TransferAct act, gpointer user_data)
{
  ((Fixture *) user_data)->act = act;
}

static void
again_cb (Fixture *fixture, GPtrArray *files)
{
  fixture->again += files->len;
}

static void
set_up (Fixture *fixture, gconstpointer direction)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GFile) folder = g_file_new_for_path (g_get_tmp_dir ());
  g_ptr_array_add (sources, g_file_new_for_path ("/tmp/Bericht.pdf"));
  fixture->act = -1;
  fixture->device = ui_test_device ("Grace", TRUE);
  fixture->transfer = ui_test_transfer (fixture->device, GPOINTER_TO_INT (direction), names, 1);
  transfer_set_sources (fixture->transfer, sources);
  transfer_set_destination (fixture->transfer, folder, 20000000);
  transfer_attach (fixture->transfer, act_cb, fixture);

  fixture->row = wherry_transfer_row_new (fixture->transfer);
  g_signal_connect_swapped (fixture->row, "send-again", G_CALLBACK (again_cb), fixture);
  GtkWidget *list = gtk_list_box_new ();
  gtk_list_box_append (GTK_LIST_BOX (list), fixture->row);
  fixture->window = ui_test_show (list, 360, 300);
}

static void
tear_down (Fixture *fixture, gconstpointer direction)
{
  g_object_add_weak_pointer (G_OBJECT (fixture->row), (gpointer *) &fixture->row);
  gtk_window_destroy (fixture->window);
  wait_settle ();
  g_assert_null (fixture->row);
  transfer_attach (fixture->transfer, NULL, NULL);
  g_assert_finalize_object (fixture->transfer);
  g_assert_finalize_object (fixture->device);
}

static void
test_accept (Fixture *fixture, gconstpointer direction)
{
  g_assert_true (ui_test_says (fixture->row, "Grace wants to send you 1 file (10.0 MB)"));
  /* A name is text, never markup. */
  g_assert_true (ui_test_says (fixture->row, names[0]));
  g_assert_nonnull (ui_test_find_button (fixture->row, "_Save To…"));
  ui_test_click (fixture->row, "_Accept");
  g_assert_cmpint (fixture->act, ==, TRANSFER_ACT_ACCEPT);
}

static void
test_decline (Fixture *fixture, gconstpointer direction)
{
  ui_test_click (fixture->row, "_Decline");
  g_assert_cmpint (fixture->act, ==, TRANSFER_ACT_DECLINE);
  transfer_end (fixture->transfer, TRANSFER_DECLINED, TRANSFER_REASON_DECLINED, NULL);
  g_assert_null (ui_test_find_button (fixture->row, "_Accept"));
  g_assert_true (ui_test_says (fixture->row, "You declined"));
}

static void
test_running (Fixture *fixture, gconstpointer direction)
{
  transfer_advance (fixture->transfer, TRANSFER_ACTIVE);
  transfer_set_phase (fixture->transfer, TRANSFER_PHASE_SENDING);
  transfer_report (fixture->transfer, 5000000, 0, 0, g_get_monotonic_time ());
  wait_until (ui_test_find (fixture->row, GTK_TYPE_PROGRESS_BAR, 0) != NULL);
  GtkProgressBar *bar = ui_test_find (fixture->row, GTK_TYPE_PROGRESS_BAR, 0);
  wait_until (gtk_progress_bar_get_fraction (bar) == 0.5);

  gtk_test_accessible_assert_property (
      GTK_ACCESSIBLE (ui_test_find_button (fixture->row, "Cancel")), GTK_ACCESSIBLE_PROPERTY_LABEL,
      "Cancel transfer");
  ui_test_click (fixture->row, "Cancel");
  g_assert_cmpint (fixture->act, ==, TRANSFER_ACT_CANCEL);
}

static void
test_received (Fixture *fixture, gconstpointer direction)
{
  transfer_advance (fixture->transfer, TRANSFER_ACTIVE);
  transfer_advance (fixture->transfer, TRANSFER_DONE);
  g_assert_nonnull (ui_test_find_button (fixture->row, "Open Folder"));
  g_assert_null (ui_test_find_button (fixture->row, "Send Again"));
  g_assert_null (ui_test_find_button (fixture->row, "Cancel"));
  g_assert_null (ui_test_find (fixture->row, GTK_TYPE_PROGRESS_BAR, 0));
}

static void
test_retry (Fixture *fixture, gconstpointer direction)
{
  transfer_end (fixture->transfer, TRANSFER_FAILED, TRANSFER_REASON_OFFLINE,
                "Grace is offline. Wake it up and try again.");
  g_assert_true (ui_test_says (fixture->row, "Grace is offline. Wake it up and try again."));
  ui_test_click (fixture->row, "Retry");
  g_assert_cmpuint (fixture->again, ==, 1);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
#define add(path, direction, test)                                                                 \
  g_test_add (path, Fixture, GINT_TO_POINTER (direction), set_up, test, tear_down)
  add ("/ui/transfer-row/accept", TRANSFER_RECEIVING, test_accept);
  add ("/ui/transfer-row/decline", TRANSFER_RECEIVING, test_decline);
  add ("/ui/transfer-row/running", TRANSFER_RECEIVING, test_running);
  add ("/ui/transfer-row/received", TRANSFER_RECEIVING, test_received);
  add ("/ui/transfer-row/retry", TRANSFER_SENDING, test_retry);
  return g_test_run ();
}

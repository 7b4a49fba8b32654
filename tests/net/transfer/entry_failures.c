/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and folders that the receiver cannot write: each fails with its reason, which the sender
 * tells once, and the rest arrives. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/transfer/transfer_testing.h"
#include "tests/support/two_devices.h"

typedef struct
{
  TwoDevices devices;
  WherryTransfer *outgoing;
  DexFuture *sending;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  two_devices_init (&fixture->devices);
  scratch_write (&fixture->devices.scratch, "out/tree/x", "arrives", -1);
  scratch_mkdir (&fixture->devices.scratch, "in/mod");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->outgoing);
  two_devices_clear (&fixture->devices);
}

static void
send_both (Fixture *fixture)
{
  fixture->outgoing =
      two_devices_send (&fixture->devices, &fixture->sending, "out/mod", "out/tree", NULL);
  two_devices_finish (&fixture->devices, g_steal_pointer (&fixture->sending));
  scratch_assert_content (&fixture->devices.scratch, "in/tree/x", "arrives");
}

static void
close_mod (Fixture *fixture)
{
  g_autofree char *path = scratch_path (&fixture->devices.scratch, "in/mod");
  g_assert_no_errno (chmod (path, 0555));
}

/* Both sides count @n_failed files and tell the one thing that went wrong. */
static void
assert_failed (Fixture *fixture, unsigned n_failed, const char *what, const char *why)
{
  WherryTransfer *outgoing = fixture->outgoing, *incoming = fixture->devices.incoming;
  g_test_message ("%s", wherry_transfer_get_message (outgoing));
  g_assert_cmpint (wherry_transfer_get_state (outgoing), ==, TRANSFER_FAILED);
  g_assert_cmpint (wherry_transfer_get_reason (outgoing), ==, TRANSFER_REASON_REMOTE_FILE);
  g_assert_cmpint (wherry_transfer_get_reason (incoming), ==, TRANSFER_REASON_LOCAL_FILE);
  g_assert_cmpuint (transfer_get_files_failed (outgoing), ==, n_failed);
  g_assert_cmpuint (transfer_get_files_failed (incoming), ==, n_failed);
  g_assert_cmpuint (wherry_transfer_get_files_done (outgoing), ==, 1);
  g_assert_nonnull (strstr (wherry_transfer_get_message (outgoing), what));
  g_assert_nonnull (strstr (wherry_transfer_get_message (outgoing), why));
  g_assert_cmpuint (g_strv_length ((char **) wherry_transfer_get_notes (outgoing)), ==, 0);
  g_assert_cmpuint (g_strv_length ((char **) wherry_transfer_get_notes (incoming)), ==, 0);
}

static void
test_folder (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/mod/new/a", "a", -1);
  scratch_write (&fixture->devices.scratch, "out/mod/new/b", "b", -1);
  scratch_write (&fixture->devices.scratch, "out/mod/new/deep/er/c", "c", -1);
  close_mod (fixture);
  send_both (fixture);
  assert_failed (fixture, 3, "mod/new", "permission denied");
  g_assert_nonnull (strstr (wherry_transfer_get_message (fixture->outgoing), "3 more"));
  scratch_assert_names (&fixture->devices.scratch, "in/mod", "");
}

static void
test_empty_folder (Fixture *fixture, gconstpointer data)
{
  scratch_mkdir (&fixture->devices.scratch, "out/mod/new");
  close_mod (fixture);
  send_both (fixture);
  assert_failed (fixture, 0, "mod/new", "permission denied");
}

static void
test_file (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/mod/a", "a", -1);
  close_mod (fixture);
  send_both (fixture);
  assert_failed (fixture, 1, "mod/a", "permission denied");
}

/* Both ends at once: the receiver cannot write what the sender can no longer read. */
static void
vanish_cb (gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autofree char *path = scratch_path (&fixture->devices.scratch, "out/mod/a");
  g_assert_no_errno (unlink (path));
}

static void
test_vanished (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/mod/a", "a", -1);
  close_mod (fixture);
  fixture->devices.offered = vanish_cb;
  fixture->devices.user_data = fixture;
  send_both (fixture);
  g_assert_cmpint (wherry_transfer_get_reason (fixture->outgoing), ==, TRANSFER_REASON_LOCAL_FILE);
  g_assert_cmpuint (transfer_get_files_failed (fixture->outgoing), ==, 1);
  g_assert_cmpuint (transfer_get_files_failed (fixture->devices.incoming), ==, 1);
}

/* More than several reports tell: each must wait for its turn, and the last word for them all. */
#define N_MANY 30000

/* A receive folder that refuses a large tree. */
static void
test_many_folders (Fixture *fixture, gconstpointer data)
{
  for (unsigned i = 0; i < N_MANY; i++)
    {
      g_autofree char *below = g_strdup_printf ("out/mod/new/%u", i);
      scratch_mkdir (&fixture->devices.scratch, below);
    }
  close_mod (fixture);
  send_both (fixture);
  assert_failed (fixture, 0, "mod/new", "permission denied");
}

/* A source disk that goes away. */
static void
lose_mod_cb (gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autofree char *mod = scratch_path (&fixture->devices.scratch, "out/mod");
  g_autofree char *lost = scratch_path (&fixture->devices.scratch, "lost");
  g_assert_no_errno (rename (mod, lost));
  g_assert_no_errno (chmod (lost, 0));
}

static void
test_many_files (Fixture *fixture, gconstpointer data)
{
  for (unsigned i = 0; i < N_MANY; i++)
    {
      g_autofree char *below = g_strdup_printf ("out/mod/%u", i);
      scratch_write (&fixture->devices.scratch, below, "", -1);
    }
  fixture->devices.offered = lose_mod_cb;
  fixture->devices.user_data = fixture;
  send_both (fixture);
  WherryTransfer *outgoing = fixture->outgoing, *incoming = fixture->devices.incoming;
  g_assert_cmpint (wherry_transfer_get_state (outgoing), ==, TRANSFER_FAILED);
  g_assert_cmpint (wherry_transfer_get_reason (outgoing), ==, TRANSFER_REASON_LOCAL_FILE);
  g_assert_cmpint (wherry_transfer_get_reason (incoming), ==, TRANSFER_REASON_REMOTE_FILE);
  g_assert_cmpuint (transfer_get_files_failed (outgoing), ==, N_MANY);
  g_assert_cmpuint (transfer_get_files_failed (incoming), ==, N_MANY);
}

#define add(name, func) g_test_add ("/entry-failures/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  scratch_drop_capabilities (); /* before there is another thread */
  dex_init ();
  add ("folder", test_folder);
  add ("empty-folder", test_empty_folder);
  add ("file", test_file);
  add ("vanished", test_vanished);
  add ("many-folders", test_many_folders);
  add ("many-files", test_many_files);
  return g_test_run ();
}

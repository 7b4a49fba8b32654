/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Complete transfers between two devices over loopback. */
#include "config.h"

#include <sys/stat.h>
#include <unistd.h>

#include "two_devices.h"

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
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->outgoing);
  two_devices_clear (&fixture->devices);
}

static void
send_tree (Fixture *fixture)
{
  fixture->outgoing = two_devices_send (&fixture->devices, &fixture->sending, "out/tree", NULL);
}

static void
finish (Fixture *fixture)
{
  two_devices_finish (&fixture->devices, g_steal_pointer (&fixture->sending));
}

static void
assert_ended (WherryTransfer *transfer, TransferState state, TransferReason reason)
{
  if (wherry_transfer_get_state (transfer) != state)
    g_test_message ("%s", wherry_transfer_get_message (transfer));
  g_assert_cmpstr (transfer_state_name (wherry_transfer_get_state (transfer)), ==,
                   transfer_state_name (state));
  g_assert_cmpint (wherry_transfer_get_reason (transfer), ==, reason);
  g_assert_true ((wherry_transfer_get_message (transfer) != NULL) == (state != TRANSFER_DONE));
}

static void
assert_done (Fixture *fixture)
{
  assert_ended (fixture->outgoing, TRANSFER_DONE, TRANSFER_REASON_NONE);
  assert_ended (fixture->devices.incoming, TRANSFER_DONE, TRANSFER_REASON_NONE);
  g_assert_cmpuint (wherry_transfer_get_files_done (fixture->outgoing), ==,
                    wherry_transfer_get_files_total (fixture->outgoing));
  g_assert_cmpuint (wherry_transfer_get_bytes_done (fixture->devices.incoming), ==,
                    wherry_transfer_get_bytes_total (fixture->outgoing));
}

static void
test_one_file (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/tree", "hello", -1);
  send_tree (fixture);
  finish (fixture);
  assert_done (fixture);
  scratch_assert_names (&fixture->devices.scratch, "in", "tree");
  scratch_assert_same (&fixture->devices.scratch, "out/tree", "in/tree");
}

#define add(name, func) g_test_add ("/transfer/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  add ("one-file", test_one_file);
  return g_test_run ();
}

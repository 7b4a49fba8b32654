/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Complete transfers between two devices over loopback. */
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/core/control.h"
#include "net/disk/free_space.h"
#include "net/transfer/transfer_testing.h"
#include "tests/support/two_devices.h"
#include "tests/support/wait.h"

typedef struct Fixture Fixture;
struct Fixture
{
  TwoDevices devices;
  WherryTransfer *outgoing;
  DexFuture *sending;
  void (*interfere) (Fixture *fixture); /* once bytes go through */
};

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

static void
set_mode (Fixture *fixture, const char *below, mode_t mode, int64_t mtime_ns)
{
  g_autofree char *path = scratch_path (&fixture->devices.scratch, "%s", below);
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
                               { mtime_ns / 1000000000, mtime_ns % 1000000000 } };
  g_assert_no_errno (chmod (path, mode));
  g_assert_no_errno (utimensat (AT_FDCWD, path, times, 0));
}

static void
test_tree (Fixture *fixture, gconstpointer data)
{
  Scratch *scratch = &fixture->devices.scratch;
  scratch_write (scratch, "out/tree/empty", "", 0);
  scratch_mkdir (scratch, "out/tree/empty folder");
  scratch_write (scratch, "out/tree/Zwölf Boxkämpfer/日本語/ファイル.txt", "漢字", -1);
  scratch_write (scratch, "out/tree/-rf ~ $(x) `y` %2e <b> \\", "hostile but plain", -1);
  scratch_write (scratch, "out/tree/.hidden/...", "dots", -1);
  scratch_fill (scratch, "out/tree/exactly one chunk", 256 * 1024, 1);
  scratch_fill (scratch, "out/tree/one byte more", 256 * 1024 + 1, 2);
  scratch_fill (scratch, "out/tree/large", 12 * 1024 * 1024 + 17, 3);
  scratch_write (scratch, "out/tree/script", "#!/bin/sh\n", -1);
  set_mode (fixture, "out/tree/script", 0751, 1000000000123456789);
  set_mode (fixture, "out/tree/empty", 0600, 1);
  set_mode (fixture, "out/tree/empty folder", 0700, 86400000000001);
  set_mode (fixture, "out/tree/.hidden", 0711, 999999999);
  send_tree (fixture);
  finish (fixture);
  assert_done (fixture);
  scratch_assert_same (scratch, "out/tree", "in/tree");
  g_assert_cmpstr (wherry_transfer_get_title (fixture->devices.incoming), ==, "tree");
}

static void
count_cb (WherryTransfer *transfer, const char *path, uint64_t size, const char *digest,
          gpointer user_data)
{
  g_assert_cmpuint (size, ==, 100);
  g_assert_cmpuint (strlen (digest), ==, 64);
  ++*(unsigned *) user_data;
}

static void
count_received_cb (gpointer user_data)
{
  Fixture *fixture = user_data;
  g_signal_connect (fixture->devices.incoming, "entry-received", G_CALLBACK (count_cb),
                    g_object_get_data (G_OBJECT (fixture->devices.sender_row), "count"));
}

static void
test_thousands (Fixture *fixture, gconstpointer data)
{
  unsigned count = 0;
  for (unsigned i = 0; i < 3000; i++)
    {
      g_autofree char *name = g_strdup_printf ("out/tree/%u/%u", i % 50, i);
      scratch_fill (&fixture->devices.scratch, name, 100, i);
    }
  g_object_set_data (G_OBJECT (fixture->devices.sender_row), "count", &count);
  fixture->devices.offered = count_received_cb;
  fixture->devices.user_data = fixture;
  send_tree (fixture);
  finish (fixture);
  assert_done (fixture);
  g_assert_cmpuint (count, ==, 3000);
  g_assert_cmpuint (wherry_transfer_get_files_total (fixture->devices.incoming), ==, 3000);
  scratch_assert_same (&fixture->devices.scratch, "out/tree", "in/tree");
}

static void
test_several_items (Fixture *fixture, gconstpointer data)
{
  Scratch *scratch = &fixture->devices.scratch;
  scratch_write (scratch, "out/a/same.txt", "first", -1);
  scratch_write (scratch, "out/b/same.txt", "second", -1);
  scratch_write (scratch, "out/folder/x", "x", -1);
  scratch_write (scratch, "in/folder/y", "was there", -1);
  fixture->outgoing = two_devices_send (&fixture->devices, &fixture->sending, "out/a/same.txt",
                                        "out/b/same.txt", "out/folder", NULL);
  finish (fixture);
  assert_done (fixture);
  scratch_assert_names (scratch, "in", "folder|same (1).txt|same.txt");
  scratch_assert_content (scratch, "in/same.txt", "first");
  scratch_assert_content (scratch, "in/same (1).txt", "second");
  scratch_assert_names (scratch, "in/folder", "x|y");
  g_assert_cmpstr (wherry_transfer_get_title (fixture->outgoing), ==, "same.txt and 2 more");
}

static void
test_only_folders (Fixture *fixture, gconstpointer data)
{
  scratch_mkdir (&fixture->devices.scratch, "out/tree/a/b");
  send_tree (fixture);
  finish (fixture);
  assert_done (fixture);
  scratch_assert_same (&fixture->devices.scratch, "out/tree", "in/tree");
}

static void
test_decline (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/tree", "x", -1);
  fixture->devices.answer = ANSWER_DECLINE;
  send_tree (fixture);
  finish (fixture);
  assert_ended (fixture->outgoing, TRANSFER_DECLINED, TRANSFER_REASON_DECLINED);
  assert_ended (fixture->devices.incoming, TRANSFER_DECLINED, TRANSFER_REASON_DECLINED);
  g_assert_false (scratch_exists (&fixture->devices.scratch, "in"));
}

static void
change_mind_cb (gpointer user_data)
{
  Fixture *fixture = user_data;
  wherry_transfer_accept (fixture->devices.incoming, NULL);
  wherry_transfer_decline (fixture->devices.incoming);
  wherry_transfer_accept (fixture->devices.incoming, NULL);
}

static void
test_two_answers (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/tree", "x", -1);
  fixture->devices.answer = ANSWER_NOTHING;
  fixture->devices.offered = change_mind_cb;
  fixture->devices.user_data = fixture;
  send_tree (fixture);
  finish (fixture);
  assert_done (fixture); /* the first counts */
}

static void
test_discarded_future (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/tree", "x", -1);
  send_tree (fixture);
  /* The future is discarded while threads still work for the transfer. */
  run_until (dex_future_first (dex_ref (fixture->sending), dex_timeout_new_msec (1), NULL));
  finish (fixture);
  assert_done (fixture);
}

static void
test_expiry (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/tree", "x", -1);
  fixture->devices.answer = ANSWER_NOTHING;
  send_tree (fixture);
  fixture->devices.expiry_ms = 1; /* at the receiver: counted from when the offer is shown */
  finish (fixture);
  assert_ended (fixture->outgoing, TRANSFER_EXPIRED, TRANSFER_REASON_EXPIRED);
  assert_ended (fixture->devices.incoming, TRANSFER_EXPIRED, TRANSFER_REASON_EXPIRED);
}

/* The sender gives up by itself, whether or not the offer was shown by then. */
static void
test_expiry_at_sender (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/tree", "x", -1);
  fixture->devices.answer = ANSWER_NOTHING;
  fixture->devices.expiry_ms = 1;
  send_tree (fixture);
  fixture->devices.expiry_ms = OFFER_EXPIRY_MS;
  finish (fixture);
  assert_ended (fixture->outgoing, TRANSFER_EXPIRED, TRANSFER_REASON_EXPIRED);
}

static void
test_nothing_to_send (Fixture *fixture, gconstpointer data)
{
  send_tree (fixture);
  finish (fixture);
  assert_ended (fixture->outgoing, TRANSFER_FAILED, TRANSFER_REASON_LOCAL_FILE);
  g_assert_null (fixture->devices.incoming);
}

static void
test_unreachable (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/tree", "x", -1);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (files, scratch_file (&fixture->devices.scratch, "out/tree"));
  fixture->outgoing = transfer_send_new (fixture->devices.receiver_row, files);
  DexFuture *offline = dex_future_new_reject (QUIC_ERROR, QUIC_ERROR_UNREACHABLE, "Nobody there.");
  fixture->sending =
      transfer_send_start (fixture->outgoing, offline, OFFER_EXPIRY_MS, &fixture->devices.breaches);
  finish (fixture);
  assert_ended (fixture->outgoing, TRANSFER_FAILED, TRANSFER_REASON_OFFLINE);
  g_assert_cmpstr (wherry_transfer_get_message (fixture->outgoing), ==, "Nobody there.");
}

/* The first bytes of the huge file went through: something happens to the transfer. */
static void
progress_cb (WherryTransfer *incoming, GParamSpec *pspec, gpointer user_data)
{
  Fixture *fixture = user_data;
  if (wherry_transfer_get_bytes_done (incoming) == 0)
    return;
  g_assert_cmpint (wherry_transfer_get_state (incoming), ==, TRANSFER_ACTIVE);
  g_signal_handlers_disconnect_by_func (incoming, progress_cb, fixture);
  fixture->interfere (fixture);
}

static void
watch_progress_cb (gpointer user_data)
{
  Fixture *fixture = user_data;
  g_signal_connect (fixture->devices.incoming, "notify::fraction", G_CALLBACK (progress_cb),
                    fixture);
}

/* A sparse file: large enough that nobody is through with it between two reports of progress. */
static void
make_huge (Fixture *fixture)
{
  scratch_write (&fixture->devices.scratch, "out/tree/a small one", "kept", -1);
  scratch_write (&fixture->devices.scratch, "out/tree/huge", "", 0);
  g_autofree char *path = scratch_path (&fixture->devices.scratch, "out/tree/huge");
  g_assert_no_errno (truncate (path, 4ll << 30));
}

static void
assert_no_part_left (Fixture *fixture)
{
  g_assert_false (scratch_exists (&fixture->devices.scratch, "in/tree/huge"));
  g_autofree char *path = scratch_path (&fixture->devices.scratch, "in/tree");
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));)
    g_assert_cmpstr (name, ==, "a small one");

  /* Nor is the folder left as it was while files went into it. */
  struct stat status;
  g_assert_no_errno (stat (path, &status));
  g_assert_cmpint (status.st_mode & 0777, ==, 0755);
  g_assert_cmpint (status.st_mtim.tv_sec, ==, 1000000000);
}

static void
cancel_sender (Fixture *fixture)
{
  wherry_transfer_cancel (fixture->outgoing);
}

static void
cancel_receiver (Fixture *fixture)
{
  wherry_transfer_cancel (fixture->devices.incoming);
}

static void
cancel_both (Fixture *fixture)
{
  cancel_receiver (fixture);
  cancel_sender (fixture);
}

static void
cut (Fixture *fixture)
{
  quic_connection_close (fixture->devices.accepted, QUIC_CODE_OK, "cut");
}

/* What happens once bytes go through, and how it ends at the sender and at the receiver. */
static const struct
{
  const char *name;
  void (*act) (Fixture *fixture);
  TransferState state;
  TransferReason out, in;
} interferences[] = {
  { "cancel-by-sender", cancel_sender, TRANSFER_CANCELLED, TRANSFER_REASON_CANCELLED_HERE,
    TRANSFER_REASON_CANCELLED_THERE },
  { "cancel-by-receiver", cancel_receiver, TRANSFER_CANCELLED, TRANSFER_REASON_CANCELLED_THERE,
    TRANSFER_REASON_CANCELLED_HERE },
  { "cancel-by-both", cancel_both, TRANSFER_CANCELLED, TRANSFER_REASON_CANCELLED_HERE,
    TRANSFER_REASON_CANCELLED_HERE },
  { "connection-cut", cut, TRANSFER_INTERRUPTED, TRANSFER_REASON_CONNECTION,
    TRANSFER_REASON_CONNECTION },
};

static void
test_interference (Fixture *fixture, gconstpointer data)
{
  const size_t i = GPOINTER_TO_SIZE (data);
  make_huge (fixture);
  set_mode (fixture, "out/tree", 0755, 1000000000123456789);
  fixture->interfere = interferences[i].act;
  fixture->devices.offered = watch_progress_cb;
  fixture->devices.user_data = fixture;
  send_tree (fixture);
  finish (fixture);
  assert_ended (fixture->outgoing, interferences[i].state, interferences[i].out);
  assert_ended (fixture->devices.incoming, interferences[i].state, interferences[i].in);
  assert_no_part_left (fixture);
}

static void
cancel_outgoing_cb (gpointer user_data)
{
  Fixture *fixture = user_data;
  wherry_transfer_cancel (fixture->outgoing);
}

static void
test_cancel_while_offered (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/tree", "x", -1);
  fixture->devices.answer = ANSWER_NOTHING;
  fixture->devices.offered = cancel_outgoing_cb;
  fixture->devices.user_data = fixture;
  send_tree (fixture);
  finish (fixture);
  assert_ended (fixture->outgoing, TRANSFER_CANCELLED, TRANSFER_REASON_CANCELLED_HERE);
  assert_ended (fixture->devices.incoming, TRANSFER_CANCELLED, TRANSFER_REASON_CANCELLED_THERE);
}

static void
test_cancel_while_connecting (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/tree", "x", -1);
  send_tree (fixture);
  wherry_transfer_cancel (fixture->outgoing);
  finish (fixture);
  assert_ended (fixture->outgoing, TRANSFER_CANCELLED, TRANSFER_REASON_CANCELLED_HERE);
  g_assert_null (fixture->devices.incoming);
}

static void
change_source_cb (gpointer user_data)
{
  Fixture *fixture = user_data;
  Scratch *scratch = &fixture->devices.scratch;
  scratch_write (scratch, "out/tree/grown", "longer than it was", -1);
  g_autofree char *shrunk = scratch_path (scratch, "out/tree/shrunk");
  g_autofree char *vanished = scratch_path (scratch, "out/tree/vanished");
  g_autofree char *swapped = scratch_path (scratch, "out/tree/swapped");
  g_assert_no_errno (truncate (shrunk, 1000));
  g_assert_no_errno (unlink (vanished));
  g_assert_no_errno (unlink (swapped));
  g_assert_no_errno (symlink ("/etc/passwd", swapped));
}

static void
test_source_changes (Fixture *fixture, gconstpointer data)
{
  Scratch *scratch = &fixture->devices.scratch;
  scratch_write (scratch, "out/tree/good", "good", -1);
  scratch_write (scratch, "out/tree/grown", "short", -1);
  scratch_fill (scratch, "out/tree/shrunk", 1024 * 1024, 1);
  scratch_write (scratch, "out/tree/swapped", "a file", -1);
  scratch_write (scratch, "out/tree/vanished", "gone soon", -1);
  scratch_write (scratch, "out/tree/very good", "too", -1);
  fixture->devices.offered = change_source_cb;
  fixture->devices.user_data = fixture;
  send_tree (fixture);
  finish (fixture);
  assert_ended (fixture->outgoing, TRANSFER_FAILED, TRANSFER_REASON_LOCAL_FILE);
  assert_ended (fixture->devices.incoming, TRANSFER_FAILED, TRANSFER_REASON_REMOTE_FILE);
  g_assert_cmpuint (transfer_get_files_failed (fixture->outgoing), ==, 4);
  g_assert_cmpuint (wherry_transfer_get_files_done (fixture->outgoing), ==, 2);
  scratch_assert_names (scratch, "in/tree", "good|very good");
}

static void
remove_gone_cb (gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autofree char *path = scratch_path (&fixture->devices.scratch, "out/tree/gone");
  g_assert_no_errno (unlink (path));
}

static void
test_links_and_pipes (Fixture *fixture, gconstpointer data)
{
  Scratch *scratch = &fixture->devices.scratch;
  scratch_write (scratch, "out/tree/file", "sent", -1);
  scratch_write (scratch, "out/secret/key", "not chosen", -1);
  g_autofree char *link = scratch_path (scratch, "out/tree/link");
  g_autofree char *pipe = scratch_path (scratch, "out/tree/pipe");
  g_assert_no_errno (symlink ("../secret", link));
  g_assert_no_errno (mkfifo (pipe, 0600));
  send_tree (fixture);
  finish (fixture);
  assert_done (fixture);
  scratch_assert_names (scratch, "in/tree", "file");
  const char *const *notes = wherry_transfer_get_notes (fixture->outgoing);
  g_assert_cmpuint (g_strv_length ((char **) notes), ==, 2);
  g_assert_cmpuint (wherry_transfer_get_files_skipped (fixture->outgoing), ==, 2);
  g_assert_cmpuint (wherry_transfer_get_files_skipped (fixture->devices.incoming), ==, 2);
  notes = wherry_transfer_get_notes (fixture->devices.incoming);
  g_assert_cmpuint (g_strv_length ((char **) notes), ==, 2);
  g_assert_nonnull (strstr (notes[0], "tree/link"));
  g_assert_nonnull (strstr (notes[1], "tree/pipe"));
}

/* More is counted than named. What fails while it is sent is a note too, but was not skipped. */
static void
test_many_skipped (Fixture *fixture, gconstpointer data)
{
  Scratch *scratch = &fixture->devices.scratch;
  scratch_write (scratch, "out/tree/file", "sent", -1);
  scratch_write (scratch, "out/tree/gone", "not sent", -1);
  for (int i = 0; i < 30; i++)
    {
      g_autofree char *link = scratch_path (scratch, "out/tree/link%d", i);
      g_assert_no_errno (symlink ("file", link));
    }
  fixture->devices.offered = remove_gone_cb;
  fixture->devices.user_data = fixture;
  send_tree (fixture);
  finish (fixture);
  assert_ended (fixture->outgoing, TRANSFER_FAILED, TRANSFER_REASON_LOCAL_FILE);
  g_assert_cmpuint (transfer_get_files_failed (fixture->outgoing), ==, 1);
  g_assert_cmpuint (wherry_transfer_get_files_skipped (fixture->outgoing), ==, 30);
  g_assert_cmpuint (wherry_transfer_get_files_skipped (fixture->devices.incoming), ==, 30);
  const char *const *notes = wherry_transfer_get_notes (fixture->devices.incoming);
  g_assert_cmpuint (g_strv_length ((char **) notes), ==, CONTROL_SKIPPED_MAX);
}

static void
close_folder_cb (gpointer user_data)
{
  Fixture *fixture = user_data;
  scratch_write (&fixture->devices.scratch, "in", "in the way", -1);
}

static void
test_destination_in_the_way (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/tree", "x", -1);
  fixture->devices.offered = close_folder_cb;
  fixture->devices.user_data = fixture;
  send_tree (fixture);
  finish (fixture);
  assert_ended (fixture->outgoing, TRANSFER_FAILED, TRANSFER_REASON_REMOTE_FILE);
  assert_ended (fixture->devices.incoming, TRANSFER_FAILED, TRANSFER_REASON_LOCAL_FILE);
}

static void
test_no_space (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/tree", "", 0);
  g_autofree char *path = scratch_path (&fixture->devices.scratch, "out/tree");
  if (truncate (path, 8ll << 40) < 0)
    {
      g_test_skip ("this file system has no files of 8 TiB");
      return;
    }
  send_tree (fixture);
  finish (fixture);
  assert_ended (fixture->outgoing, TRANSFER_FAILED, TRANSFER_REASON_NO_SPACE);
  assert_ended (fixture->devices.incoming, TRANSFER_FAILED, TRANSFER_REASON_NO_SPACE);
  g_assert_false (scratch_exists (&fixture->devices.scratch, "in/tree"));
}

/* Each of two would fit, but not both. */
static void
test_space_is_promised_once (Fixture *fixture, gconstpointer data)
{
  Scratch *scratch = &fixture->devices.scratch;
  g_autoptr (GFile) in = scratch_file (scratch, "in");
  off_t size = free_space_measure (in, NULL) / 10 * 6;
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *path = scratch_path (scratch, i ? "second" : "first");
      scratch_write (scratch, i ? "second" : "first", "", 0);
      g_assert_no_errno (truncate (path, size));
    }
  DexFuture *sending;
  g_autoptr (WherryTransfer) first = two_devices_send (&fixture->devices, &sending, "first", NULL);
  wait_until (fixture->devices.incoming &&
              wherry_transfer_get_state (fixture->devices.incoming) == TRANSFER_ACTIVE);
  DexFuture *receiving = dex_ref (fixture->devices.receiving);

  fixture->outgoing = two_devices_send (&fixture->devices, &fixture->sending, "second", NULL);
  finish (fixture);
  assert_ended (fixture->outgoing, TRANSFER_FAILED, TRANSFER_REASON_NO_SPACE);
  wherry_transfer_cancel (first);
  run_until (sending);
  run_until (receiving);
  assert_ended (first, TRANSFER_CANCELLED, TRANSFER_REASON_CANCELLED_HERE);
}

static void
test_read_only_folder (Fixture *fixture, gconstpointer data)
{
  Scratch *scratch = &fixture->devices.scratch;
  g_autofree char *mod = scratch_path (scratch, "in/tree/mod");
  scratch_mkdir (scratch, "in/tree/mod");
  if (unshare (CLONE_NEWNS) < 0 || mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
      mount ("tmpfs", mod, "tmpfs", MS_RDONLY, NULL) < 0)
    {
      g_test_skip ("this user may not mount a disk");
      return;
    }
  scratch_write (scratch, "out/tree/mod/new/a", "a", -1);
  scratch_write (scratch, "out/tree/x", "arrives", -1);
  send_tree (fixture);
  finish (fixture);
  assert_ended (fixture->outgoing, TRANSFER_FAILED, TRANSFER_REASON_REMOTE_FILE);
  assert_ended (fixture->devices.incoming, TRANSFER_FAILED, TRANSFER_REASON_LOCAL_FILE);
  g_assert_nonnull (strstr (wherry_transfer_get_message (fixture->outgoing), "read-only"));
  scratch_assert_content (scratch, "in/tree/x", "arrives");
  g_assert_no_errno (umount (mod));
}

/* Ends the process's view of the old mounts: the last test. */
static void
test_disk_fills_up (Fixture *fixture, gconstpointer data)
{
  Scratch *scratch = &fixture->devices.scratch;
  g_autofree char *in = scratch_path (scratch, "in");
  scratch_mkdir (scratch, "in");
  if (unshare (CLONE_NEWNS) < 0 || mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
      mount ("tmpfs", in, "tmpfs", 0, "nr_inodes=6") < 0)
    {
      g_test_skip ("this user may not mount a small disk");
      return;
    }
  for (unsigned i = 0; i < 10; i++)
    {
      g_autofree char *name = g_strdup_printf ("out/tree/%u", i);
      scratch_write (scratch, name, "x", 1);
    }
  send_tree (fixture);
  finish (fixture);
  assert_ended (fixture->outgoing, TRANSFER_FAILED, TRANSFER_REASON_NO_SPACE);
  assert_ended (fixture->devices.incoming, TRANSFER_FAILED, TRANSFER_REASON_NO_SPACE);
  scratch_assert_names (scratch, "in/tree", "");

  /* Nothing else is hurt: what fits still arrives. */
  g_clear_object (&fixture->outgoing);
  fixture->outgoing =
      two_devices_send (&fixture->devices, &fixture->sending, "out/tree/1", "out/tree/2", NULL);
  finish (fixture);
  assert_done (fixture);
  scratch_assert_names (scratch, "in", "1|2|tree");
  g_assert_no_errno (umount (in));
}

#define add(name, func) g_test_add ("/transfer/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  add ("one-file", test_one_file);
  add ("tree", test_tree);
  add ("thousands", test_thousands);
  add ("several-items", test_several_items);
  add ("only-folders", test_only_folders);
  add ("decline", test_decline);
  add ("two-answers", test_two_answers);
  add ("discarded-future", test_discarded_future);
  add ("expiry", test_expiry);
  add ("expiry-at-sender", test_expiry_at_sender);
  add ("nothing-to-send", test_nothing_to_send);
  add ("unreachable", test_unreachable);
  add ("cancel-while-offered", test_cancel_while_offered);
  add ("cancel-while-connecting", test_cancel_while_connecting);
  for (size_t i = 0; i < G_N_ELEMENTS (interferences); i++)
    {
      g_autofree char *name = g_strconcat ("/transfer/", interferences[i].name, NULL);
      g_test_add (name, Fixture, GSIZE_TO_POINTER (i), set_up, test_interference, tear_down);
    }
  add ("source-changes", test_source_changes);
  add ("links-and-pipes", test_links_and_pipes);
  add ("many-skipped", test_many_skipped);
  add ("destination-in-the-way", test_destination_in_the_way);
  add ("no-space", test_no_space);
  add ("space-is-promised-once", test_space_is_promised_once);
  add ("read-only-folder", test_read_only_folder);
  add ("disk-fills-up", test_disk_fills_up);
  return g_test_run ();
}

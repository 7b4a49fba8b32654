/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Complete transfers to and from disks that refuse and lie. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/support/faulty_disk.h"
#include "net/transfer/transfer_testing.h"
#include "tests/support/two_devices.h"

typedef struct
{
  TwoDevices devices;
  WherryTransfer *outgoing;
  FaultyDisk disk;
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

static bool
mount_disk (Fixture *fixture, const char *below, const char *rules)
{
  scratch_mkdir (&fixture->devices.scratch, "back");
  g_autofree char *back = scratch_path (&fixture->devices.scratch, "back");
  g_autofree char *at = scratch_path (&fixture->devices.scratch, "%s", below);
  return faulty_disk_mount (&fixture->disk, back, at, rules);
}

static void
unmount_disk (Fixture *fixture)
{
  g_free (faulty_disk_unmount (&fixture->disk));
}

static void
send_tree (Fixture *fixture)
{
  DexFuture *sending = NULL;
  fixture->outgoing = two_devices_send (&fixture->devices, &sending, "out/tree", NULL);
  two_devices_finish (&fixture->devices, sending);
}

static void
test_to_one_that_refuses (Fixture *fixture, gconstpointer data)
{
  Scratch *scratch = &fixture->devices.scratch;
  scratch_write (scratch, "out/tree/a", "hello", -1);
  scratch_write (scratch, "out/tree/sub/b?", "world", -1);
  if (!mount_disk (fixture, "in", "chmod:1 utimens:22 rename-flags:22 fsyncdir:5 forbidden:22"))
    return;
  send_tree (fixture);
  g_assert_cmpint (wherry_transfer_get_state (fixture->outgoing), ==, TRANSFER_DONE);
  g_assert_cmpint (wherry_transfer_get_state (fixture->devices.incoming), ==, TRANSFER_DONE);
  g_assert_cmpuint (transfer_get_files_failed (fixture->devices.incoming), ==, 0);
  const char *const *notes = wherry_transfer_get_notes (fixture->devices.incoming);
  g_assert_cmpuint (g_strv_length ((char **) notes), ==, 4); /* once for each kind */
  unmount_disk (fixture);
  scratch_assert_content (scratch, "back/tree/a", "hello");
  scratch_assert_content (scratch, "back/tree/sub/b_", "world");
}

/* The one file of the tree fails, is counted on both sides, and has not arrived. @data: how the
 * source lies. */
static void
test_from_a_liar (Fixture *fixture, gconstpointer data)
{
  Scratch *scratch = &fixture->devices.scratch;
  scratch_write (scratch, "back/tree/liar", "some content", -1);
  if (!mount_disk (fixture, "out", data))
    return;
  send_tree (fixture);
  g_assert_cmpuint (transfer_get_files_failed (fixture->outgoing), ==, 1);
  g_assert_cmpuint (transfer_get_files_failed (fixture->devices.incoming), ==, 1);
  scratch_assert_names (scratch, "in/tree", "");
  unmount_disk (fixture);
}

/* A size that no file has is not even offered. */
static void
test_impossible_size (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "back/tree/liar", "some content", -1);
  scratch_mkdir (&fixture->devices.scratch, "back/tree/folder");
  if (!mount_disk (fixture, "out", data))
    return;
  send_tree (fixture);
  scratch_assert_names (&fixture->devices.scratch, "in/tree", "folder");
  g_assert_cmpuint (transfer_get_files_failed (fixture->outgoing), ==, 1);
  unmount_disk (fixture);
}

static void
test_far_times (Fixture *fixture, gconstpointer data)
{
  static const struct timespec times[] = {
    { 9223372036, 854775807 }, { 9223372036, 854775808 },  { 9300000000, 1 },
    { -9223372037, 0 },        { -9300000000, 999999999 }, { 253402300800, 5 },
    { -62135596801, 7 },       { 67767976233532799, 0 },   { -1, 999999999 },
  };
  Scratch *scratch = &fixture->devices.scratch;
  for (size_t i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_autofree char *below = g_strdup_printf ("out/tree/%zu", i);
      g_autofree char *path = scratch_path (scratch, "%s", below);
      scratch_write (scratch, below, "x", -1);
      struct stat status;
      const struct timespec set[2] = { { .tv_nsec = UTIME_OMIT }, times[i] };
      g_assert_no_errno (utimensat (AT_FDCWD, path, set, 0));
      g_assert_no_errno (stat (path, &status));
      g_assert_cmpint (status.st_mtim.tv_sec, ==, times[i].tv_sec);
    }
  send_tree (fixture);
  g_assert_cmpint (wherry_transfer_get_state (fixture->outgoing), ==, TRANSFER_DONE);
  scratch_assert_same (scratch, "out/tree", "in/tree");
}

static void
test_times_that_do_not_fit (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/tree", "x", -1);
  if (!mount_disk (fixture, "in", "utimens:34"))
    return;
  send_tree (fixture);
  g_assert_cmpint (wherry_transfer_get_state (fixture->devices.incoming), ==, TRANSFER_DONE);
  const char *const *notes = wherry_transfer_get_notes (fixture->devices.incoming);
  g_assert_cmpuint (g_strv_length ((char **) notes), ==, 1);
  unmount_disk (fixture);
}

static const char *const *
incoming_notes (const Fixture *fixture)
{
  return wherry_transfer_get_notes (fixture->devices.incoming);
}

/* What the disk did not take is told, also of a transfer that ends before all files are there. */
static void
test_notes_of_a_failure (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->devices.scratch, "out/tree/a", "hello", -1);
  if (!mount_disk (fixture, "in", "chmod:1 rename:28 rename-flags:28 link:28"))
    return;
  send_tree (fixture);
  g_assert_cmpint (wherry_transfer_get_reason (fixture->devices.incoming), ==,
                   TRANSFER_REASON_NO_SPACE);
  bool told = false;
  for (const char *const *note = incoming_notes (fixture); *note; note++)
    told = told || strstr (*note, "permissions");
  g_assert_true (told);
  unmount_disk (fixture);
}

/* What the receiver's disk answers, and what the sender says about it. */
static const struct
{
  const char *name;
  const char *rules;
  TransferReason sender;
  const char *sentence;
} refusals[] = {
  { "create-name-too-long", "create:36", TRANSFER_REASON_REMOTE_FILE, "too long" },
  { "create-invalid-name", "create:22", TRANSFER_REASON_REMOTE_FILE, "does not take this name" },
  { "create-no-character", "create:84", TRANSFER_REASON_REMOTE_FILE, "does not take this name" },
  { "create-exists", "create:17", TRANSFER_REASON_REMOTE_FILE, "in its place" },
  { "create-forbidden", "create:13", TRANSFER_REASON_REMOTE_FILE, "permission denied" },
  { "create-read-only", "create:30", TRANSFER_REASON_REMOTE_FILE, "read-only" },
  { "create-no-space", "create:28", TRANSFER_REASON_NO_SPACE, "not enough space" },
  { "write-io", "write:5", TRANSFER_REASON_REMOTE_FILE, "reported an error" },
  { "write-no-space", "write:28", TRANSFER_REASON_NO_SPACE, "not enough space" },
  { "write-quota", "write:122", TRANSFER_REASON_NO_SPACE, "not enough space" },
  { "write-too-large", "write:27", TRANSFER_REASON_REMOTE_FILE, "too large" },
  { "write-stale", "write:116", TRANSFER_REASON_REMOTE_FILE, "reported an error" },
  { "sync-io", "fsync:5", TRANSFER_REASON_REMOTE_FILE, "reported an error" },
  { "sync-no-space", "fsync:28", TRANSFER_REASON_NO_SPACE, "not enough space" },
  { "sync-forbidden", "fsync:13", TRANSFER_REASON_REMOTE_FILE, "permission denied" },
  { "close-io", "flush!5", TRANSFER_REASON_REMOTE_FILE, "reported an error" },
  { "close-remote-io", "flush!121", TRANSFER_REASON_REMOTE_FILE, "reported an error" },
  { "close-no-space", "flush!28", TRANSFER_REASON_NO_SPACE, "not enough space" },
  { "close-quota", "flush!122", TRANSFER_REASON_NO_SPACE, "not enough space" },
  { "rename-io", "rename:5 rename-flags:5 link:5", TRANSFER_REASON_REMOTE_FILE,
    "reported an error" },
  { "rename-name-too-long", "rename:36 rename-flags:36 link:36", TRANSFER_REASON_REMOTE_FILE,
    "too long" },
  { "mkdir-io", "mkdir:5", TRANSFER_REASON_REMOTE_FILE, "reported an error" },
};

static void
test_refusal (Fixture *fixture, gconstpointer data)
{
  size_t i = GPOINTER_TO_SIZE (data);
  scratch_write (&fixture->devices.scratch, "out/tree/a", "hello", -1);
  if (!mount_disk (fixture, "in", refusals[i].rules))
    return;
  send_tree (fixture);
  g_test_message ("%s", wherry_transfer_get_message (fixture->outgoing));
  g_assert_cmpint (wherry_transfer_get_state (fixture->outgoing), ==, TRANSFER_FAILED);
  g_assert_cmpint (wherry_transfer_get_reason (fixture->outgoing), ==, (int) refusals[i].sender);
  g_assert_nonnull (strstr (wherry_transfer_get_message (fixture->outgoing), refusals[i].sentence));
  unmount_disk (fixture);
  g_autofree char *back = scratch_path (&fixture->devices.scratch, "back");
  if (g_str_has_prefix (refusals[i].name, "mkdir"))
    scratch_assert_names (&fixture->devices.scratch, "back", "");
  else
    scratch_assert_names (&fixture->devices.scratch, "back/tree", "");
}

/* While the disk does not say what is free, the main loop serves others. */
/* Lets a call go on that waits for the FIFO, if one does. Returns true. */
static bool
release_disk (const char *fifo)
{
  int fd = open (fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0)
    close (fd);
  return true;
}

static void
test_free_space_that_hangs (Fixture *fixture, gconstpointer data)
{
  Scratch *scratch = &fixture->devices.scratch;
  scratch_write (scratch, "out/tree/a", "hello", -1);
  scratch_mkdir (scratch, "back");
  g_autofree char *release = scratch_path (scratch, "back/release");
  g_assert_no_errno (mkfifo (release, 0600));
  if (!mount_disk (fixture, "in", "statfs=0"))
    return;
  DexFuture *sending = NULL;
  fixture->outgoing = two_devices_send (&fixture->devices, &sending, "out/tree", NULL);
  while (wherry_transfer_get_state (fixture->outgoing) != TRANSFER_OFFERED)
    g_main_context_iteration (NULL, TRUE);

  TwoDevices others;
  two_devices_init (&others);
  scratch_write (&others.scratch, "out/tree", "x", -1);
  DexFuture *meanwhile;
  g_autoptr (WherryTransfer) second = two_devices_send (&others, &meanwhile, "out/tree", NULL);
  two_devices_finish (&others, meanwhile);
  g_assert_cmpint (wherry_transfer_get_state (second), ==, TRANSFER_DONE);
  g_assert_null (fixture->devices.incoming);

  /* Asked for the offer and for its answer, and each time the disk waits anew. */
  wait_poll (release_disk (release) && !dex_future_is_pending (sending));
  two_devices_finish (&fixture->devices, sending);
  g_clear_object (&second);
  two_devices_clear (&others);
  g_assert_cmpint (wherry_transfer_get_state (fixture->outgoing), ==, TRANSFER_DONE);
  unmount_disk (fixture);
  scratch_assert_content (scratch, "back/tree/a", "hello");
}

#define add_with(name, data, func)                                                                 \
  g_test_add ("/transfer-disks/" name, Fixture, data, set_up, func, tear_down)
#define add(name, func) add_with (name, NULL, func)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  add ("to-one-that-refuses", test_to_one_that_refuses);
  add_with ("from-one-that-hides-content", "size:0", test_from_a_liar);
  add_with ("from-one-that-says-less", "size:4", test_from_a_liar);
  add_with ("from-one-that-says-more", "size:4096", test_from_a_liar);
  add_with ("changed-behind-its-mtime", "restless:0", test_from_a_liar);
  add_with ("negative-size", "size:-5", test_impossible_size);
  add_with ("enormous-size", "size:9007199254740992", test_impossible_size);
  add ("far-times", test_far_times);
  add ("times-that-do-not-fit", test_times_that_do_not_fit);
  add ("notes-of-a-failure", test_notes_of_a_failure);
  add ("free-space-that-hangs", test_free_space_that_hangs);
  for (size_t i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *name = g_strconcat ("/transfer-disks/refused/", refusals[i].name, NULL);
      g_test_add (name, Fixture, GSIZE_TO_POINTER (i), set_up, test_refusal, tear_down);
    }
  return g_test_run ();
}

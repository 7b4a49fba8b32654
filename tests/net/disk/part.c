/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is written arrives under its name or not at all, inside the folder, beside what was
 * there. */
#include "net/disk/part_batch.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/disk/file_attributes.h"
#include "net/disk/free_space.h"
#include "tests/support/scratch.h"

static const OfferTime epoch;

typedef struct
{
  Scratch scratch;
  Destination *destination;
  PartBatch *batch;
  GPtrArray *named; /* paths in order, "!" for a failure */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  scratch_init (&fixture->scratch);
  fixture->named = g_ptr_array_new_with_free_func (g_free);
}

static void
open_destination (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) folder = scratch_file (&fixture->scratch, "in");
  fixture->destination = destination_new (folder, &error);
  g_assert_no_error (error);
  fixture->batch = part_batch_new (fixture->destination);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->batch, part_batch_free);
  g_clear_pointer (&fixture->destination, destination_free);
  g_ptr_array_unref (fixture->named);
  scratch_clear (&fixture->scratch);
}

static void
named_cb (gpointer tag, const char *path, const GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_assert_true ((!path) == (error != NULL));
  g_ptr_array_add (fixture->named, g_strdup (path ?: "!"));
}

static void
put (Fixture *fixture, const char *path, const char *content, uint32_t mode)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Part) part = part_new (fixture->destination, path, &error);
  g_assert_no_error (error);
  part_write (part, content, strlen (content), &error);
  g_assert_no_error (error);
  part_batch_add (fixture->batch, g_steal_pointer (&part), mode,
                  (OfferTime) { 1234567890, 987654321 }, NULL, &error);
  g_assert_no_error (error);
}

static void
commit (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  part_batch_commit (fixture->batch, NULL, named_cb, fixture, &error);
  g_assert_no_error (error);
}

static const char *
last_named (const Fixture *fixture)
{
  return fixture->named->pdata[fixture->named->len - 1];
}

static void
test_name_after_commit (Fixture *fixture, gconstpointer data)
{
  open_destination (fixture);
  put (fixture, "a/b/c.txt", "hello", 0640);
  g_assert_false (scratch_exists (&fixture->scratch, "in/a/b/c.txt"));
  commit (fixture);
  g_assert_cmpstr (last_named (fixture), ==, "a/b/c.txt");
  scratch_assert_names (&fixture->scratch, "in/a/b", "c.txt");
  scratch_assert_content (&fixture->scratch, "in/a/b/c.txt", "hello");

  struct stat status;
  g_autofree char *path = scratch_path (&fixture->scratch, "in/a/b/c.txt");
  g_assert_no_errno (stat (path, &status));
  g_assert_cmphex (status.st_mode, ==, S_IFREG | 0640);
  g_assert_cmpint (status.st_mtim.tv_sec, ==, 1234567890);
  g_assert_cmpint (status.st_mtim.tv_nsec, ==, 987654321);
}

static void
test_set_id_bits_are_dropped (Fixture *fixture, gconstpointer data)
{
  open_destination (fixture);
  put (fixture, "tool", "", 07755);
  commit (fixture);
  struct stat status;
  g_autofree char *path = scratch_path (&fixture->scratch, "in/tool");
  g_assert_no_errno (stat (path, &status));
  g_assert_cmphex (status.st_mode, ==, S_IFREG | 0755);
}

/* All modes that a peer can ask for, under all umasks that somebody has. */
static void
test_modes (Fixture *fixture, gconstpointer data)
{
  static const mode_t masks[] = { 0, 02, 07, 022, 027, 077, 0777 };
  for (size_t i = 0; i < G_N_ELEMENTS (masks); i++)
    for (uint32_t offered = 0; offered <= 07777; offered++)
      for (int is_folder = 0; is_folder < 2; is_folder++)
        {
          mode_t mode = file_attributes_mode (offered, is_folder, masks[i]);
          mode_t own = is_folder ? 0700 : 0600;
          g_assert_cmphex (mode & ~0777u, ==, 0);
          g_assert_cmphex (mode & 022, ==, 0);
          g_assert_cmphex (mode & own, ==, own);
          g_assert_cmphex (mode & masks[i] & ~own, ==, 0);
          g_assert_cmphex (mode & ~own & ~offered, ==, 0);
          /* What neither rule takes away is kept. */
          g_assert_cmphex (mode, ==, ((offered & 0755 & ~masks[i]) | own));
        }
}

static mode_t
mode_of (const Fixture *fixture, const char *below)
{
  struct stat status;
  g_autofree char *path = scratch_path (&fixture->scratch, "%s", below);
  g_assert_no_errno (stat (path, &status));
  return status.st_mode & 07777;
}

static void
test_modes_on_disk (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    mode_t mask;
    uint32_t offered;
    mode_t file, folder;
  } cases[] = {
    { 0, 0777, 0755, 0755 },   { 0, 0666, 0644, 0744 },   { 022, 0777, 0755, 0755 },
    { 022, 0666, 0644, 0744 }, { 077, 0777, 0700, 0700 }, { 027, 07777, 0750, 0750 },
    { 022, 0, 0600, 0700 },    { 0777, 0, 0600, 0700 },   { 022, 06111, 0711, 0711 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      mode_t before = umask (cases[i].mask);
      open_destination (fixture);
      umask (before);
      g_autofree char *file = g_strdup_printf ("on the way %zu/file", i);
      g_autofree char *folder = g_strdup_printf ("folder %zu", i);
      put (fixture, file, "", cases[i].offered);
      destination_make_folder (fixture->destination, folder, cases[i].offered, epoch, &error);
      g_assert_no_error (error);
      commit (fixture);
      destination_close (fixture->destination);
      g_clear_pointer (&fixture->batch, part_batch_free);
      g_clear_pointer (&fixture->destination, destination_free);
      g_autofree char *file_below = g_strconcat ("in/", file, NULL);
      g_autofree char *folder_below = g_strconcat ("in/", folder, NULL);
      g_assert_cmphex (mode_of (fixture, file_below), ==, cases[i].file);
      g_assert_cmphex (mode_of (fixture, folder_below), ==, cases[i].folder);
    }
}

static void
cancel_cb (gpointer tag, const char *path, const GError *error, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
test_cancelled_commit (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  open_destination (fixture);
  put (fixture, "a", "", 0600);
  put (fixture, "b", "", 0600);
  g_assert_false (part_batch_commit (fixture->batch, cancellable, cancel_cb, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  scratch_assert_names (&fixture->scratch, "in", "a"); /* and no part of the other */
}

static void
test_discarded_leaves_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  open_destination (fixture);
  Part *part = part_new (fixture->destination, "half", &error);
  g_assert_no_error (error);
  g_assert_true (part_write (part, "x", 1, &error));
  part_free (part);
  put (fixture, "waiting", "y", 0600);
  g_clear_pointer (&fixture->batch, part_batch_free);
  scratch_assert_names (&fixture->scratch, "in", "");
}

static void
test_keeps_both (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->scratch, "in/a.txt", "mine", -1);
  scratch_write (&fixture->scratch, "in/a (1).txt", "mine too", -1);
  open_destination (fixture);
  put (fixture, "a.txt", "theirs", 0600);
  put (fixture, "a.txt", "theirs again", 0600);
  commit (fixture);
  scratch_assert_names (&fixture->scratch, "in", "a (1).txt|a (2).txt|a (3).txt|a.txt");
  scratch_assert_content (&fixture->scratch, "in/a.txt", "mine");
  scratch_assert_content (&fixture->scratch, "in/a (1).txt", "mine too");
  scratch_assert_content (&fixture->scratch, "in/a (2).txt", "theirs");
  scratch_assert_content (&fixture->scratch, "in/a (3).txt", "theirs again");
}

static void
test_folders_merge (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  scratch_write (&fixture->scratch, "in/photos/old.jpg", "old", -1);
  open_destination (fixture);
  g_assert_true (destination_make_folder (fixture->destination, "photos", 0500, epoch, &error));
  put (fixture, "photos/new.jpg", "new", 0600);
  commit (fixture);
  destination_close (fixture->destination);
  scratch_assert_names (&fixture->scratch, "in/photos", "new.jpg|old.jpg");

  struct stat status;
  g_autofree char *path = scratch_path (&fixture->scratch, "in/photos");
  g_assert_no_errno (stat (path, &status));
  g_assert_cmphex (status.st_mode & 0777, ==, 0755); /* what was there keeps its mode */
}

static void
test_folder_beside_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  scratch_write (&fixture->scratch, "in/photos", "a file", -1);
  open_destination (fixture);
  g_assert_true (destination_make_folder (fixture->destination, "photos", 0755, epoch, &error));
  g_assert_true (
      destination_make_folder (fixture->destination, "photos/summer", 0755, epoch, &error));
  put (fixture, "photos/summer/a.jpg", "a", 0600);
  put (fixture, "photos/b.jpg", "b", 0600);
  commit (fixture);
  scratch_assert_names (&fixture->scratch, "in", "photos|photos (1)");
  scratch_assert_content (&fixture->scratch, "in/photos", "a file");
  scratch_assert_content (&fixture->scratch, "in/photos (1)/summer/a.jpg", "a");
  scratch_assert_content (&fixture->scratch, "in/photos (1)/b.jpg", "b");
}

static void
test_link_is_not_followed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  scratch_mkdir (&fixture->scratch, "in");
  scratch_mkdir (&fixture->scratch, "outside");
  g_autofree char *link = scratch_path (&fixture->scratch, "in/photos");
  g_assert_no_errno (symlink ("../outside", link));
  open_destination (fixture);
  put (fixture, "photos/a.jpg", "a", 0600);
  commit (fixture);
  scratch_assert_names (&fixture->scratch, "outside", "");
  scratch_assert_content (&fixture->scratch, "in/photos (1)/a.jpg", "a");
}

static void
test_link_swapped_in (Fixture *fixture, gconstpointer data)
{
  open_destination (fixture);
  scratch_mkdir (&fixture->scratch, "outside");
  put (fixture, "photos/a.jpg", "a", 0600);
  put (fixture, "b.jpg", "b", 0600);

  /* Between two files, somebody puts a link where the folder was. */
  g_autofree char *folder = scratch_path (&fixture->scratch, "in/photos");
  g_autofree char *moved = scratch_path (&fixture->scratch, "in/moved");
  g_assert_no_errno (rename (folder, moved));
  g_assert_no_errno (symlink ("../outside", folder));
  put (fixture, "photos/c.jpg", "c", 0600);
  commit (fixture);
  scratch_assert_names (&fixture->scratch, "outside", "");
  scratch_assert_names (&fixture->scratch, "in/moved", "a.jpg"); /* the folder itself was held */
  scratch_assert_content (&fixture->scratch, "in/photos (1)/c.jpg", "c");
}

static void
test_many_files (Fixture *fixture, gconstpointer data)
{
  open_destination (fixture);
  for (unsigned i = 0; i < 600; i++)
    {
      g_autofree char *path = g_strdup_printf ("d%u/%u", i / 100, i);
      put (fixture, path, path, 0600);
      g_assert_cmpint (part_batch_is_ripe (fixture->batch), ==, i >= 511);
    }
  commit (fixture);
  g_assert_cmpuint (fixture->named->len, ==, 600);
  scratch_assert_content (&fixture->scratch, "in/d5/599", "d5/599");
  g_assert_false (part_batch_is_ripe (fixture->batch));
}

static void
test_folder_modes_and_times (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  open_destination (fixture);
  g_assert_true (destination_make_folder (fixture->destination, "locked", 0555,
                                          (OfferTime) { -2, 500000000 }, &error));
  g_assert_true (destination_make_folder (fixture->destination, "locked/inner", 0000,
                                          (OfferTime) { 7, 1 }, &error));
  put (fixture, "locked/inner/file", "f", 0400);
  commit (fixture);
  destination_close (fixture->destination);

  struct stat status;
  g_autofree char *path = scratch_path (&fixture->scratch, "in/locked");
  g_assert_no_errno (stat (path, &status));
  g_assert_cmphex (status.st_mode, ==, S_IFDIR | 0755);
  g_assert_cmpint (status.st_mtim.tv_sec, ==, -2); /* 1.5 s before 1970 */
  g_assert_cmpint (status.st_mtim.tv_nsec, ==, 500000000);
  g_autofree char *inner = scratch_path (&fixture->scratch, "in/locked/inner");
  g_assert_no_errno (stat (inner, &status));
  g_assert_cmphex (status.st_mode, ==, S_IFDIR | 0700);
  g_assert_cmpint (status.st_mtim.tv_sec, ==, 7);
}

/* In a child, because permissions mean nothing to root until it gives up its capabilities, for
 * good. */
static void
test_unwritable (Fixture *fixture, gconstpointer data)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  g_autoptr (GError) error = NULL;
  scratch_mkdir (&fixture->scratch, "in/closed");
  g_autofree char *closed = scratch_path (&fixture->scratch, "in/closed");
  open_destination (fixture);
  g_assert_no_errno (chmod (closed, 0555));
  scratch_drop_capabilities ();
  g_assert_null (part_new (fixture->destination, "closed/a", &error));
  g_assert_error (error, DESTINATION_ERROR, DESTINATION_ERROR_ENTRY);
  g_clear_error (&error);
  put (fixture, "open/a", "others go on", 0600);
  commit (fixture);

  g_autoptr (GFile) folder = g_file_new_for_path (closed);
  g_assert_null (destination_new (folder, &error));
  g_assert_error (error, DESTINATION_ERROR, DESTINATION_ERROR_FOLDER);
}

static void
test_disk_full (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  scratch_mkdir (&fixture->scratch, "in");
  g_autofree char *in = scratch_path (&fixture->scratch, "in");
  if (unshare (CLONE_NEWNS) < 0 || mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
      mount ("tmpfs", in, "tmpfs", 0, "size=1m") < 0)
    {
      g_test_skip ("this user may not mount a small disk");
      return;
    }
  g_autoptr (GFile) folder = scratch_file (&fixture->scratch, "in");
  g_assert_cmpuint (free_space_measure (folder, NULL), <, 1 << 20);
  g_assert_cmpuint (free_space_measure (folder, NULL), >, 1 << 19);
  open_destination (fixture);
  put (fixture, "first", "fits", 0600);
  commit (fixture);

  g_autofree uint8_t *content = g_malloc0 (2 << 20);
  g_autoptr (Part) part = part_new (fixture->destination, "second", &error);
  g_assert_no_error (error);
  g_assert_false (part_write (part, content, 2 << 20, &error));
  g_assert_error (error, DESTINATION_ERROR, DESTINATION_ERROR_NO_SPACE);
  g_clear_pointer (&part, part_free);
  scratch_assert_names (&fixture->scratch, "in", "first");
  g_clear_pointer (&fixture->batch, part_batch_free);
  g_clear_pointer (&fixture->destination, destination_free);
  g_assert_no_errno (umount (in));
}

#define add(name, func) g_test_add ("/part/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("name-after-commit", test_name_after_commit);
  add ("set-id-bits-are-dropped", test_set_id_bits_are_dropped);
  add ("modes", test_modes);
  add ("modes-on-disk", test_modes_on_disk);
  add ("cancelled-commit", test_cancelled_commit);
  add ("discarded-leaves-nothing", test_discarded_leaves_nothing);
  add ("keeps-both", test_keeps_both);
  add ("folders-merge", test_folders_merge);
  add ("folder-beside-file", test_folder_beside_file);
  add ("link-is-not-followed", test_link_is_not_followed);
  add ("link-swapped-in", test_link_swapped_in);
  add ("many-files", test_many_files);
  add ("folder-modes-and-times", test_folder_modes_and_times);
  add ("unwritable", test_unwritable);
  add ("disk-full", test_disk_full);
  return g_test_run ();
}

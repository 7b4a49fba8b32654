/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that files go to: what is made in it, what is merged, what takes another name, and
 * what happens to its folders at the end. tests/net/disk/part.c has the files. */
#include "net/disk/destination.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/scratch.h"

typedef struct
{
  Scratch scratch;
  Destination *destination;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  scratch_init (&fixture->scratch);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->destination, destination_free);
  scratch_clear (&fixture->scratch);
}

static bool
open_in (Fixture *fixture, const char *below, GError **error)
{
  g_autoptr (GFile) folder = scratch_file (&fixture->scratch, below);
  fixture->destination = destination_new (folder, error);
  return fixture->destination;
}

static void
open_destination (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  open_in (fixture, "in", &error);
  g_assert_no_error (error);
}

static void
make (Fixture *fixture, const char *path, uint32_t mode)
{
  g_autoptr (GError) error = NULL;
  destination_make_folder (fixture->destination, path, mode, (OfferTime) { 1234567890, 5 }, &error);
  g_assert_no_error (error);
}

/* Where the entry @path goes. */
static const char *
enter (Fixture *fixture, const char *path)
{
  g_autoptr (GError) error = NULL;
  Folder *folder = destination_enter (fixture->destination, path, &error);
  g_assert_no_error (error);
  return folder->actual;
}

static struct stat
status_of (Fixture *fixture, const char *below)
{
  struct stat status;
  g_autofree char *path = scratch_path (&fixture->scratch, "%s", below);
  g_assert_no_errno (stat (path, &status));
  return status;
}

static void
test_is_created (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  open_in (fixture, "not/there/yet", &error);
  g_assert_no_error (error);
  g_assert_true (scratch_exists (&fixture->scratch, "not/there/yet"));
}

/* What cannot be one, says so with its own error. */
static void
test_cannot_be_used (Fixture *fixture, gconstpointer data)
{
  static const char *const useless[] = { "file", "file/below", "closed" };
  scratch_write (&fixture->scratch, "file", "", 0);
  scratch_mkdir (&fixture->scratch, "closed");
  g_autofree char *closed = scratch_path (&fixture->scratch, "closed");
  g_assert_no_errno (chmod (closed, 0555));
  for (unsigned i = 0; i < G_N_ELEMENTS (useless); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (open_in (fixture, useless[i], &error));
      g_assert_error (error, DESTINATION_ERROR, DESTINATION_ERROR_FOLDER);
    }
}

/* Folders that were there keep what they have; those made here are dressed at the end, not
 * before. */
static void
test_merges (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->scratch, "in/old/kept", "", 0);
  g_autofree char *old = scratch_path (&fixture->scratch, "in/old");
  g_assert_no_errno (chmod (old, 0750));
  open_destination (fixture);
  make (fixture, "old", 0700);
  make (fixture, "old/new", 0711);
  g_assert_cmpint (status_of (fixture, "in/old/new").st_mode & 0777, ==, 0700);
  destination_close (fixture->destination);
  scratch_assert_names (&fixture->scratch, "in/old", "kept|new");
  g_assert_cmpint (status_of (fixture, "in/old").st_mode & 0777, ==, 0750);
  g_assert_cmpint (status_of (fixture, "in/old").st_mtim.tv_sec, !=, 1234567890);
  g_assert_cmpint (status_of (fixture, "in/old/new").st_mode & 0777, ==, 0711);
  g_assert_cmpint (status_of (fixture, "in/old/new").st_mtim.tv_sec, ==, 1234567890);
  g_assert_cmpint (status_of (fixture, "in/old/new").st_mtim.tv_nsec, ==, 5);
}

/* Where a file or a link has its name, a folder takes another, for all that goes into it. */
static void
test_takes_another_name (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->scratch, "in/a", "a file", -1);
  scratch_mkdir (&fixture->scratch, "outside");
  g_autofree char *link = scratch_path (&fixture->scratch, "in/b");
  g_autofree char *outside = scratch_path (&fixture->scratch, "outside");
  g_assert_no_errno (symlink (outside, link));
  open_destination (fixture);
  make (fixture, "a", 0755);
  make (fixture, "a/deep", 0755);
  make (fixture, "b", 0755);
  g_assert_cmpstr (enter (fixture, "a/x"), ==, "a (1)");
  g_assert_cmpstr (enter (fixture, "a/deep/x"), ==, "a (1)/deep");
  g_assert_cmpstr (enter (fixture, "b/x"), ==, "b (1)");
  g_assert_cmpstr (enter (fixture, "ab/x"), ==, "ab");
  scratch_assert_names (&fixture->scratch, "outside", "");
}

/* A folder that the offer left out is made on the way, and gets no mode and no time. */
static void
test_enters_what_was_left_out (Fixture *fixture, gconstpointer data)
{
  open_destination (fixture);
  g_assert_cmpstr (enter (fixture, "x"), ==, "");
  g_assert_cmpstr (enter (fixture, "not/offered/x"), ==, "not/offered");
  destination_close (fixture->destination);
  g_assert_cmpint (status_of (fixture, "in/not").st_mode & 0700, ==, 0700);
  g_assert_cmpint (status_of (fixture, "in/not").st_mtim.tv_sec, >, 0);
}

/* What could not be made fails for each entry below it, and for nothing beside it. */
static void
test_folder_fails (Fixture *fixture, gconstpointer data)
{
  static const char *const below[] = { "closed/a/x", "closed/a/deep/x" };
  scratch_mkdir (&fixture->scratch, "in/closed");
  g_autofree char *closed = scratch_path (&fixture->scratch, "in/closed");
  g_assert_no_errno (chmod (closed, 0555));
  open_destination (fixture);
  for (unsigned i = 0; i < G_N_ELEMENTS (below); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (destination_enter (fixture->destination, below[i], &error));
      g_assert_error (error, DESTINATION_ERROR, DESTINATION_ERROR_ENTRY);
      g_assert_cmpint (destination_error_get_errno (error), ==, EACCES);
    }
  g_assert_cmpstr (enter (fixture, "closed/x"), ==, "closed");
  g_assert_cmpstr (enter (fixture, "open/x"), ==, "open");
}

#define add(name, func) g_test_add ("/destination/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  scratch_drop_capabilities ();
  add ("is-created", test_is_created);
  add ("cannot-be-used", test_cannot_be_used);
  add ("merges", test_merges);
  add ("takes-another-name", test_takes_another_name);
  add ("enters-what-was-left-out", test_enters_what_was_left_out);
  add ("folder-fails", test_folder_fails);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk that refuses or misreports what is beside the bytes costs a note; one that loses bytes
 * costs the file. */
#include <errno.h>
#include <sys/stat.h>

#include "net/disk/part_batch.h"
#include "net/disk/free_space.h"
#include "net/core/free_name.h"
#include "net/core/path.h"
#include "tests/support/scratch.h"
#include "tests/support/faulty_disk.h"

/* More than are synced one by one. */
#define MANY 12

typedef struct
{
  Scratch scratch;
  FaultyDisk disk;
  Destination *destination;
  PartBatch *batch;
  GPtrArray *named; /* paths, "!" for a failure */
  GPtrArray *notes;
  unsigned failed;
  char *counts;
} Fixture;

static bool
open_disk (Fixture *fixture, const char *rules)
{
  g_autoptr (GError) error = NULL;
  scratch_init (&fixture->scratch);
  scratch_mkdir (&fixture->scratch, "back");
  g_autofree char *back = scratch_path (&fixture->scratch, "back");
  g_autofree char *in = scratch_path (&fixture->scratch, "in");
  if (!faulty_disk_mount (&fixture->disk, back, in, rules))
    {
      scratch_clear (&fixture->scratch);
      return false;
    }
  g_autoptr (GFile) folder = scratch_file (&fixture->scratch, "in");
  g_assert_cmpuint (free_space_measure (folder, NULL), >, 0);
  fixture->named = g_ptr_array_new_with_free_func (g_free);
  fixture->destination = destination_new (folder, &error);
  g_assert_no_error (error);
  fixture->batch = part_batch_new (fixture->destination);
  return true;
}

static void
close_disk (Fixture *fixture)
{
  destination_close (fixture->destination);
  part_batch_free (fixture->batch);
  fixture->notes =
      g_ptr_array_ref (disk_notes_get_sentences (destination_get_notes (fixture->destination)));
  destination_free (fixture->destination);
  fixture->counts = faulty_disk_unmount (&fixture->disk);
}

static void
clear (Fixture *fixture)
{
  scratch_clear (&fixture->scratch);
  g_ptr_array_unref (fixture->named);
  g_ptr_array_unref (fixture->notes);
  g_free (fixture->counts);
}

static void
named_cb (gpointer tag, const char *path, const GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;
  fixture->failed += !path;
  g_ptr_array_add (fixture->named, g_strdup (path ?: "!"));
}

static void
put (Fixture *fixture, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Part) part = part_new (fixture->destination, path, &error);
  if (part && part_write (part, path, strlen (path), &error) &&
      part_batch_add (fixture->batch, g_steal_pointer (&part), 0640, (OfferTime) { 1000000001, 5 },
                      NULL, &error))
    return;
  g_assert_nonnull (error);
  fixture->failed++;
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
put_tree (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  destination_make_folder (fixture->destination, "tree", 0750, (OfferTime) { 1000000003, 5 },
                           &error);
  g_assert_no_error (error);
  for (unsigned i = 0; i < MANY; i++)
    {
      g_autofree char *path = g_strdup_printf ("tree/%u", i);
      put (fixture, path);
    }
  commit (fixture);
  put (fixture, "tree/sub/alone");
  commit (fixture);
}

static void
assert_tree (const Fixture *fixture)
{
  g_assert_cmpuint (fixture->failed, ==, 0);
  scratch_assert_names (&fixture->scratch, "back", "tree");
  scratch_assert_names (&fixture->scratch, "back/tree", "0|1|10|11|2|3|4|5|6|7|8|9|sub");
  scratch_assert_names (&fixture->scratch, "back/tree/sub", "alone");
  scratch_assert_content (&fixture->scratch, "back/tree/11", "tree/11");
  scratch_assert_content (&fixture->scratch, "back/tree/sub/alone", "tree/sub/alone");
}

/* The whole tree comes with @n_notes notes; those of a file system that answers @rules. */
static void
check_kept (const char *rules, unsigned n_notes)
{
  g_test_message ("%s", rules);
  Fixture fixture = { 0 };
  if (!open_disk (&fixture, rules))
    return;
  put_tree (&fixture);
  close_disk (&fixture);
  assert_tree (&fixture);
  g_assert_cmpuint (fixture.notes->len, ==, n_notes);
  clear (&fixture);
}

static void
test_refused (void)
{
  static const int codes[] = { EPERM, EACCES, EINVAL, ENOSYS, EOPNOTSUPP, EIO, ESTALE, EROFS };
  static const struct
  {
    const char *call;
    unsigned n_notes;
  } calls[] = { { "chmod", 1 },   { "utimens", 1 }, { "access", 0 },       { "statfs", 0 },
                { "opendir", 0 }, { "rename", 0 },  { "rename-flags", 0 }, { "fsyncdir", 1 } };
  for (size_t i = 0; i < G_N_ELEMENTS (calls); i++)
    for (size_t k = 0; k < G_N_ELEMENTS (codes); k++)
      {
        /* The kernel takes these for success, the second also for all that follows. */
        bool unnoticed = codes[k] == ENOSYS && g_str_equal (calls[i].call, "fsyncdir");
        if (codes[k] == ENOSYS && g_str_equal (calls[i].call, "opendir"))
          continue;
        g_autofree char *rules = g_strdup_printf ("%s:%d", calls[i].call, codes[k]);
        check_kept (rules, unnoticed ? 0 : calls[i].n_notes);
      }
}

static void
test_misreported (void)
{
  check_kept ("", 0);
  check_kept ("coarse:2", 0);
  check_kept ("coarse:3600", 1);
  check_kept ("chmod:0", 1);
  check_kept ("utimens:0", 1);
  check_kept ("chmod:1 utimens:22", 2);
  check_kept ("chmod!1", 1);
  check_kept ("rename!17", 0);
  check_kept ("rename!2", 0);
  check_kept ("mkdir!17", 0);
  check_kept ("fsync:22", 1);
  check_kept ("fsync:95", 1);
  check_kept ("rename-flags:22 link:1", 0);
}

static void
test_bytes_lost (void)
{
  static const char *const calls[] = { "write", "flush", "fsync" };
  static const int codes[] = { EIO, ENOSPC, EDQUOT, EACCES };
  for (size_t i = 0; i < G_N_ELEMENTS (calls); i++)
    for (size_t k = 0; k < G_N_ELEMENTS (codes); k++)
      {
        g_autofree char *rules = g_strdup_printf ("%s:%d", calls[i], codes[k]);
        Fixture fixture = { 0 };
        g_test_message ("%s", rules);
        if (!open_disk (&fixture, rules))
          return;
        put (&fixture, "one");
        commit (&fixture);
        g_assert_cmpuint (fixture.failed, ==, 1);
        for (unsigned n = 0; n < MANY; n++)
          put (&fixture, "more");
        commit (&fixture);
        close_disk (&fixture);
        /* Where nothing but syncfs() could have told, it does not reach this file system. */
        g_assert_cmpuint (fixture.failed, >=, g_str_equal (calls[i], "fsync") ? 1 : 1 + MANY);
        if (!g_str_equal (calls[i], "fsync"))
          scratch_assert_names (&fixture.scratch, "back", "");
        clear (&fixture);
      }
}

static void
check_name (const char *rules, const char *path, const char *expected)
{
  Fixture fixture = { 0 };
  if (!open_disk (&fixture, rules))
    return;
  put (&fixture, path);
  commit (&fixture);
  g_assert_cmpuint (fixture.failed, ==, 0);
  g_assert_cmpstr (last_named (&fixture), ==, expected);
  close_disk (&fixture);
  g_assert_cmpuint (fixture.notes->len, ==, 1);
  g_autofree char *below = g_strconcat ("back/", expected, NULL);
  scratch_assert_content (&fixture.scratch, below, path);
  clear (&fixture);
}

static void
test_names_refused (void)
{
  static const int codes[] = { EINVAL, EILSEQ, ENOENT, EPROTO };
  for (size_t i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autofree char *rules = g_strdup_printf ("forbidden:%d", codes[i]);
      check_name (rules, "a:b?.txt", "a_b_.txt");
      check_name (rules, "c*d/<e>/f", "c_d/_e_/f");
    }
  g_autofree char *stem = g_strnfill (240, 'x');
  g_autofree char *name = g_strconcat (stem, ".jpeg", NULL);
  g_autofree char *cut = g_strconcat (stem + 240 - 138, ".jpeg", NULL);
  g_autofree char *rules = g_strdup_printf ("long:%d", ENAMETOOLONG);
  check_name (rules, name, cut);
  g_autofree char *foreign = g_strdup_printf ("foreign:%d", EILSEQ);
  check_name (foreign, "Zwölf Boxkämpfer.txt", "Zw_lf Boxk_mpfer.txt");
}

static void
test_case_is_ignored (void)
{
  Fixture fixture = { 0 };
  if (!open_disk (&fixture, "nocase:0"))
    return;
  put (&fixture, "readme");
  put (&fixture, "README");
  put (&fixture, "Folder/x");
  put (&fixture, "folder/X");
  commit (&fixture);
  close_disk (&fixture);
  g_assert_cmpuint (fixture.failed, ==, 0);
  scratch_assert_names (&fixture.scratch, "back", "folder|readme|readme (1)");
  scratch_assert_names (&fixture.scratch, "back/folder", "x|x (1)");
  clear (&fixture);
}

static void
test_leftover_is_told (void)
{
  Fixture fixture = { 0 };
  g_autofree char *rules = g_strdup_printf ("unlink:%d write:%d", EACCES, EIO);
  if (!open_disk (&fixture, rules))
    return;
  put (&fixture, "a");
  g_assert_cmpuint (fixture.failed, ==, 1);
  close_disk (&fixture);
  g_assert_cmpuint (fixture.notes->len, ==, 1);
  clear (&fixture);
}

/* A folder that cannot be made is not tried again for each file below it. */
static void
test_deep_failure_is_cheap (void)
{
  Fixture fixture = { 0 };
  g_autofree char *rules = g_strdup_printf ("mkdir:%d", EACCES);
  if (!open_disk (&fixture, rules))
    return;
  g_autoptr (GString) path = g_string_new ("d");
  while (path->len < 2 * (PATH_MAX_DEPTH - 2))
    g_string_append (path, "/d");
  size_t len = path->len;
  for (unsigned i = 0; i < 500; i++)
    {
      g_string_append_printf (path, "/%u", i);
      put (&fixture, path->str);
      g_string_truncate (path, len);
    }
  g_assert_cmpuint (fixture.failed, ==, 500);
  close_disk (&fixture);
  g_assert_cmpuint (faulty_disk_count (fixture.counts, "mkdir"), ==, 1);
  clear (&fixture);
}

/* Names of 255 bytes that are all cut to the same one when a number is added. */
static char *
long_name (unsigned i)
{
  g_autofree char *stem = g_strnfill (PATH_COMPONENT_MAX - 6, 'n');
  return g_strdup_printf ("%s%06u", stem, i);
}

static void
test_conflicts_are_cheap (void)
{
  enum
  {
    FILES = 300
  };
  Fixture fixture = { 0 };
  if (!open_disk (&fixture, ""))
    return;
  for (unsigned i = 0; i < FILES; i++)
    {
      g_autofree char *name = long_name (i);
      g_autofree char *below = g_strconcat ("back/", name, NULL);
      g_autofree char *numbered = path_conflict_name (name, i + 1);
      g_autofree char *taken = g_strconcat ("back/", numbered, NULL);
      scratch_write (&fixture.scratch, below, "", 0);
      scratch_write (&fixture.scratch, taken, "", 0);
    }
  for (unsigned i = 0; i < FILES; i++)
    {
      g_autofree char *name = long_name (i);
      put (&fixture, name);
    }
  commit (&fixture);
  close_disk (&fixture);
  g_assert_cmpuint (fixture.failed, ==, 0);
  g_assert_cmpuint (faulty_disk_count (fixture.counts, "rename"), <=, 3 * FILES);
  clear (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/faulty-target/refused", test_refused);
  g_test_add_func ("/faulty-target/misreported", test_misreported);
  g_test_add_func ("/faulty-target/bytes-lost", test_bytes_lost);
  g_test_add_func ("/faulty-target/names-refused", test_names_refused);
  g_test_add_func ("/faulty-target/case-is-ignored", test_case_is_ignored);
  g_test_add_func ("/faulty-target/leftover-is-told", test_leftover_is_told);
  g_test_add_func ("/faulty-target/deep-failure-is-cheap", test_deep_failure_is_cheap);
  g_test_add_func ("/faulty-target/conflicts-are-cheap", test_conflicts_are_cheap);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is offered is what was chosen, and what is opened is what was offered. */
#include "net/disk/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/scratch.h"

typedef struct
{
  Scratch scratch;
  GPtrArray *chosen;
  Offer *offer;
  Tree *tree;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  TransferId id = { { 0 } };
  scratch_init (&fixture->scratch);
  fixture->chosen = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->offer = offer_new (&id, &(OfferOptions) { .encrypt = true });
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->tree, tree_free);
  offer_free (fixture->offer);
  g_ptr_array_unref (fixture->chosen);
  scratch_clear (&fixture->scratch);
}

static void
choose (Fixture *fixture, const char *below)
{
  g_ptr_array_add (fixture->chosen, scratch_file (&fixture->scratch, below));
}

static void
walk (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  fixture->tree = tree_new (fixture->chosen, fixture->offer, NULL, &error);
  g_assert_no_error (error);
}

/* All offered paths in order, joined by '|'; folders end in '/'. */
static void
assert_offered (Fixture *fixture, const char *joined)
{
  g_autoptr (GString) found = g_string_new (NULL);
  OfferEntry entry;
  for (uint32_t id = 0; offer_get_entry (fixture->offer, id, &entry); id++)
    {
      g_autofree char *path = offer_entry_dup_path (&entry);
      g_string_append_printf (found, "%s%s%s", id ? "|" : "", path,
                              entry.kind == OFFER_FOLDER ? "/" : "");
    }
  g_assert_cmpstr (found->str, ==, joined);
}

static int
open_entry (Fixture *fixture, const char *path)
{
  OfferEntry entry;
  for (uint32_t id = 0; offer_get_entry (fixture->offer, id, &entry); id++)
    {
      g_autofree char *candidate = offer_entry_dup_path (&entry);
      if (g_str_equal (candidate, path))
        return tree_open (fixture->tree, &entry);
    }
  g_assert_not_reached ();
}

static void
assert_opens (Fixture *fixture, const char *path, const char *content)
{
  char buffer[100] = "";
  int fd = open_entry (fixture, path);
  g_assert_no_errno (fd);
  g_assert_no_errno ((int) read (fd, buffer, sizeof buffer - 1));
  close (fd);
  g_assert_cmpstr (buffer, ==, content);
}

static void
assert_does_not_open (Fixture *fixture, const char *path, int code)
{
  int fd = open_entry (fixture, path);
  int found = errno;
  g_assert_cmpint (fd, ==, -1);
  g_assert_cmpint (found, ==, code);
}

static void
link_to (Fixture *fixture, const char *target, const char *below)
{
  g_autofree char *path = scratch_path (&fixture->scratch, "%s", below);
  g_assert_no_errno (symlink (target, path));
}

static void
test_structure (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->scratch, "t/b/deep/file", "deep", -1);
  scratch_write (&fixture->scratch, "t/a", "a", -1);
  scratch_mkdir (&fixture->scratch, "t/empty");
  scratch_write (&fixture->scratch, "single", "s", -1);
  choose (fixture, "t");
  choose (fixture, "single");
  walk (fixture);
  assert_offered (fixture, "t/|t/a|t/b/|t/b/deep/|t/b/deep/file|t/empty/|single");
  assert_opens (fixture, "t/b/deep/file", "deep");
  assert_opens (fixture, "t/a", "a");
  assert_opens (fixture, "single", "s");
  assert_opens (fixture, "t/b/deep/file", "deep");
}

static void
test_special_files_are_noted (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->scratch, "t/file", "", 0);
  g_autofree char *pipe = scratch_path (&fixture->scratch, "t/pipe");
  g_autofree char *socket_path = scratch_path (&fixture->scratch, "t/socket");
  g_assert_no_errno (mkfifo (pipe, 0600));
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_strlcpy (address.sun_path, socket_path, sizeof address.sun_path);
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  link_to (fixture, "file", "t/link");
  link_to (fixture, "/nonexistent", "t/dangling");
  choose (fixture, "t");
  walk (fixture);
  close (fd);
  assert_offered (fixture, "t/|t/file");
  static const char *const notes[] = {
    "“t/dangling” was skipped: it is a link.",
    "“t/link” was skipped: it is a link.",
    "“t/pipe” was skipped: it is a pipe.",
    "“t/socket” was skipped: it is a socket.",
  };
  GPtrArray *noted = tree_get_left_out (fixture->tree)->notes;
  g_assert_cmpuint (noted->len, ==, G_N_ELEMENTS (notes));
  for (unsigned i = 0; i < G_N_ELEMENTS (notes); i++)
    g_assert_cmpstr (noted->pdata[i], ==, notes[i]);
  g_assert_null (tree_get_left_out (fixture->tree)->unreadable);
  g_assert_cmpuint (tree_get_left_out (fixture->tree)->n_unreadable, ==, 0);
}

static void
test_chosen_link_is_followed (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->scratch, "real/file", "content", -1);
  link_to (fixture, "real", "chosen");
  link_to (fixture, "real/file", "chosen file");
  choose (fixture, "chosen");
  choose (fixture, "chosen file");
  walk (fixture);
  assert_offered (fixture, "chosen/|chosen/file|chosen file");
  assert_opens (fixture, "chosen/file", "content");
  assert_opens (fixture, "chosen file", "content");
}

static void
test_links_swapped_in (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->scratch, "secret/file", "secret", -1);
  scratch_write (&fixture->scratch, "t/folder/file", "public", -1);
  scratch_write (&fixture->scratch, "t/file", "public", -1);
  scratch_write (&fixture->scratch, "t/pipe", "public", -1);
  choose (fixture, "t");
  walk (fixture);
  g_autofree char *folder = scratch_path (&fixture->scratch, "t/folder");
  g_autofree char *aside = scratch_path (&fixture->scratch, "aside");
  g_autofree char *file = scratch_path (&fixture->scratch, "t/file");
  g_autofree char *pipe = scratch_path (&fixture->scratch, "t/pipe");
  g_assert_no_errno (rename (folder, aside));
  g_assert_no_errno (unlink (file));
  g_assert_no_errno (unlink (pipe));
  link_to (fixture, "../secret", "t/folder");
  link_to (fixture, "../secret/file", "t/file");
  g_assert_no_errno (mkfifo (pipe, 0600));
  assert_does_not_open (fixture, "t/folder/file", ELOOP);
  assert_does_not_open (fixture, "t/file", ELOOP);
  assert_does_not_open (fixture, "t/pipe", EMEDIUMTYPE); /* and does not wait for a writer */
}

static void
test_names_are_cleaned (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->scratch, "t/new\nline/in\x1b[1mside", "inside", -1);
  scratch_write (&fixture->scratch, "t/new\nline/plain", "plain", -1);
  scratch_write (&fixture->scratch, "t/bad\xff", "not UTF-8", -1);
  scratch_write (&fixture->scratch, "t/bad_", "taken", -1);
  choose (fixture, "t");
  walk (fixture);
  assert_offered (fixture,
                  "t/|t/bad_|t/bad_ (1)|t/new_line/|t/new_line/in_[1mside|t/new_line/plain");
  assert_opens (fixture, "t/bad_", "taken");
  assert_opens (fixture, "t/bad_ (1)", "not UTF-8");
  assert_opens (fixture, "t/new_line/in_[1mside", "inside");
  assert_opens (fixture, "t/new_line/plain", "plain");
  g_autofree char *told = tree_dup_other_names (fixture->tree);
  g_assert_cmpstr (told, ==,
                   "“t/bad\\xff” was sent as “t/bad_ (1)”, and 2 more under other names.");
}

/* On a terminal it is read, not obeyed. */
static void
test_other_name_is_printable (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->scratch, "t/\x1b[2Jx\ny", "x", -1);
  choose (fixture, "t");
  walk (fixture);
  g_autofree char *told = tree_dup_other_names (fixture->tree);
  g_assert_nonnull (told);
  for (const char *p = told; *p; p++)
    g_assert_false (g_ascii_iscntrl (*p));
}

/* A name that was not sent has no other one. */
static void
test_left_out_has_no_other_name (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->scratch, "t/file", "x", -1);
  link_to (fixture, "file", "t/new\nline");
  choose (fixture, "t");
  walk (fixture);
  g_assert_null (tree_dup_other_names (fixture->tree));
}

static void
test_same_name_twice (Fixture *fixture, gconstpointer data)
{
  scratch_write (&fixture->scratch, "a/x.txt", "first", -1);
  scratch_write (&fixture->scratch, "b/x.txt", "second", -1);
  choose (fixture, "a/x.txt");
  choose (fixture, "b/x.txt");
  walk (fixture);
  assert_offered (fixture, "x.txt|x (1).txt");
  assert_opens (fixture, "x.txt", "first");
  assert_opens (fixture, "x (1).txt", "second");
  g_autofree char *told = tree_dup_other_names (fixture->tree);
  g_assert_cmpstr (told, ==, "“x.txt” was sent as “x (1).txt”.");
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  choose (fixture, "missing");
  g_assert_null (tree_new (fixture->chosen, fixture->offer, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "missing"));
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  scratch_write (&fixture->scratch, "t/file", "", 0);
  choose (fixture, "t");
  g_cancellable_cancel (cancellable);
  g_assert_null (tree_new (fixture->chosen, fixture->offer, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_too_deep (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) path = g_string_new ("t");
  for (unsigned i = 0; i < 140; i++)
    g_string_append (path, "/d");
  scratch_mkdir (&fixture->scratch, path->str);
  choose (fixture, "t");
  walk (fixture);
  g_assert_cmpuint (offer_get_n_entries (fixture->offer), ==, 128);
  const char *sentence = tree_get_left_out (fixture->tree)->unreadable;
  g_assert_true (g_str_has_suffix (sentence, "was skipped: it lies in too many folders."));
  g_assert_cmpuint (tree_get_left_out (fixture->tree)->n_unreadable, ==, 1);
}

/* In a child, because permissions mean nothing to root until it gives up its capabilities, for
 * good. */
static void
test_unreadable (Fixture *fixture, gconstpointer data)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  scratch_write (&fixture->scratch, "t/good", "good", -1);
  scratch_write (&fixture->scratch, "t/closed file", "", 0);
  scratch_write (&fixture->scratch, "t/closed folder/file", "", 0);
  g_autofree char *file = scratch_path (&fixture->scratch, "t/closed file");
  g_autofree char *folder = scratch_path (&fixture->scratch, "t/closed folder");
  g_assert_no_errno (chmod (file, 0));
  g_assert_no_errno (chmod (folder, 0));
  scratch_drop_capabilities ();
  choose (fixture, "t");
  walk (fixture);
  assert_offered (fixture, "t/|t/good");
  g_assert_nonnull (tree_get_left_out (fixture->tree)->unreadable);
  g_assert_cmpuint (tree_get_left_out (fixture->tree)->n_unreadable, ==, 2);
}

#define add(name, func) g_test_add ("/tree/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("structure", test_structure);
  add ("special-files-are-noted", test_special_files_are_noted);
  add ("chosen-link-is-followed", test_chosen_link_is_followed);
  add ("links-swapped-in", test_links_swapped_in);
  add ("names-are-cleaned", test_names_are_cleaned);
  add ("other-name-is-printable", test_other_name_is_printable);
  add ("left-out-has-no-other-name", test_left_out_has_no_other_name);
  add ("same-name-twice", test_same_name_twice);
  add ("nothing", test_nothing);
  add ("cancelled", test_cancelled);
  add ("too-deep", test_too_deep);
  add ("unreadable", test_unreadable);
  return g_test_run ();
}

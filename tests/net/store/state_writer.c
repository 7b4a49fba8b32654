/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/store/state_writer.h"

#include "tests/net/store/fixture.h"

static void
put (StateWriter *writer, const char *text)
{
  state_writer_put (writer, g_strdup (text), strlen (text));
}

static void
assert_file (Folder *folder, const char *expected)
{
  g_autofree char *text = folder_read (folder, STATE_DOCUMENT_FILE);
  g_assert_cmpstr (text, ==, expected);
}

/* Only the latest text is written, and once. */
static void
test_latest (Folder *folder, gconstpointer data)
{
  StateWriter *writer = state_writer_new (folder->dir);
  put (writer, "one");
  put (writer, "two");
  g_assert_true (state_writer_flush (writer, NULL));
  assert_file (folder, "two");
  folder_write (folder, STATE_DOCUMENT_FILE, "somebody else's");
  g_assert_true (state_writer_flush (writer, NULL));
  assert_file (folder, "somebody else's");
  state_writer_unref (writer);
}

/* What a disk refused is written by the next flush, unless something newer was put meanwhile. */
static void
test_failed (Folder *folder, gconstpointer data)
{
  for (int newer = 0; newer <= 1; newer++)
    {
      StateWriter *writer = state_writer_new (folder->dir);
      g_autoptr (GError) error = NULL;
      int fd = data_dir_get_fd (folder->dir);
      g_assert_no_errno (mkdirat (fd, STATE_DOCUMENT_FILE ".new", 0700));
      put (writer, "refused");
      g_assert_false (state_writer_flush (writer, &error));
      g_assert_nonnull (strstr (error->message, folder->path));
      if (newer)
        put (writer, "newer");
      g_assert_no_errno (unlinkat (fd, STATE_DOCUMENT_FILE ".new", AT_REMOVEDIR));
      g_assert_true (state_writer_flush (writer, NULL));
      assert_file (folder, newer ? "newer" : "refused");
      state_writer_unref (writer);
    }
}

/* The old file stays. */
static void
test_too_long (Folder *folder, gconstpointer data)
{
  StateWriter *writer = state_writer_new (folder->dir);
  g_autoptr (GError) error = NULL;
  put (writer, "whole");
  g_assert_true (state_writer_flush (writer, NULL));
  state_writer_put (writer, g_strnfill (STATE_DOCUMENT_SIZE_MAX + 1, 'x'),
                    STATE_DOCUMENT_SIZE_MAX + 1);
  g_assert_false (state_writer_flush (writer, &error));
  g_assert_error (error, STATE_ERROR, STATE_ERROR_FULL);
  assert_file (folder, "whole");
  state_writer_unref (writer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/state-writer/latest", test_latest);
  ADD ("/state-writer/failed", test_failed);
  ADD ("/state-writer/too-long", test_too_long);
  return run_tests ();
}

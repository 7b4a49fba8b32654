/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A qlog file for each connection and end, when WHERRY_QLOG says where, and none otherwise. */
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>

#include "tests/net/quic/pair.h"

static void
connect_once (const char *folder)
{
  Pair pair;
  if (folder)
    g_setenv ("WHERRY_QLOG", folder, TRUE);
  else
    g_unsetenv ("WHERRY_QLOG");
  pair_init (&pair, OVER_MEMORY);
  pair_connect (&pair);
  {
    g_autoptr (QuicStream) out = open_stream (pair.connection[0], false), in = NULL;
    send_text (out, "confidential words");
    in = accept_stream (pair.connection[1]);
  }
  pair_clear (&pair);
}

/* Reads and removes what is in @folder; returns how many files there were. */
static unsigned
take_files (const char *folder, GString *text, unsigned *clients)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  unsigned count = 0;
  *clients = 0;
  for (const char *name; (name = g_dir_read_name (dir)); count++)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL), *content = NULL;
      GStatBuf info;
      g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
      g_assert_cmpint (g_stat (path, &info), ==, 0);
      g_assert_cmpint (info.st_mode & 0777, ==, 0600);
      g_string_append (text, content);
      *clients += g_str_has_suffix (name, "-client.sqlog");
      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  return count;
}

static void
test_files (void)
{
  g_autofree char *folder = g_dir_make_tmp ("qlog-XXXXXX", NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  unsigned clients;
  connect_once (folder);
  connect_once (folder);
  g_assert_cmpuint (take_files (folder, text, &clients), ==, 4);
  g_assert_cmpuint (clients, ==, 2);
  g_assert_nonnull (strstr (text->str, "qlog_version"));
  g_assert_nonnull (strstr (text->str, "packet_received"));
  g_assert_null (strstr (text->str, "confidential"));
  connect_once (NULL);
  connect_once ("");
  g_assert_cmpuint (take_files (folder, text, &clients), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static unsigned warnings;

static GLogWriterOutput
count_warnings (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  warnings += level == G_LOG_LEVEL_WARNING;
  return G_LOG_WRITER_HANDLED;
}

/* A log that cannot be written is no reason not to connect. */
static void
test_no_folder (void)
{
  g_log_set_writer_func (count_warnings, NULL, NULL);
  connect_once ("/nonexistent/qlog");
  g_assert_cmpuint (warnings, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

  g_test_add_func ("/qlog/files", test_files);
  g_test_add_func ("/qlog/no-folder", test_no_folder);
  return g_test_run ();
}

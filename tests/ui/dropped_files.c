/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What other programs put on the clipboard or let fall, as they word it. */
#include "ui/dropped_files.h"

#include "tests/ui/ui_test.h"

typedef struct
{
  const char *list;
  const char *paths[4]; /* as they are to be sent */
  guint left_out;
} Case;

static const Case cases[] = {
  { "file:///tmp/a\r\nfile:///tmp/b\r\n", { "/tmp/a", "/tmp/b" }, 0 },
  { "file:///tmp/a\nfile:///tmp/b", { "/tmp/a", "/tmp/b" }, 0 },
  { "# a comment\r\n\r\nfile:///tmp/a\r\n#file:///tmp/c\r\n", { "/tmp/a" }, 0 },
  { "file:///tmp/%C3%A4%20%23%25", { "/tmp/ä #%" }, 0 },
  { "file:///tmp/%FF%FE", { "/tmp/\xff\xfe" }, 0 },
  { "FILE:///tmp/a", { "/tmp/a" }, 0 },
  { "file:/tmp/a", { "/tmp/a" }, 0 },
  { "file://localhost/tmp/a", { "/tmp/a" }, 0 },
  { "file://LOCALHOST/tmp/a", { "/tmp/a" }, 0 },
  { "file://otherhost/etc/passwd", { NULL }, 1 },
  { "file://localhost.example.org/etc/passwd", { NULL }, 1 },
  { "file:///tmp/a\r\nfile:///tmp/a\r\nfile:///tmp/./a\r\nfile://localhost/tmp/a",
    { "/tmp/a" },
    0 },
  { "file:///tmp/a\r\ntrash:///b\r\nhttps://example.org/c\r\n", { "/tmp/a" }, 2 },
  { "mtp://phone/x\r\nsmb://server/x\r\nhttp://x/\r\ndata:,x\r\n", { NULL }, 4 },
  { "trash:///b\r\ntrash:///b\r\n", { NULL }, 1 },
  { "a\r\n../b\r\ntmp/c\r\n", { NULL }, 3 },
  { "file:relative\r\nfile:///tmp/%2Fetc\r\nfile:///tmp/%00\r\nfile:///tmp/%zz\r\n", { NULL }, 4 },
  { "\xff\xfe\r\nfile:///tmp/a\r\n", { "/tmp/a" }, 1 },
  { "", { NULL }, 0 },
  { "\r\n# nothing\r\n", { NULL }, 0 },
};

static void
assert_files (GPtrArray *files, const Case *expected)
{
  guint n = 0;
  for (; expected->paths[n]; n++)
    {
      g_assert_cmpuint (files->len, >, n);
      g_assert_cmpstr (g_file_peek_path (g_ptr_array_index (files, n)), ==, expected->paths[n]);
    }
  g_assert_cmpuint (files->len, ==, n);
}

static void
got_value_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, &error);
  GValue *copy = user_data;
  g_assert_no_error (error);
  g_value_init (copy, G_VALUE_TYPE (value));
  g_value_copy (value, copy);
}

/* Through the clipboard, so that what turns the bytes into a value is tested too. */
static void
test_uri_list (gconstpointer data)
{
  const Case *expected = data;
  GdkClipboard *clipboard = gdk_display_get_clipboard (gdk_display_get_default ());
  g_autoptr (GBytes) bytes = g_bytes_new_static (expected->list, strlen (expected->list));
  g_autoptr (GdkContentProvider) provider =
      gdk_content_provider_new_for_bytes ("text/uri-list", bytes);
  g_auto (GValue) value = G_VALUE_INIT;
  LeftOut left_out = { G_MAXUINT, G_MAXUINT };

  gdk_clipboard_set_content (clipboard, provider);
  gdk_clipboard_read_value_async (clipboard, dropped_type (gdk_clipboard_get_formats (clipboard)),
                                  G_PRIORITY_DEFAULT, NULL, got_value_cb, &value);
  wait_until (G_IS_VALUE (&value));
  g_autoptr (GPtrArray) files = dropped_files (&value, &left_out);
  assert_files (files, expected);
  g_assert_cmpuint (left_out.elsewhere, ==, expected->left_out);
}

static void
test_this_host (void)
{
  g_autofree char *own = g_strdup_printf ("file://%s/tmp/a", g_get_host_name ());
  g_auto (GValue) value = G_VALUE_INIT;
  LeftOut left_out = { G_MAXUINT, G_MAXUINT };
  g_value_init (&value, G_TYPE_STRV);
  g_value_set_boxed (&value, ((const char *[]) { own, NULL }));
  g_autoptr (GPtrArray) files = dropped_files (&value, &left_out);
  assert_files (files, &(Case) { .paths = { "/tmp/a" } });
  g_assert_cmpuint (left_out.elsewhere, ==, 0);
}

static void
test_file_list (void)
{
  g_autoptr (GFile) local = g_file_new_for_path ("/tmp/a");
  g_autoptr (GFile) same = g_file_new_for_path ("/tmp/../tmp/a");
  g_autoptr (GFile) remote = g_file_new_for_uri ("https://example.org/x");
  g_auto (GValue) value = G_VALUE_INIT;
  LeftOut left_out = { G_MAXUINT, G_MAXUINT };

  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value,
                      gdk_file_list_new_from_array ((GFile *[]) { local, same, remote }, 3));
  g_autoptr (GPtrArray) files = dropped_files (&value, &left_out);
  assert_files (files, &(Case) { .paths = { "/tmp/a" } });
  g_assert_cmpuint (left_out.elsewhere, ==, 1);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/ui/dropped-files/uri-list/%zu", i);
      g_test_add_data_func (path, &cases[i], test_uri_list);
    }
  g_test_add_func ("/ui/dropped-files/this-host", test_this_host);
  g_test_add_func ("/ui/dropped-files/file-list", test_file_list);
  return g_test_run ();
}

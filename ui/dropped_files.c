/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/dropped_files.h"

#include <glib/gi18n-lib.h>

#include "net/client.h"
#include "ui/transfer_phrases.h"

#define URI_LIST "text/uri-list"

typedef struct
{
  GPtrArray *files;
  /* (element-type utf8) URIs of files, and whatever was left out, as it was written */
  GHashTable *seen;
  LeftOut left_out;
} Collection;

static void
collection_init (Collection *self)
{
  self->files = g_ptr_array_new_with_free_func (g_object_unref);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->left_out = (LeftOut) { 0 };
}

static GPtrArray *
collection_end (Collection *self, LeftOut *left_out)
{
  g_hash_table_unref (self->seen);
  *left_out = self->left_out;
  return self->files;
}

static void
add_file (Collection *self, GFile *file)
{
  const char *path = g_file_peek_path (file);
  if (!path || !g_hash_table_add (self->seen, g_file_get_uri (file)))
    return;
  if (wherry_client_is_sandboxed () && !g_file_query_exists (file, NULL))
    self->left_out.outside++;
  else
    g_ptr_array_add (self->files, g_object_ref (file));
}

static void
leave_out (Collection *self, const char *uri)
{
  if (g_hash_table_add (self->seen, g_strdup (uri)))
    self->left_out.elsewhere++;
}

static void
add_or_leave_out (Collection *self, GFile *file)
{
  g_autofree char *uri = g_file_get_uri (file);
  if (g_file_peek_path (file))
    add_file (self, file);
  else
    leave_out (self, uri);
}

static bool
is_this_host (const char *host)
{
  return !host || *host == '\0' || g_ascii_strcasecmp (host, "localhost") == 0 ||
         g_ascii_strcasecmp (host, g_get_host_name ()) == 0;
}

static void
add_uri (Collection *self, const char *uri)
{
  g_autofree char *scheme = g_uri_parse_scheme (uri);
  g_autofree char *host = NULL;
  g_autofree char *path = g_filename_from_uri (uri, &host, NULL);
  g_autoptr (GFile) file = path ? g_file_new_for_path (path) : g_file_new_for_uri (uri);

  /* Mounted by the desktop, what has another scheme may have a path too. */
  bool here = path ? is_this_host (host)
                   : scheme && !g_str_equal (scheme, "file") && g_file_peek_path (file);
  if (here)
    add_file (self, file);
  else
    leave_out (self, uri);
}

GPtrArray *
dropped_files (const GValue *value, LeftOut *left_out)
{
  Collection collection;
  collection_init (&collection);

  if (G_VALUE_HOLDS (value, G_TYPE_STRV))
    {
      for (char **uri = g_value_get_boxed (value); uri && *uri; uri++)
        add_uri (&collection, *uri);
    }
  else if (G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    {
      g_autoptr (GSList) list = gdk_file_list_get_files (g_value_get_boxed (value));
      for (GSList *l = list; l; l = l->next)
        add_or_leave_out (&collection, l->data);
    }
  return collection_end (&collection, left_out);
}

GPtrArray *
chosen_files (GListModel *model, LeftOut *left_out)
{
  Collection collection;
  collection_init (&collection);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (model, i);
      add_or_leave_out (&collection, file);
    }
  return collection_end (&collection, left_out);
}

GPtrArray *
local_files (GPtrArray *files, LeftOut *left_out)
{
  Collection collection;
  collection_init (&collection);

  for (guint i = 0; i < files->len; i++)
    add_or_leave_out (&collection, files->pdata[i]);
  return collection_end (&collection, left_out);
}

void
tell_left_out (GtkWidget *widget, GPtrArray *files, const LeftOut *left_out)
{
  g_autofree char *sentence = NULL;
  if (left_out->elsewhere > 0)
    sentence = left_out_phrase (left_out->elsewhere);
  else if (files->len == 0 && left_out->outside == 0)
    sentence = g_strdup (_ ("There are no files in it"));
  if (sentence)
    gtk_widget_activate_action (widget, "win.complain", "s", sentence);
  if (left_out->outside > 0)
    gtk_widget_activate_action (widget, "win.tell-outside", "u", left_out->outside);
}

/* text/uri-list as G_TYPE_STRV */

/* Not g_uri_list_extract_uris(), which takes a comment after an empty line for a URI, and drops
 * what has one letter. */
static char **
parse_uri_list (const char *text)
{
  g_auto (GStrv) lines = g_strsplit_set (text, "\r\n", -1);
  g_autoptr (GStrvBuilder) uris = g_strv_builder_new ();
  for (char **line = lines; *line; line++)
    {
      const char *uri = g_strstrip (*line);
      if (*uri != '\0' && *uri != '#')
        g_strv_builder_add (uris, uri);
    }
  return g_strv_builder_end (uris);
}

static void
spliced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GdkContentDeserializer *deserializer = user_data;
  GMemoryOutputStream *text = G_MEMORY_OUTPUT_STREAM (source);
  GError *error = NULL;
  if (g_output_stream_splice_finish (G_OUTPUT_STREAM (source), result, &error) < 0 ||
      !g_output_stream_write_all (G_OUTPUT_STREAM (source), "", 1, NULL, NULL, &error))
    {
      gdk_content_deserializer_return_error (deserializer, error);
      return;
    }
  g_value_take_boxed (gdk_content_deserializer_get_value (deserializer),
                      parse_uri_list (g_memory_output_stream_get_data (text)));
  gdk_content_deserializer_return_success (deserializer);
}

static void
deserialize_uri_list (GdkContentDeserializer *deserializer)
{
  g_autoptr (GOutputStream) text = g_memory_output_stream_new_resizable ();
  g_output_stream_splice_async (
      text, gdk_content_deserializer_get_input_stream (deserializer),
      G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE, gdk_content_deserializer_get_priority (deserializer),
      gdk_content_deserializer_get_cancellable (deserializer), spliced_cb, deserializer);
}

const GType *
dropped_types (gsize *n_types)
{
  static GType types[2];
  if (g_once_init_enter (&types[0]))
    {
      bool sandboxed = wherry_client_is_sandboxed ();
      gdk_content_register_deserializer (URI_LIST, G_TYPE_STRV, deserialize_uri_list, NULL, NULL);
      types[1] = sandboxed ? G_TYPE_STRV : GDK_TYPE_FILE_LIST;
      g_once_init_leave (&types[0], sandboxed ? GDK_TYPE_FILE_LIST : G_TYPE_STRV);
    }
  *n_types = G_N_ELEMENTS (types);
  return types;
}

GType
dropped_type (GdkContentFormats *formats)
{
  gsize n_types;
  const GType *types = dropped_types (&n_types);
  g_autoptr (GdkContentFormats) readable =
      gdk_content_formats_union_deserialize_gtypes (gdk_content_formats_ref (formats));
  for (gsize i = 0; i < n_types; i++)
    if (gdk_content_formats_contain_gtype (readable, types[i]))
      return types[i];
  return G_TYPE_INVALID;
}

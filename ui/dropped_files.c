/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "ui/dropped_files.h"

static void
add_local (GPtrArray *files, GFile *file)
{
  if (g_file_peek_path (file) != NULL)
    g_ptr_array_add (files, g_object_ref (file));
}

GPtrArray *
dropped_files (const GValue *value)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_object_unref);

  if (!G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    return files;

  g_autoptr (GSList) list = gdk_file_list_get_files (g_value_get_boxed (value));
  for (GSList *l = list; l != NULL; l = l->next)
    add_local (files, l->data);
  return files;
}

GPtrArray *
chosen_files (GListModel *model)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (model, i);
      add_local (files, file);
    }
  return files;
}

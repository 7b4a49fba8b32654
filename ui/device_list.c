/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/device_list.h"

static gboolean
is_paired (gpointer item, gpointer user_data)
{
  return wherry_device_get_paired (item);
}

static gboolean
is_nearby (gpointer item, gpointer user_data)
{
  return !wherry_device_get_paired (item);
}

static void
refilter_cb (GtkFilter *filter)
{
  gtk_filter_changed (filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
resort_cb (GtkSorter *sorter)
{
  gtk_sorter_changed (sorter, GTK_SORTER_CHANGE_DIFFERENT);
}

/* A filter model looks at an item once; what makes an item change sides has to be watched here. */
static void
watch_items (GListModel *devices, guint position, guint removed, guint added, GtkFilter *filter)
{
  GtkSorter *sorter = g_object_get_data (G_OBJECT (filter), "sorter");
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (WherryDevice) device = g_list_model_get_item (devices, i);
      g_signal_handlers_disconnect_by_data (device, filter);
      g_signal_handlers_disconnect_by_data (device, sorter);
      g_signal_connect_object (device, "notify::paired", G_CALLBACK (refilter_cb), filter,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (device, "notify::name", G_CALLBACK (resort_cb), sorter,
                               G_CONNECT_SWAPPED);
    }
}

static GListModel *
device_list_new (GListModel *devices, GtkCustomFilterFunc belongs)
{
  GtkExpression *name = gtk_property_expression_new (WHERRY_TYPE_DEVICE, NULL, "name");
  GtkSorter *sorter = GTK_SORTER (gtk_string_sorter_new (name));
  GtkFilter *filter = GTK_FILTER (gtk_custom_filter_new (belongs, NULL, NULL));
  g_object_set_data_full (G_OBJECT (filter), "sorter", g_object_ref (sorter), g_object_unref);
  g_signal_connect_object (devices, "items-changed", G_CALLBACK (watch_items), filter, 0);
  watch_items (devices, 0, 0, g_list_model_get_n_items (devices), filter);

  GListModel *filtered = G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (devices), filter));
  return G_LIST_MODEL (gtk_sort_list_model_new (filtered, sorter));
}

GListModel *
device_list_paired (GListModel *devices)
{
  return device_list_new (devices, is_paired);
}

GListModel *
device_list_nearby (GListModel *devices)
{
  return device_list_new (devices, is_nearby);
}

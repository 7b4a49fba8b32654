/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/transfer_list.h"

static gboolean
is_with_device (gpointer item, gpointer device)
{
  return wherry_transfer_get_device (item) == device;
}

GListModel *
transfer_list_with_device (GListModel *transfers, WherryDevice *device)
{
  GtkFilter *filter =
      GTK_FILTER (gtk_custom_filter_new (is_with_device, g_object_ref (device), g_object_unref));
  return G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (transfers), filter));
}

WherryTransfer *
transfer_list_get_current (GListModel *transfers)
{
  WherryTransfer *current = NULL;
  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (WherryTransfer) transfer = g_list_model_get_item (transfers, i);
      TransferState state = wherry_transfer_get_state (transfer);
      if (state == TRANSFER_OFFERED &&
          wherry_transfer_get_direction (transfer) == TRANSFER_RECEIVING)
        return transfer;
      if (!current && !transfer_state_is_final (state))
        current = transfer;
    }
  return current;
}

WherryTransfer *
transfer_list_lookup (GListModel *transfers, const char *id)
{
  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (WherryTransfer) transfer = g_list_model_get_item (transfers, i);
      if (g_str_equal (wherry_transfer_get_id (transfer), id))
        return transfer;
    }
  return NULL;
}

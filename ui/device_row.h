/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row of the sidebar: one device, its state in words, what is under way with it. Files can be
 * dropped on a paired one. */
#pragma once

#include <adwaita.h>

#include "net/client.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_DEVICE_ROW (wherry_device_row_get_type ())
G_DECLARE_FINAL_TYPE (WherryDeviceRow, wherry_device_row, WHERRY, DEVICE_ROW, GtkListBoxRow)

/* Properties: "device" WherryDevice.
 * Signals: "pair" (); "send" (GPtrArray of GFile): files were dropped here. */

/** @transfers: all transfers; the row finds those of @device. */
GtkWidget *wherry_device_row_new (WherryDevice *device, GListModel *transfers);
WherryDevice *wherry_device_row_get_device (WherryDeviceRow *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transfers with one device, cut from the one model of transfers. */
#pragma once

#include <gtk/gtk.h>

#include "net/client.h"

G_BEGIN_DECLS

/** The WherryTransfer rows of @transfers that go to or come from @device. (transfer full) */
GListModel *transfer_list_with_device (GListModel *transfers, WherryDevice *device);
/** The one of @transfers that a short line should be about: an offer that waits for the person,
 * else the newest unfinished one. (transfer none) (nullable) */
WherryTransfer *transfer_list_get_current (GListModel *transfers);
/** (transfer none) (nullable) */
WherryTransfer *transfer_list_lookup (GListModel *transfers, const char *id);

G_END_DECLS

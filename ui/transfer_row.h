/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One transfer in the list of a device page: an offer to answer, a running one, or what became of
 * it. */
#pragma once

#include <adwaita.h>

#include "net/client.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_TRANSFER_ROW (wherry_transfer_row_get_type ())
G_DECLARE_FINAL_TYPE (WherryTransferRow, wherry_transfer_row, WHERRY, TRANSFER_ROW, GtkListBoxRow)

/* Signal "send-again" (GPtrArray of GFile): the person wants the same files sent once more. */

GtkWidget *wherry_transfer_row_new (WherryTransfer *transfer);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which device shall get these files? Asked when files come from outside the window. */
#pragma once

#include <adwaita.h>

#include "net/client.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_SEND_DIALOG (wherry_send_dialog_get_type ())
G_DECLARE_FINAL_TYPE (WherrySendDialog, wherry_send_dialog, WHERRY, SEND_DIALOG, AdwDialog)

/* Signal "chosen" (WherryDevice *, GPtrArray of GFile). */

/** @paired: WherryDevice rows; @transfers: what their rows show; @files: element-type GFile. */
AdwDialog *wherry_send_dialog_new (GListModel *paired, GListModel *transfers, GPtrArray *files);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of the Add Device dialog that shows a code: QR code, three words, time left. */
#pragma once

#include <adwaita.h>

#include "net/client.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_SHOW_CODE (wherry_show_code_get_type ())
G_DECLARE_FINAL_TYPE (WherryShowCode, wherry_show_code, WHERRY, SHOW_CODE, AdwBin)

/* Signal "copied" (): the link is in the clipboard now. */

/** @session is one that we host; NULL shows nothing. */
void wherry_show_code_set_session (WherryShowCode *self, WherryPairingSession *session);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of the Add Device dialog where a code is entered: three words, or a link; and to
 * whom. */
#pragma once

#include <adwaita.h>

#include "net/client.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_ENTER_CODE (wherry_enter_code_get_type ())
G_DECLARE_FINAL_TYPE (WherryEnterCode, wherry_enter_code, WHERRY, ENTER_CODE, AdwBin)

/* Signal "join" (const char *code, WherryDevice *device, GPtrArray *addresses): the person
 * wants to pair; device and addresses (element-type GInetSocketAddress) may be NULL. */

/** @nearby: the unpaired WherryDevice rows to choose from. */
void wherry_enter_code_set_nearby (WherryEnterCode *self, GListModel *nearby);
void wherry_enter_code_set_device (WherryEnterCode *self, WherryDevice *device);
void wherry_enter_code_set_link (WherryEnterCode *self, const char *link);
/** What the cursor should be in first. (transfer none) */
GtkWidget *wherry_enter_code_get_first (WherryEnterCode *self);
/** Opens the place for an address; the cursor will be there. */
void wherry_enter_code_expect_address (WherryEnterCode *self);
void wherry_enter_code_set_problem (WherryEnterCode *self, const char *sentence);

G_END_DECLS

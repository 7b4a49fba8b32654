/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the window shows while no device is chosen: what to do first, and after a while without any
 * device nearby, why that may be and what else can be done. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* How long to look around before the reasons are told. */
#define EMPTY_PAGE_PATIENCE_S 8

#define WHERRY_TYPE_EMPTY_PAGE (wherry_empty_page_get_type ())
G_DECLARE_FINAL_TYPE (WherryEmptyPage, wherry_empty_page, WHERRY, EMPTY_PAGE, AdwBin)

/** The paired devices and those nearby, as in the sidebar. Starts the patience. */
void wherry_empty_page_set_devices (WherryEmptyPage *self, GListModel *paired, GListModel *nearby);

G_END_DECLS

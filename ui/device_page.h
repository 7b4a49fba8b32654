/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A paired device: where files are dropped for it, and the transfers with it. */
#pragma once

#include <adwaita.h>

#include "net/client.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_DEVICE_PAGE (wherry_device_page_get_type ())
G_DECLARE_FINAL_TYPE (WherryDevicePage, wherry_device_page, WHERRY, DEVICE_PAGE, AdwNavigationPage)

/* Properties: "device" WherryDevice.
 * Signals: "send" (GPtrArray of GFile): files were dropped, chosen, pasted or are to be sent again.
 *          "unpair" (): the person confirmed that the device be forgotten.
 * Actions: page.choose-files, page.choose-folder, page.paste, page.unpair. */

/** @transfers: all transfers; the page shows those with @device. */
WherryDevicePage *wherry_device_page_new (WherryDevice *device, GListModel *transfers);
WherryDevice *wherry_device_page_get_device (WherryDevicePage *self);
/** The other device has unpaired this one, as @sentence tells: nothing more can be sent from
 * here. */
void wherry_device_page_set_unpaired (WherryDevicePage *self, const char *sentence);
bool wherry_device_page_is_unpaired (WherryDevicePage *self);

G_END_DECLS

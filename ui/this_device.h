/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bar below the lists: what this device is called, and whether others see it. */
#pragma once

#include <adwaita.h>

#include "net/client.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_THIS_DEVICE (wherry_this_device_get_type ())
G_DECLARE_FINAL_TYPE (WherryThisDevice, wherry_this_device, WHERRY, THIS_DEVICE, AdwBin)

/** Once, when the node runs. */
void wherry_this_device_set_client (WherryThisDevice *self, WherryClient *client);

G_END_DECLS

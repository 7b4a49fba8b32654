/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adding a device: show a code, or enter one, and what came of it. The code that it shows is alive
 * while the dialog is open, and dies with it. */
#pragma once

#include <adwaita.h>

#include "net/client.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_ADD_DEVICE_DIALOG (wherry_add_device_dialog_get_type ())
G_DECLARE_FINAL_TYPE (WherryAddDeviceDialog, wherry_add_device_dialog, WHERRY, ADD_DEVICE_DIALOG,
                      AdwDialog)

/* Signal "paired" (WherryDevice *): the person has read the good news and closed the dialog. */

/** @nearby: the unpaired WherryDevice rows of @client. */
WherryAddDeviceDialog *wherry_add_device_dialog_new (WherryClient *client, GListModel *nearby);

/** Opens at Enter a Code, for @device when it is not NULL. */
void wherry_add_device_dialog_enter_code (WherryAddDeviceDialog *self, WherryDevice *device);
void wherry_add_device_dialog_enter_address (WherryAddDeviceDialog *self);
void wherry_add_device_dialog_enter_link (WherryAddDeviceDialog *self, const char *link);
/** Like adw_dialog_present(), with the cursor where the person wants to type. */
void wherry_add_device_dialog_present (WherryAddDeviceDialog *self, GtkWidget *parent);

G_END_DECLS

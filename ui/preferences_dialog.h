/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences: this device's name and visibility, and where received files go. */
#pragma once

#include <adwaita.h>

#include "net/client.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_PREFERENCES_DIALOG (wherry_preferences_dialog_get_type ())
G_DECLARE_FINAL_TYPE (WherryPreferencesDialog, wherry_preferences_dialog, WHERRY,
                      PREFERENCES_DIALOG, AdwPreferencesDialog)

AdwDialog *wherry_preferences_dialog_new (WherryClient *client);

G_END_DECLS

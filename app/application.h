/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program: owns the node and the window, reads the command line, tells of offers by
 * notifications. */
#pragma once

#include <adwaita.h>

#include "net/client.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_APPLICATION (wherry_application_get_type ())
G_DECLARE_FINAL_TYPE (WherryApplication, wherry_application, WHERRY, APPLICATION, AdwApplication)

/* Actions: app.quit, app.about, app.start (tries again to make the node), and with a transfer id:
 * app.accept-offer, app.decline-offer, app.show-offer. */

WherryApplication *wherry_application_new (void);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notifications for incoming offers, with the same answers as the row in the window. */
#pragma once

#include <gtk/gtk.h>

#include "net/client.h"

G_BEGIN_DECLS

/** From now on, while no window of @application is active, each offer to @client is told; the
 * notification goes when the offer is answered anywhere or expires. */
void offer_notifications_watch (GtkApplication *application, WherryClient *client);

G_END_DECLS

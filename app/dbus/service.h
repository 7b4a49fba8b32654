/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What data/io.github.wherry.Wherry.xml describes, answered by a WherryClient of this process. */
#pragma once

#include "net/client.h"

G_BEGIN_DECLS

typedef struct DbusService DbusService;

/** Offers @client, which runs on @data_dir (as in ClientOptions), under the name of that folder.
 * Until it is freed, which must be before @client closes. */
DbusService *dbus_service_new (GDBusConnection *bus, WherryClient *client, const char *data_dir);
/** The same on the session bus; NULL without one. */
DbusService *dbus_service_new_on_session_bus (WherryClient *client, const char *data_dir);
void dbus_service_free (DbusService *self);

G_END_DECLS

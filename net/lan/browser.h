/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watches one Avahi client for services of our type and keeps a list of devices from them. */
#pragma once

#include <avahi-client/client.h>

#include "net/lan/service.h"

G_BEGIN_DECLS

/* What strangers on the network may cost us; the daemon itself grants a client 1024 objects. */
#define BROWSER_SIGHTINGS_MAX 512
#define BROWSER_SERVICES_MAX  256

/* A daemon that registers its host anew, because an interface came or an address changed, takes
 * back all it announced and says it again at once. A device leaves the list only when that did not
 * happen. */
#define BROWSER_LINGER_MS 2500 /* probing for the host name alone takes a second */

typedef struct
{
  void (*found) (WherryService *service, gpointer user_data); /* new, or changed */
  void (*lost) (WherryService *service, gpointer user_data);
  void (*failed) (int avahi_error, gpointer user_data); /* free the browser, but not inside */
} BrowserEvents;

typedef struct Browser Browser;

/** Fills @services (element-type WherryService; borrowed, must outlive the browser), each device
 * once, @own left out. @events must be static. NULL when Avahi refuses: avahi_client_errno() says
 * why. */
Browser *browser_new (AvahiClient *client, const NodeId *own, GListStore *services,
                      const BrowserEvents *events, gpointer user_data);
/** Loses all services. */
void browser_free (Browser *browser);

G_END_DECLS

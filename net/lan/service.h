/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A device that announces itself on this network now: a row of the browser, merged over interfaces
 * and protocols. Everything but the shape of it is hearsay; who really answers at an address is
 * proved by its key. Main thread only. */
#pragma once

#include <stdbool.h>
#include <gio/gio.h>

#include "net/lan/announcement.h"

G_BEGIN_DECLS

/* Addresses of one device: more than any honest one has. */
#define SERVICE_ADDRESSES_MAX 16

#define WHERRY_TYPE_SERVICE (wherry_service_get_type ())
G_DECLARE_FINAL_TYPE (WherryService, wherry_service, WHERRY, SERVICE, GObject)

const NodeId *wherry_service_get_node_id (WherryService *self);
const char *wherry_service_get_name (WherryService *self);
DeviceType wherry_service_get_device_type (WherryService *self);
bool wherry_service_get_pairing_open (WherryService *self);
/** In the order they were found; an IPv6 link-local one has its scope. (element-type
 * GInetSocketAddress) (transfer none) */
GPtrArray *wherry_service_get_addresses (WherryService *self);

/* For the browser alone. */
WherryService *wherry_service_new (const NodeId *id);
/** Whether anything changed. */
bool wherry_service_update (WherryService *self, const Announcement *announcement,
                            GPtrArray *addresses);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Announces this device through one Avahi client, under the device's name or, when another service
 * has that, a variation. */
#pragma once

#include <avahi-client/client.h>

#include "net/lan/announcement.h"

typedef struct Publisher Publisher;

/** Told once when Avahi refuses for good. Free the publisher, but not inside. */
typedef void (*PublisherFailed) (int avahi_error, gpointer user_data);

/** @client must be running, and outlive the publisher. */
Publisher *publisher_new (AvahiClient *client, const Announcement *announcement, uint16_t port,
                          PublisherFailed failed, gpointer user_data);
/** The record changes in place. A new name is established before the old one is withdrawn, so the
 * device never seems to leave. */
void publisher_update (Publisher *publisher, const Announcement *announcement);
/** Withdraws. */
void publisher_free (Publisher *publisher);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TXT record of a Wherry service (RFC 6763, section 6): what a device tells everybody on the
 * network; docs/protocol.md, "Finding", has its keys. */
#pragma once

#include <stdbool.h>
#include <avahi-common/strlst.h>

#include "net/core/device_info.h"

#define ANNOUNCEMENT_SERVICE_TYPE "_wherry._udp"
/* A record of ours has about 170 bytes; RFC 6763, 6.2 advises against more than 1300. */
#define ANNOUNCEMENT_SIZE_MAX 1300

typedef struct
{
  NodeId node_id;
  char name[DEVICE_NAME_MAX + 1]; /* sanitised */
  DeviceType type;
  char version[DEVICE_VERSION_MAX + 1];
  bool pairing_open; /* a pairing code is being shown */
} Announcement;

/** All or nothing: a good id and version are required, anything unknown is skipped.
 * False for a record that is no announcement of ours, or longer than ANNOUNCEMENT_SIZE_MAX. */
bool announcement_parse (Announcement *announcement, AvahiStringList *txt);
/** For avahi_string_list_free(). */
AvahiStringList *announcement_to_txt (const Announcement *announcement);
bool announcement_equal (const Announcement *a, const Announcement *b);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences about devices and the search for them, translated. No widget in here, so the words
 * are tested without a display. All char * results are (transfer full); const char * are
 * static. */
#pragma once

#include "net/client.h"

G_BEGIN_DECLS

/** "On this network · 0.4 ms", "Offline, seen 2 hours ago", "Wants to pair". @now: Unix seconds. */
char *device_phrase (WherryDevice *device, int64_t now);
const char *device_icon_name (DeviceType type);

/** Why devices nearby cannot be seen, and what the command is for; NULL when all is well. */
const char *discovery_advice (DiscoveryState state);
/** The command that mends or explains it; not translated. */
const char *discovery_command (DiscoveryState state);

G_END_DECLS

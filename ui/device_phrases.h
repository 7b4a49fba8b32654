/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences about devices, translated. No widget in here, so the words are tested without a
 * display. All char * results are (transfer full); const char * are static. */
#pragma once

#include "net/client.h"

G_BEGIN_DECLS

/** "On this network · 0.4 ms", "Offline, seen 2 hours ago", "Wants to pair". @now: Unix seconds. */
char *device_phrase (WherryDevice *device, int64_t now);
const char *device_icon_name (DeviceType type);

G_END_DECLS

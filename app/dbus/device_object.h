/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A device on the bus. */
#pragma once

#include "net/client.h"

/** @client must outlive it. (transfer full) */
GDBusObjectSkeleton *device_object_new (WherryClient *client, WherryDevice *device);
/** (transfer full) */
char *device_object_path (WherryDevice *device);

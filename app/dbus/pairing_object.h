/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pairing on the bus. */
#pragma once

#include "net/client.h"

/** Who asked for it is watched: once @sender has left @bus, the pairing is cancelled. (transfer
 * full) */
GDBusObjectSkeleton *pairing_object_new (WherryPairingSession *session, const char *path,
                                         GDBusConnection *bus, const char *sender);
/** (transfer none) */
WherryPairingSession *pairing_object_get_session (GDBusObjectSkeleton *object);

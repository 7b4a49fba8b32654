/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps a connection with each paired device that is nearby: dials as soon as it is seen, again
 * when the connection is lost, with core/backoff between attempts, and at once when the network of
 * this device has changed. Main thread only. */
#pragma once

#include "net/peer/pool.h"

G_BEGIN_DECLS

/** Both sides see each other in the same moment: the one with the greater node id lets the other
 * one dial first. */
#define RECONNECTOR_YIELD_MS 500

typedef struct Reconnector Reconnector;

/** @alpn is served by @pool (static). @self: the node id of this device. @pool and @registry are
 * borrowed and outlive it. */
Reconnector *reconnector_new (Pool *pool, WherryDeviceRegistry *registry, const char *alpn,
                              const NodeId *self);
/** Nothing is dialled any more; what is open stays. */
void reconnector_free (Reconnector *self);

G_END_DECLS

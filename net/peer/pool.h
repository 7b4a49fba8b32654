/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every open connection with a paired device, whoever dialled: gives it its session keys, shares
 * what can be shared by (node, ALPN), tells the registry what comes and goes, and closes all of a
 * device at once. When both sides dial in the same moment, the shared connection that the smaller
 * node id dialled is used from then on; the other one drains and is closed. Main thread only. */
#pragma once

#include "net/async/flow_set.h"
#include "net/peer/secure_connection.h"
#include "net/quic/endpoint.h"
#include "net/peer/device_registry.h"

G_BEGIN_DECLS

/* What one device may hold of ours; the connections that we dialled do not count. */
#define POOL_DEVICE_MAX 16
#define POOL_QUIET_US   (2 * G_USEC_PER_SEC) /* silence after which one may go for another */
#define POOL_DRAIN_MS   2000                 /* silence after which one that drains is closed */

typedef struct Pool Pool;

/** A connection with @alpn is up. */
typedef void (*PoolOpened) (SecureConnection *peer, gpointer user_data);
/** The peer closed a connection because it unpaired us. */
typedef void (*PoolUnpaired) (const NodeId *id, gpointer user_data);

/** All borrowed; they outlive it. @self (copied): the node id of this device. */
Pool *pool_new (QuicEndpoint *endpoint, WherryDeviceRegistry *registry, FlowSet *flows,
                const NodeId *self);
/** Only after the flows have ended. */
void pool_free (Pool *self);

/** @opened is called for every shared connection of @alpn, dialled or accepted. One ALPN is enough
 * today. */
void pool_serve (Pool *self, const char *alpn, PoolOpened opened, gpointer user_data);
void pool_on_unpaired (Pool *self, PoolUnpaired unpaired, gpointer user_data);

/** Resolves to a SecureConnection that belongs to the caller alone. @first (nullable, element-type
 * GInetSocketAddress) are dialled before the addresses that the registry knows. Rejects with
 * QUIC_ERROR and a sentence for people; NOT_PAIRED when either side does not know the other. */
DexFuture *pool_dial (Pool *self, const NodeId *id, const char *alpn,
                      GPtrArray *first) G_GNUC_WARN_UNUSED_RESULT;
/** The same for one that is shared: the open one, the one being dialled (unless @first names
 * addresses that are not tried there), or a new one. @alpn is the served one. */
DexFuture *pool_share (Pool *self, const NodeId *id, const char *alpn,
                       GPtrArray *first) G_GNUC_WARN_UNUSED_RESULT;
/** Takes a connection that a paired device dialled: QUIC_CODE_OK, and @peer (nullable; transfer
 * full). Else the code to refuse it with, which the caller's accept handler returns: NOT_PAIRED
 * when there is no pairing root, LIMIT when the device has POOL_DEVICE_MAX already and none of them
 * is a shared one that was silent for POOL_QUIET_US; such a one is closed instead. */
QuicCode pool_adopt (Pool *self, QuicConnection *connection, SecureConnection **peer);

/** Something was said on it. */
void pool_active (Pool *self, SecureConnection *peer);
/** When it will have been silent for CONNECTION_IDLE_US, on the monotonic clock; it becomes IDLE
 * when asked after that. */
int64_t pool_idle_at (Pool *self, SecureConnection *peer);

/** On a fiber: why something on @peer failed with @error, as QUIC_ERROR with a sentence. (transfer
 * full) @error */
GError *pool_explain (Pool *self, SecureConnection *peer, GError *error);

/** How many connections of a device are open. */
guint pool_count (Pool *self, const NodeId *id);
/** Closes all connections of a device; how many were open. */
guint pool_close (Pool *self, const NodeId *id, QuicCode code, const char *reason);

G_END_DECLS

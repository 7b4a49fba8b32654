/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every open connection with a paired device, whoever dialled: gives it its session keys, shares
 * what can be shared by (node, ALPN), tells the registry what comes and goes, and closes all of a
 * device at once. When both sides dial in the same moment there are two connections; each works on
 * its own. Main thread only. */
#pragma once

#include "net/async/flow_set.h"
#include "net/peer/secure_connection.h"
#include "net/quic/endpoint.h"
#include "net/peer/device_registry.h"

G_BEGIN_DECLS

/* What one device may hold of ours; the connections that we dialled do not count. */
#define PEER_CONNECTIONS_MAX 16
#define PEER_CONNECTIONS_QUIET_US                                                                  \
  (2 * G_USEC_PER_SEC) /* silence after which one may go for another */

typedef struct PeerConnections PeerConnections;

/** A connection with @alpn is up. */
typedef void (*PeerConnectionOpened) (SecureConnection *peer, gpointer user_data);
/** The peer closed a connection because it unpaired us. */
typedef void (*PeerConnectionUnpaired) (const NodeId *id, gpointer user_data);

/** All borrowed; they outlive it. */
PeerConnections *peer_connections_new (QuicEndpoint *endpoint, WherryDeviceRegistry *registry,
                                       FlowSet *flows);
/** Only after the flows have ended. */
void peer_connections_free (PeerConnections *self);

/** @opened is called for every shared connection of @alpn, dialled or accepted. One ALPN is enough
 * today. */
void peer_connections_serve (PeerConnections *self, const char *alpn, PeerConnectionOpened opened,
                             gpointer user_data);
void peer_connections_on_unpaired (PeerConnections *self, PeerConnectionUnpaired unpaired,
                                   gpointer user_data);

/** Resolves to a SecureConnection that belongs to the caller alone. @first (nullable, element-type
 * GInetSocketAddress) are dialled before the addresses that the registry knows. Rejects with
 * QUIC_ERROR and a sentence for people; NOT_PAIRED when either side does not know the other. */
DexFuture *peer_connections_dial (PeerConnections *self, const NodeId *id, const char *alpn,
                                  GPtrArray *first) G_GNUC_WARN_UNUSED_RESULT;
/** The same for one that is shared: the open one, the one being dialled, or a new one. @alpn is the
 * served one. */
DexFuture *peer_connections_share (PeerConnections *self, const NodeId *id, const char *alpn,
                                   GPtrArray *first) G_GNUC_WARN_UNUSED_RESULT;
/** Takes a connection that a paired device dialled. NULL, and closes it, when there is no pairing
 * root, or (QUIC_CODE_LIMIT) when the device has PEER_CONNECTIONS_MAX already and none of them is a
 * shared one that has been quiet, which would go instead. */
SecureConnection *peer_connections_adopt (PeerConnections *self, QuicConnection *connection);

/** Something was said on it. */
void peer_connections_active (PeerConnections *self, SecureConnection *peer);
/** When it will have been silent for CONNECTION_IDLE_US, on the monotonic clock; it becomes IDLE
 * when asked after that. */
int64_t peer_connections_idle_at (PeerConnections *self, SecureConnection *peer);

/** On a fiber: why something on @peer failed with @error, as QUIC_ERROR with a sentence. (transfer
 * full) @error */
GError *peer_connections_explain (PeerConnections *self, SecureConnection *peer, GError *error);

/** Closes all connections of a device; how many were open. */
guint peer_connections_close (PeerConnections *self, const NodeId *id, QuicCode code,
                              const char *reason);

G_END_DECLS

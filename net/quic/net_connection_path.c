/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A path may come to carry less than it did: a route that changes, a tunnel, a device's new MTU.
 * ngtcp2 probes upwards only, and sends again what is lost in packets as large as before. So
 * when a stream makes no progress for a few probe timeouts (RFC 8899, section 4.3), packets are
 * no larger than what every path carries, for a time. */
#include "net/quic/net_connection_private.h"

/* The second probe timeout falls three times the first one after the last progress. A busy
 * computer may pause for longer. */
#define STALLED_FOR  NGTCP2_SECONDS
#define STALLED_PTOS 3
#define NARROW_FOR                                                                                 \
  (10 * NGTCP2_SECONDS) /* and each time twice as long, as each attempt costs a stall */
#define NARROW_FOR_MAX (600 * NGTCP2_SECONDS)

static bool
is_stalled (NetConnection *self, ngtcp2_tstamp now)
{
  ngtcp2_duration patience = MAX (STALLED_FOR, STALLED_PTOS * ngtcp2_conn_get_pto2 (self->conn));
  GHashTableIter iter;
  g_hash_table_iter_init (&iter, self->streams);
  NetStream *stream;
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &stream))
    if (stream->flags & NET_STREAM_SENDING && stream->sent > stream->acked &&
        now >= stream->progress + patience)
      return true;
  return false;
}

void
net_connection_watch_path (NetConnection *self)
{
  ngtcp2_tstamp now = self->host->now;
  if (now < self->narrow_until || net_connection_is_blocked (self) ||
      ngtcp2_conn_get_path_max_tx_udp_payload_size2 (self->conn) <= NGTCP2_MAX_UDP_PAYLOAD_SIZE ||
      !is_stalled (self, now))
    return;
  self->narrow_for = CLAMP (2 * self->narrow_for, NARROW_FOR, NARROW_FOR_MAX);
  self->narrow_until = now + self->narrow_for;
  g_debug ("[%p] nothing arrives: smaller packets", (void *) self);
}

size_t
net_connection_limit_payload (const NetConnection *self, size_t len)
{
  return self->host->now < self->narrow_until ? MIN (len, NGTCP2_MAX_UDP_PAYLOAD_SIZE) : len;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What demux.c shares with demux_strangers.c, the answers to datagrams that belong to no
 * connection. */
#pragma once

#include "net/quic/egress.h"
#include "net/quic/net_connection.h"
#include "net/quic/demux.h"

G_BEGIN_DECLS

#define DEMUX_SECRET_LEN 32

typedef struct
{
  uint64_t retries_sent;
  uint64_t resets_sent;
  uint64_t datagrams_dropped;
} DemuxCounts;

struct Demux
{
  Link *link;
  CallQueue *calls;
  Clock clock;
  DemuxIncoming incoming;
  gpointer incoming_data;
  TlsContext *tls;
  char *alpns;
  unsigned retry_threshold;

  ngtcp2_tstamp now;
  GPtrArray *connections; /* owned */
  GHashTable *routes;     /* ngtcp2_cid (owned) -> NetConnection */
  GPtrArray *active;
  GPtrArray *turning; /* the active ones of this turn */

  Egress egress;

  uint8_t secret[DEMUX_SECRET_LEN]; /* for reset tokens and Retry */
  ngtcp2_tstamp reset_second;
  unsigned resets;
  DemuxCounts counts;
};

/** Makes a connection of an Initial packet; NULL when it is none, or was answered otherwise (Retry,
 * refusal). */
NetConnection *demux_accept_connection (Demux *demux, const ngtcp2_path *path, const uint8_t *data,
                                        size_t len);
void demux_send_stateless_reset (Demux *demux, const ngtcp2_path *path,
                                 const ngtcp2_version_cid *vc, size_t received_len);
void demux_send_version_negotiation (Demux *demux, const ngtcp2_path *path,
                                     const ngtcp2_version_cid *vc);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything the net thread does for one endpoint: routes datagrams to connections by connection
 * id, makes new ones, and turns the wheel. Knows no thread and no clock of its own, so a test can
 * be its thread and its clock. */
#pragma once

#include "net/quic/connection_private.h"
#include "net/quic/link.h"
#include "net/quic/call_queue.h"
#include "net/quic/tls.h"

G_BEGIN_DECLS

#define DEMUX_CONNECTIONS_MAX 256
#define DEMUX_HALF_OPEN_MAX   64
/** More handshakes at once than this, and newcomers must show that they receive what we send
 * (Retry, RFC 9000, section 8.1.2). */
#define DEMUX_HALF_OPEN_RETRY 16
#define DEMUX_CID_LEN         8

typedef struct Demux Demux;
typedef struct NetConnection NetConnection;

typedef struct
{
  /** Nanoseconds that never go back. */
  ngtcp2_tstamp (*now) (gpointer data);
  gpointer data;
} Clock;

/** A peer's handshake has completed: decide, then quic_connection_admit() or _close(). Takes a
 * handle. */
typedef void (*DemuxIncoming) (QuicConnection *connection, gpointer data);

typedef struct
{
  const NodeIdentity *identity; /* borrowed for the call */
  Link *link;                   /* owned from here on, even on failure */
  CallQueue *calls;             /* borrowed */
  Clock clock;
  DemuxIncoming incoming;
  gpointer incoming_data;
} DemuxConfig;

Demux *demux_new (const DemuxConfig *config, GError **error);
/** Closes what is open (without lingering) and frees. The call queue is closed. */
void demux_free (Demux *demux);

/** QueuedCall, arrivals, timers, departures; returns whether to call again at once. */
bool demux_turn (Demux *demux);
/** When to call demux_turn() though nothing happened; UINT64_MAX for never. */
ngtcp2_tstamp demux_get_expiry (Demux *demux);

/** The ALPNs taken from peers, comma-separated, in order of preference. */
void demux_set_alpns (Demux *demux, const char *alpns);

/* ---- for dial.c ---- */

typedef struct Dial Dial;

NetConnection *demux_dial (Demux *demux, Dial *dial, const struct sockaddr *remote,
                           const NodeId *peer, const char *alpn, GError **error);

/* ---- for the connections ---- */

ngtcp2_tstamp demux_now (Demux *demux);
CallQueue *demux_get_calls (Demux *demux);
TlsContext *demux_get_tls (Demux *demux);
const char *demux_get_alpns (Demux *demux);
uint8_t *demux_get_batch_buffer (Demux *demux);
/** @connection: whose batch it is, so that it is kept when the link is full; NULL for a reply,
 * which is dropped then. */
void demux_send (Demux *demux, const NetConnection *connection, const Batch *batch);
/** Whether what goes to @remote would have to wait for the link. */
bool demux_is_blocked (Demux *demux, const struct sockaddr *remote);
void demux_claim (Demux *demux, const ngtcp2_cid *cid, NetConnection *connection);
void demux_disclaim (Demux *demux, const ngtcp2_cid *cid);
void demux_make_reset_token (Demux *demux, const ngtcp2_cid *cid, uint8_t *token);
/** The connection has something to write or to publish this turn. */
void demux_activate (Demux *demux, NetConnection *connection);
void demux_announce (Demux *demux, QuicConnection *connection);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything the net thread does for one endpoint: routes datagrams to connections by connection
 * id, makes new ones, and turns the wheel. Knows no thread and no clock of its own, so a test can
 * be its thread and its clock. */
#pragma once

#include "net/quic/connection_private.h"
#include "net/quic/link.h"
#include "net/quic/mailbox.h"
#include "net/quic/tls.h"

G_BEGIN_DECLS

#define ROUTER_CONNECTIONS_MAX 256
#define ROUTER_HALF_OPEN_MAX   64
/** More handshakes at once than this, and newcomers must show that they receive what we send
 * (Retry, RFC 9000, section 8.1.2). */
#define ROUTER_HALF_OPEN_RETRY 16
#define ROUTER_CID_LEN         8

typedef struct Router Router;
typedef struct Engine Engine;

typedef struct
{
  /** Nanoseconds that never go back. */
  ngtcp2_tstamp (*now) (gpointer data);
  gpointer data;
} Clock;

/** A peer's handshake has completed: decide, then quic_connection_admit() or _close(). Takes a
 * handle. */
typedef void (*RouterIncoming) (QuicConnection *connection, gpointer data);

typedef struct
{
  const NodeIdentity *identity; /* borrowed for the call */
  Link *link;                   /* owned from here on, even on failure */
  Mailbox *mailbox;             /* borrowed */
  Clock clock;
  RouterIncoming incoming;
  gpointer incoming_data;
} RouterConfig;

Router *router_new (const RouterConfig *config, GError **error);
/** Closes what is open (without lingering) and frees. The mailbox is closed. */
void router_free (Router *router);

/** Mail, arrivals, timers, departures; returns whether to call again at once. */
bool router_turn (Router *router);
/** When to call router_turn() though nothing happened; UINT64_MAX for never. */
ngtcp2_tstamp router_get_expiry (Router *router);

/** The ALPNs taken from peers, comma-separated, in order of preference. */
void router_set_alpns (Router *router, const char *alpns);

/** For tests: newcomers need a Retry when this many handshakes are under way. */
void router_set_retry_threshold (Router *router, unsigned half_open);

typedef struct
{
  uint64_t retries_sent;
  uint64_t resets_sent;
  uint64_t datagrams_dropped;
} RouterCounts;

const RouterCounts *router_get_counts (Router *router);

/* ---- for dial.c ---- */

typedef struct Dial Dial;

Engine *router_dial (Router *router, Dial *dial, const struct sockaddr *remote, const NodeId *peer,
                     const char *alpn, GError **error);

/* ---- for the engines ---- */

ngtcp2_tstamp router_now (Router *router);
Mailbox *router_get_mailbox (Router *router);
TlsContext *router_get_tls (Router *router);
const char *router_get_alpns (Router *router);
uint8_t *router_get_train_buffer (Router *router);
/** @engine: whose batch it is, so that it is kept when the link is full; NULL for a reply, which is
 * dropped then. */
void router_send (Router *router, const Engine *engine, const Train *train);
/** Whether what goes to @remote would have to wait for the link. */
bool router_is_blocked (Router *router, const struct sockaddr *remote);
void router_claim (Router *router, const ngtcp2_cid *cid, Engine *engine);
void router_disclaim (Router *router, const ngtcp2_cid *cid);
void router_make_reset_token (Router *router, const ngtcp2_cid *cid, uint8_t *token);
/** The engine has something to write or to settle this turn. */
void router_activate (Router *router, Engine *engine);
void router_announce (Router *router, QuicConnection *connection);

G_END_DECLS

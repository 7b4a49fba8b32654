/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One ngtcp2 connection, its timer and its two pumps. Net thread only; owned by the demux.
 *
 * ngtcp2's callbacks only record (in lanes and flags); engine_settle() acts on it once ngtcp2 has
 * returned. */
#pragma once

#include "net/quic/dial.h"
#include "net/quic/demux.h"

G_BEGIN_DECLS

typedef enum
{
  ENGINE_HANDSHAKING,
  ENGINE_HELD, /* server: the peer is known, our application has not decided */
  ENGINE_OPEN,
  /* we closed; answers stragglers with the same CONNECTION_CLOSE (RFC 9000, section 10.2.1) */
  ENGINE_CLOSING,
  ENGINE_DRAINING, /* the peer closed; silent */
  ENGINE_DEAD,     /* to be freed at the end of the turn */
} EngineState;

/** @dial: (transfer full); completed by the engine whatever happens. */
Engine *engine_new_client (Demux *demux, Dial *dial, const ngtcp2_path *path, const NodeId *peer,
                           const char *alpn);
/** @retried: the connection id the client first used, when @hd answers our Retry. NULL when out of
 * resources. */
Engine *engine_new_server (Demux *demux, const ngtcp2_pkt_hd *hd, const ngtcp2_cid *retried,
                           const ngtcp2_path *path);
void engine_free (Engine *engine);

EngineState engine_get_state (const Engine *engine);
ngtcp2_tstamp engine_get_expiry (const Engine *engine);
bool engine_is_active (const Engine *engine);
void engine_set_active (Engine *engine, bool active);
bool engine_is_dialing (const Engine *engine, const struct sockaddr *remote);
/** Whether it is alive and talks over @path. */
bool engine_is_on_path (const Engine *engine, const ngtcp2_path *path);
/** Whether it cannot write because the link is full. */
bool engine_is_blocked (const Engine *engine);

void engine_read (Engine *engine, const ngtcp2_path *path, uint8_t ecn, const uint8_t *data,
                  size_t len);
void engine_expire (Engine *engine);
/** Acts on what the callbacks recorded. */
void engine_settle (Engine *engine);
/** Returns whether there is more to write than one turn's share. */
bool engine_write (Engine *engine);

/** Ends the connection from our side. */
void engine_close (Engine *engine, uint64_t code, const char *reason, const GError *error);

/* ---- for the lanes ---- */

/** Orders for the lane have been fetched: @consumed bytes to credit. */
void engine_take_orders (Engine *engine, Lane *lane, StreamOrders *orders);

G_END_DECLS

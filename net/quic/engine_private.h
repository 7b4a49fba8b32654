/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of an engine share: engine.c (life and states), engine_callbacks.c (what ngtcp2
 * tells), engine_lanes.c (streams), engine_pump.c (packets in and out), engine_path.c (how large
 * they may be), engine_end.c (every way it can end). */
#pragma once

#include "net/quic/engine.h"
#include "net/quic/lane.h"

G_BEGIN_DECLS

struct Engine
{
  Demux *demux;
  EngineState state;
  bool server;
  bool active;
  ngtcp2_tstamp expiry;
  QuicConnection *connection; /* a memory reference; NULL once it has ended */
  ConnectionOrders orders;    /* as of the last mail */
  Dial *dial;                 /* until confirmed */

  ngtcp2_conn *conn;
  ngtcp2_crypto_conn_ref conn_ref;
  TlsSession *tls;
  unsigned in_callback; /* ngtcp2 is on the stack: it must not be entered again */
  GArray *cids;         /* ngtcp2_cid */

  GHashTable *lanes; /* int64 id (in the lane) -> Lane, owned */
  GQueue sendable;   /* lanes with something to write, in turn */
  GQueue touched;    /* lanes with news to publish */
  uint64_t peer_streams_closed[2];
  uint64_t peer_streams_credited[2];
  ngtcp2_tstamp path_noted;
  ngtcp2_tstamp narrow_until; /* until then the path carries less than ngtcp2 believes */
  ngtcp2_duration narrow_for;

  /* recorded by callbacks */
  bool completed;
  bool confirmed;
  bool stateless_reset;
  bool doubted; /* the handshake completed without a proof of who the peer is */

  /* confirmation, giving up what is abandoned, or the end of closing and draining */
  ngtcp2_tstamp deadline;
  struct
  {
    uint8_t *data; /* owned */
    size_t len;
    ngtcp2_path_storage path;
    unsigned stragglers;
  } close_packet;
};

/** The one place where the state changes. */
void engine_advance (Engine *engine, EngineState to);
/** Whether there is an ngtcp2 connection to talk to. */
static inline bool
engine_is_alive (const Engine *engine)
{
  return engine->state <= ENGINE_OPEN;
}
void engine_update_expiry (Engine *engine);

ngtcp2_callbacks engine_make_callbacks (void);

Lane *engine_add_lane (Engine *engine, int64_t id);
/** The lane has news for engine_settle(). */
void engine_touch (Engine *engine, Lane *lane);
/** Publishes its news; may free it. */
void engine_settle_lane (Engine *engine, Lane *lane);
/** Takes it out of the ring of those with something to write. */
void engine_make_unsendable (Engine *engine, Lane *lane);

/** A timer has expired: whether the path has ceased to carry large packets. */
void engine_watch_path (Engine *engine);
/** How large a packet may be, of @len at most. */
size_t engine_limit_payload (const Engine *engine, size_t len);

/** Ends the connection because of what an ngtcp2 call returned below zero. */
void engine_fail (Engine *engine, int library_error);
/** Everything that waits on this connection fails; what ngtcp2 may still point to goes with it. */
void engine_end (Engine *engine, const GError *error, uint64_t code);
/** In the closing state: something arrived all the same. */
void engine_answer_straggler (Engine *engine);

G_END_DECLS

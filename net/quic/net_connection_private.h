/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a NetConnection share, each calling only those before it: net_connection.c
 * (states and timers), net_connection_streams.c (streams), net_connection_path.c (how large packets
 * may be), net_connection_end.c (every way it can end), net_connection_publish.c (what the
 * application learns and wants), net_connection_pump.c (packets in and out),
 * net_connection_callbacks.c (what ngtcp2 tells), net_connection_start.c (how it begins). */
#pragma once

#include "net/quic/net_connection.h"
#include "net/quic/net_stream.h"
#include "net/quic/qlog.h"

G_BEGIN_DECLS

/** One unread stream must not stop the others, so a connection's window is larger than a
 * stream's. */
#define CONNECTION_WINDOW (3 * 1024 * 1024)
#define STREAMS_MAX       100

struct NetConnection
{
  NetHost *host;
  NetConnectionState state;
  NetOrigin origin;
  bool server;
  bool active;
  ngtcp2_tstamp expiry;
  QuicConnection *shared;      /* a memory reference; NULL once it has ended */
  ConnectionRequests requests; /* as of the last call */
  Dial *dial;                  /* until confirmed */
  bool any_peer;               /* it was dialled without knowing whom */

  ngtcp2_conn *conn;
  ngtcp2_crypto_conn_ref conn_ref;
  TlsSession *tls;
  Qlog *qlog;           /* or NULL */
  unsigned in_callback; /* ngtcp2 is on the stack: it must not be entered again */
  GArray *cids;         /* ngtcp2_cid */

  GHashTable *streams; /* int64 id (in the stream) -> NetStream, owned */
  GQueue sendable;     /* streams with something to write, in turn */
  GQueue changed;      /* streams with something to publish */
  uint64_t peer_streams_closed[2];
  uint64_t peer_streams_credited[2];
  ngtcp2_tstamp path_published;
  ngtcp2_tstamp heard;        /* when the last good packet came */
  uint64_t acked;             /* stream bytes, of all streams */
  ngtcp2_tstamp narrow_until; /* until then the path carries less than ngtcp2 believes */
  ngtcp2_duration narrow_for;

  /* recorded by callbacks */
  bool completed;
  bool confirmed;
  bool stateless_reset;
  bool unproved; /* the handshake completed without a proof of who the peer is */

  /* of confirmation, of what is abandoned, or of closing and draining */
  ngtcp2_tstamp deadline;
  uint64_t acked_at_deadline; /* when the deadline of what is abandoned was set */
  struct
  {
    uint8_t *data; /* owned */
    size_t len;
    ngtcp2_path_storage path;
    unsigned stragglers;
  } close_packet;
};

/** The one place where the state changes. */
void net_connection_advance (NetConnection *connection, NetConnectionState to);
/** Whether there is an ngtcp2 connection to talk to. */
static inline bool
net_connection_is_alive (const NetConnection *connection)
{
  return connection->state <= NET_CONNECTION_OPEN;
}
void net_connection_update_expiry (NetConnection *connection);

/** Its data is the NetConnection whose requests have changed. */
void net_connection_requests_changed_cb (gpointer connection);

ngtcp2_callbacks net_connection_make_callbacks (void);

NetStream *net_connection_add_stream (NetConnection *connection, int64_t id);
/** The stream has something for net_connection_publish(). */
void net_connection_note_change (NetConnection *connection, NetStream *stream);
/** Publishes its update; may free it. */
void net_connection_publish_stream (NetConnection *connection, NetStream *stream);
/** Takes it out of the ring of those with something to write. */
void net_connection_make_unsendable (NetConnection *connection, NetStream *stream);

/** A timer has expired: whether the path has ceased to carry large packets. */
void net_connection_watch_path (NetConnection *connection);
/** How large a packet may be, of @len at most. */
size_t net_connection_limit_payload (const NetConnection *connection, size_t len);

/** Ends the connection because of what an ngtcp2 call returned below zero. */
void net_connection_fail (NetConnection *connection, int library_error);
/** Closes it because the application wants that, or wants it no more. */
void net_connection_close_as_requested (NetConnection *connection, uint64_t code,
                                        const char *reason);
/** In the closing state: something arrived all the same. */
void net_connection_answer_straggler (NetConnection *connection);

G_END_DECLS

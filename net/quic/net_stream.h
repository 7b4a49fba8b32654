/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The net thread's half of a stream: what is being sent and kept until acknowledged, and what has
 * arrived and is not published yet. Net thread only; nothing here calls ngtcp2. */
#pragma once

#include <ngtcp2/ngtcp2.h>

#include "net/quic/stream_net.h"

G_BEGIN_DECLS

typedef enum
{
  NET_STREAM_SENDING = 1 << 0, /* we may still write */
  NET_STREAM_FIN_WANTED = 1 << 1,
  NET_STREAM_FIN_SENT = 1 << 2,
  /* the FIN had a frame of its own, so acknowledged bytes do not prove it */
  NET_STREAM_FIN_ALONE = 1 << 3,
  NET_STREAM_FIN_ACKED = 1 << 4,
  NET_STREAM_RECEIVING = 1 << 5,   /* the peer may still write */
  NET_STREAM_FAILED_SEND = 1 << 6, /* recorded by a callback, to be published as a failure */
  NET_STREAM_FAILED_RECEIVE = 1 << 7,
  NET_STREAM_CLOSED = 1 << 8, /* ngtcp2 has forgotten the stream */
  NET_STREAM_ABANDONED = 1 << 9,
  NET_STREAM_REMOTE = 1 << 10, /* the peer opened it */
} NetStreamFlags;

typedef struct
{
  gpointer connection; /* the NetConnection that owns it */
  int64_t id;
  QuicStream *shared; /* a memory reference */
  unsigned flags;
  uint64_t peer_code; /* with which the peer reset or stopped */

  GQueue pieces; /* GBytes until acknowledged */
  GList *cursor; /* the next to send, NULL when all are */
  size_t cursor_at;
  size_t head_acked; /* of the first piece */
  uint64_t sent;
  uint64_t acked;
  uint64_t unsent;
  ngtcp2_tstamp progress; /* when something was acknowledged, or began to wait for it */

  StreamUpdate update;
  Chunk *spare;   /* empty large chunks to fill */
  GList sendable; /* link in the NetConnection's ring; data is NULL while outside */
  GList changed;  /* link among the changed streams; data is NULL while outside */
} NetStream;

NetStream *net_stream_new (gpointer connection, int64_t id, unsigned flags);
/** Frees what is kept for retransmission: only when ngtcp2 no longer knows the stream. */
void net_stream_free (NetStream *stream);

/** The next unsent bytes; returns the number of pieces. */
size_t net_stream_peek (const NetStream *stream, ngtcp2_vec *vec, size_t max);
bool net_stream_has_work (const NetStream *stream);
void net_stream_note_sent (NetStream *stream, size_t len, bool fin);
/** @len contiguous bytes were acknowledged; 0 means that a FIN was. @lost: retransmissions have
 * happened. */
void net_stream_note_acked (NetStream *stream, size_t len, bool lost);
void net_stream_note_received (NetStream *stream, const uint8_t *data, size_t len, bool fin);
void net_stream_append (NetStream *stream, GQueue *bytes);
void net_stream_publish (NetStream *stream);

G_END_DECLS

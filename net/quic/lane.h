/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The net thread's half of a stream: what is being sent and kept until acknowledged, and what has
 * arrived and is not published yet. Net thread only; nothing here calls ngtcp2, except
 * lane_deliver() through the engine. */
#pragma once

#include <ngtcp2/ngtcp2.h>

#include "net/quic/stream_private.h"

G_BEGIN_DECLS

typedef struct Engine Engine;

typedef enum
{
  LANE_SENDING = 1 << 0, /* we may still write */
  LANE_FIN_WANTED = 1 << 1,
  LANE_FIN_SENT = 1 << 2,
  LANE_FIN_ALONE =
      1 << 3, /* the FIN had a frame of its own, so acknowledged bytes do not prove it */
  LANE_FIN_ACKED = 1 << 4,
  LANE_RECEIVING = 1 << 5,   /* the peer may still write */
  LANE_FAILED_SEND = 1 << 6, /* recorded by a callback, see lane->error */
  LANE_FAILED_RECEIVE = 1 << 7,
  LANE_CLOSED = 1 << 8, /* ngtcp2 has forgotten the stream */
  LANE_ABANDONED = 1 << 9,
  LANE_REMOTE = 1 << 10, /* the peer opened it */
} LaneFlags;

struct Lane
{
  Engine *engine;
  int64_t id;
  QuicStream *stream; /* a memory reference */
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

  StreamNews news;
  Chunk *spare;   /* empty large chunks to fill */
  GList sendable; /* link in the engine's ring; data is NULL while outside */
  GList touched;  /* link among the lanes with news; data is NULL while outside */
};

Lane *lane_new (Engine *engine, int64_t id, unsigned flags);
/** Frees what is kept for retransmission: only when ngtcp2 no longer knows the stream. */
void lane_free (Lane *lane);

/** The next unsent bytes; returns the number of pieces. */
size_t lane_peek (const Lane *lane, ngtcp2_vec *vec, size_t max);
bool lane_has_work (const Lane *lane);
void lane_note_sent (Lane *lane, size_t len, bool fin);
/** @len contiguous bytes were acknowledged; 0 means that a FIN was. @lost: retransmissions have
 * happened. */
void lane_note_acked (Lane *lane, size_t len, bool lost);
void lane_note_received (Lane *lane, const uint8_t *data, size_t len, bool fin);
void lane_append (Lane *lane, GQueue *bytes);
void lane_publish (Lane *lane);

G_END_DECLS

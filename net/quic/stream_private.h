/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The half of a stream that both sides of the thread border touch, seen from the net thread.
 *
 * Two counts: handles are the application's references; memory references keep the struct (the
 * handles together hold one, the NetStream one, a queue one). So the stream knows when the
 * application has let go while the NetStream still sends. */
#pragma once

#include "net/quic/call_queue.h"
#include "net/quic/stream.h"

G_BEGIN_DECLS

typedef struct NetStream NetStream;
typedef struct QuicConnection QuicConnection;

/** Received bytes, appended to by the net thread until the reader takes the whole. */
typedef struct Chunk
{
  struct Chunk *next;
  size_t capacity;
  size_t len;
  size_t taken; /* by the reader */
  uint8_t data[];
} Chunk;

#define CHUNK_LARGE 65536

Chunk *chunk_new (size_t capacity);

/** A stream without handles; the reference is the NetStream's. */
QuicStream *quic_stream_new (QuicConnection *connection, CallQueue *calls, int64_t id,
                             bool can_send, bool can_receive, NetStream *net);
QuicStream *quic_stream_keep (QuicStream *stream);
void quic_stream_release (QuicStream *stream);
/** Makes the first handle. Returns: (transfer full) */
QuicStream *quic_stream_hand_out (QuicStream *stream);

/** What the application wants; the net thread fetches it when the stream's call runs. */
typedef struct
{
  GQueue bytes; /* GBytes to send, owned by whoever fetched */
  bool finish;  /* FIN behind them */
  bool reset;   /* both directions, with @code */
  uint64_t code;
  bool abandoned;  /* no handle is left */
  size_t consumed; /* bytes taken by the reader since last time */
} StreamRequests;

void quic_stream_fetch_requests (QuicStream *stream, StreamRequests *requests);

/** Gives the application what has arrived (takes the list) and lets go what was acknowledged, then
 * completes whatever waited for it. Not from within an ngtcp2 callback: completions may run the
 * application's code. */
typedef struct
{
  Chunk *first, *last;
  bool fin;
  size_t acked;
  bool drained;
  bool want_spare; /* in: take emptied chunks back */
  Chunk *spare;    /* out */
} StreamUpdate;

void quic_stream_publish (QuicStream *stream, StreamUpdate *update);

typedef enum
{
  STREAM_SENDING = 1,
  STREAM_RECEIVING = 2,
} StreamDirections;

/** Ends directions that have not ended well yet; returns the unread bytes thrown away. */
size_t quic_stream_fail (QuicStream *stream, StreamDirections directions, const GError *error);

/** Throws away what nobody will read; returns the count of bytes. */
size_t quic_stream_discard_unread (QuicStream *stream);

/** Parts the stream from its connection; nothing comes from the net thread any more. */
void quic_stream_detach (QuicStream *stream, const GError *error);

/** In net_stream.c: runs when a stream's requests have changed. */
void net_stream_deliver (NetStream *net);

G_END_DECLS

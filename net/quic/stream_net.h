/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stream as the net thread sees it: the half that both sides of the thread border touch.
 *
 * Two counts: handles are the application's references; memory references keep the struct (the
 * handles together hold one, the NetStream one, a queued call one). So the stream knows when the
 * application has let go while the NetStream still sends. */
#pragma once

#include "net/quic/call_queue.h"
#include "net/quic/receive_chunk.h"
#include "net/quic/stream.h"

G_BEGIN_DECLS

typedef struct StreamHost StreamHost;

/** What a stream needs of its connection. */
struct StreamHost
{
  /** Adds or drops one of the connection's handles. */
  void (*ref) (StreamHost *host);
  void (*unref) (StreamHost *host);
  size_t consumed; /* atomic: what readers have taken since the net thread last credited it */
};

/** What the net thread does when the application's requests have changed. */
typedef struct
{
  void (*run) (gpointer net);
  gpointer net;
} RequestsChanged;

/** A stream without handles; the reference is the NetStream's. */
QuicStream *quic_stream_new (StreamHost *host, CallQueue *calls, int64_t id, bool can_send,
                             bool can_receive, RequestsChanged changed);
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

/** What the net thread has learned since the last quic_stream_publish(). */
typedef struct
{
  Chunk *first, *last;
  bool fin;
  size_t acked;
  bool drained;
  bool want_spare; /* in: take emptied chunks back */
  Chunk *spare;    /* out */
} StreamUpdate;

/** Gives the application what has arrived (takes the list) and lets go what was acknowledged, then
 * completes whatever waited for it. Not from within an ngtcp2 callback: completions may run the
 * application's code. */
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

G_END_DECLS

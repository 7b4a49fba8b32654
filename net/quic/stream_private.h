/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a stream share: stream.c (handles, queues, and completing what waits),
 * stream_async.c (for fibers), stream_blocking.c (for workers), stream_net.c (for the net
 * thread). */
#pragma once

#include "net/quic/stream_net.h"
#include "net/quic/waiter.h"

G_BEGIN_DECLS

/** Waiting senders go on when this much is left, a few chunks at a time rather than one for each
 * acknowledgement. */
#define STREAM_SEND_LOW (QUIC_STREAM_SEND_HIGH / 4 * 3)

/** The task data of whoever waits. */
typedef struct
{
  Waiter waiter;
  QuicStream *stream; /* a handle */
  size_t max;         /* what a receiver takes */
} StreamWaiter;

struct QuicStream
{
  gatomicrefcount memory;
  gatomicrefcount handles;
  StreamHost *host; /* one of its handles, while ours exist */
  CallQueue *calls;
  QueuedCall call;
  int64_t id;
  bool bidirectional;

  GMutex lock;
  GCond changed;

  GQueue outgoing; /* GBytes the net thread has not fetched */
  size_t unacked;  /* bytes queued and not acknowledged */
  bool finishing;
  bool drained;
  GError *send_error;
  GQueue senders; /* GTasks */
  GQueue drainers;

  Chunk *first, *last;
  size_t unread;
  Chunk *spare; /* empty */
  unsigned n_spare;
  bool ended; /* FIN is behind the chunks */
  GError *receive_error;
  GTask *receiver;
  StreamWaiter *taker; /* a receiver that was completed and has not taken its bytes */
  size_t reader_needs; /* a blocked reader waits for this many bytes */
  size_t consumed;     /* not yet credited */

  bool reset;
  uint64_t reset_code;
  bool abandoned;

  RequestsChanged requests_changed; /* net thread only */
};

/** Tells the net thread that something changed. */
void stream_notify_net (QuicStream *stream, CallUrgency urgency);

/* With the lock: */

bool stream_enqueue (QuicStream *stream, GBytes *bytes, GError **error);
bool stream_is_readable (QuicStream *stream);
GBytes *stream_take_bytes (QuicStream *stream, size_t max);
void stream_drop_first_chunk (QuicStream *stream);
/** @len bytes were read: the peer may send as many more. */
void stream_note_consumed (QuicStream *stream, size_t len);
/** Completes every waiter whose time has come; returns without the lock. */
void stream_complete_waiters_and_unlock (QuicStream *stream);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One outgoing attempt, from the caller's thread to the net thread and back. */
#pragma once

#include "net/quic/call_queue.h"
#include "net/quic/connection_net.h"

G_BEGIN_DECLS

typedef struct Dial Dial;

/** What the net thread does with attempts; demux.c fills it in. */
typedef struct
{
  /** Returns the NetConnection that works for @dial and will complete it; NULL with an error. */
  gpointer (*start) (gpointer demux, Dial *dial, GError **error);
  /** The caller wants it no more: ends @connection, and so @dial, with @error. */
  void (*cancel) (gpointer connection, const GError *error);
} DialHandler;

/** Sends the attempt to the net thread. @peer may be NULL for whoever answers. */
void dial_start (CallQueue *calls, const DialHandler *handler, GInetSocketAddress *address,
                 const NodeId *peer, const char *alpn, GCancellable *cancellable,
                 GAsyncReadyCallback callback, gpointer user_data);

/* Net thread: */

const struct sockaddr *dial_get_remote (const Dial *dial);
/** NULL for whoever answers. */
const NodeId *dial_get_peer (const Dial *dial);
const char *dial_get_alpn (const Dial *dial);
/** Called once: success hands out @connection, @error NULL means success. */
void dial_complete (Dial *dial, QuicConnection *connection, const GError *error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One outgoing attempt, from the caller's thread to the net thread and back. */
#pragma once

#include "net/quic/connection_private.h"
#include "net/quic/call_queue.h"

G_BEGIN_DECLS

typedef struct Dial Dial;
typedef struct NetConnection NetConnection;

/** Sends the attempt to the net thread. @peer may be NULL for whoever answers. */
void dial_start (CallQueue *calls, GInetSocketAddress *address, const NodeId *peer,
                 const char *alpn, GCancellable *cancellable, GAsyncReadyCallback callback,
                 gpointer user_data);

/** Called once by the NetConnection: success hands out the connection. @error NULL means success.
 * */
void dial_complete (Dial *dial, QuicConnection *connection, const GError *error);
/** the NetConnection that works for it; net thread. */
void dial_set_engine (Dial *dial, NetConnection *net);

G_END_DECLS

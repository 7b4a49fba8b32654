/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One outgoing attempt, from the caller's thread to the net thread and back. */
#pragma once

#include "net/quic/connection_private.h"
#include "net/quic/mailbox.h"

G_BEGIN_DECLS

typedef struct Dial Dial;
typedef struct Engine Engine;

/** Sends the attempt to the net thread. @peer may be NULL for whoever answers. */
void dial_start (Mailbox *mailbox, GInetSocketAddress *address, const NodeId *peer,
                 const char *alpn, GCancellable *cancellable, GAsyncReadyCallback callback,
                 gpointer user_data);

/** Called once by the engine: success hands out the connection. @error NULL means success. */
void dial_complete (Dial *dial, QuicConnection *connection, const GError *error);
/** The engine that works for it; net thread. */
void dial_set_engine (Dial *dial, Engine *engine);

G_END_DECLS

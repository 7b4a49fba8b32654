/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is kept of a paired device that sends messages, over all its connections: which critical
 * ones were taken, and how much it has begun and not ended. Shared by reference; main thread
 * only. */
#pragma once

#include <libdex.h>

#include "net/store/seen_ids.h"

G_BEGIN_DECLS

/* Bounds for one device. */
#define MESSAGE_PEER_READERS_MAX 8                 /* messages that are read at the same time */
#define MESSAGE_PEER_BYTES_MAX   (2 * 1024 * 1024) /* of unfinished messages */

typedef struct MessagePeer MessagePeer;

MessagePeer *message_peer_new (void);
MessagePeer *message_peer_ref (MessagePeer *self);
void message_peer_unref (MessagePeer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MessagePeer, message_peer_unref)

/** The critical messages that were taken; NULL until message_peer_set_seen() told what the disk
 * knows of them. */
SeenIds *message_peer_get_seen (MessagePeer *self);
/** Copied. */
void message_peer_set_seen (MessagePeer *self, const SeenIds *seen);
/** One more message is read; false when there are too many. */
bool message_peer_begin (MessagePeer *self);
/** It was read or given up; its @bytes are let go. */
void message_peer_end (MessagePeer *self, size_t bytes);
/** Some more of it arrived; false, and nothing is counted, when that is too much. */
bool message_peer_grow (MessagePeer *self, size_t bytes);

/** For whoever takes a critical message until @ended settles: settles when the one before has been
 * taken or refused. (transfer full) */
DexFuture *message_peer_queue (MessagePeer *self, DexFuture *ended) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

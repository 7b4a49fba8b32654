/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One message on one uni stream: JSON, sealed under the session of its connection. To be called on
 * fibers. */
#pragma once

#include "net/core/message.h"
#include "net/async/flow.h"
#include "net/peer/message_peer.h"
#include "net/peer/secure_connection.h"

G_BEGIN_DECLS

/** Opens a stream and queues @message on it. With @delivered it waits until the peer's QUIC stack
 * has it. */
bool message_stream_send (SecureConnection *peer, const Message *message, bool delivered,
                          GError **error);
/** Reads a whole message; @held is how many bytes of it count against @budget, also after a
 * failure. Errors: MESSAGE_ERROR (also when it was not sealed by this peer for this stream, is too
 * long, or too much for @budget), or whatever the stream had. */
bool message_stream_receive (SecureConnection *peer, QuicStream *stream, MessagePeer *budget,
                             size_t *held, Message *message, GError **error);

G_END_DECLS

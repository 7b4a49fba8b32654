/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sending: walk, offer, wait for the answer, send, wait until the other side has verified
 * everything. */
#pragma once

#include "net/async/flow.h"
#include "net/peer/log_limit.h"
#include "net/transfer/transfer.h"

G_BEGIN_DECLS

/** How long an offer waits for an answer, at both ends (docs/protocol.md, "Transfer"). */
#define OFFER_EXPIRY_MS (5 * 60 * 1000)

/** A transfer in state PREPARING; nothing runs yet. @files: (element-type GFile), local files and
 * folders. */
WherryTransfer *transfer_send_new (WherryDevice *device, GPtrArray *files);

/** Runs @transfer over the connection that @connecting resolves to: a SecureConnection of ALPN
 * wherry/transfer/1 that belongs to this transfer alone and is closed at its end. The tree is
 * walked meanwhile. A rejected @connecting fails the transfer with TRANSFER_REASON_OFFLINE and the
 * error's message (TRANSFER_REASON_NOT_PAIRED for QUIC_ERROR_NOT_PAIRED and QUIC_CODE_NOT_PAIRED);
 * cancelling the transfer discards it.
 *
 * @expiry_ms: OFFER_EXPIRY_MS, tests give less. @breaches keeps what peers break out of the log and
 * must live until the future has settled. (transfer full) @connecting.
 * Returns a future that resolves to TRUE once the transfer is in a final state and no thread or
 * stream of it is left; it never rejects. To end early cancel the transfer and await it: discarding
 * it changes nothing. */
DexFuture *transfer_send_start (WherryTransfer *transfer, DexFuture *connecting, int expiry_ms,
                                LogLimit *breaches) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

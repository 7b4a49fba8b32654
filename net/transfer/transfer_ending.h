/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ended a transfer: what each reason means to both sides, and the sentence for the person. The
 * one place where errors of the layers below become what a person reads. */
#pragma once

#include "net/core/control_state.h"
#include "net/quic/connection.h"
#include "net/transfer/transfer_private.h"

G_BEGIN_DECLS

typedef struct
{
  TransferState state;
  ControlReason told; /* to the peer, in decline or cancel */
  QuicCode code;      /* that the connection is closed with */
} TransferEnding;

const TransferEnding *transfer_ending_get (TransferReason reason);

/** The TRANSFER_ERROR that @error means, of whatever domain. What is not known here is the peer's
 * breach of the protocol. (transfer full) */
GError *transfer_ending_explain (const GError *error, const char *peer_name);

/** The TRANSFER_ERROR that the peer's decline or cancel with @reason means to us, who have the role
 * @ours. @unanswered: the offer still waits for an answer. (transfer full) */
GError *transfer_ending_by_peer (ControlRole ours, ControlReason reason, bool unanswered,
                                 const char *peer_name);

G_END_DECLS

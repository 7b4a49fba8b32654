/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control stream of one transfer: JSON messages, sealed under the session and framed, in the
 * order that core/control_state allows. Main thread only. */
#pragma once

#include "net/core/control_state.h"
#include "net/async/flow.h"
#include "net/peer/secure_connection.h"

G_BEGIN_DECLS

#define TRANSFER_ALPN "wherry/transfer/1"

/** What one peer can make us answer in a transfer, read or not. */
#define CONTROL_REFUSALS_MAX 256
/** What is said to a peer that does not take it: the flow gives up beyond. */
#define CONTROL_UNACKNOWLEDGED_MAX (1024 * 1024)

typedef struct ControlChannel ControlChannel;

/** Returning false ends the listening with @error. */
typedef bool (*ControlMessageFunc) (const TransferControl *control, gpointer user_data,
                                    GError **error);

/** @role: which side of the transfer we are. */
ControlChannel *control_channel_new (SecureConnection *peer, QuicStream *stream, ControlRole role);
void control_channel_unref (ControlChannel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ControlChannel, control_channel_unref)

ControlState control_channel_get_state (const ControlChannel *self);

/** Calls @func for each message. @incoming (nullable, borrowed) is filled by an offer. Messages of
 * a later version are refused and not passed on.
 *
 * Resolves to TRUE at the peer's orderly end. Rejects with why the connection ended
 * (QUIC_CLOSE_ERROR or QUIC_ERROR), or with the error of the codec or order that the peer broke.
 * Once; @user_data must live until it settles. */
DexFuture *control_channel_listen (ControlChannel *self, Offer *incoming, ControlMessageFunc func,
                                   gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

/** Resolves when the message is queued. Messages go out in call order, awaited or not. Rejects with
 * CONTROL_ERROR_UNEXPECTED what may not be said any more. */
DexFuture *control_channel_send (ControlChannel *self,
                                 const TransferControl *control) G_GNUC_WARN_UNUSED_RESULT;
/** All frames of @offer (borrowed; must live until it settles), as fast as the peer takes them. */
DexFuture *control_channel_send_offer (ControlChannel *self,
                                       const Offer *offer) G_GNUC_WARN_UNUSED_RESULT;
/** Answers a message that this version does not do, by the name of its type; each name once.
 * CONTROL_ERROR_LIMIT when the peer tries more than CONTROL_REFUSALS_MAX of them. */
bool control_channel_refuse (ControlChannel *self, const char *request, GError **error);
/** Bytes of messages, offers aside, that the peer has not acknowledged yet. */
size_t control_channel_get_unacknowledged (const ControlChannel *self);
/** Ends our direction after what was said. */
void control_channel_finish (ControlChannel *self);

G_END_DECLS

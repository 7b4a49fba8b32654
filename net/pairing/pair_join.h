/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The side that enters the code: understands it, finds the other device, dials it and proves the
 * code. */
#pragma once

#include "net/async/flow_set.h"
#include "net/pairing/pair_conversation.h"
#include "net/quic/endpoint.h"

G_BEGIN_DECLS

/** A code that was understood, and whom it is for. Holds a secret. */
typedef struct PairTarget PairTarget;

/** @code: three words or a link. For words, @device or @addresses say whom; with neither it is the
 * only nearby device of @registry that announces an open pairing.
 * Errors: WORDS_ERROR, INVITE_ERROR (the message names what is wrong), G_IO_ERROR_NOT_FOUND
 * (nobody, or several, to try). */
PairTarget *pair_target_new (const char *code, WherryDevice *device, GPtrArray *addresses,
                             WherryDeviceRegistry *registry, GError **error);
void pair_target_free (PairTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PairTarget, pair_target_free)

/** Starts pairing. @self, @endpoint and @flows are borrowed and outlive it. (transfer full)
 * @target; returns (transfer full) */
WherryPairingSession *pair_join_start (const PairSelf *self, QuicEndpoint *endpoint, FlowSet *flows,
                                       PairTarget *target);

G_END_DECLS

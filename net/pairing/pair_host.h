/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The side that shows the code: serves every guest who dials wherry/pairing/1 while it is shown. */
#pragma once

#include "net/async/flow_set.h"
#include "net/pairing/pair_conversation.h"

G_BEGIN_DECLS

typedef struct PairHost PairHost;

/** @self and @flows are borrowed and outlive the host. */
PairHost *pair_host_new (const PairSelf *self, FlowSet *flows);
/** Cancels a running session. */
void pair_host_free (PairHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PairHost, pair_host_free)

/** Shows a new code, or returns the session whose code is shown already.
 * @addresses (element-type GInetSocketAddress) go into the link. (transfer full) */
WherryPairingSession *pair_host_open (PairHost *host, GPtrArray *addresses);
/** The running session; NULL when no code is shown. (transfer none) */
WherryPairingSession *pair_host_get_session (PairHost *host);

/** An accept handler: takes @connection when a code is shown (else QUIC_CODE_NO_CODE) and the peer
 * does not ask too often (else QUIC_CODE_LIMIT). */
QuicCode pair_host_accept (PairHost *host, QuicConnection *connection);

G_END_DECLS

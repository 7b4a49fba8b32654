/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reaching a device: all its addresses are tried, each a little later than the one before; the
 * first that proves to be the device wins and the others are given up. */
#pragma once

#include "net/async/flow_set.h"
#include "net/quic/endpoint.h"

G_BEGIN_DECLS

#define CONNECT_HEAD_START_MS  80 /* what a better address gets before the next one is tried */
#define CONNECT_DEADLINE_S     8
#define CONNECT_MAX_CANDIDATES 16

/** Resolves to a QuicConnection with @peer (NULL: whoever answers) for @alpn. @addresses:
 * (element-type GInetSocketAddress), best first, double ones are skipped. @name (nullable) is for
 * the sentences. The race, and each address of it, is a fiber of @flows.
 *
 * Rejects with QUIC_ERROR, by what can be done about it: NOT_PAIRED or NO_CODE (it proved its id
 * and said so), REFUSED (something refused), IDENTITY (only others answered), UNREACHABLE (nobody
 * did). */
DexFuture *connect_race (QuicEndpoint *endpoint, FlowSet *flows, const NodeId *peer,
                         const char *name, const char *alpn,
                         GPtrArray *addresses) G_GNUC_WARN_UNUSED_RESULT;

/** @first (nullable) and then @others (nullable), CONNECT_MAX_CANDIDATES of them without doubles.
 * Returns: (transfer full) (element-type GInetSocketAddress) */
GPtrArray *connect_candidates (GPtrArray *first, GPtrArray *others);

/** "192.0.2.7:11204" or "[2001:db8::7]:11204". (transfer full) */
char *connect_address_to_text (GInetSocketAddress *address);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An endpoint on another link than UDP, turned by its owner instead of a thread: for tests with a
 * virtual clock. */
#pragma once

#include "net/quic/endpoint.h"
#include "net/quic/demux.h"

G_BEGIN_DECLS

/** @link is owned from here on. The owner calls demux_turn() when something arrived or expired;
 * the blocking calls of stream.h would wait forever. */
QuicEndpoint *quic_endpoint_new_for_link (const NodeIdentity *identity, Link *link, Clock clock,
                                          GError **error);
Demux *quic_endpoint_get_demux (QuicEndpoint *endpoint);

G_END_DECLS

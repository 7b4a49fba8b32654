/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The GSource that turns a demultiplexer: when a call is queued, a datagram arrives, or a timer
 * expires. */
#pragma once

#include "net/quic/demux.h"

G_BEGIN_DECLS

/** Fails with QUIC_ERROR_LIMIT when no timer can be made. */
GSource *net_source_new (GError **error);
/** Everything is borrowed, and stays until @context is gone. */
void net_source_attach (GSource *source, GMainContext *context, Demux *demux, CallQueue *calls,
                        Link *link);

G_END_DECLS

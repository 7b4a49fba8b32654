/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests: what a demux does that nobody else asks about. */
#pragma once

#include "net/quic/demux_private.h"

G_BEGIN_DECLS

/** Newcomers need a Retry when this many handshakes are under way. */
static inline void
demux_set_retry_threshold (Demux *demux, unsigned half_open)
{
  demux->retry_threshold = half_open;
}

static inline const DemuxCounts *
demux_get_counts (const Demux *demux)
{
  return &demux->counts;
}

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests: what a demultiplexer does that nobody else asks about. */
#pragma once

#include "net/quic/demux_private.h"

G_BEGIN_DECLS

/** Newcomers need a Retry when this many handshakes are under way. */
static inline void
demux_set_retry_threshold (Demux *demux, unsigned half_open)
{
  demux->admission.retry_from = half_open;
}

static inline uint64_t
demux_count_retries (const Demux *demux)
{
  return demux->replies.retries_sent;
}

static inline uint64_t
demux_count_resets (const Demux *demux)
{
  return demux->replies.resets_sent;
}

static inline uint64_t
demux_count_dropped (const Demux *demux)
{
  return demux->datagrams_dropped;
}

G_END_DECLS

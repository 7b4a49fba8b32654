/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few words that every flow uses on top of libdex. Flows are fibers on the main scheduler. */
#pragma once

#include <libdex.h>
#include "net/quic/connection.h"

G_BEGIN_DECLS

/** Stack of one fiber: sanitizers make frames several times larger than the 128 KiB default allows for; it is mapped
 * lazily. */
#define FLOW_STACK_SIZE (256 * 1024)

/** Rejects with DEX_ERROR_TIMED_OUT when @future has not settled after @seconds. (transfer full) @future */
static inline DexFuture *
flow_within (DexFuture *future, int seconds)
{
  return dex_future_first (future, dex_timeout_new_seconds (seconds), NULL);
}

static inline DexFuture *
flow_within_ms (DexFuture *future, int milliseconds)
{
  return dex_future_first (future, dex_timeout_new_msec (milliseconds), NULL);
}

/** Whether somebody who no longer wants the result ended this: outside a fiber that is G_IO_ERROR_CANCELLED, inside it
 * DEX_ERROR_FIBER_CANCELLED. After it every further await fails at once, so a fiber returns immediately. */
static inline bool
flow_was_cancelled (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
         g_error_matches (error, DEX_ERROR, DEX_ERROR_FIBER_CANCELLED);
}

static inline bool
flow_timed_out (const GError *error)
{
  return g_error_matches (error, DEX_ERROR, DEX_ERROR_TIMED_OUT);
}

G_END_DECLS

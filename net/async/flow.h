/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few words that every flow uses on top of libdex. Flows are fibers on the main scheduler. */
#pragma once

#include <libdex.h>
#include <stdbool.h>

#include "net/quic/connection.h"

G_BEGIN_DECLS

/** Stack of one fiber: sanitizers make frames several times larger than the 128 KiB default allows
 * for; it is mapped lazily. */
#define FLOW_STACK_SIZE (256 * 1024)

/** Runs @func as a fiber on the main scheduler; @data is destroyed when it has ended. Discarding
 * the result cancels it: the await it is in, and every later one, fails with G_IO_ERROR_CANCELLED,
 * and it ends by itself, some turns of the main loop later. flow_set.h says when to use this and
 * when flow_set_start().
 *
 * Never spawn with dex_scheduler_spawn() what somebody may discard: libdex 0.10.0 breaks its run
 * queues when a fiber is discarded and what it awaits settles before it has run again (mended in
 * 0.10.1). Here nobody discards a fiber; it is raced with a promise instead. So inside flows all
 * waiting is flow_await() and its kin. */
DexFuture *flow_spawn (DexFiberFunc func, gpointer data,
                       GDestroyNotify destroy) G_GNUC_WARN_UNUSED_RESULT;

/** dex_await() for fibers of flow_spawn(); in any other fiber it is just that. (transfer full)
 * @future */
bool flow_await (DexFuture *future, GError **error);
/** flow_await() that a cancelled fiber finishes too: for a worker that uses what the fiber owns,
 * and must end soon by itself. (transfer full) @future */
bool flow_await_regardless (DexFuture *future, GError **error);
/** (transfer full) */
gpointer flow_await_boxed (DexFuture *future, GError **error);

/** Rejects with DEX_ERROR_TIMED_OUT when @future has not settled after @seconds. (transfer full)
 * @future */
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

/** Whether somebody who no longer wants the result ended this. After it every further await fails
 * at once, so a fiber returns immediately. */
static inline bool
flow_was_cancelled (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static inline bool
flow_timed_out (const GError *error)
{
  return g_error_matches (error, DEX_ERROR, DEX_ERROR_TIMED_OUT);
}

G_END_DECLS

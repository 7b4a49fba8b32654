/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flows that are running: who starts one tells its name here, and whoever closes the node can
 * end them all and wait until none is left. Main thread only. */
#pragma once

#include "net/async/flow.h"

G_BEGIN_DECLS

typedef struct FlowSet FlowSet;

FlowSet *flow_set_new (void);
/** No flow may be left. */
void flow_set_free (FlowSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FlowSet, flow_set_free)

/** Runs @func as a fiber. @name is a static string for the log. @data is destroyed when the fiber
 * has ended. An error that the fiber returns, other than being cancelled, is logged. After
 * flow_set_close() nothing starts and @data is destroyed at once. */
void flow_set_spawn (FlowSet *set, const char *name, DexFiberFunc func, gpointer data,
                     GDestroyNotify destroy);
/** The same for a fiber whose result somebody wants; discarding the future cancels it. After
 * flow_set_close() it rejects at once. */
DexFuture *flow_set_start (FlowSet *set, const char *name, DexFiberFunc func, gpointer data,
                           GDestroyNotify destroy) G_GNUC_WARN_UNUSED_RESULT;
/** Counts a flow that runs by itself and must be waited for: it is not cancelled at close.
 * (transfer full) @future */
void flow_set_watch (FlowSet *set, const char *name, DexFuture *future);

/** How many run. */
guint flow_set_get_live (const FlowSet *set);
/** Names them in the log. */
void flow_set_log (const FlowSet *set);

/** Resolves to TRUE as soon as nothing runs. */
DexFuture *flow_set_idle (FlowSet *set) G_GNUC_WARN_UNUSED_RESULT;
/** Cancels every fiber; resolves to TRUE when nothing runs any more. */
DexFuture *flow_set_close (FlowSet *set) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

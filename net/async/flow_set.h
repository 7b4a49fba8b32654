/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fibers of a node: whoever closes it cancels them all and waits until none is left. Main
 * thread only.
 *
 * There are two ways to start a fiber. flow_set_start() is the usual one. flow_spawn() is for a
 * fiber that its owner awaits to the end itself, in every case: the parts of a transfer, and what
 * opens and closes the node. What has started and ends by itself, such as a whole transfer, is
 * counted with flow_set_watch(). */
#pragma once

#include "net/async/flow.h"

G_BEGIN_DECLS

typedef struct FlowSet FlowSet;

FlowSet *flow_set_new (void);
/** No flow may be left. */
void flow_set_free (FlowSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FlowSet, flow_set_free)

/** Runs @func as a fiber of flow_spawn(). @name is a static string for the log. @data is destroyed
 * when the fiber has ended. Discarding the future cancels the fiber; disown it when nobody wants
 * the result, the set notices the end. An error that the fiber returns, other than being cancelled,
 * is logged. After flow_set_close() nothing starts, @data is destroyed at once and the future
 * rejects. */
DexFuture *flow_set_start (FlowSet *set, const char *name, DexFiberFunc func, gpointer data,
                           GDestroyNotify destroy) G_GNUC_WARN_UNUSED_RESULT;
/** Counts @future (transfer full) as running until it settles; closing does not cancel it. */
void flow_set_watch (FlowSet *set, const char *name, DexFuture *future);

/** Resolves to TRUE as soon as nothing runs. */
DexFuture *flow_set_idle (FlowSet *set) G_GNUC_WARN_UNUSED_RESULT;
/** Cancels every fiber; resolves to TRUE when nothing runs any more. */
DexFuture *flow_set_close (FlowSet *set) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

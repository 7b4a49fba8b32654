/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread of its own for work that blocks, behind a future. */
#pragma once

#include <libdex.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef bool (*WorkerFunc) (gpointer data, GError **error);

/** Runs @func on a new thread called @name (15 characters at most). The future resolves to TRUE or
 * rejects with its error when the function has returned; @data must live until then. Discarding the
 * future does not stop the work: pass the work a GCancellable. */
DexFuture *worker_start (const char *name, WorkerFunc func,
                         gpointer data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/async/worker.h"

typedef struct
{
  WorkerFunc func;
  gpointer data;
  DexPromise *promise;   /* a reference */
  GMainContext *context; /* a reference; of whoever waits */
  GError *error;         /* (owned) (nullable) */
} Worker;

/* libdex 0.10 loses count of its fibers when a future settles on another thread while a fiber is
 * about to await it. */
static gboolean
settle_cb (gpointer data)
{
  g_autofree Worker *worker = data;
  if (!worker->error)
    dex_promise_resolve_boolean (worker->promise, TRUE);
  else
    dex_promise_reject (worker->promise, g_steal_pointer (&worker->error));
  dex_unref (worker->promise);
  g_main_context_unref (worker->context);
  return G_SOURCE_REMOVE;
}

static gpointer
worker_thread (gpointer data)
{
  Worker *worker = data;
  g_autoptr (GSource) source = g_idle_source_new ();
  worker->func (worker->data, &worker->error);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, settle_cb, worker, NULL);
  g_source_attach (source, worker->context);
  return NULL;
}

DexFuture *
worker_start (const char *name, WorkerFunc func, gpointer data)
{
  DexPromise *promise = dex_promise_new ();
  Worker *worker = g_new (Worker, 1);
  *worker = (Worker) { .func = func,
                       .data = data,
                       .promise = dex_ref (promise),
                       .context = g_main_context_ref_thread_default () };
  g_thread_unref (g_thread_new (name, worker_thread, worker));
  return DEX_FUTURE (promise);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/flow/worker.h"

typedef struct
{
  WorkerFunc func;
  gpointer data;
  DexPromise *promise; /* a reference */
} Worker;

static gpointer
worker_thread (gpointer data)
{
  g_autofree Worker *worker = data;
  GError *error = NULL;
  if (worker->func (worker->data, &error))
    dex_promise_resolve_boolean (worker->promise, TRUE);
  else
    dex_promise_reject (worker->promise, error);
  dex_unref (worker->promise);
  return NULL;
}

DexFuture *
worker_start (const char *name, WorkerFunc func, gpointer data)
{
  DexPromise *promise = dex_promise_new ();
  Worker *worker = g_new (Worker, 1);
  *worker = (Worker) { func, data, dex_ref (promise) };
  g_thread_unref (g_thread_new (name, worker_thread, worker));
  return DEX_FUTURE (promise);
}

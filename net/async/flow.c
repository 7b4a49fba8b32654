/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/async/flow.h"

#include "net/async/flow_testing.h"

/* One fiber of flow_spawn(). */
typedef struct
{
  grefcount refs;
  DexFiberFunc func;
  gpointer data;
  GDestroyNotify destroy;
  DexPromise *result; /* (owned) until settled */
  DexPromise *stop;   /* (owned) rejected to cancel: every await is raced with it */
  gulong discarded;   /* handler on the result's cancellable */
  bool running;       /* on the stack right now, not suspended in an await */
} Scope;

/* The fiber that runs. Fibers change only in flow_await(), and there it is saved and restored; a
 * fiber of another kind finds a scope that is not running. Main thread only. */
static Scope *current;

static guint n_live;

static Scope *
scope_ref (Scope *scope)
{
  g_ref_count_inc (&scope->refs);
  return scope;
}

static void
scope_unref (gpointer data)
{
  Scope *scope = data;
  if (!g_ref_count_dec (&scope->refs))
    return;
  dex_clear (&scope->result);
  dex_clear (&scope->stop);
  g_free (scope);
}

static gboolean
stop_cb (gpointer data)
{
  Scope *scope = data;
  if (dex_future_is_pending (DEX_FUTURE (scope->stop)))
    dex_promise_reject (scope->stop, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                          "nobody wants the result any more"));
  return G_SOURCE_REMOVE;
}

/* Not at once: we are inside the discarding future. */
static void
discarded_cb (GCancellable *cancellable, gpointer data)
{
  g_idle_add_full (G_PRIORITY_HIGH, stop_cb, scope_ref (data), scope_unref);
}

static void
settle (Scope *scope, DexFuture *outcome)
{
  GError *error = NULL;
  const GValue *value = dex_future_get_value (outcome, &error);
  g_cancellable_disconnect (dex_promise_get_cancellable (scope->result), scope->discarded);
  if (value)
    dex_promise_resolve (scope->result, value);
  else
    dex_promise_reject (scope->result, error);
  dex_clear (&scope->result);
}

static DexFuture *
scope_fiber (gpointer data)
{
  Scope *scope = data;
  current = scope;
  scope->running = true;
  DexFuture *outcome = scope->func (scope->data);
  if (dex_future_is_pending (outcome))
    flow_await (dex_ref (outcome), NULL);
  if (dex_future_is_pending (outcome))
    {
      dex_unref (outcome);
      outcome = dex_ref (DEX_FUTURE (scope->stop));
    }
  if (scope->destroy)
    scope->destroy (scope->data);
  n_live--;
  settle (scope, outcome);
  dex_unref (outcome);
  scope->running = false;
  current = NULL;
  return dex_future_new_true ();
}

DexFuture *
flow_spawn (DexFiberFunc func, gpointer data, GDestroyNotify destroy)
{
  Scope *scope = g_new (Scope, 1);
  n_live++;
  *scope = (Scope) { .func = func,
                     .data = data,
                     .destroy = destroy,
                     .result = dex_promise_new_cancellable (),
                     .stop = dex_promise_new () };
  g_ref_count_init (&scope->refs);
  DexFuture *result = dex_ref (DEX_FUTURE (scope->result));

  scope->discarded =
      g_cancellable_connect (dex_promise_get_cancellable (scope->result), G_CALLBACK (discarded_cb),
                             scope_ref (scope), scope_unref);
  /* Disowned, so that nobody can discard the fiber itself. */
  dex_future_disown (dex_scheduler_spawn (NULL, FLOW_STACK_SIZE, scope_fiber, scope, scope_unref));
  return result;
}

/* Before an await: the scope to come back to, and @future raced with its stop, which comes first: a
 * cancelled fiber gets nothing more, of what has settled neither. */
static Scope *
suspend (DexFuture **future)
{
  Scope *scope = current;
  if (!scope || !scope->running)
    return NULL;
  *future = dex_future_first (dex_ref (scope->stop), *future, NULL);
  scope->running = false;
  return scope;
}

static void
resume (Scope *scope)
{
  if (!scope)
    return;
  current = scope;
  scope->running = true;
}

bool
flow_await (DexFuture *future, GError **error)
{
  Scope *scope = suspend (&future);
  bool ok = dex_await (future, error);
  resume (scope);
  return ok;
}

bool
flow_await_regardless (DexFuture *future, GError **error)
{
  Scope *scope = current && current->running ? current : NULL;
  if (scope)
    scope->running = false;
  bool ok = dex_await (future, error);
  resume (scope);
  return ok;
}

gpointer
flow_await_boxed (DexFuture *future, GError **error)
{
  Scope *scope = suspend (&future);
  gpointer boxed = dex_await_boxed (future, error);
  resume (scope);
  return boxed;
}

guint
flow_count_live (void)
{
  return n_live;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/async/flow_set.h"

struct FlowSet
{
  GQueue live;      /* (element-type Flow) (owned by their fibers) */
  DexPromise *stop; /* (owned) rejected at close: every fiber is raced with it */
  DexPromise *idle; /* (owned) (nullable) resolved when nothing runs */
  bool closed;
};

typedef struct
{
  FlowSet *set;
  const char *name;
  int64_t started_us;
  GList link; /* in set->live */
  DexFiberFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Flow;

static Flow *
flow_new (FlowSet *set, const char *name)
{
  Flow *flow = g_new0 (Flow, 1);
  *flow = (Flow) { .set = set, .name = name, .started_us = g_get_monotonic_time () };
  flow->link.data = flow;
  g_queue_push_tail_link (&set->live, &flow->link);
  return flow;
}

static void
flow_end (Flow *flow)
{
  FlowSet *set = flow->set;
  g_queue_unlink (&set->live, &flow->link);
  if (flow->destroy)
    flow->destroy (flow->data);
  g_free (flow);
  if (set->idle && g_queue_is_empty (&set->live))
    {
      g_autoptr (DexPromise) idle = g_steal_pointer (&set->idle);
      dex_promise_resolve_boolean (idle, TRUE);
    }
}

FlowSet *
flow_set_new (void)
{
  FlowSet *set = g_new0 (FlowSet, 1);
  set->stop = dex_promise_new ();
  return set;
}

void
flow_set_free (FlowSet *set)
{
  g_assert (g_queue_is_empty (&set->live));
  dex_clear (&set->stop);
  dex_clear (&set->idle);
  g_free (set);
}

static DexFuture *
flow_fiber (gpointer user_data)
{
  Flow *flow = user_data;
  g_autoptr (GError) error = NULL;
  DexFuture *result = flow->func (flow->data);
  if (dex_future_is_rejected (result) && !dex_future_get_value (result, &error) &&
      !flow_was_cancelled (error))
    g_debug ("%s: %s", flow->name, error->message);
  flow_end (flow);
  return result;
}

DexFuture *
flow_set_start (FlowSet *set, const char *name, DexFiberFunc func, gpointer data,
                GDestroyNotify destroy)
{
  if (set->closed)
    {
      if (destroy)
        destroy (data);
      return dex_ref (DEX_FUTURE (set->stop));
    }
  Flow *flow = flow_new (set, name);
  flow->func = func;
  flow->data = data;
  flow->destroy = destroy;
  DexFuture *fiber = flow_spawn (flow_fiber, flow, NULL);
  dex_future_set_static_name (fiber, name);
  return dex_future_first (fiber, dex_ref (set->stop), NULL);
}

static DexFuture *
watched_cb (DexFuture *future, gpointer user_data)
{
  flow_end (user_data);
  return dex_future_new_true ();
}

void
flow_set_watch (FlowSet *set, const char *name, DexFuture *future)
{
  /* Disowned: nobody may cancel it through the set. */
  dex_future_disown (dex_future_finally (future, watched_cb, flow_new (set, name), NULL));
}

DexFuture *
flow_set_idle (FlowSet *set)
{
  if (g_queue_is_empty (&set->live))
    return dex_future_new_true ();
  if (!set->idle)
    set->idle = dex_promise_new ();
  return dex_ref (DEX_FUTURE (set->idle));
}

static void
log_live (const FlowSet *set)
{
  int64_t now_us = g_get_monotonic_time ();
  for (const GList *l = set->live.head; l; l = l->next)
    {
      const Flow *flow = l->data;
      g_debug ("live flow: %s, for %" G_GINT64_FORMAT " ms", flow->name,
               (now_us - flow->started_us) / 1000);
    }
}

DexFuture *
flow_set_close (FlowSet *set)
{
  if (!set->closed)
    {
      set->closed = true;
      log_live (set);
      dex_promise_reject (
          set->stop, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "the node is closing"));
    }
  return flow_set_idle (set);
}

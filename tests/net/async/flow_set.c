/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/async/flow_set.h"

#include "net/async/flow_testing.h"
#include "tests/support/wait.h"

static void
count_down (gpointer data)
{
  --*(int *) data;
}

static DexFuture *
quick_fiber (gpointer data)
{
  return dex_future_new_true ();
}

static DexFuture *
endless_fiber (gpointer data)
{
  g_autoptr (GError) error = NULL;
  flow_await (dex_future_new_infinite (), &error);
  g_assert_true (flow_was_cancelled (error));
  return dex_future_new_for_error (g_steal_pointer (&error));
}

static void
drain (FlowSet *set)
{
  g_autoptr (DexFuture) drained = flow_set_close (set);
  wait_until (!dex_future_is_pending (drained));
  g_assert_cmpuint (flow_count_live (), ==, 0);
}

static void
test_close_ends_everything (void)
{
  g_autoptr (FlowSet) set = flow_set_new ();
  int alive = 3;
  dex_future_disown (flow_set_start (set, "quick", quick_fiber, &alive, count_down));
  dex_future_disown (flow_set_start (set, "endless", endless_fiber, &alive, count_down));
  wait_until (flow_count_live () != 2);
  g_assert_cmpint (alive, ==, 2);
  dex_future_disown (flow_set_start (set, "endless too", endless_fiber, &alive, count_down));
  drain (set);
  g_assert_cmpint (alive, ==, 0);

  alive = 1;
  dex_future_disown (flow_set_start (set, "too late", endless_fiber, &alive, count_down));
  g_assert_cmpint (alive, ==, 0);
}

static void
test_close_waits_for_watched (void)
{
  g_autoptr (FlowSet) set = flow_set_new ();
  g_autoptr (DexPromise) promise = dex_promise_new ();
  flow_set_watch (set, "worker", dex_ref (promise));
  g_autoptr (DexFuture) drained = flow_set_close (set);
  wait_settle ();
  g_assert_true (dex_future_is_pending (drained));
  dex_promise_resolve_boolean (promise, TRUE);
  drain (set);
}

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow-set/close-ends-everything", test_close_ends_everything);
  g_test_add_func ("/flow-set/close-waits-for-watched", test_close_waits_for_watched);
  return g_test_run ();
}

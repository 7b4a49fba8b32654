/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/async/flow_set.h"
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
  g_assert_cmpuint (flow_set_get_live (set), ==, 0);
}

static void
test_close_ends_everything (void)
{
  g_autoptr (FlowSet) set = flow_set_new ();
  int alive = 3;
  flow_set_spawn (set, "quick", quick_fiber, &alive, count_down);
  flow_set_spawn (set, "endless", endless_fiber, &alive, count_down);
  wait_until (flow_set_get_live (set) != 2);
  g_assert_cmpint (alive, ==, 2);
  flow_set_spawn (set, "endless too", endless_fiber, &alive, count_down);
  drain (set);
  g_assert_cmpint (alive, ==, 0);

  alive = 1;
  flow_set_spawn (set, "too late", endless_fiber, &alive, count_down);
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
  g_test_add_func ("/flow/set/close-ends-everything", test_close_ends_everything);
  g_test_add_func ("/flow/set/close-waits-for-watched", test_close_waits_for_watched);
  return g_test_run ();
}

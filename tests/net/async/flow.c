/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/async/flow.h"

#include "net/async/flow_testing.h"
#include "tests/support/wait.h"

/* What one fiber does, and what came of it. */
typedef struct
{
  DexPromise *gate; /* (owned) what it waits for */
  bool regardless;
  bool entered, passed, passed_again, destroyed;
  GError *error, *again; /* (owned) of its first and its second wait */
} Walk;

static Walk *
walk_new (void)
{
  Walk *walk = g_new0 (Walk, 1);
  walk->gate = dex_promise_new ();
  return walk;
}

static void
walk_free (Walk *walk)
{
  dex_clear (&walk->gate);
  g_clear_error (&walk->error);
  g_clear_error (&walk->again);
  g_free (walk);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Walk, walk_free)

static void
destroyed_cb (gpointer data)
{
  Walk *walk = data;
  g_assert_false (walk->destroyed);
  walk->destroyed = true;
}

static DexFuture *
walk_fiber (gpointer data)
{
  Walk *walk = data;
  DexFuture *gate = dex_ref (DEX_FUTURE (walk->gate));
  walk->entered = true;
  walk->passed = walk->regardless ? flow_await_regardless (gate, &walk->error)
                                  : flow_await (gate, &walk->error);
  walk->passed_again = flow_await (dex_future_new_true (), &walk->again);
  if (walk->error)
    return dex_future_new_for_error (g_error_copy (walk->error));
  return dex_future_new_for_int (7);
}

/* Until the fiber of @walk stands at its gate. */
static DexFuture *
start (Walk *walk)
{
  DexFuture *future = flow_spawn (walk_fiber, walk, destroyed_cb);
  wait_until (walk->entered);
  return future;
}

/* As a deadline does, or a race that another has won: letting go of the last reference alone
 * discards nothing. */
static void
discard (DexFuture *future)
{
  g_autoptr (DexFuture) race = dex_future_first (future, dex_future_new_true (), NULL);
  wait_until (!dex_future_is_pending (race));
}

static void
test_result (void)
{
  g_autoptr (Walk) walk = walk_new ();
  g_autoptr (DexFuture) future = start (walk);
  g_assert_true (dex_future_is_pending (future));
  dex_promise_resolve_boolean (walk->gate, true);
  wait_until (!dex_future_is_pending (future));
  g_assert_cmpint (g_value_get_int (dex_future_get_value (future, NULL)), ==, 7);
  g_assert_true (walk->passed && walk->passed_again && walk->destroyed);
  wait_until (flow_count_live () == 0);
}

static void
test_error (void)
{
  g_autoptr (Walk) walk = walk_new ();
  g_autoptr (DexFuture) future = start (walk);
  g_autoptr (GError) error = NULL;
  dex_promise_reject (walk->gate, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NO_SPACE, "full"));
  wait_until (!dex_future_is_pending (future));
  g_assert_null (dex_future_get_value (future, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  /* A wait that fails is not a cancelled fiber. */
  g_assert_true (walk->passed_again);
}

/* The wait it is in fails, and every later one, also of what has settled. */
static void
test_discarded (void)
{
  g_autoptr (Walk) walk = walk_new ();
  discard (start (walk));
  wait_until (walk->destroyed);
  g_assert_true (flow_was_cancelled (walk->error));
  g_assert_true (flow_was_cancelled (walk->again));
  wait_until (flow_count_live () == 0);
}

static void
test_discarded_before_it_ran (void)
{
  g_autoptr (Walk) walk = walk_new ();
  discard (flow_spawn (walk_fiber, walk, destroyed_cb));
  wait_until (walk->destroyed);
  g_assert_true (flow_was_cancelled (walk->again));
}

/* libdex 0.10.0 breaks its run queues when that happens to a fiber of its own. */
static void
test_discarded_as_the_wait_ends (void)
{
  g_autoptr (Walk) walk = walk_new ();
  DexFuture *future = start (walk);
  dex_promise_resolve_boolean (walk->gate, true);
  discard (future);
  wait_until (walk->destroyed);
  g_assert_true (walk->passed != flow_was_cancelled (walk->error));
  wait_until (flow_count_live () == 0);
}

/* Two wait for the result: it is discarded when both have given up, and once. */
static void
test_awaited_twice (void)
{
  g_autoptr (Walk) walk = walk_new ();
  DexFuture *future = start (walk);
  g_autoptr (DexPromise) end = dex_promise_new ();
  g_autoptr (DexFuture) race =
      dex_future_first (dex_ref (future), dex_ref (DEX_FUTURE (end)), NULL);
  discard (future);
  wait_settle ();
  g_assert_false (walk->destroyed);
  dex_promise_resolve_boolean (end, true);
  wait_until (walk->destroyed);
  g_assert_true (flow_was_cancelled (walk->error));
}

/* A worker uses what the fiber owns: the fiber waits for it, and is cancelled afterwards. */
static void
test_regardless (void)
{
  g_autoptr (Walk) walk = walk_new ();
  walk->regardless = true;
  discard (start (walk));
  wait_settle ();
  g_assert_false (walk->destroyed);
  dex_promise_resolve_boolean (walk->gate, true);
  wait_until (walk->destroyed);
  g_assert_true (walk->passed);
  g_assert_true (flow_was_cancelled (walk->again));
}

static DexFuture *
outer_fiber (gpointer data)
{
  g_autoptr (GError) error = NULL;
  if (!flow_await (flow_spawn (walk_fiber, data, NULL), &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_true ();
}

/* Each fiber is cancelled by its own result: the inner one goes because the outer one lets go. */
static void
test_nested (void)
{
  g_autoptr (Walk) walk = walk_new ();
  DexFuture *future = flow_spawn (outer_fiber, walk, NULL);
  wait_until (walk->entered);
  discard (future);
  wait_until (flow_count_live () == 0);
  g_assert_true (flow_was_cancelled (walk->error));
}

static DexFuture *
pending_fiber (gpointer data)
{
  return dex_ref (DEX_FUTURE (((Walk *) data)->gate));
}

/* A fiber may end with a future that has not settled. */
static void
test_ends_with_a_pending_future (void)
{
  for (int discarded = 0; discarded <= 1; discarded++)
    {
      g_autoptr (Walk) walk = walk_new ();
      g_autoptr (DexFuture) future = flow_spawn (pending_fiber, walk, destroyed_cb);
      wait_settle ();
      g_assert_true (dex_future_is_pending (future) && !walk->destroyed);
      if (discarded)
        discard (dex_ref (future));
      else
        dex_promise_resolve_boolean (walk->gate, true);
      wait_until (walk->destroyed);
      wait_until (flow_count_live () == 0);
      g_assert_true (discarded || dex_future_is_resolved (future));
    }
}

static void
test_timed_out (void)
{
  g_autoptr (Walk) walk = walk_new ();
  g_autoptr (DexFuture) future = flow_within_ms (start (walk), 1);
  g_autoptr (GError) error = NULL;
  wait_until (!dex_future_is_pending (future));
  g_assert_null (dex_future_get_value (future, &error));
  g_assert_true (flow_timed_out (error) && !flow_was_cancelled (error));
  /* What was too slow is discarded with it. */
  wait_until (walk->destroyed);
  g_assert_true (flow_was_cancelled (walk->error));
}

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/result", test_result);
  g_test_add_func ("/flow/error", test_error);
  g_test_add_func ("/flow/discarded", test_discarded);
  g_test_add_func ("/flow/discarded-before-it-ran", test_discarded_before_it_ran);
  g_test_add_func ("/flow/discarded-as-the-wait-ends", test_discarded_as_the_wait_ends);
  g_test_add_func ("/flow/awaited-twice", test_awaited_twice);
  g_test_add_func ("/flow/regardless", test_regardless);
  g_test_add_func ("/flow/nested", test_nested);
  g_test_add_func ("/flow/ends-with-a-pending-future", test_ends_with_a_pending_future);
  g_test_add_func ("/flow/timed-out", test_timed_out);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/async/worker.h"

#include <gio/gio.h>

typedef struct
{
  GThread *thread; /* that did the work, borrowed for comparing */
  GAsyncQueue *permission;
  int turns;
  bool fails;
} Work;

static bool
do_work (gpointer data, GError **error)
{
  Work *work = data;
  work->thread = g_thread_self ();
  if (work->permission)
    g_async_queue_pop (work->permission);
  work->turns++;
  if (!work->fails)
    return true;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "full");
  return false;
}

static bool
wait_future (DexFuture *future, GError **error)
{
  while (dex_future_is_pending (future))
    g_main_context_iteration (NULL, true);
  bool ok = dex_future_get_value (future, error);
  dex_unref (future);
  return ok;
}

static void
test_done (void)
{
  Work work = { 0 };
  g_assert_true (wait_future (worker_start ("test", do_work, &work), NULL));
  g_assert_cmpint (work.turns, ==, 1);
  g_assert_true (work.thread != g_thread_self ());
}

static void
test_failed (void)
{
  Work work = { .fails = true };
  g_autoptr (GError) error = NULL;
  g_assert_false (wait_future (worker_start ("test", do_work, &work), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpstr (error->message, ==, "full");
}

/* The future settles in a turn of the caller's main context, never in the thread. */
static void
test_settles_in_the_loop (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Work work = { 0 };
  g_main_context_push_thread_default (context);
  g_autoptr (DexFuture) future = worker_start ("test", do_work, &work);
  g_main_context_pop_thread_default (context);
  while (!g_main_context_pending (context))
    g_main_context_iteration (NULL, false);
  g_assert_cmpint (work.turns, ==, 1);
  g_assert_true (dex_future_is_pending (future));
  while (dex_future_is_pending (future))
    g_main_context_iteration (context, true);
  g_assert_true (dex_future_is_resolved (future));
}

/* Nobody waits any more: the work is done all the same. */
static void
test_discarded (void)
{
  g_autoptr (GAsyncQueue) permission = g_async_queue_new ();
  Work work = { .permission = permission }, next = { 0 };
  DexFuture *future = worker_start ("test", do_work, &work);
  DexFuture *other = dex_ref (future);
  dex_unref (future);
  g_async_queue_push (permission, &work);
  g_assert_true (wait_future (other, NULL));
  g_assert_cmpint (work.turns, ==, 1);

  work = (Work) { .permission = permission };
  dex_unref (worker_start ("test", do_work, &work));
  g_async_queue_push (permission, &work);
  while (g_atomic_int_get (&work.turns) == 0)
    g_main_context_iteration (NULL, false);
  g_assert_true (wait_future (worker_start ("test", do_work, &next), NULL));
}

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/done", test_done);
  g_test_add_func ("/worker/failed", test_failed);
  g_test_add_func ("/worker/settles-in-the-loop", test_settles_in_the_loop);
  g_test_add_func ("/worker/discarded", test_discarded);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A GTask that waits in a queue until the net thread has done something, or until it is cancelled.
 *
 * Cancelling completes nothing by itself: it tells the owner of the queue to look, so that a waiter
 * is completed in one place. Whoever takes a task out of its queue owns it and completes it,
 * without the owner's lock, since the callback may run at once. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

G_BEGIN_DECLS

/** The beginning of a task's data. */
typedef struct Waiter Waiter;

struct Waiter
{
  void (*clear) (Waiter *waiter); /* what the rest of the struct owns */
  GCancellable *cancellable;
  gulong handler;
};

/** @size: of a struct, zeroed here, that begins with a Waiter; it is the task's data. */
GTask *waiter_new (size_t size, void (*clear) (Waiter *waiter), GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag);
/** @cancelled (a handler of GCancellable::cancelled) runs with @data in the thread that cancels,
 * until the task is completed. */
void waiter_watch (GTask *task, GCallback cancelled, gpointer data);

bool waiter_is_cancelled (GTask *task);

/** Completes @task, and takes it: with @error; or with @result; or with G_IO_ERROR_CANCELLED when
 * it was cancelled and there is no @result to lose. */
void waiter_complete (GTask *task, gpointer result, GDestroyNotify free_result,
                      const GError *error);
/** Whether it ended well. @value receives the result. */
bool waiter_finish (GAsyncResult *result, gpointer *value, GError **error);

/** Moves all, or only what was cancelled, from @waiting to the end of @done. */
void waiters_take (GQueue *waiting, GQueue *done, bool all);
/** Completes and removes each, with @error or well. */
void waiters_complete (GQueue *done, const GError *error);

G_END_DECLS

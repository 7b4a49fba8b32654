/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/waiter.h"

static void
waiter_free (gpointer data)
{
  Waiter *self = data;
  self->clear (self);
  g_clear_object (&self->cancellable);
  g_free (self);
}

GTask *
waiter_new (size_t size, void (*clear) (Waiter *waiter), GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Waiter *self = g_malloc0 (size);
  self->clear = clear;
  g_set_object (&self->cancellable, cancellable);
  g_task_set_source_tag (task, source_tag);
  /* waiter_complete() looks, once: a task that was given a result must not lose it to a later
   * cancellation */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, waiter_free);
  return task;
}

void
waiter_watch (GTask *task, GCallback cancelled, gpointer data)
{
  Waiter *self = g_task_get_task_data (task);
  if (self->cancellable)
    self->handler = g_cancellable_connect (self->cancellable, cancelled, data, NULL);
}

bool
waiter_is_cancelled (GTask *task)
{
  return g_cancellable_is_cancelled (g_task_get_cancellable (task));
}

void
waiter_complete (GTask *task, gpointer result, GDestroyNotify free_result, const GError *error)
{
  Waiter *self = g_task_get_task_data (task);
  if (self->handler != 0)
    g_cancellable_disconnect (self->cancellable, self->handler);
  if (error)
    g_task_return_error (task, g_error_copy (error));
  else if (result || !g_task_return_error_if_cancelled (task))
    g_task_return_pointer (task, result, free_result);
  g_object_unref (task);
}

bool
waiter_finish (GAsyncResult *result, gpointer *value, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gpointer returned = g_task_propagate_pointer (G_TASK (result), &failure);
  if (value)
    *value = returned;
  if (!failure)
    return true;
  g_propagate_error (error, g_steal_pointer (&failure));
  return false;
}

void
waiters_take (GQueue *waiting, GQueue *done, bool all)
{
  for (GList *l = waiting->head, *next; l; l = next)
    {
      next = l->next;
      if (all || waiter_is_cancelled (l->data))
        {
          g_queue_unlink (waiting, l);
          g_queue_push_tail_link (done, l);
        }
    }
}

void
waiters_complete (GQueue *done, const GError *error)
{
  GTask *task;
  while ((task = g_queue_pop_head (done)))
    waiter_complete (task, NULL, NULL, error);
}

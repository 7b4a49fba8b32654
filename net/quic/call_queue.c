/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/call_queue.h"

struct CallQueue
{
  gatomicrefcount refs;
  GMutex lock;
  QueuedCall *first;
  QueuedCall **last;
  bool woken; /* the reader knows and has not looked yet */
  bool closed;
  CallQueueWake wake;
  gpointer wake_data;
};

CallQueue *
call_queue_new (void)
{
  CallQueue *self = g_new0 (CallQueue, 1);
  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->last = &self->first;
  return self;
}

CallQueue *
call_queue_ref (CallQueue *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
call_queue_unref (CallQueue *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
call_queue_set_wake (CallQueue *self, CallQueueWake wake, gpointer data)
{
  g_mutex_lock (&self->lock);
  self->wake = wake;
  self->wake_data = data;
  g_mutex_unlock (&self->lock);
}

bool
call_queue_push (CallQueue *self, QueuedCall *call, CallUrgency urgency)
{
  bool queued = false;
  g_mutex_lock (&self->lock);
  if (!self->closed && !call->waiting)
    {
      *self->last = call;
      self->last = &call->next;
      call->next = NULL;
      call->waiting = true;
      queued = true;
    }
  /* woken under the lock, so that the reader cannot go away between the test and the call */
  if (!self->closed && urgency == CALL_URGENT && !self->woken)
    {
      self->woken = true;
      if (self->wake)
        self->wake (self->wake_data);
    }
  g_mutex_unlock (&self->lock);
  return queued;
}

bool
call_queue_is_pending (CallQueue *self)
{
  g_mutex_lock (&self->lock);
  bool has = self->woken;
  g_mutex_unlock (&self->lock);
  return has;
}

void
call_queue_run (CallQueue *self, gpointer reader)
{
  g_mutex_lock (&self->lock);
  QueuedCall *call = self->first;
  self->first = NULL;
  self->last = &self->first;
  self->woken = false;
  g_mutex_unlock (&self->lock);

  while (call)
    {
      /* from here on the call may be queued again, which overwrites next */
      g_mutex_lock (&self->lock);
      QueuedCall *next = call->next;
      call->waiting = false;
      g_mutex_unlock (&self->lock);
      call->run (call, reader);
      call = next;
    }
}

void
call_queue_close (CallQueue *self, gpointer reader)
{
  call_queue_run (self, reader);
  g_mutex_lock (&self->lock);
  self->closed = true;
  self->wake = NULL;
  g_mutex_unlock (&self->lock);
  call_queue_run (self, reader);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one way into the net thread: calls that other threads queue for it. A QueuedCall is embedded
 * in the object that it is about. A call that still waits is not queued twice, so a thousand sends
 * between two turns cost one wake-up. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct CallQueue CallQueue;
typedef struct QueuedCall QueuedCall;

struct QueuedCall
{
  void (*run) (QueuedCall *call,
               gpointer reader); /* on the net thread, with the reader of call_queue_run() */
  QueuedCall *next;              /* the queue's */
  bool waiting;                  /* the queue's */
};

typedef void (*CallQueueWake) (gpointer data);

CallQueue *call_queue_new (void);
CallQueue *call_queue_ref (CallQueue *calls);
void call_queue_unref (CallQueue *calls);

/** @wake is called, on any thread, when a call was queued for a net thread that sleeps; NULL for
 * one that polls. */
void call_queue_set_wake (CallQueue *calls, CallQueueWake wake, gpointer data);

typedef enum
{
  CALL_URGENT, /* wakes the net thread */
  CALL_LAZY,   /* runs with whatever wakes it next */
} CallUrgency;

/** Returns whether it was queued: false when it already waits or the queue is closed. The caller
 * puts what run() will need (a reference) into the object beforehand and takes it
 * back on false. Any thread. */
bool call_queue_push (CallQueue *calls, QueuedCall *call, CallUrgency urgency);

bool call_queue_is_pending (CallQueue *calls);

/** Runs what waits, in order, without the lock. What is queued meanwhile waits for the next
 * turn. */
void call_queue_run (CallQueue *calls, gpointer reader);

/** Runs the rest and refuses everything later. */
void call_queue_close (CallQueue *calls, gpointer reader);

G_END_DECLS

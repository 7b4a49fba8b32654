/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/stream_private.h"

#include <string.h>

#include "net/quic/connection_private.h"

/* Waiting senders go on when this much is left, a few chunks at a time rather than one for each acknowledgement. */
#define SEND_LOW (QUIC_STREAM_SEND_HIGH / 4 * 3)
/* A blocked reader is not woken for less, unless it wants less. */
#define READ_WORTH_WAKING (256 * 1024)
/* Chunks a blocking reader has emptied wait here for the net thread, or malloc would give the pages back and fault them in
 * again for every megabyte. */
#define SPARE_CHUNKS_MAX 32
/* Flow control credit is returned in pieces of this size for a whole connection; an eighth of a stream's first window. */
#define CREDIT_WORTH_WAKING (128 * 1024)

struct QuicStream
{
  gatomicrefcount memory;
  gatomicrefcount handles;
  QuicConnection *connection; /* one of its handles, while ours exist */
  Mailbox *mailbox;
  Mail mail;
  int64_t id;
  bool bidirectional;

  GMutex lock;
  GCond changed;

  GQueue outgoing; /* GBytes the net thread has not fetched */
  size_t unacked;  /* bytes queued and not acknowledged */
  bool finishing;
  bool drained;
  GError *send_error;
  GQueue senders; /* GTasks */
  GQueue drainers;

  Chunk *first, *last;
  size_t unread;
  Chunk *spare; /* empty */
  unsigned n_spare;
  bool ended; /* FIN is behind the chunks */
  GError *receive_error;
  GTask *receiver;
  size_t receiver_max;
  size_t reader_needs; /* a blocked reader waits for this many bytes */
  size_t consumed;     /* not yet credited */

  bool reset;
  uint64_t reset_code;
  bool abandoned;

  Lane *lane; /* net thread only */
};

Chunk *
chunk_new (size_t capacity)
{
  Chunk *chunk = g_malloc (sizeof *chunk + capacity);
  *chunk = (Chunk) { .capacity = capacity };
  return chunk;
}

static void
chunks_free (Chunk *first)
{
  while (first != NULL)
    {
      Chunk *next = first->next;
      g_free (first);
      first = next;
    }
}

/* ---- references ---- */

QuicStream *
quic_stream_keep (QuicStream *self)
{
  g_atomic_ref_count_inc (&self->memory);
  return self;
}

void
quic_stream_release (QuicStream *self)
{
  if (!g_atomic_ref_count_dec (&self->memory))
    return;
  g_assert (self->receiver == NULL && self->senders.length == 0 && self->drainers.length == 0);
  g_queue_clear_full (&self->outgoing, (GDestroyNotify) g_bytes_unref);
  chunks_free (self->first);
  chunks_free (self->spare);
  g_clear_error (&self->send_error);
  g_clear_error (&self->receive_error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  mailbox_unref (self->mailbox);
  g_free (self);
}

static void
post (QuicStream *self, MailUrgency urgency)
{
  quic_stream_keep (self);
  if (!mailbox_post (self->mailbox, &self->mail, urgency))
    quic_stream_release (self);
}

QuicStream *
quic_stream_ref (QuicStream *self)
{
  g_atomic_ref_count_inc (&self->handles);
  return self;
}

void
quic_stream_unref (QuicStream *self)
{
  QuicConnection *connection;

  if (!g_atomic_ref_count_dec (&self->handles))
    return;
  g_mutex_lock (&self->lock);
  self->abandoned = true;
  connection = g_steal_pointer (&self->connection);
  g_mutex_unlock (&self->lock);
  post (self, MAIL_URGENT);
  quic_connection_unref (connection);
  quic_stream_release (self);
}

QuicStream *
quic_stream_hand_out (QuicStream *self)
{
  quic_stream_keep (self);
  g_atomic_ref_count_init (&self->handles);
  quic_connection_ref (self->connection);
  return self;
}

/* ---- completing what waits ---- */

typedef struct
{
  QuicStream *stream;
  GCancellable *cancellable;
  gulong handler;
} Waiting;

static void
waiting_free (Waiting *waiting)
{
  quic_stream_unref (waiting->stream);
  g_clear_object (&waiting->cancellable);
  g_free (waiting);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer stream)
{
  post (stream, MAIL_URGENT);
}

/* Cancelling only sends mail, so that a waiter is completed in one place: settle(). */
static GTask *
task_new (QuicStream *self, GCancellable *cancellable, GAsyncReadyCallback callback,
          gpointer user_data, gpointer source_tag)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Waiting *waiting = g_new0 (Waiting, 1);

  g_task_set_source_tag (task, source_tag);
  /* complete() looks, once: a task that was given bytes must not lose them to a later cancellation */
  g_task_set_check_cancellable (task, FALSE);
  waiting->stream = quic_stream_ref (self);
  g_task_set_task_data (task, waiting, (GDestroyNotify) waiting_free);
  if (cancellable != NULL)
    {
      waiting->cancellable = g_object_ref (cancellable);
      waiting->handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
    }
  return task;
}

/* Takes the reference. */
static void
complete (GTask *task, const GError *error, GBytes *bytes)
{
  Waiting *waiting = g_task_get_task_data (task);

  if (waiting->handler != 0)
    g_cancellable_disconnect (waiting->cancellable, waiting->handler);
  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else if (!g_task_return_error_if_cancelled (task))
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static bool
is_cancelled (GTask *task)
{
  return g_cancellable_is_cancelled (g_task_get_cancellable (task));
}

/* Moves what is done (all, or only what was cancelled) from @waiting to @done. */
static void
pick (GQueue *waiting, GQueue *done, bool all)
{
  for (GList *l = waiting->head, *next; l != NULL; l = next)
    {
      next = l->next;
      if (all || is_cancelled (l->data))
        {
          g_queue_unlink (waiting, l);
          g_queue_push_tail_link (done, l);
        }
    }
}

static void
note_consumed (QuicStream *self, size_t len)
{
  self->consumed += len;
  post (self, quic_connection_count_consumed (self->connection, len) >= CREDIT_WORTH_WAKING
                  ? MAIL_URGENT
                  : MAIL_LAZY);
}

static void
drop_first_chunk (QuicStream *self)
{
  self->first = self->first->next;
  if (self->first == NULL)
    self->last = NULL;
}

static GBytes *
take_bytes (QuicStream *self, size_t max)
{
  Chunk *chunk = self->first;
  GBytes *bytes;
  size_t len;

  if (chunk == NULL)
    return g_bytes_new (NULL, 0);
  len = MIN (max, chunk->len - chunk->taken);
  if (len < chunk->len - chunk->taken)
    {
      bytes = g_bytes_new (chunk->data + chunk->taken, len);
      chunk->taken += len;
    }
  else
    {
      drop_first_chunk (self);
      bytes = g_bytes_new_with_free_func (chunk->data + chunk->taken, len, g_free, chunk);
    }
  self->unread -= len;
  note_consumed (self, len);
  return bytes;
}

static bool
is_readable (QuicStream *self)
{
  return self->first != NULL || self->ended || self->receive_error != NULL;
}

/* The application reads what arrived before it hears that the rest is missing. */
static const GError *
receive_error (QuicStream *self)
{
  return self->first == NULL && !self->ended ? self->receive_error : NULL;
}

/* Called with the lock, returns without: completes every waiter whose time has come. */
static void
settle_and_unlock (QuicStream *self)
{
  GQueue senders = G_QUEUE_INIT, drainers = G_QUEUE_INIT;
  GTask *receiver = NULL, *task;
  GBytes *bytes = NULL;
  g_autoptr (GError) send_failure = NULL;
  g_autoptr (GError) receive_failure = NULL;

  pick (&self->senders, &senders, self->send_error != NULL || self->unacked <= SEND_LOW);
  pick (&self->drainers, &drainers, self->send_error != NULL || self->drained);
  if (self->send_error != NULL)
    send_failure = g_error_copy (self->send_error);
  if (self->receiver != NULL && (is_readable (self) || is_cancelled (self->receiver)))
    {
      receiver = g_steal_pointer (&self->receiver);
      if (receive_error (self) != NULL)
        receive_failure = g_error_copy (receive_error (self));
      else if (!is_cancelled (receiver))
        bytes = take_bytes (self, self->receiver_max);
    }
  if (self->receive_error != NULL || self->ended || self->unread >= self->reader_needs ||
      self->send_error != NULL || self->unacked <= SEND_LOW)
    g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);

  while ((task = g_queue_pop_head (&senders)) != NULL)
    complete (task, send_failure, NULL);
  while ((task = g_queue_pop_head (&drainers)) != NULL)
    complete (task, send_failure, NULL);
  if (receiver != NULL)
    complete (receiver, receive_failure, bytes);
}

/* ---- the net thread's side ---- */

static void
deliver (Mail *mail, gpointer reader)
{
  QuicStream *self = (QuicStream *) ((char *) mail - G_STRUCT_OFFSET (QuicStream, mail));

  if (self->lane != NULL)
    lane_deliver (self->lane);
  g_mutex_lock (&self->lock);
  settle_and_unlock (self);
  quic_stream_release (self);
}

QuicStream *
quic_stream_new (QuicConnection *connection, Mailbox *mailbox, int64_t id, bool can_send,
                 bool can_receive, Lane *lane)
{
  QuicStream *self = g_new0 (QuicStream, 1);

  g_atomic_ref_count_init (&self->memory);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->connection = connection;
  self->mailbox = mailbox_ref (mailbox);
  self->mail.deliver = deliver;
  self->id = id;
  self->bidirectional = can_send && can_receive;
  self->lane = lane;
  if (!can_send)
    {
      g_set_error_literal (&self->send_error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "The peer sends on this stream.");
      self->drained = true;
    }
  self->ended = !can_receive;
  return self;
}

Lane *
quic_stream_get_lane (QuicStream *self)
{
  return self->lane;
}

void
quic_stream_fetch_orders (QuicStream *self, StreamOrders *orders)
{
  g_mutex_lock (&self->lock);
  *orders = (StreamOrders) {
    .bytes = self->outgoing,
    .finish = self->finishing,
    .reset = self->reset,
    .code = self->reset_code,
    .abandoned = self->abandoned,
    .consumed = self->consumed,
  };
  g_queue_init (&self->outgoing);
  self->consumed = 0;
  g_mutex_unlock (&self->lock);
}

/* Small pieces join the last chunk, or a peer that sends single bytes would cost a hundred times what it may send. */
static void
append_chunks (QuicStream *self, Chunk *first)
{
  while (first != NULL)
    {
      Chunk *chunk = first;

      first = chunk->next;
      chunk->next = NULL;
      self->unread += chunk->len;
      if (self->last != NULL && chunk->len < chunk->capacity / 4 &&
          self->last->capacity - self->last->len >= chunk->len)
        {
          memcpy (self->last->data + self->last->len, chunk->data, chunk->len);
          self->last->len += chunk->len;
          g_free (chunk);
          continue;
        }
      if (self->last != NULL)
        self->last->next = chunk;
      else
        self->first = chunk;
      self->last = chunk;
    }
}

void
quic_stream_publish (QuicStream *self, StreamNews *news)
{
  g_mutex_lock (&self->lock);
  append_chunks (self, news->first);
  self->ended |= news->fin;
  self->unacked -= MIN (self->unacked, news->acked); /* nothing counts after a failure */
  self->drained |= news->drained;
  if (news->want_spare)
    {
      news->spare = g_steal_pointer (&self->spare);
      self->n_spare = 0;
    }
  settle_and_unlock (self);
}

size_t
quic_stream_fail (QuicStream *self, StreamDirections directions, const GError *error)
{
  size_t discarded = 0;

  g_mutex_lock (&self->lock);
  if (directions & STREAM_SENDING && self->send_error == NULL && !self->drained)
    {
      self->send_error = g_error_copy (error);
      g_queue_clear_full (&self->outgoing, (GDestroyNotify) g_bytes_unref);
      self->unacked = 0;
    }
  if (directions & STREAM_RECEIVING && self->receive_error == NULL && !self->ended)
    {
      self->receive_error = g_error_copy (error);
      chunks_free (g_steal_pointer (&self->first));
      self->last = NULL;
      discarded = self->unread;
      self->unread = 0;
    }
  settle_and_unlock (self);
  return discarded;
}

size_t
quic_stream_discard_unread (QuicStream *self)
{
  size_t discarded;

  g_mutex_lock (&self->lock);
  chunks_free (g_steal_pointer (&self->first));
  self->last = NULL;
  discarded = self->unread;
  self->unread = 0;
  g_mutex_unlock (&self->lock);
  return discarded;
}

void
quic_stream_detach (QuicStream *self, const GError *error)
{
  self->lane = NULL;
  if (error != NULL)
    quic_stream_fail (self, STREAM_SENDING | STREAM_RECEIVING, error);
}

/* ---- the application's side ---- */

int64_t
quic_stream_get_id (const QuicStream *self)
{
  return self->id;
}

bool
quic_stream_is_bidirectional (const QuicStream *self)
{
  return self->bidirectional;
}

/* Called with the lock. */
static const GError *
enqueue (QuicStream *self, GBytes *bytes)
{
  if (self->send_error == NULL && self->finishing)
    {
      g_critical ("send after finish on stream %" G_GINT64_FORMAT, self->id);
      return NULL;
    }
  if (self->send_error == NULL && g_bytes_get_size (bytes) > 0)
    {
      g_queue_push_tail (&self->outgoing, g_bytes_ref (bytes));
      self->unacked += g_bytes_get_size (bytes);
    }
  return self->send_error;
}

void
quic_stream_send_async (QuicStream *self, GBytes *bytes, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = task_new (self, cancellable, callback, user_data, quic_stream_send_async);

  g_mutex_lock (&self->lock);
  enqueue (self, bytes);
  if (self->send_error != NULL || self->unacked <= QUIC_STREAM_SEND_HIGH)
    {
      g_autoptr (GError) error = self->send_error != NULL ? g_error_copy (self->send_error) : NULL;
      g_mutex_unlock (&self->lock);
      complete (task, error, NULL);
    }
  else
    {
      g_queue_push_tail (&self->senders, task);
      g_mutex_unlock (&self->lock);
    }
  post (self, MAIL_URGENT);
}

gboolean
quic_stream_send_finish (QuicStream *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
cancelled_blocking_cb (GCancellable *cancellable, gpointer stream)
{
  QuicStream *self = stream;

  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static bool
may_send_more (QuicStream *self)
{
  return self->send_error != NULL || self->unacked <= SEND_LOW;
}

static bool
may_read (QuicStream *self)
{
  return self->unread >= self->reader_needs || self->ended || self->receive_error != NULL;
}

/* Called and returns with the lock. Connecting runs the handler at once when already cancelled, and disconnecting
 * waits for it: neither may happen with the lock held. */
static void
wait_until (QuicStream *self, bool (*condition) (QuicStream *), GCancellable *cancellable)
{
  gulong handler = 0;

  if (condition (self))
    return;
  if (cancellable != NULL)
    {
      g_mutex_unlock (&self->lock);
      handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_blocking_cb), self, NULL);
      g_mutex_lock (&self->lock);
    }
  while (!condition (self) && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->changed, &self->lock);
  if (handler != 0)
    {
      g_mutex_unlock (&self->lock);
      g_cancellable_disconnect (cancellable, handler);
      g_mutex_lock (&self->lock);
    }
}

gboolean
quic_stream_send (QuicStream *self, GBytes *bytes, GCancellable *cancellable, GError **error)
{
  gboolean ok = TRUE;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  g_mutex_lock (&self->lock);
  enqueue (self, bytes);
  if (self->unacked > QUIC_STREAM_SEND_HIGH && self->send_error == NULL)
    {
      g_mutex_unlock (&self->lock);
      post (self, MAIL_URGENT);
      g_mutex_lock (&self->lock);
      wait_until (self, may_send_more, cancellable);
    }
  if (self->send_error != NULL)
    {
      g_propagate_error (error, g_error_copy (self->send_error));
      ok = FALSE;
    }
  else if (!may_send_more (self) && g_cancellable_set_error_if_cancelled (cancellable, error))
    ok = FALSE;
  g_mutex_unlock (&self->lock);
  post (self, MAIL_URGENT);
  return ok;
}

void
quic_stream_finish (QuicStream *self)
{
  g_mutex_lock (&self->lock);
  self->finishing = true;
  g_mutex_unlock (&self->lock);
  post (self, MAIL_URGENT);
}

void
quic_stream_drain_async (QuicStream *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = task_new (self, cancellable, callback, user_data, quic_stream_drain_async);

  g_mutex_lock (&self->lock);
  if (self->send_error != NULL || self->drained)
    {
      g_autoptr (GError) error = self->send_error != NULL ? g_error_copy (self->send_error) : NULL;
      g_mutex_unlock (&self->lock);
      complete (task, error, NULL);
      return;
    }
  g_queue_push_tail (&self->drainers, task);
  g_mutex_unlock (&self->lock);
  if (g_cancellable_is_cancelled (cancellable))
    post (self, MAIL_URGENT);
}

gboolean
quic_stream_drain_finish (QuicStream *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
quic_stream_receive_async (QuicStream *self, size_t max, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = task_new (self, cancellable, callback, user_data, quic_stream_receive_async);
  g_autoptr (GError) error = NULL;
  GBytes *bytes = NULL;
  GTask *gone = NULL;

  g_mutex_lock (&self->lock);
  /* One who cancelled is out of the way, even if his mail has not been read yet. */
  if (self->receiver != NULL && is_cancelled (self->receiver))
    gone = g_steal_pointer (&self->receiver);
  if (self->receiver != NULL)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_PENDING,
                         "Somebody already receives from this stream.");
  else if (receive_error (self) != NULL)
    error = g_error_copy (receive_error (self));
  else if (is_readable (self) && !is_cancelled (task))
    bytes = take_bytes (self, max);
  else
    {
      self->receiver = task;
      self->receiver_max = max;
    }
  g_mutex_unlock (&self->lock);

  if (gone != NULL)
    complete (gone, NULL, NULL);
  if (error != NULL || bytes != NULL)
    complete (task, error, bytes);
  else if (cancellable != NULL && g_cancellable_is_cancelled (cancellable))
    post (self, MAIL_URGENT);
}

GBytes *
quic_stream_receive_finish (QuicStream *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Called with the lock. Once FIN is here no more will be needed. */
static void
recycle (QuicStream *self, Chunk *emptied)
{
  while (emptied != NULL)
    {
      Chunk *chunk = emptied;

      emptied = chunk->next;
      if (chunk->capacity < CHUNK_LARGE || self->n_spare >= SPARE_CHUNKS_MAX || self->ended)
        {
          g_free (chunk);
          continue;
        }
      *chunk = (Chunk) { .next = self->spare, .capacity = chunk->capacity };
      self->spare = chunk;
      self->n_spare++;
    }
}

/* Called and returns with the lock. Whole chunks are copied without it, so that the net thread need not wait. */
static size_t
copy_out (QuicStream *self, uint8_t *buffer, size_t len)
{
  Chunk *whole = self->first, *emptied = NULL, *chunk;
  size_t copied = 0, stolen = 0;

  while (self->first != NULL && self->first->len - self->first->taken <= len - stolen)
    {
      stolen += self->first->len - self->first->taken;
      drop_first_chunk (self);
    }
  chunk = self->first;
  if (chunk != NULL)
    {
      size_t n = len - stolen;
      memcpy (buffer + stolen, chunk->data + chunk->taken, n);
      chunk->taken += n;
      self->unread -= n;
    }
  self->unread -= stolen;
  if (stolen > 0 || chunk != NULL)
    note_consumed (self, chunk != NULL ? len : stolen);
  g_mutex_unlock (&self->lock);
  while (copied < stolen)
    {
      Chunk *next = whole->next;
      memcpy (buffer + copied, whole->data + whole->taken, whole->len - whole->taken);
      copied += whole->len - whole->taken;
      whole->next = emptied;
      emptied = whole;
      whole = next;
    }
  g_mutex_lock (&self->lock);
  recycle (self, emptied);
  return chunk != NULL ? len : stolen;
}

gssize
quic_stream_read (QuicStream *self, uint8_t *buffer, size_t len, GCancellable *cancellable,
                  GError **error)
{
  size_t got = 0;
  gssize result = -1;

  g_mutex_lock (&self->lock);
  for (;;)
    {
      got += copy_out (self, buffer + got, len - got);
      if (got == len || (self->ended && self->first == NULL))
        {
          result = (gssize) got;
          break;
        }
      if (self->receive_error != NULL)
        {
          g_propagate_error (error, g_error_copy (self->receive_error));
          break;
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        break;
      self->reader_needs = MIN (len - got, READ_WORTH_WAKING);
      wait_until (self, may_read, cancellable);
    }
  self->reader_needs = 0;
  g_mutex_unlock (&self->lock);
  return result;
}

void
quic_stream_reset (QuicStream *self, uint64_t code)
{
  g_mutex_lock (&self->lock);
  if (!self->reset)
    {
      self->reset = true;
      self->reset_code = code;
    }
  g_mutex_unlock (&self->lock);
  post (self, MAIL_URGENT);
}

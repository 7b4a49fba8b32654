/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/dial.h"

#include "net/quic/link.h"
#include "net/quic/quic_error_private.h"

struct Dial
{
  gatomicrefcount refs;
  CallQueue *calls;
  const DialHandler *handler;
  QueuedCall start;
  QueuedCall cancel;
  GTask *task;
  gulong cancelled; /* handler */

  ngtcp2_sockaddr_union remote;
  bool any_peer;
  NodeId peer;
  char *alpn;

  gpointer connection; /* net thread only */
};

static void
dial_unref (Dial *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  call_queue_unref (self->calls);
  g_object_unref (self->task);
  g_free (self->alpn);
  g_free (self);
}

static Dial *
dial_ref (Dial *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

const struct sockaddr *
dial_get_remote (const Dial *self)
{
  return &self->remote.sa;
}

const NodeId *
dial_get_peer (const Dial *self)
{
  return self->any_peer ? NULL : &self->peer;
}

const char *
dial_get_alpn (const Dial *self)
{
  return self->alpn;
}

void
dial_complete (Dial *self, QuicConnection *connection, const GError *error)
{
  self->connection = NULL;
  g_cancellable_disconnect (g_task_get_cancellable (self->task), self->cancelled);
  if (error)
    g_task_return_error (self->task, g_error_copy (error));
  else
    g_task_return_pointer (self->task, quic_connection_hand_out (connection),
                           (GDestroyNotify) quic_connection_unref);
  dial_unref (self);
}

static void
start_cb (QueuedCall *call, gpointer demux)
{
  Dial *self = (Dial *) ((char *) call - G_STRUCT_OFFSET (Dial, start));
  g_autoptr (GError) error = NULL;
  if (!g_cancellable_set_error_if_cancelled (g_task_get_cancellable (self->task), &error))
    self->connection = self->handler->start (demux, self, &error);
  if (!self->connection)
    dial_complete (self, NULL, error);
}

static void
cancel_cb (QueuedCall *call, gpointer demux)
{
  Dial *self = (Dial *) ((char *) call - G_STRUCT_OFFSET (Dial, cancel));
  g_autoptr (GError) error =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The attempt was cancelled.");
  if (self->connection)
    self->handler->cancel (self->connection, error);
  dial_unref (self);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  Dial *self = dial_ref (data);
  if (!call_queue_push (self->calls, &self->cancel, CALL_URGENT))
    dial_unref (self);
}

void
dial_start (CallQueue *calls, const DialHandler *handler, GInetSocketAddress *address,
            const NodeId *peer, const char *alpn, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
  Dial *self = g_new0 (Dial, 1);
  g_autoptr (GError) error = NULL;
  g_atomic_ref_count_init (&self->refs);
  self->calls = call_queue_ref (calls);
  self->handler = handler;
  self->start.run = start_cb;
  self->cancel.run = cancel_cb;
  self->task = g_task_new (NULL, cancellable, callback, user_data);
  self->any_peer = !peer;
  if (peer)
    self->peer = *peer;
  self->alpn = g_strdup (alpn);
  if (!g_socket_address_to_native (G_SOCKET_ADDRESS (address), &self->remote, sizeof self->remote,
                                   &error))
    {
      dial_complete (self, NULL, error);
      return;
    }
  if (cancellable)
    self->cancelled = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
  if (!call_queue_push (self->calls, &self->start, CALL_URGENT))
    {
      error = quic_error_new_closed ();
      dial_complete (self, NULL, error);
    }
}

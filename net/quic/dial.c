/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/dial.h"

#include "net/quic/net_connection.h"
#include "net/quic/quic_error.h"
#include "net/quic/demux.h"

struct Dial
{
  gatomicrefcount refs;
  CallQueue *calls;
  QueuedCall start;
  QueuedCall cancel;
  GTask *task;
  gulong handler;

  ngtcp2_sockaddr_union remote;
  bool any_peer;
  NodeId peer;
  char *alpn;

  NetConnection *net; /* net thread only */
  bool done;          /* net thread only */
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

void
dial_set_engine (Dial *self, NetConnection *net)
{
  self->net = net;
}

void
dial_complete (Dial *self, QuicConnection *connection, const GError *error)
{
  self->net = NULL;
  self->done = true;
  g_cancellable_disconnect (g_task_get_cancellable (self->task), self->handler);
  if (error)
    g_task_return_error (self->task, g_error_copy (error));
  else
    g_task_return_pointer (self->task, quic_connection_hand_out (connection),
                           (GDestroyNotify) quic_connection_unref);
  dial_unref (self);
}

static void
start_cb (QueuedCall *call, gpointer reader)
{
  Dial *self = (Dial *) ((char *) call - G_STRUCT_OFFSET (Dial, start));
  g_autoptr (GError) error = NULL;
  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (self->task), &error) ||
      !(self->net = demux_dial (reader, self, &self->remote.sa, self->any_peer ? NULL : &self->peer,
                                self->alpn, &error)))
    dial_complete (self, NULL, error);
}

static void
cancel_cb (QueuedCall *call, gpointer reader)
{
  Dial *self = (Dial *) ((char *) call - G_STRUCT_OFFSET (Dial, cancel));
  g_autoptr (GError) error =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The attempt was cancelled.");
  if (self->net)
    net_connection_close (self->net, QUIC_CODE_CANCELLED, "cancelled", error);
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
dial_start (CallQueue *calls, GInetSocketAddress *address, const NodeId *peer, const char *alpn,
            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  Dial *self = g_new0 (Dial, 1);
  g_autoptr (GError) error = NULL;
  g_atomic_ref_count_init (&self->refs);
  self->calls = call_queue_ref (calls);
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
    self->handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
  if (!call_queue_push (self->calls, &self->start, CALL_URGENT))
    {
      error = quic_error_new_closed ();
      dial_complete (self, NULL, error);
    }
}

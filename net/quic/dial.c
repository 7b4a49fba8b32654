/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/dial.h"

#include "net/quic/engine.h"
#include "net/quic/error.h"
#include "net/quic/demux.h"

struct Dial
{
  gatomicrefcount refs;
  Mailbox *mailbox;
  Mail start;
  Mail cancel;
  GTask *task;
  gulong handler;

  ngtcp2_sockaddr_union remote;
  bool any_peer;
  NodeId peer;
  char *alpn;

  Engine *engine; /* net thread only */
  bool done;      /* net thread only */
};

static void
dial_unref (Dial *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  mailbox_unref (self->mailbox);
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
dial_set_engine (Dial *self, Engine *engine)
{
  self->engine = engine;
}

void
dial_complete (Dial *self, QuicConnection *connection, const GError *error)
{
  self->engine = NULL;
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
start_cb (Mail *mail, gpointer reader)
{
  Dial *self = (Dial *) ((char *) mail - G_STRUCT_OFFSET (Dial, start));
  g_autoptr (GError) error = NULL;
  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (self->task), &error) ||
      !(self->engine = demux_dial (reader, self, &self->remote.sa,
                                   self->any_peer ? NULL : &self->peer, self->alpn, &error)))
    dial_complete (self, NULL, error);
}

static void
cancel_cb (Mail *mail, gpointer reader)
{
  Dial *self = (Dial *) ((char *) mail - G_STRUCT_OFFSET (Dial, cancel));
  g_autoptr (GError) error =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The attempt was cancelled.");
  if (self->engine)
    engine_close (self->engine, QUIC_CODE_CANCELLED, "cancelled", error);
  dial_unref (self);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  Dial *self = dial_ref (data);
  if (!mailbox_post (self->mailbox, &self->cancel, MAIL_URGENT))
    dial_unref (self);
}

void
dial_start (Mailbox *mailbox, GInetSocketAddress *address, const NodeId *peer, const char *alpn,
            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  Dial *self = g_new0 (Dial, 1);
  g_autoptr (GError) error = NULL;
  g_atomic_ref_count_init (&self->refs);
  self->mailbox = mailbox_ref (mailbox);
  self->start.deliver = start_cb;
  self->cancel.deliver = cancel_cb;
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
  if (!mailbox_post (self->mailbox, &self->start, MAIL_URGENT))
    {
      error = quic_error_new_closed ();
      dial_complete (self, NULL, error);
    }
}

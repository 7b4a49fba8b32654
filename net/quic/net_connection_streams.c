/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/net_connection_private.h"

#include "net/quic/quic_error_private.h"

void
net_connection_note_change (NetConnection *self, NetStream *stream)
{
  if (stream->changed.data)
    return;
  stream->changed.data = stream;
  g_queue_push_tail_link (&self->changed, &stream->changed);
}

static void
make_sendable (NetConnection *self, NetStream *stream)
{
  if (stream->sendable.data || !net_stream_has_work (stream))
    return;
  stream->sendable.data = stream;
  g_queue_push_tail_link (&self->sendable, &stream->sendable);
}

void
net_connection_make_unsendable (NetConnection *self, NetStream *stream)
{
  if (!stream->sendable.data)
    return;
  stream->sendable.data = NULL;
  g_queue_unlink (&self->sendable, &stream->sendable);
}

static void
credit (NetConnection *self, NetStream *stream, size_t len)
{
  if (len == 0)
    return;
  if (!(stream->flags & NET_STREAM_CLOSED))
    ngtcp2_conn_extend_max_stream_offset (self->conn, stream->id, len);
  ngtcp2_conn_extend_max_offset (self->conn, len);
}

static GError *
reset_error (const NetStream *stream)
{
  return g_error_new (QUIC_ERROR, QUIC_ERROR_RESET,
                      "The other device stopped this stream (code %" G_GUINT64_FORMAT ").",
                      stream->peer_code);
}

static void
remove_stream (NetConnection *self, NetStream *stream)
{
  net_connection_make_unsendable (self, stream);
  quic_stream_detach (stream->shared, NULL);
  g_hash_table_remove (self->streams, &stream->id);
}

void
net_connection_publish_stream (NetConnection *self, NetStream *stream)
{
  unsigned failed = 0;
  stream->changed.data = NULL;
  /* closed: ngtcp2 saw the last acknowledgement, whatever net_stream_note_acked() could prove */
  if (stream->flags & NET_STREAM_CLOSED && stream->flags & NET_STREAM_FIN_SENT &&
      stream->acked == stream->sent)
    {
      stream->flags |= NET_STREAM_FIN_ACKED;
      stream->update.drained = true;
    }
  if (stream->update.drained)
    stream->flags &= ~NET_STREAM_SENDING;
  net_stream_publish (stream);
  if (stream->flags & NET_STREAM_ABANDONED)
    credit (self, stream, quic_stream_discard_unread (stream->shared));

  if (stream->flags & NET_STREAM_FAILED_SEND)
    failed |= STREAM_SENDING;
  if (stream->flags & NET_STREAM_FAILED_RECEIVE)
    failed |= STREAM_RECEIVING;
  if (failed != 0)
    {
      g_autoptr (GError) error = reset_error (stream);
      credit (self, stream, quic_stream_fail (stream->shared, failed, error));
      net_connection_make_unsendable (self, stream);
    }
  if (stream->flags & NET_STREAM_CLOSED)
    {
      g_autoptr (GError) error = quic_error_new_closed ();
      net_connection_make_unsendable (self, stream);
      if (stream->flags & NET_STREAM_REMOTE)
        self->peer_streams_closed[ngtcp2_is_bidi_stream (stream->id)]++;
      /* it stays until no handle is left: bytes still unread must be credited to the connection */
      if (stream->flags & NET_STREAM_SENDING)
        credit (self, stream, quic_stream_fail (stream->shared, STREAM_SENDING, error));
      stream->flags &= ~(NET_STREAM_SENDING | NET_STREAM_RECEIVING);
      if (stream->flags & NET_STREAM_ABANDONED)
        remove_stream (self, stream);
    }
}

static void
abandon_stream (NetConnection *self, NetStream *stream)
{
  stream->flags |= NET_STREAM_ABANDONED;
  if (stream->flags & NET_STREAM_CLOSED)
    return;
  if (stream->flags & NET_STREAM_RECEIVING)
    ngtcp2_conn_shutdown_stream_read (self->conn, 0, stream->id, QUIC_CODE_CANCELLED);
  if (stream->flags & NET_STREAM_SENDING && !(stream->flags & NET_STREAM_FIN_WANTED))
    {
      stream->flags &= ~NET_STREAM_SENDING;
      ngtcp2_conn_shutdown_stream_write (self->conn, 0, stream->id, QUIC_CODE_CANCELLED);
    }
}

static void
reset_stream (NetConnection *self, NetStream *stream, uint64_t code)
{
  g_autoptr (GError) error =
      g_error_new_literal (QUIC_ERROR, QUIC_ERROR_RESET, "This stream was stopped.");
  if (!(stream->flags & NET_STREAM_CLOSED))
    {
      if (stream->flags & NET_STREAM_RECEIVING)
        ngtcp2_conn_shutdown_stream_read (self->conn, 0, stream->id, code);
      if (stream->flags & NET_STREAM_SENDING)
        ngtcp2_conn_shutdown_stream_write (self->conn, 0, stream->id, code);
    }
  stream->flags &= ~(NET_STREAM_SENDING | NET_STREAM_RECEIVING);
  credit (self, stream,
          quic_stream_fail (stream->shared, STREAM_SENDING | STREAM_RECEIVING, error));
}

static void
requests_changed_cb (gpointer data)
{
  NetStream *stream = data;
  NetConnection *self = stream->connection;
  StreamRequests requests;
  quic_stream_fetch_requests (stream->shared, &requests);
  g_assert (self->in_callback == 0);
  __atomic_store_n (&quic_connection_get_stream_host (self->shared)->consumed, 0, __ATOMIC_RELAXED);
  credit (self, stream, requests.consumed);
  net_stream_append (stream, &requests.bytes);
  if (requests.finish)
    stream->flags |= NET_STREAM_FIN_WANTED;
  if (requests.reset && stream->flags & (NET_STREAM_SENDING | NET_STREAM_RECEIVING))
    reset_stream (self, stream, requests.code);
  if (requests.abandoned && !(stream->flags & NET_STREAM_ABANDONED))
    {
      abandon_stream (self, stream);
      credit (self, stream, quic_stream_discard_unread (stream->shared));
    }
  make_sendable (self, stream);
  if (!net_stream_has_work (stream))
    net_connection_make_unsendable (self, stream);
  net_connection_activate (self);
  if (stream->flags & NET_STREAM_CLOSED && stream->flags & NET_STREAM_ABANDONED &&
      !stream->changed.data)
    remove_stream (self, stream);
}

NetStream *
net_connection_add_stream (NetConnection *self, int64_t id)
{
  bool remote = ngtcp2_conn_is_local_stream2 (self->conn, id) == 0;
  bool bidirectional = ngtcp2_is_bidi_stream (id);
  bool can_send = !remote || bidirectional, can_receive = remote || bidirectional;
  NetStream *stream = net_stream_new (self, id,
                                      (can_send ? NET_STREAM_SENDING : 0) |
                                          (can_receive ? NET_STREAM_RECEIVING : 0) |
                                          (remote ? NET_STREAM_REMOTE : 0));

  stream->shared =
      quic_stream_new (quic_connection_get_stream_host (self->shared), self->host->calls, id,
                       can_send, can_receive, (RequestsChanged) { requests_changed_cb, stream });
  g_hash_table_insert (self->streams, &stream->id, stream);
  return stream;
}

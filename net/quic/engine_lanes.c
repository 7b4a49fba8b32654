/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/engine_private.h"

#include "net/quic/error.h"

void
engine_touch (Engine *self, Lane *lane)
{
  if (lane->touched.data)
    return;
  lane->touched.data = lane;
  g_queue_push_tail_link (&self->touched, &lane->touched);
}

static void
make_sendable (Engine *self, Lane *lane)
{
  if (lane->sendable.data || !lane_has_work (lane))
    return;
  lane->sendable.data = lane;
  g_queue_push_tail_link (&self->sendable, &lane->sendable);
}

void
engine_make_unsendable (Engine *self, Lane *lane)
{
  if (!lane->sendable.data)
    return;
  lane->sendable.data = NULL;
  g_queue_unlink (&self->sendable, &lane->sendable);
}

Lane *
engine_add_lane (Engine *self, int64_t id)
{
  bool remote = ngtcp2_conn_is_local_stream2 (self->conn, id) == 0;
  bool bidirectional = ngtcp2_is_bidi_stream (id);
  bool can_send = !remote || bidirectional, can_receive = remote || bidirectional;
  Lane *lane = lane_new (self, id,
                         (can_send ? LANE_SENDING : 0) | (can_receive ? LANE_RECEIVING : 0) |
                             (remote ? LANE_REMOTE : 0));

  lane->stream = quic_stream_new (self->connection, demux_get_mailbox (self->demux), id, can_send,
                                  can_receive, lane);
  g_hash_table_insert (self->lanes, &lane->id, lane);
  return lane;
}

static void
credit (Engine *self, Lane *lane, size_t len)
{
  if (len == 0)
    return;
  if (!(lane->flags & LANE_CLOSED))
    ngtcp2_conn_extend_max_stream_offset (self->conn, lane->id, len);
  ngtcp2_conn_extend_max_offset (self->conn, len);
}

static GError *
reset_error (const Lane *lane)
{
  return g_error_new (QUIC_ERROR, QUIC_ERROR_RESET,
                      "The other device stopped this stream (code %" G_GUINT64_FORMAT ").",
                      lane->peer_code);
}

static void
bury_lane (Engine *self, Lane *lane)
{
  engine_make_unsendable (self, lane);
  quic_stream_detach (lane->stream, NULL);
  g_hash_table_remove (self->lanes, &lane->id);
}

void
engine_settle_lane (Engine *self, Lane *lane)
{
  unsigned failed = 0;
  lane->touched.data = NULL;
  /* closed: ngtcp2 saw the last acknowledgement, whatever lane_note_acked() could prove */
  if (lane->flags & LANE_CLOSED && lane->flags & LANE_FIN_SENT && lane->acked == lane->sent)
    {
      lane->flags |= LANE_FIN_ACKED;
      lane->news.drained = true;
    }
  if (lane->news.drained)
    lane->flags &= ~LANE_SENDING;
  lane_publish (lane);
  if (lane->flags & LANE_ABANDONED)
    credit (self, lane, quic_stream_discard_unread (lane->stream));

  if (lane->flags & LANE_FAILED_SEND)
    failed |= STREAM_SENDING;
  if (lane->flags & LANE_FAILED_RECEIVE)
    failed |= STREAM_RECEIVING;
  if (failed != 0)
    {
      g_autoptr (GError) error = reset_error (lane);
      credit (self, lane, quic_stream_fail (lane->stream, failed, error));
      engine_make_unsendable (self, lane);
    }
  if (lane->flags & LANE_CLOSED)
    {
      g_autoptr (GError) error = quic_error_new_closed ();
      engine_make_unsendable (self, lane);
      if (lane->flags & LANE_REMOTE)
        self->peer_streams_closed[ngtcp2_is_bidi_stream (lane->id)]++;
      /* the lane stays for the credit of bytes still unread, unless all is said */
      if (lane->flags & LANE_SENDING)
        credit (self, lane, quic_stream_fail (lane->stream, STREAM_SENDING, error));
      lane->flags &= ~(LANE_SENDING | LANE_RECEIVING);
      if (lane->flags & LANE_ABANDONED)
        bury_lane (self, lane);
    }
}

static void
abandon_lane (Engine *self, Lane *lane)
{
  lane->flags |= LANE_ABANDONED;
  if (lane->flags & LANE_CLOSED)
    return;
  if (lane->flags & LANE_RECEIVING)
    ngtcp2_conn_shutdown_stream_read (self->conn, 0, lane->id, QUIC_CODE_CANCELLED);
  if (lane->flags & LANE_SENDING && !(lane->flags & LANE_FIN_WANTED))
    {
      lane->flags &= ~LANE_SENDING;
      ngtcp2_conn_shutdown_stream_write (self->conn, 0, lane->id, QUIC_CODE_CANCELLED);
    }
}

static void
reset_lane (Engine *self, Lane *lane, uint64_t code)
{
  g_autoptr (GError) error =
      g_error_new_literal (QUIC_ERROR, QUIC_ERROR_RESET, "This stream was stopped.");
  if (!(lane->flags & LANE_CLOSED))
    {
      if (lane->flags & LANE_RECEIVING)
        ngtcp2_conn_shutdown_stream_read (self->conn, 0, lane->id, code);
      if (lane->flags & LANE_SENDING)
        ngtcp2_conn_shutdown_stream_write (self->conn, 0, lane->id, code);
    }
  lane->flags &= ~(LANE_SENDING | LANE_RECEIVING);
  credit (self, lane, quic_stream_fail (lane->stream, STREAM_SENDING | STREAM_RECEIVING, error));
}

void
engine_take_orders (Engine *self, Lane *lane, StreamOrders *orders)
{
  g_assert (self->in_callback == 0);
  quic_connection_collect_consumed (self->connection);
  credit (self, lane, orders->consumed);
  lane_append (lane, &orders->bytes);
  if (orders->finish)
    lane->flags |= LANE_FIN_WANTED;
  if (orders->reset && lane->flags & (LANE_SENDING | LANE_RECEIVING))
    reset_lane (self, lane, orders->code);
  if (orders->abandoned && !(lane->flags & LANE_ABANDONED))
    {
      abandon_lane (self, lane);
      credit (self, lane, quic_stream_discard_unread (lane->stream));
    }
  make_sendable (self, lane);
  if (!lane_has_work (lane))
    engine_make_unsendable (self, lane);
  demux_activate (self->demux, self);
  if (lane->flags & LANE_CLOSED && lane->flags & LANE_ABANDONED && !lane->touched.data)
    bury_lane (self, lane);
}

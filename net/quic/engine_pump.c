/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/engine_private.h"

#include <string.h>

#include "net/quic/error.h"

#define TRAINS_A_TURN   16
#define PATH_NEWS_EVERY (100 * NGTCP2_MILLISECONDS)
/* for what was finished and let go to reach a peer that reads slowly */
#define ABANDONED_TIMEOUT (30 * NGTCP2_SECONDS)

void
engine_read (Engine *self, const ngtcp2_path *path, uint8_t ecn, const uint8_t *data, size_t len)
{
  ngtcp2_pkt_info info = { .ecn = ecn };
  if (self->state == ENGINE_CLOSING)
    {
      engine_answer_straggler (self);
      return;
    }
  if (!engine_is_alive (self))
    return;
  g_assert (self->in_callback == 0);
  self->in_callback++;
  int result = ngtcp2_conn_read_pkt (self->conn, path, &info, data, len, demux_now (self->demux));
  self->in_callback--;
  demux_activate (self->demux, self);
  if (result != 0)
    engine_fail (self, result);
}

static void
close_ordered (Engine *self, uint64_t code, const char *reason)
{
  g_autoptr (GError) error = quic_error_new_closed ();
  engine_close (self, code, reason, error);
}

void
engine_expire (Engine *self)
{
  ngtcp2_tstamp now = demux_now (self->demux);
  if (self->state == ENGINE_DEAD)
    return;
  demux_activate (self->demux, self);
  if (!engine_is_alive (self))
    {
      if (self->deadline <= now)
        engine_advance (self, ENGINE_DEAD);
      return;
    }
  if (self->deadline <= now)
    {
      if (self->orders.abandoned)
        close_ordered (self, QUIC_CODE_CANCELLED, "the rest was not taken");
      else
        engine_fail (self, NGTCP2_ERR_HANDSHAKE_TIMEOUT);
      return;
    }
  g_assert (self->in_callback == 0);
  self->in_callback++;
  int result = ngtcp2_conn_handle_expiry (self->conn, now);
  self->in_callback--;
  if (result != 0)
    engine_fail (self, result);
  else
    engine_watch_path (self);
}

static void
open_streams (Engine *self, bool bidirectional)
{
  while (quic_connection_wants_stream (self->connection, bidirectional))
    {
      int64_t id;
      int result = bidirectional ? ngtcp2_conn_open_bidi_stream (self->conn, &id, NULL)
                                 : ngtcp2_conn_open_uni_stream (self->conn, &id, NULL);
      if (result != 0)
        return;
      Lane *lane = engine_add_lane (self, id);
      ngtcp2_conn_set_stream_user_data (self->conn, id, lane);
      quic_connection_opened_stream (self->connection, bidirectional, lane->stream);
    }
}

static void
credit_streams (Engine *self, bool bidirectional)
{
  uint64_t *credited = &self->peer_streams_credited[bidirectional];
  uint64_t due = MIN (self->peer_streams_closed[bidirectional],
                      quic_connection_count_accepted (self->connection, bidirectional));
  if (due == *credited)
    return;
  if (bidirectional)
    ngtcp2_conn_extend_max_streams_bidi (self->conn, due - *credited);
  else
    ngtcp2_conn_extend_max_streams_uni (self->conn, due - *credited);
  *credited = due;
}

static bool
owes_delivery (Engine *self)
{
  GHashTableIter iter;
  g_hash_table_iter_init (&iter, self->lanes);
  Lane *lane;
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &lane))
    if (lane->flags & LANE_SENDING && lane->flags & LANE_FIN_WANTED)
      return true;
  return false;
}

static void
note_path (Engine *self)
{
  ngtcp2_tstamp now = demux_now (self->demux);
  if (now < self->path_noted + PATH_NEWS_EVERY && self->path_noted != 0)
    return;
  self->path_noted = now;
  ngtcp2_conn_info info;
  ngtcp2_conn_get_conn_info2 (self->conn, &info);
  quic_connection_note_path (self->connection, ngtcp2_conn_get_path2 (self->conn)->remote.addr,
                             info.smoothed_rtt / NGTCP2_MICROSECONDS);
}

static void
follow_orders (Engine *self)
{
  if (self->orders.close)
    close_ordered (self, self->orders.code, self->orders.reason);
  else if (self->orders.admitted && self->state == ENGINE_HELD)
    engine_advance (self, ENGINE_OPEN);
  if (!self->orders.abandoned || self->state != ENGINE_OPEN)
    return;
  if (!owes_delivery (self))
    close_ordered (self, QUIC_CODE_OK, "");
  else if (self->deadline == UINT64_MAX)
    self->deadline = demux_now (self->demux) + ABANDONED_TIMEOUT;
}

void
engine_settle (Engine *self)
{
  g_assert (self->in_callback == 0);
  if (!engine_is_alive (self))
    return;
  if (self->completed && self->server && self->state == ENGINE_HANDSHAKING)
    {
      note_path (self);
      engine_advance (self, ENGINE_HELD);
      demux_announce (self->demux, self->connection);
    }
  if (self->confirmed && !self->server && self->state == ENGINE_HANDSHAKING)
    {
      note_path (self);
      engine_advance (self, ENGINE_OPEN);
      self->deadline = UINT64_MAX;
      dial_complete (g_steal_pointer (&self->dial), self->connection, NULL);
    }
  GList *link;
  while ((link = g_queue_pop_head_link (&self->touched)))
    {
      Lane *lane = (Lane *) ((char *) link - G_STRUCT_OFFSET (Lane, touched));
      engine_settle_lane (self, lane);
    }
  if (self->state == ENGINE_OPEN)
    {
      open_streams (self, false);
      open_streams (self, true);
      credit_streams (self, false);
      credit_streams (self, true);
      note_path (self);
    }
  quic_connection_settle (self->connection);
  follow_orders (self);
}

void
engine_deliver (Engine *self)
{
  /* Fetched in the order of the mail and not later: an abandoned connection must know what its
   * streams still owe. */
  quic_connection_fetch_orders (self->connection, &self->orders);
  demux_activate (self->demux, self);
}

static size_t
vec_len (const ngtcp2_vec *vec, size_t n)
{
  size_t len = 0;
  for (size_t i = 0; i < n; i++)
    len += vec[i].len;
  return len;
}

/* Puts as many streams into a packet as fit. Lanes that flow control stops go to the end of the
 * ring and are not asked again for this packet. */
static ngtcp2_ssize
write_packet_cb (ngtcp2_conn *conn, ngtcp2_path *path, ngtcp2_pkt_info *info, uint8_t *dest,
                 size_t len, ngtcp2_tstamp now, void *data)
{
  Engine *self = data;
  unsigned to_ask = self->sendable.length;
  len = engine_limit_payload (self, len);
  for (;;)
    {
      Lane *lane = to_ask > 0 ? g_queue_peek_head (&self->sendable) : NULL;
      ngtcp2_vec vec[8];
      size_t pieces = 0;
      ngtcp2_ssize taken = -1;
      uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_NONE;
      bool fin = false;

      if (lane)
        {
          pieces = lane_peek (lane, vec, G_N_ELEMENTS (vec));
          fin = lane->flags & LANE_FIN_WANTED && vec_len (vec, pieces) == lane->unsent;
          flags = NGTCP2_WRITE_STREAM_FLAG_MORE | (fin ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0);
          /* full packets keep the train going; the last one need not be */
          if (lane->unsent >= len)
            flags |= NGTCP2_WRITE_STREAM_FLAG_PADDING;
        }
      ngtcp2_ssize written = ngtcp2_conn_writev_stream (conn, path, info, dest, len, &taken, flags,
                                                        lane ? lane->id : -1, vec, pieces, now);
      if (!lane)
        return written;
      if (taken >= 0)
        {
          if (lane->sent == lane->acked)
            lane->progress = now;
          lane_note_sent (lane, taken, fin && (size_t) taken == lane->unsent);
          if (!lane_has_work (lane))
            {
              engine_make_unsendable (self, lane);
              to_ask--;
            }
        }
      switch (written)
        {
        case NGTCP2_ERR_WRITE_MORE:
          continue;
        case NGTCP2_ERR_STREAM_DATA_BLOCKED:
          g_queue_push_tail_link (&self->sendable, g_queue_pop_head_link (&self->sendable));
          to_ask--;
          continue;
        case NGTCP2_ERR_STREAM_SHUT_WR:
        case NGTCP2_ERR_STREAM_NOT_FOUND:
          engine_make_unsendable (self, lane);
          to_ask--;
          continue;
        default:
          return written;
        }
    }
}

bool
engine_is_blocked (const Engine *self)
{
  return self->conn &&
         demux_is_blocked (self->demux, ngtcp2_conn_get_path2 (self->conn)->remote.addr);
}

bool
engine_write (Engine *self)
{
  ngtcp2_tstamp now = demux_now (self->demux);
  bool more = true;
  if (self->state != ENGINE_HANDSHAKING && self->state != ENGINE_OPEN)
    {
      engine_update_expiry (self);
      return false;
    }
  g_assert (self->in_callback == 0);
  for (int i = 0; i < TRAINS_A_TURN && more && !engine_is_blocked (self); i++)
    {
      uint8_t *buffer = demux_get_train_buffer (self->demux); /* another after one was kept */
      ngtcp2_path_storage path;
      ngtcp2_pkt_info info = { 0 };
      size_t segment = 0;

      ngtcp2_path_storage_zero (&path);
      self->in_callback++;
      ngtcp2_ssize len =
          ngtcp2_conn_write_aggregate_pkt2 (self->conn, &path.path, &info, buffer, LINK_TRAIN_MAX,
                                            &segment, write_packet_cb, 44, now);
      self->in_callback--;
      if (len < 0)
        {
          engine_fail (self, len);
          return false;
        }
      if (len == 0)
        more = false;
      else
        {
          Train train = {
            .path = path.path, .data = buffer, .len = len, .segment = segment, .ecn = info.ecn
          };
          demux_send (self->demux, self, &train);
          /* the next stream's turn */
          if (self->sendable.length > 1)
            g_queue_push_tail_link (&self->sendable, g_queue_pop_head_link (&self->sendable));
        }
    }
  ngtcp2_conn_update_pkt_tx_time (self->conn, now);
  engine_update_expiry (self);
  return more;
}

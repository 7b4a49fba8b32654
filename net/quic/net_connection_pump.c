/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/net_connection_private.h"

#include <string.h>

#include "net/quic/quic_error.h"

#define BATCHES_A_TURN       16
#define PATH_UPDATE_INTERVAL (100 * NGTCP2_MILLISECONDS)
/* for what was finished and let go to reach a peer that reads slowly */
#define ABANDONED_TIMEOUT (30 * NGTCP2_SECONDS)

void
net_connection_read (NetConnection *self, const ngtcp2_path *path, uint8_t ecn, const uint8_t *data,
                     size_t len)
{
  ngtcp2_pkt_info info = { .ecn = ecn };
  if (self->state == NET_CONNECTION_CLOSING)
    {
      net_connection_answer_straggler (self);
      return;
    }
  if (!net_connection_is_alive (self))
    return;
  g_assert (self->in_callback == 0);
  self->in_callback++;
  int result = ngtcp2_conn_read_pkt (self->conn, path, &info, data, len, demux_now (self->demux));
  self->in_callback--;
  demux_activate (self->demux, self);
  if (result != 0)
    net_connection_fail (self, result);
}

static void
close_as_requested (NetConnection *self, uint64_t code, const char *reason)
{
  g_autoptr (GError) error = quic_error_new_closed ();
  net_connection_close (self, code, reason, error);
}

void
net_connection_expire (NetConnection *self)
{
  ngtcp2_tstamp now = demux_now (self->demux);
  if (self->state == NET_CONNECTION_DEAD)
    return;
  demux_activate (self->demux, self);
  if (!net_connection_is_alive (self))
    {
      if (self->deadline <= now)
        net_connection_advance (self, NET_CONNECTION_DEAD);
      return;
    }
  if (self->deadline <= now)
    {
      if (self->requests.abandoned)
        close_as_requested (self, QUIC_CODE_CANCELLED, "the rest was not taken");
      else
        net_connection_fail (self, NGTCP2_ERR_HANDSHAKE_TIMEOUT);
      return;
    }
  g_assert (self->in_callback == 0);
  self->in_callback++;
  int result = ngtcp2_conn_handle_expiry (self->conn, now);
  self->in_callback--;
  if (result != 0)
    net_connection_fail (self, result);
  else
    net_connection_watch_path (self);
}

static void
open_streams (NetConnection *self, bool bidirectional)
{
  while (quic_connection_wants_stream (self->shared, bidirectional))
    {
      int64_t id;
      int result = bidirectional ? ngtcp2_conn_open_bidi_stream (self->conn, &id, NULL)
                                 : ngtcp2_conn_open_uni_stream (self->conn, &id, NULL);
      if (result != 0)
        return;
      NetStream *stream = net_connection_add_stream (self, id);
      ngtcp2_conn_set_stream_user_data (self->conn, id, stream);
      quic_connection_opened_stream (self->shared, bidirectional, stream->shared);
    }
}

static void
credit_streams (NetConnection *self, bool bidirectional)
{
  uint64_t *credited = &self->peer_streams_credited[bidirectional];
  uint64_t due = MIN (self->peer_streams_closed[bidirectional],
                      quic_connection_count_accepted (self->shared, bidirectional));
  if (due == *credited)
    return;
  if (bidirectional)
    ngtcp2_conn_extend_max_streams_bidi (self->conn, due - *credited);
  else
    ngtcp2_conn_extend_max_streams_uni (self->conn, due - *credited);
  *credited = due;
}

static bool
owes_delivery (NetConnection *self)
{
  GHashTableIter iter;
  g_hash_table_iter_init (&iter, self->streams);
  NetStream *stream;
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &stream))
    if (stream->flags & NET_STREAM_SENDING && stream->flags & NET_STREAM_FIN_WANTED)
      return true;
  return false;
}

static void
note_path (NetConnection *self)
{
  ngtcp2_tstamp now = demux_now (self->demux);
  if (now < self->path_noted + PATH_UPDATE_INTERVAL && self->path_noted != 0)
    return;
  self->path_noted = now;
  ngtcp2_conn_info info;
  ngtcp2_conn_get_conn_info2 (self->conn, &info);
  quic_connection_note_path (self->shared, ngtcp2_conn_get_path2 (self->conn)->remote.addr,
                             info.smoothed_rtt / NGTCP2_MICROSECONDS);
}

static void
follow_requests (NetConnection *self)
{
  if (self->requests.close)
    close_as_requested (self, self->requests.code, self->requests.reason);
  else if (self->requests.admitted && self->state == NET_CONNECTION_HELD)
    net_connection_advance (self, NET_CONNECTION_OPEN);
  if (!self->requests.abandoned || self->state != NET_CONNECTION_OPEN)
    return;
  if (!owes_delivery (self))
    close_as_requested (self, QUIC_CODE_OK, "");
  else if (self->deadline == UINT64_MAX)
    self->deadline = demux_now (self->demux) + ABANDONED_TIMEOUT;
}

void
net_connection_publish (NetConnection *self)
{
  g_assert (self->in_callback == 0);
  if (!net_connection_is_alive (self))
    return;
  if (self->completed && self->server && self->state == NET_CONNECTION_HANDSHAKING)
    {
      note_path (self);
      net_connection_advance (self, NET_CONNECTION_HELD);
      demux_announce (self->demux, self->shared);
    }
  if (self->confirmed && !self->server && self->state == NET_CONNECTION_HANDSHAKING)
    {
      note_path (self);
      net_connection_advance (self, NET_CONNECTION_OPEN);
      self->deadline = UINT64_MAX;
      dial_complete (g_steal_pointer (&self->dial), self->shared, NULL);
    }
  GList *link;
  while ((link = g_queue_pop_head_link (&self->changed)))
    {
      NetStream *stream = (NetStream *) ((char *) link - G_STRUCT_OFFSET (NetStream, changed));
      net_connection_publish_stream (self, stream);
    }
  if (self->state == NET_CONNECTION_OPEN)
    {
      open_streams (self, false);
      open_streams (self, true);
      credit_streams (self, false);
      credit_streams (self, true);
      note_path (self);
    }
  quic_connection_complete_waiters (self->shared);
  follow_requests (self);
}

void
net_connection_deliver (NetConnection *self)
{
  /* Fetched in the order of the calls and not later: an abandoned connection must know what its
   * streams still owe. */
  quic_connection_fetch_requests (self->shared, &self->requests);
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

/* Puts as many streams into a packet as fit. Streams that flow control stops go to the end of the
 * ring and are not asked again for this packet. */
static ngtcp2_ssize
write_packet_cb (ngtcp2_conn *conn, ngtcp2_path *path, ngtcp2_pkt_info *info, uint8_t *dest,
                 size_t len, ngtcp2_tstamp now, void *data)
{
  NetConnection *self = data;
  unsigned to_ask = self->sendable.length;
  len = net_connection_limit_payload (self, len);
  for (;;)
    {
      NetStream *stream = to_ask > 0 ? g_queue_peek_head (&self->sendable) : NULL;
      ngtcp2_vec vec[8];
      size_t pieces = 0;
      ngtcp2_ssize taken = -1;
      uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_NONE;
      bool fin = false;

      if (stream)
        {
          pieces = net_stream_peek (stream, vec, G_N_ELEMENTS (vec));
          fin = stream->flags & NET_STREAM_FIN_WANTED && vec_len (vec, pieces) == stream->unsent;
          flags = NGTCP2_WRITE_STREAM_FLAG_MORE | (fin ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0);
          /* full packets keep the batch going; the last one need not be */
          if (stream->unsent >= len)
            flags |= NGTCP2_WRITE_STREAM_FLAG_PADDING;
        }
      ngtcp2_ssize written = ngtcp2_conn_writev_stream (conn, path, info, dest, len, &taken, flags,
                                                        stream ? stream->id : -1, vec, pieces, now);
      if (!stream)
        return written;
      if (taken >= 0)
        {
          if (stream->sent == stream->acked)
            stream->progress = now;
          net_stream_note_sent (stream, taken, fin && (size_t) taken == stream->unsent);
          if (!net_stream_has_work (stream))
            {
              net_connection_make_unsendable (self, stream);
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
          net_connection_make_unsendable (self, stream);
          to_ask--;
          continue;
        default:
          return written;
        }
    }
}

bool
net_connection_is_blocked (const NetConnection *self)
{
  return self->conn &&
         demux_is_blocked (self->demux, ngtcp2_conn_get_path2 (self->conn)->remote.addr);
}

bool
net_connection_write (NetConnection *self)
{
  ngtcp2_tstamp now = demux_now (self->demux);
  bool more = true;
  if (self->state != NET_CONNECTION_HANDSHAKING && self->state != NET_CONNECTION_OPEN)
    {
      net_connection_update_expiry (self);
      return false;
    }
  g_assert (self->in_callback == 0);
  for (int i = 0; i < BATCHES_A_TURN && more && !net_connection_is_blocked (self); i++)
    {
      uint8_t *buffer = demux_get_batch_buffer (self->demux); /* another after one was kept */
      ngtcp2_path_storage path;
      ngtcp2_pkt_info info = { 0 };
      size_t segment = 0;

      ngtcp2_path_storage_zero (&path);
      self->in_callback++;
      ngtcp2_ssize len =
          ngtcp2_conn_write_aggregate_pkt2 (self->conn, &path.path, &info, buffer, LINK_BATCH_MAX,
                                            &segment, write_packet_cb, 44, now);
      self->in_callback--;
      if (len < 0)
        {
          net_connection_fail (self, len);
          return false;
        }
      if (len == 0)
        more = false;
      else
        {
          Batch batch = {
            .path = path.path, .data = buffer, .len = len, .segment = segment, .ecn = info.ecn
          };
          demux_send (self->demux, self, &batch);
          /* the next stream's turn */
          if (self->sendable.length > 1)
            g_queue_push_tail_link (&self->sendable, g_queue_pop_head_link (&self->sendable));
        }
    }
  ngtcp2_conn_update_pkt_tx_time (self->conn, now);
  net_connection_update_expiry (self);
  return more;
}

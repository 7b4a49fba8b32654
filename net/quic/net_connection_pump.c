/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/net_connection_private.h"

#define BATCHES_A_TURN  16
#define PACKETS_A_BATCH 44 /* of 1452 bytes in LINK_BATCH_MAX */

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
  int result = ngtcp2_conn_read_pkt (self->conn, path, &info, data, len, self->host->now);
  self->in_callback--;
  if (result == 0)
    self->heard = self->host->now;
  net_connection_activate (self);
  if (result != 0)
    net_connection_fail (self, result);
}

void
net_connection_expire (NetConnection *self)
{
  ngtcp2_tstamp now = self->host->now;
  if (self->state == NET_CONNECTION_DEAD)
    return;
  net_connection_activate (self);
  if (!net_connection_is_alive (self))
    {
      if (self->deadline <= now)
        net_connection_advance (self, NET_CONNECTION_DEAD);
      return;
    }
  if (self->deadline <= now)
    {
      if (self->requests.abandoned)
        net_connection_close_as_requested (self, QUIC_CODE_CANCELLED, "the rest was not taken");
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

/* What a stream puts into the next packet. */
typedef struct
{
  int64_t id; /* -1: nothing, only what ngtcp2 itself has to say */
  ngtcp2_vec vec[8];
  size_t n;
  uint32_t flags;
} StreamData;

static StreamData
get_stream_data (const NetStream *stream, size_t packet_len)
{
  StreamData data = { .id = -1 };
  if (!stream)
    return data;
  data.id = stream->id;
  data.n = net_stream_peek (stream, data.vec, G_N_ELEMENTS (data.vec));
  data.flags = NGTCP2_WRITE_STREAM_FLAG_MORE;
  size_t len = 0;
  for (size_t i = 0; i < data.n; i++)
    len += data.vec[i].len;
  if (stream->flags & NET_STREAM_FIN_WANTED && len == stream->unsent)
    data.flags |= NGTCP2_WRITE_STREAM_FLAG_FIN;
  /* a batch ends with the first packet that is not full, so only the last one may be short */
  if (stream->unsent >= packet_len)
    data.flags |= NGTCP2_WRITE_STREAM_FLAG_PADDING;
  return data;
}

/* Returns whether the stream has more. */
static bool
note_taken (NetConnection *self, NetStream *stream, size_t len, uint32_t flags)
{
  if (stream->sent == stream->acked)
    stream->progress = self->host->now;
  net_stream_note_sent (stream, len, flags & NGTCP2_WRITE_STREAM_FLAG_FIN && len == stream->unsent);
  if (net_stream_has_work (stream))
    return true;
  net_connection_make_unsendable (self, stream);
  return false;
}

static void
rotate_sendable (NetConnection *self)
{
  g_queue_push_tail_link (&self->sendable, g_queue_pop_head_link (&self->sendable));
}

/* Whether @result means that @stream, the first of the ring, gives nothing to this packet. */
static bool
pass_over (NetConnection *self, NetStream *stream, ngtcp2_ssize result)
{
  switch (result)
    {
    case NGTCP2_ERR_STREAM_DATA_BLOCKED:
      rotate_sendable (self);
      return true;
    case NGTCP2_ERR_STREAM_SHUT_WR:
    case NGTCP2_ERR_STREAM_NOT_FOUND:
      net_connection_make_unsendable (self, stream);
      return true;
    default:
      return false;
    }
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
      StreamData from = get_stream_data (stream, len);
      ngtcp2_ssize taken = -1;
      ngtcp2_ssize written = ngtcp2_conn_writev_stream (conn, path, info, dest, len, &taken,
                                                        from.flags, from.id, from.vec, from.n, now);
      if (!stream)
        return written;
      if (taken >= 0 && !note_taken (self, stream, taken, from.flags))
        to_ask--;
      if (pass_over (self, stream, written))
        to_ask--;
      else if (written != NGTCP2_ERR_WRITE_MORE)
        return written;
    }
}

/* Returns the bytes of the batch, or an error of ngtcp2. */
static ngtcp2_ssize
write_batch (NetConnection *self)
{
  uint8_t *buffer = self->host->get_buffer (self->host);
  ngtcp2_path_storage path;
  ngtcp2_pkt_info info = { 0 };
  size_t segment = 0;
  ngtcp2_path_storage_zero (&path);
  self->in_callback++;
  ngtcp2_ssize len = ngtcp2_conn_write_aggregate_pkt2 (self->conn, &path.path, &info, buffer,
                                                       LINK_BATCH_MAX, &segment, write_packet_cb,
                                                       PACKETS_A_BATCH, self->host->now);
  self->in_callback--;
  if (len <= 0)
    return len;
  Batch batch = {
    .path = path.path, .data = buffer, .len = len, .segment = segment, .ecn = info.ecn
  };
  self->host->send (self->host, self, &batch);
  if (self->sendable.length > 1)
    rotate_sendable (self);
  return len;
}

bool
net_connection_write (NetConnection *self)
{
  bool more = true;
  if (self->state != NET_CONNECTION_HANDSHAKING && self->state != NET_CONNECTION_OPEN)
    {
      net_connection_update_expiry (self);
      return false;
    }
  g_assert (self->in_callback == 0);
  for (int i = 0; i < BATCHES_A_TURN && more && !net_connection_is_blocked (self); i++)
    {
      ngtcp2_ssize len = write_batch (self);
      if (len < 0)
        {
          net_connection_fail (self, len);
          return false;
        }
      more = len > 0;
    }
  ngtcp2_conn_update_pkt_tx_time (self->conn, self->host->now);
  net_connection_update_expiry (self);
  return more;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/net_connection_private.h"

#include "net/core/stranger_limits.h"
#include "net/quic/quic_error_private.h"

#define PATH_UPDATE_INTERVAL (100 * NGTCP2_MILLISECONDS)
/* What was finished and let go is still sent while the peer acknowledges so much of it in so much
 * time. Acknowledgements stop with a peer that reads nothing: flow control stops us. */
#define ABANDONED_TIMEOUT  (30 * NGTCP2_SECONDS)
#define ABANDONED_PROGRESS (64 * 1024)

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
publish_path (NetConnection *self)
{
  if (self->host->now < self->path_published + PATH_UPDATE_INTERVAL && self->path_published != 0)
    return;
  self->path_published = self->host->now;
  ngtcp2_conn_info info;
  ngtcp2_conn_get_conn_info2 (self->conn, &info);
  const QuicHealth health = { .heard_us = (int64_t) (self->heard / NGTCP2_MICROSECONDS),
                              .rtt_us = info.smoothed_rtt / NGTCP2_MICROSECONDS,
                              .rtt_min_us = info.min_rtt / NGTCP2_MICROSECONDS,
                              .window = info.cwnd,
                              .bytes_sent = info.bytes_sent,
                              .bytes_received = info.bytes_recv,
                              .packets_sent = info.pkt_sent,
                              .packets_lost = info.pkt_lost };
  const struct sockaddr *remote = ngtcp2_conn_get_path2 (self->conn)->remote.addr;
  quic_connection_set_path (self->shared, remote, &health);
  /* not whoever answered a dial that let anybody answer */
  if (self->state == NET_CONNECTION_OPEN && self->origin.standing == NET_STANDING_KNOWN &&
      !self->any_peer)
    self->host->note_known (self->host, remote);
}

static void
finish_abandoned (NetConnection *self)
{
  if (!owes_delivery (self))
    {
      net_connection_close_as_requested (self, QUIC_CODE_OK, "");
      return;
    }
  if (self->deadline != UINT64_MAX && self->acked - self->acked_at_deadline < ABANDONED_PROGRESS)
    return;
  self->acked_at_deadline = self->acked;
  self->deadline = self->host->now + ABANDONED_TIMEOUT;
}

static void
trust (NetConnection *self)
{
  self->origin.standing = NET_STANDING_KNOWN;
  self->host->note_known (self->host, ngtcp2_conn_get_path2 (self->conn)->remote.addr);
  ngtcp2_conn_extend_max_offset (self->conn, CONNECTION_WINDOW - STRANGER_WINDOW);
  ngtcp2_conn_extend_max_streams_bidi (self->conn, STREAMS_MAX - STRANGER_STREAMS);
  ngtcp2_conn_extend_max_streams_uni (self->conn, STREAMS_MAX - STRANGER_STREAMS);
}

static void
follow_requests (NetConnection *self)
{
  if (self->requests.close)
    net_connection_close_as_requested (self, self->requests.code, self->requests.reason);
  else if (self->requests.admitted && self->state == NET_CONNECTION_HELD)
    {
      net_connection_advance (self, NET_CONNECTION_OPEN);
      if (self->requests.known)
        trust (self);
    }
  if (self->requests.abandoned && self->state == NET_CONNECTION_OPEN)
    finish_abandoned (self);
}

static void
publish_handshake (NetConnection *self)
{
  if (self->completed && self->server && self->state == NET_CONNECTION_HANDSHAKING)
    {
      publish_path (self);
      net_connection_advance (self, NET_CONNECTION_HELD);
      self->host->announce (self->host, self->shared);
    }
  if (self->confirmed && !self->server && self->state == NET_CONNECTION_HANDSHAKING)
    {
      net_connection_advance (self, NET_CONNECTION_OPEN);
      publish_path (self);
      self->deadline = UINT64_MAX;
      dial_complete (g_steal_pointer (&self->dial), self->shared, NULL);
    }
}

void
net_connection_publish (NetConnection *self)
{
  g_assert (self->in_callback == 0);
  if (!net_connection_is_alive (self))
    return;
  publish_handshake (self);
  GList *link;
  while ((link = g_queue_pop_head_link (&self->changed)))
    net_connection_publish_stream (
        self, (NetStream *) ((char *) link - G_STRUCT_OFFSET (NetStream, changed)));
  if (self->state == NET_CONNECTION_OPEN)
    {
      open_streams (self, false);
      open_streams (self, true);
      credit_streams (self, false);
      credit_streams (self, true);
      publish_path (self);
    }
  quic_connection_complete_waiters (self->shared);
  follow_requests (self);
}

void
net_connection_requests_changed_cb (gpointer connection)
{
  NetConnection *self = connection;
  /* Fetched in the order of the calls and not later: an abandoned connection must know what its
   * streams still owe. */
  quic_connection_fetch_requests (self->shared, &self->requests);
  net_connection_activate (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/net_connection_private.h"

#include <string.h>

#include "net/quic/quic_error_private.h"

#define CLOSE_PACKET_MAX 1200
/* RFC 9000, section 10.2; a peer that delays its acknowledgements must not make us remember it for
 * minutes */
#define LINGER_PTOS 3
#define LINGER_MAX  (10 * NGTCP2_SECONDS)

static void
free_ngtcp2 (NetConnection *self)
{
  g_clear_pointer (&self->conn, ngtcp2_conn_del); /* writes the end of the qlog */
  g_clear_pointer (&self->qlog, qlog_free);
  g_clear_pointer (&self->tls, tls_session_free);
}

/* Everything that waits on this connection fails; what ngtcp2 may still point to goes with it. */
static void
end_all (NetConnection *self, const GError *error, uint64_t code)
{
  free_ngtcp2 (self);
  /* ngtcp2 is gone: neither its timers nor the deadline may lead to a call of it */
  self->expiry = self->deadline = UINT64_MAX;
  GHashTableIter iter;
  g_hash_table_iter_init (&iter, self->streams);
  NetStream *stream;
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &stream))
    {
      if (stream->changed.data)
        net_stream_publish (stream);
      quic_stream_detach (stream->shared, error);
    }
  g_queue_init (&self->sendable);
  g_queue_init (&self->changed);
  g_hash_table_remove_all (self->streams);
  if (self->shared)
    {
      QuicConnection *shared = g_steal_pointer (&self->shared);
      quic_connection_end (shared, error, code);
      if (self->dial)
        dial_complete (g_steal_pointer (&self->dial), NULL, error);
      quic_connection_release (shared);
    }
}

/* @linger: how long to remain in @state, which is not NET_CONNECTION_DEAD, to deal with stragglers.
 * */
static void
end_as (NetConnection *self, NetConnectionState state, ngtcp2_duration linger, const GError *error,
        uint64_t code)
{
  net_connection_advance (self, state);
  end_all (self, error, code);
  if (state != NET_CONNECTION_DEAD)
    self->deadline = self->host->now + MIN (linger, LINGER_MAX);
}

static void
send_close_packet (NetConnection *self)
{
  Batch batch = { .path = self->close_packet.path.path,
                  .data = self->close_packet.data,
                  .len = self->close_packet.len,
                  .segment = self->close_packet.len };
  self->host->send (self->host, self, &batch);
}

void
net_connection_answer_straggler (NetConnection *self)
{
  /* the 1st, 2nd, 4th, 8th, …: two closed ends would answer each other for ever */
  unsigned n = ++self->close_packet.stragglers;

  if ((n & (n - 1)) == 0)
    send_close_packet (self);
}

static void
close_with (NetConnection *self, const ngtcp2_ccerr *reason, const GError *error, uint64_t code)
{
  ngtcp2_duration linger = LINGER_PTOS * ngtcp2_conn_get_pto2 (self->conn);
  ngtcp2_path_storage_zero (&self->close_packet.path);
  self->close_packet.data = g_malloc (CLOSE_PACKET_MAX);
  ngtcp2_pkt_info info;
  ngtcp2_ssize len = ngtcp2_conn_write_connection_close (self->conn, &self->close_packet.path.path,
                                                         &info, self->close_packet.data,
                                                         CLOSE_PACKET_MAX, reason, self->host->now);
  if (len > 0)
    {
      self->close_packet.len = len;
      send_close_packet (self);
    }
  end_as (self, len > 0 ? NET_CONNECTION_CLOSING : NET_CONNECTION_DEAD, linger, error, code);
}

void
net_connection_close (NetConnection *self, uint64_t code, const char *reason, const GError *error)
{
  if (!net_connection_is_alive (self))
    return;
  ngtcp2_ccerr ccerr;
  ngtcp2_ccerr_set_application_error (&ccerr, code, (const uint8_t *) reason, strlen (reason));
  close_with (self, &ccerr, error, code);
}

void
net_connection_refuse (NetConnection *self)
{
  g_autoptr (GError) error =
      g_error_new_literal (QUIC_ERROR, QUIC_ERROR_LIMIT, "Too many handshakes are under way.");
  ngtcp2_ccerr ccerr;
  ngtcp2_ccerr_set_transport_error (&ccerr, NGTCP2_CONNECTION_REFUSED, NULL, 0);
  close_with (self, &ccerr, error, 0);
  net_connection_forget (self);
}

void
net_connection_forget (NetConnection *self)
{
  if (self->state == NET_CONNECTION_CLOSING || self->state == NET_CONNECTION_DRAINING)
    net_connection_advance (self, NET_CONNECTION_DEAD);
}

void
net_connection_close_as_requested (NetConnection *self, uint64_t code, const char *reason)
{
  g_autoptr (GError) error = quic_error_new_closed ();
  net_connection_close (self, code, reason, error);
}

/* What ngtcp2_conn_read_pkt() and its like return below zero ends the connection one way or
 * another. */
void
net_connection_fail (NetConnection *self, int library_error)
{
  uint8_t alert = ngtcp2_conn_get_tls_alert2 (self->conn);
  bool doubted =
      self->unproved || (!self->server && !self->completed && library_error == NGTCP2_ERR_CRYPTO &&
                         tls_session_doubts_peer (self->tls, alert));
  g_autoptr (GError) error = NULL;

  if (library_error == NGTCP2_ERR_DRAINING)
    {
      const ngtcp2_ccerr *reason = ngtcp2_conn_get_ccerr2 (self->conn);
      uint64_t code = reason->type == NGTCP2_CCERR_TYPE_APPLICATION ? reason->error_code : 0;
      if (self->stateless_reset)
        error =
            g_error_new_literal (QUIC_ERROR, QUIC_ERROR_CLOSED, "The other device was restarted.");
      else
        error = quic_error_new_from_peer (reason);
      end_as (self, NET_CONNECTION_DRAINING, LINGER_PTOS * ngtcp2_conn_get_pto2 (self->conn), error,
              code);
      return;
    }

  error = quic_error_new_from_failure (library_error, alert, doubted);
  g_debug ("[%p] %s (%s)", (void *) self, error->message, ngtcp2_strerror (library_error));
  ngtcp2_ccerr ccerr;
  switch (library_error)
    {
    case NGTCP2_ERR_IDLE_CLOSE:
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
    case NGTCP2_ERR_DROP_CONN:
    case NGTCP2_ERR_RETRY:
    case NGTCP2_ERR_RECV_VERSION_NEGOTIATION:
      end_as (self, NET_CONNECTION_DEAD, 0, error, 0);
      return;
    case NGTCP2_ERR_CRYPTO:
      ngtcp2_ccerr_set_tls_alert (&ccerr, alert, NULL, 0);
      break;
    default:
      ngtcp2_ccerr_set_liberr (&ccerr, library_error, NULL, 0);
    }
  close_with (self, &ccerr, error, 0);
}

void
net_connection_free (NetConnection *self)
{
  if (self->shared)
    {
      g_autoptr (GError) error = quic_error_new_closed ();
      end_all (self, error, 0);
    }
  for (guint i = 0; i < self->cids->len; i++)
    self->host->disclaim (self->host, &g_array_index (self->cids, ngtcp2_cid, i));
  g_array_unref (self->cids);
  g_hash_table_unref (self->streams);
  g_free (self->close_packet.data);
  g_free (self);
}

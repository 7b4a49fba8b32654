/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/net_connection_private.h"

#include <sodium.h>

#include "net/core/stranger_limits.h"
#include "net/quic/peer_address.h"

/* More than STREAM_WINDOW_MAX in flight on a stream could, lost at once, exceed the 8000 frames
 * that ngtcp2 keeps for retransmission. */
#define STREAM_WINDOW         (2 * 1024 * 1024)
#define STREAM_WINDOW_MAX     (8 * 1024 * 1024)
#define CONNECTION_WINDOW_MAX (12 * 1024 * 1024)
#define CONNECTION_IDS_MAX    8
#define IDLE_TIMEOUT          (15 * NGTCP2_SECONDS)
/* So that a peer whose program has nothing to say is not silent. */
#define KEEP_ALIVE        (2 * NGTCP2_SECONDS)
#define HANDSHAKE_TIMEOUT (5 * NGTCP2_SECONDS)
/* the peer's application may need a moment to let us in; see net_connection_new_client() */
#define CONFIRM_TIMEOUT (10 * NGTCP2_SECONDS)

static ngtcp2_conn *
get_conn_cb (ngtcp2_crypto_conn_ref *ref)
{
  return ((NetConnection *) ref->user_data)->conn;
}

static void
drop_stream (gpointer data)
{
  net_stream_free (data);
}

static NetConnection *
net_connection_new (NetHost *host, bool server, NetStanding standing, const ngtcp2_path *path)
{
  NetConnection *self = g_new0 (NetConnection, 1);
  self->host = host;
  self->server = server;
  self->origin =
      (NetOrigin) { standing, peer_address_prefix (path->remote.addr), host->connections_made++ };
  self->shared = quic_connection_new (
      host->calls, !server, (RequestsChanged) { net_connection_requests_changed_cb, self });
  self->conn_ref = (ngtcp2_crypto_conn_ref) { .get_conn = get_conn_cb, .user_data = self };
  self->cids = g_array_new (FALSE, FALSE, sizeof (ngtcp2_cid));
  self->streams = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, drop_stream);
  self->expiry = UINT64_MAX;
  self->deadline = UINT64_MAX;
  return self;
}

static void
claim (NetConnection *self, const ngtcp2_cid *cid)
{
  self->host->claim (self->host, cid, self);
  g_array_append_val (self->cids, *cid);
}

static void
qlog_write_cb (void *connection, uint32_t flags, const void *data, size_t len)
{
  qlog_write (((NetConnection *) connection)->qlog, data, len);
}

static void
make_settings (NetConnection *self, const ngtcp2_cid *original_dcid, ngtcp2_settings *settings,
               ngtcp2_transport_params *params)
{
  ngtcp2_settings_default (settings);
  settings->initial_ts = self->host->now;
  settings->handshake_timeout = HANDSHAKE_TIMEOUT;
  settings->max_stream_window = STREAM_WINDOW_MAX;
  settings->max_window = CONNECTION_WINDOW_MAX;
  self->qlog = qlog_new (original_dcid, self->server);
  if (self->qlog)
    settings->qlog_write = qlog_write_cb;

  ngtcp2_transport_params_default (params);
  params->initial_max_stream_data_bidi_local = STREAM_WINDOW;
  params->initial_max_stream_data_bidi_remote = STREAM_WINDOW;
  params->initial_max_stream_data_uni = STREAM_WINDOW;
  /* who comes to us gets the rest when we know who it is: trust() in net_connection_publish.c */
  params->initial_max_data = self->server ? STRANGER_WINDOW : CONNECTION_WINDOW;
  params->initial_max_streams_bidi = self->server ? STRANGER_STREAMS : STREAMS_MAX;
  params->initial_max_streams_uni = self->server ? STRANGER_STREAMS : STREAMS_MAX;
  params->max_idle_timeout = IDLE_TIMEOUT;
  params->active_connection_id_limit = CONNECTION_IDS_MAX;
}

static void
random_cid (ngtcp2_cid *cid, size_t len)
{
  cid->datalen = len;
  randombytes_buf (cid->data, len);
}

static NetConnection *
net_connection_started (NetConnection *self, const ngtcp2_path *path)
{
  ngtcp2_conn_set_tls_native_handle (self->conn, tls_session_get_native (self->tls));
  ngtcp2_conn_set_keep_alive_timeout (self->conn, KEEP_ALIVE);
  self->heard = self->host->now;
  const QuicHealth unknown = { .heard_us = (int64_t) (self->heard / NGTCP2_MICROSECONDS) };
  quic_connection_set_path (self->shared, path->remote.addr, &unknown);
  net_connection_activate (self);
  return self;
}

/* The server completes the handshake, and with it lets HANDSHAKE_DONE go, only when its application
 * has admitted us. So a refusal reaches whoever dials rather than whoever first uses the
 * connection. */
NetConnection *
net_connection_new_client (NetHost *host, Dial *dial, const ngtcp2_path *path)
{
  NetConnection *self = net_connection_new (host, false, NET_STANDING_KNOWN, path);
  ngtcp2_callbacks callbacks = net_connection_make_callbacks ();
  ngtcp2_cid dcid, scid;
  random_cid (&dcid, 18);
  random_cid (&scid, NET_CID_LEN);
  ngtcp2_settings settings;
  ngtcp2_transport_params params;
  make_settings (self, &dcid, &settings, &params);
  self->dial = dial;
  self->any_peer = !dial_get_peer (dial);
  self->deadline = settings.initial_ts + CONFIRM_TIMEOUT;
  self->tls = tls_session_new (host->tls, false, dial_get_alpn (dial), dial_get_peer (dial),
                               &self->conn_ref);
  if (ngtcp2_conn_client_new (&self->conn, &dcid, &scid, path, NGTCP2_PROTO_VER_V1, &callbacks,
                              &settings, &params, NULL, self) != 0)
    g_error ("out of memory");
  claim (self, &scid);
  return net_connection_started (self, path);
}

NetConnection *
net_connection_new_server (NetHost *host, const ngtcp2_pkt_hd *hd, const ngtcp2_cid *retried,
                           const ngtcp2_path *path, NetStanding standing)
{
  NetConnection *self = net_connection_new (host, true, standing, path);
  const ngtcp2_cid *original = retried ? retried : &hd->dcid;
  ngtcp2_callbacks callbacks = net_connection_make_callbacks ();
  ngtcp2_cid scid;
  random_cid (&scid, NET_CID_LEN);
  ngtcp2_settings settings;
  ngtcp2_transport_params params;
  make_settings (self, original, &settings, &params);
  params.original_dcid = *original;
  params.original_dcid_present = 1;
  if (retried)
    {
      params.retry_scid = hd->dcid;
      params.retry_scid_present = 1;
      settings.token = hd->token;
      settings.tokenlen = hd->tokenlen;
      settings.token_type = NGTCP2_TOKEN_TYPE_RETRY;
    }
  params.stateless_reset_token_present = 1;
  host->make_reset_token (host, &scid, params.stateless_reset_token);
  self->tls = tls_session_new (host->tls, true, host->alpns, NULL, &self->conn_ref);
  if (ngtcp2_conn_server_new (&self->conn, &hd->scid, &scid, path, hd->version, &callbacks,
                              &settings, &params, NULL, self) != 0)
    {
      net_connection_free (self);
      return NULL;
    }
  claim (self, &scid);
  claim (self, &hd->dcid);
  return net_connection_started (self, path);
}

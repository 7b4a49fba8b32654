/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/engine.h"

#include <sodium.h>
#include <string.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "net/quic/error.h"
#include "net/quic/lane.h"

/* One unread stream must not stop the others, so a connection's window is larger than a stream's. More than 8 MiB in
 * flight on a stream could, lost at once, exceed the 8000 frames that ngtcp2 keeps for retransmission. */
#define STREAM_WINDOW         (2 * 1024 * 1024)
#define STREAM_WINDOW_MAX     (8 * 1024 * 1024)
#define CONNECTION_WINDOW     (3 * 1024 * 1024)
#define CONNECTION_WINDOW_MAX (12 * 1024 * 1024)
#define STREAMS_MAX           100
#define CONNECTION_IDS_MAX    8

#define IDLE_TIMEOUT      (30 * NGTCP2_SECONDS)
#define KEEP_ALIVE        (10 * NGTCP2_SECONDS)
#define HANDSHAKE_TIMEOUT (5 * NGTCP2_SECONDS)
/* the peer's application may need a moment to let us in; see engine_new_client() */
#define CONFIRM_TIMEOUT (10 * NGTCP2_SECONDS)

#define TRAINS_A_TURN    16
#define CLOSE_PACKET_MAX 1200
#define PATH_NEWS_EVERY  (100 * NGTCP2_MILLISECONDS)

struct Engine
{
  Router *router;
  EngineState state;
  bool server;
  bool active;
  ngtcp2_tstamp expiry;
  QuicConnection *connection; /* a memory reference; NULL once it has ended */
  ConnectionOrders orders;    /* as of the last mail */
  Dial *dial;                 /* until confirmed */

  ngtcp2_conn *conn;
  ngtcp2_crypto_conn_ref conn_ref;
  TlsSession *tls;
  unsigned in_callback; /* ngtcp2 is on the stack: it must not be entered again */
  GArray *cids;         /* ngtcp2_cid */

  GHashTable *lanes; /* int64 id (in the lane) -> Lane, owned */
  GQueue sendable;   /* lanes with something to write, in turn */
  GQueue touched;    /* lanes with news to publish */
  uint64_t peer_streams_closed[2];
  uint64_t peer_streams_credited[2];
  ngtcp2_tstamp path_noted;

  /* recorded by callbacks */
  bool completed;
  bool confirmed;
  bool stateless_reset;
  bool doubted; /* the handshake completed without a proof of who the peer is */

  ngtcp2_tstamp deadline; /* confirmation, or the end of closing and draining */
  struct
  {
    uint8_t *data; /* owned */
    size_t len;
    ngtcp2_path_storage path;
    unsigned stragglers;
  } close_packet;
};

static const char *const state_names[] = { "handshaking", "held",     "open",
                                           "closing",     "draining", "dead" };

static const unsigned state_edges[] = {
  [ENGINE_HANDSHAKING] = 1u << ENGINE_HELD | 1u << ENGINE_OPEN | 1u << ENGINE_CLOSING |
                         1u << ENGINE_DRAINING | 1u << ENGINE_DEAD,
  [ENGINE_HELD] =
      1u << ENGINE_OPEN | 1u << ENGINE_CLOSING | 1u << ENGINE_DRAINING | 1u << ENGINE_DEAD,
  [ENGINE_OPEN] = 1u << ENGINE_CLOSING | 1u << ENGINE_DRAINING | 1u << ENGINE_DEAD,
  [ENGINE_CLOSING] = 1u << ENGINE_DEAD,
  [ENGINE_DRAINING] = 1u << ENGINE_DEAD,
  [ENGINE_DEAD] = 0,
};

static void
engine_advance (Engine *self, EngineState to)
{
  g_assert (state_edges[self->state] & (1u << to));
  g_debug ("[%p] %s -> %s", (void *) self, state_names[self->state], state_names[to]);
  self->state = to;
}

static bool
is_alive (const Engine *self)
{
  return self->state <= ENGINE_OPEN;
}

/* ---- lanes ---- */

static void
touch (Engine *self, Lane *lane)
{
  if (lane->touched.data != NULL)
    return;
  lane->touched.data = lane;
  g_queue_push_tail_link (&self->touched, &lane->touched);
}

static void
make_sendable (Engine *self, Lane *lane)
{
  if (lane->sendable.data != NULL || !lane_has_work (lane))
    return;
  lane->sendable.data = lane;
  g_queue_push_tail_link (&self->sendable, &lane->sendable);
}

static void
make_unsendable (Engine *self, Lane *lane)
{
  if (lane->sendable.data == NULL)
    return;
  lane->sendable.data = NULL;
  g_queue_unlink (&self->sendable, &lane->sendable);
}

static Lane *
add_lane (Engine *self, int64_t id)
{
  bool remote = ngtcp2_conn_is_local_stream2 (self->conn, id) == 0;
  bool bidirectional = ngtcp2_is_bidi_stream (id);
  bool can_send = !remote || bidirectional, can_receive = remote || bidirectional;
  Lane *lane = lane_new (self, id,
                         (can_send ? LANE_SENDING : 0) | (can_receive ? LANE_RECEIVING : 0) |
                             (remote ? LANE_REMOTE : 0));

  lane->stream = quic_stream_new (self->connection, router_get_mailbox (self->router), id, can_send,
                                  can_receive, lane);
  g_hash_table_insert (self->lanes, &lane->id, lane);
  return lane;
}

static void
drop_lane (gpointer data)
{
  lane_free (data);
}

/* ---- ngtcp2's callbacks: they only record ---- */

static ngtcp2_conn *
get_conn_cb (ngtcp2_crypto_conn_ref *ref)
{
  return ((Engine *) ref->user_data)->conn;
}

static void
rand_cb (uint8_t *dest, size_t len, const ngtcp2_rand_ctx *ctx)
{
  randombytes_buf (dest, len);
}

static int
get_new_connection_id_cb (ngtcp2_conn *conn, ngtcp2_cid *cid, ngtcp2_stateless_reset_token *token,
                          size_t len, void *data)
{
  Engine *self = data;

  cid->datalen = len;
  randombytes_buf (cid->data, len);
  router_make_reset_token (self->router, cid, token->data);
  router_claim (self->router, cid, self);
  g_array_append_val (self->cids, *cid);
  return 0;
}

static int
remove_connection_id_cb (ngtcp2_conn *conn, const ngtcp2_cid *cid, void *data)
{
  Engine *self = data;

  router_disclaim (self->router, cid);
  for (guint i = 0; i < self->cids->len; i++)
    if (ngtcp2_cid_eq (cid, &g_array_index (self->cids, ngtcp2_cid, i)))
      {
        g_array_remove_index_fast (self->cids, i);
        break;
      }
  return 0;
}

static int
handshake_completed_cb (ngtcp2_conn *conn, void *data)
{
  Engine *self = data;
  TlsResult result = { 0 };

  if (!tls_session_complete (self->tls, &result))
    {
      self->doubted = true;
      return NGTCP2_ERR_CALLBACK_FAILURE;
    }
  quic_connection_identify (self->connection, &result);
  self->completed = true;
  return 0;
}

static int
handshake_confirmed_cb (ngtcp2_conn *conn, void *data)
{
  Engine *self = data;
  self->confirmed = true;
  return 0;
}

static int
stream_open_cb (ngtcp2_conn *conn, int64_t id, void *data)
{
  Engine *self = data;
  Lane *lane = add_lane (self, id);

  ngtcp2_conn_set_stream_user_data (conn, id, lane);
  quic_connection_offer_stream (self->connection, lane->stream);
  return 0;
}

static int
recv_stream_data_cb (ngtcp2_conn *conn, uint32_t flags, int64_t id, uint64_t offset,
                     const uint8_t *bytes, size_t len, void *data, void *stream_data)
{
  Lane *lane = stream_data;

  lane_note_received (lane, bytes, len, (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0);
  touch (data, lane);
  return 0;
}

static int
acked_stream_data_offset_cb (ngtcp2_conn *conn, int64_t id, uint64_t offset, uint64_t len,
                             void *data, void *stream_data)
{
  Lane *lane = stream_data;

  lane_note_acked (
      lane, len, lane->flags & LANE_FIN_ALONE && ngtcp2_conn_get_stream_loss_count2 (conn, id) > 0);
  touch (data, lane);
  return 0;
}

static int
stream_reset_cb (ngtcp2_conn *conn, int64_t id, uint64_t final_size, uint64_t code, void *data,
                 void *stream_data)
{
  Lane *lane = stream_data;

  lane->flags = (lane->flags & ~LANE_RECEIVING) | LANE_FAILED_RECEIVE;
  lane->peer_code = code;
  touch (data, lane);
  return 0;
}

static int
recv_stop_sending_cb (ngtcp2_conn *conn, int64_t id, uint64_t code, void *data, void *stream_data)
{
  Lane *lane = stream_data;

  lane->flags = (lane->flags & ~LANE_SENDING) | LANE_FAILED_SEND;
  lane->peer_code = code;
  touch (data, lane);
  return 0;
}

static int
stream_close_cb (ngtcp2_conn *conn, uint32_t flags, int64_t id, uint64_t code, void *data,
                 void *stream_data)
{
  Lane *lane = stream_data;

  if (lane == NULL)
    return 0;
  lane->flags |= LANE_CLOSED;
  touch (data, lane);
  return 0;
}

static int
recv_stateless_reset_cb (ngtcp2_conn *conn, const ngtcp2_pkt_stateless_reset2 *reset, void *data)
{
  Engine *self = data;
  self->stateless_reset = true;
  return 0;
}

static ngtcp2_callbacks
make_callbacks (void)
{
  return (ngtcp2_callbacks) {
    .client_initial = ngtcp2_crypto_client_initial_cb,
    .recv_client_initial = ngtcp2_crypto_recv_client_initial_cb,
    .recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb,
    .encrypt = ngtcp2_crypto_encrypt_cb,
    .decrypt = ngtcp2_crypto_decrypt_cb,
    .hp_mask = ngtcp2_crypto_hp_mask_cb,
    .recv_retry = ngtcp2_crypto_recv_retry_cb,
    .update_key = ngtcp2_crypto_update_key_cb,
    .delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb,
    .delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb,
    .version_negotiation = ngtcp2_crypto_version_negotiation_cb,
    .get_path_challenge_data2 = ngtcp2_crypto_get_path_challenge_data2_cb,
    .rand = rand_cb,
    .get_new_connection_id2 = get_new_connection_id_cb,
    .remove_connection_id = remove_connection_id_cb,
    .handshake_completed = handshake_completed_cb,
    .handshake_confirmed = handshake_confirmed_cb,
    .stream_open = stream_open_cb,
    .recv_stream_data = recv_stream_data_cb,
    .acked_stream_data_offset = acked_stream_data_offset_cb,
    .stream_reset = stream_reset_cb,
    .recv_stop_sending = recv_stop_sending_cb,
    .stream_close = stream_close_cb,
    .recv_stateless_reset2 = recv_stateless_reset_cb,
  };
}

/* ---- life ---- */

static Engine *
engine_new (Router *router, bool server)
{
  Engine *self = g_new0 (Engine, 1);

  self->router = router;
  self->server = server;
  self->connection = quic_connection_new (router_get_mailbox (router), self, !server);
  self->conn_ref = (ngtcp2_crypto_conn_ref) { .get_conn = get_conn_cb, .user_data = self };
  self->cids = g_array_new (FALSE, FALSE, sizeof (ngtcp2_cid));
  self->lanes = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, drop_lane);
  self->expiry = UINT64_MAX;
  self->deadline = UINT64_MAX;
  return self;
}

static void
claim (Engine *self, const ngtcp2_cid *cid)
{
  router_claim (self->router, cid, self);
  g_array_append_val (self->cids, *cid);
}

static void
make_settings (Router *router, ngtcp2_settings *settings, ngtcp2_transport_params *params)
{
  ngtcp2_settings_default (settings);
  settings->initial_ts = router_now (router);
  settings->handshake_timeout = HANDSHAKE_TIMEOUT;
  settings->max_stream_window = STREAM_WINDOW_MAX;
  settings->max_window = CONNECTION_WINDOW_MAX;

  ngtcp2_transport_params_default (params);
  params->initial_max_stream_data_bidi_local = STREAM_WINDOW;
  params->initial_max_stream_data_bidi_remote = STREAM_WINDOW;
  params->initial_max_stream_data_uni = STREAM_WINDOW;
  params->initial_max_data = CONNECTION_WINDOW;
  params->initial_max_streams_bidi = STREAMS_MAX;
  params->initial_max_streams_uni = STREAMS_MAX;
  params->max_idle_timeout = IDLE_TIMEOUT;
  params->active_connection_id_limit = CONNECTION_IDS_MAX;
}

static void
random_cid (ngtcp2_cid *cid, size_t len)
{
  cid->datalen = len;
  randombytes_buf (cid->data, len);
}

static Engine *
engine_started (Engine *self, const ngtcp2_path *path)
{
  ngtcp2_conn_set_tls_native_handle (self->conn, tls_session_get_native (self->tls));
  ngtcp2_conn_set_keep_alive_timeout (self->conn, KEEP_ALIVE);
  quic_connection_note_path (self->connection, path->remote.addr, 0);
  router_activate (self->router, self);
  return self;
}

/* The server completes the handshake, and with it lets HANDSHAKE_DONE go, only when its application has admitted us.
 * So a refusal reaches whoever dials rather than whoever first uses the connection. */
Engine *
engine_new_client (Router *router, Dial *dial, const ngtcp2_path *path, const NodeId *peer,
                   const char *alpn)
{
  Engine *self = engine_new (router, false);
  ngtcp2_callbacks callbacks = make_callbacks ();
  ngtcp2_settings settings;
  ngtcp2_transport_params params;
  ngtcp2_cid dcid, scid;

  random_cid (&dcid, 18);
  random_cid (&scid, ROUTER_CID_LEN);
  make_settings (router, &settings, &params);
  self->dial = dial;
  self->deadline = settings.initial_ts + CONFIRM_TIMEOUT;
  self->tls = tls_session_new (router_get_tls (router), false, alpn, peer, &self->conn_ref);
  if (ngtcp2_conn_client_new (&self->conn, &dcid, &scid, path, NGTCP2_PROTO_VER_V1, &callbacks,
                              &settings, &params, NULL, self) != 0)
    g_error ("out of memory");
  claim (self, &scid);
  return engine_started (self, path);
}

Engine *
engine_new_server (Router *router, const ngtcp2_pkt_hd *hd, const ngtcp2_cid *retried,
                   const ngtcp2_path *path)
{
  Engine *self = engine_new (router, true);
  ngtcp2_callbacks callbacks = make_callbacks ();
  ngtcp2_settings settings;
  ngtcp2_transport_params params;
  ngtcp2_cid scid;

  random_cid (&scid, ROUTER_CID_LEN);
  make_settings (router, &settings, &params);
  params.original_dcid = retried != NULL ? *retried : hd->dcid;
  params.original_dcid_present = 1;
  if (retried != NULL)
    {
      params.retry_scid = hd->dcid;
      params.retry_scid_present = 1;
      settings.token = hd->token;
      settings.tokenlen = hd->tokenlen;
      settings.token_type = NGTCP2_TOKEN_TYPE_RETRY;
    }
  params.stateless_reset_token_present = 1;
  router_make_reset_token (router, &scid, params.stateless_reset_token);
  self->tls = tls_session_new (router_get_tls (router), true, router_get_alpns (router), NULL,
                               &self->conn_ref);
  if (ngtcp2_conn_server_new (&self->conn, &hd->scid, &scid, path, hd->version, &callbacks,
                              &settings, &params, NULL, self) != 0)
    {
      engine_free (self);
      return NULL;
    }
  claim (self, &scid);
  claim (self, &hd->dcid);
  return engine_started (self, path);
}

static void
free_ngtcp2 (Engine *self)
{
  g_clear_pointer (&self->conn, ngtcp2_conn_del);
  g_clear_pointer (&self->tls, tls_session_free);
}

/* Everything that waits on this connection fails; what ngtcp2 may still point to goes with it. */
static void
end_connection (Engine *self, const GError *error, uint64_t code)
{
  GHashTableIter iter;
  Lane *lane;

  free_ngtcp2 (self);
  g_hash_table_iter_init (&iter, self->lanes);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &lane))
    {
      if (lane->touched.data != NULL)
        lane_publish (lane);
      quic_stream_detach (lane->stream, error);
    }
  g_queue_init (&self->sendable);
  g_queue_init (&self->touched);
  g_hash_table_remove_all (self->lanes);
  if (self->connection != NULL)
    {
      QuicConnection *connection = g_steal_pointer (&self->connection);
      quic_connection_end (connection, error, code);
      if (self->dial != NULL)
        dial_complete (g_steal_pointer (&self->dial), NULL, error);
      quic_connection_release (connection);
    }
}

void
engine_free (Engine *self)
{
  if (self->connection != NULL)
    {
      g_autoptr (GError) error = quic_error_new_closed ();
      end_connection (self, error, 0);
    }
  for (guint i = 0; i < self->cids->len; i++)
    router_disclaim (self->router, &g_array_index (self->cids, ngtcp2_cid, i));
  g_array_unref (self->cids);
  g_hash_table_unref (self->lanes);
  g_free (self->close_packet.data);
  g_free (self);
}

EngineState
engine_get_state (const Engine *self)
{
  return self->state;
}

bool
engine_is_active (const Engine *self)
{
  return self->active;
}

void
engine_set_active (Engine *self, bool active)
{
  self->active = active;
}

bool
engine_is_dialing (const Engine *self, const struct sockaddr *remote)
{
  const ngtcp2_path *path;
  const ngtcp2_sockaddr_union *a, *b = (const void *) remote;

  if (self->server || self->state != ENGINE_HANDSHAKING)
    return false;
  path = ngtcp2_conn_get_path2 (self->conn);
  a = (const void *) path->remote.addr;
  if (a->sa.sa_family != b->sa.sa_family)
    return false;
  if (a->sa.sa_family == AF_INET)
    return a->in.sin_port == b->in.sin_port && a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
  return a->in6.sin6_port == b->in6.sin6_port &&
         IN6_ARE_ADDR_EQUAL (&a->in6.sin6_addr, &b->in6.sin6_addr);
}

bool
engine_is_on_path (const Engine *self, const ngtcp2_path *path)
{
  return is_alive (self) && ngtcp2_path_eq (ngtcp2_conn_get_path2 (self->conn), path);
}

ngtcp2_tstamp
engine_get_expiry (const Engine *self)
{
  return MIN (self->expiry, self->deadline);
}

static void
update_expiry (Engine *self)
{
  /* while held nothing may be written, so ngtcp2's timers could only be late again and again */
  self->expiry = self->conn != NULL && self->state != ENGINE_HELD
                     ? ngtcp2_conn_get_expiry2 (self->conn)
                     : UINT64_MAX;
}

/* ---- the end ---- */

static void
linger (Engine *self, EngineState state, ngtcp2_duration pto)
{
  engine_advance (self, state);
  self->deadline = router_now (self->router) + 3 * pto;
  self->expiry = UINT64_MAX;
}

static void
send_close_packet (Engine *self)
{
  Train train = { .path = self->close_packet.path.path,
                  .data = self->close_packet.data,
                  .len = self->close_packet.len,
                  .segment = self->close_packet.len };
  router_send (self->router, &train);
}

static void
close_with (Engine *self, const ngtcp2_ccerr *reason, const GError *error, uint64_t code)
{
  ngtcp2_duration pto = ngtcp2_conn_get_pto2 (self->conn);
  ngtcp2_pkt_info info;
  ngtcp2_ssize len;

  ngtcp2_path_storage_zero (&self->close_packet.path);
  self->close_packet.data = g_malloc (CLOSE_PACKET_MAX);
  len = ngtcp2_conn_write_connection_close (self->conn, &self->close_packet.path.path, &info,
                                            self->close_packet.data, CLOSE_PACKET_MAX, reason,
                                            router_now (self->router));
  if (len > 0)
    {
      self->close_packet.len = len;
      send_close_packet (self);
      linger (self, ENGINE_CLOSING, pto);
    }
  else
    engine_advance (self, ENGINE_DEAD);
  end_connection (self, error, code);
}

void
engine_close (Engine *self, uint64_t code, const char *reason, const GError *error)
{
  ngtcp2_ccerr ccerr;

  if (!is_alive (self))
    return;
  ngtcp2_ccerr_set_application_error (&ccerr, code, (const uint8_t *) reason, strlen (reason));
  close_with (self, &ccerr, error, code);
}

/* What ngtcp2_conn_read_pkt() and its like return below zero ends the connection one way or another. */
static void
fail (Engine *self, int library_error)
{
  uint8_t alert = ngtcp2_conn_get_tls_alert2 (self->conn);
  bool doubted =
      self->doubted || (!self->server && !self->completed && library_error == NGTCP2_ERR_CRYPTO &&
                        tls_session_doubts_peer (self->tls, alert));
  g_autoptr (GError) error = NULL;
  ngtcp2_ccerr ccerr;

  if (library_error == NGTCP2_ERR_DRAINING)
    {
      const ngtcp2_ccerr *reason = ngtcp2_conn_get_ccerr2 (self->conn);
      uint64_t code = reason->type == NGTCP2_CCERR_TYPE_APPLICATION ? reason->error_code : 0;
      if (self->stateless_reset)
        error =
            g_error_new_literal (QUIC_ERROR, QUIC_ERROR_CLOSED, "The other device was restarted.");
      else
        error = quic_error_new_from_peer (reason);
      linger (self, ENGINE_DRAINING, ngtcp2_conn_get_pto2 (self->conn));
      end_connection (self, error, code);
      return;
    }

  error = quic_error_new_from_failure (library_error, alert, doubted);
  g_debug ("[%p] %s (%s)", (void *) self, error->message, ngtcp2_strerror (library_error));
  switch (library_error)
    {
    case NGTCP2_ERR_IDLE_CLOSE:
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
    case NGTCP2_ERR_DROP_CONN:
    case NGTCP2_ERR_RETRY:
    case NGTCP2_ERR_RECV_VERSION_NEGOTIATION:
      engine_advance (self, ENGINE_DEAD);
      end_connection (self, error, 0);
      return;
    case NGTCP2_ERR_CRYPTO:
      ngtcp2_ccerr_set_tls_alert (&ccerr, alert, NULL, 0);
      break;
    default:
      ngtcp2_ccerr_set_liberr (&ccerr, library_error, NULL, 0);
    }
  close_with (self, &ccerr, error, 0);
}

/* ---- the read pump ---- */

void
engine_read (Engine *self, const ngtcp2_path *path, uint8_t ecn, const uint8_t *data, size_t len)
{
  ngtcp2_pkt_info info = { .ecn = ecn };
  int result;

  if (self->state == ENGINE_CLOSING)
    {
      /* ever more rarely, so that two closed ends do not keep each other busy */
      unsigned n = ++self->close_packet.stragglers;
      if ((n & (n - 1)) == 0)
        send_close_packet (self);
      return;
    }
  if (!is_alive (self))
    return;
  g_assert (self->in_callback == 0);
  self->in_callback++;
  result = ngtcp2_conn_read_pkt (self->conn, path, &info, data, len, router_now (self->router));
  self->in_callback--;
  router_activate (self->router, self);
  if (result != 0)
    fail (self, result);
}

void
engine_expire (Engine *self)
{
  ngtcp2_tstamp now = router_now (self->router);
  int result;

  if (self->deadline <= now)
    {
      if (is_alive (self))
        fail (self, NGTCP2_ERR_HANDSHAKE_TIMEOUT);
      else
        engine_advance (self, ENGINE_DEAD);
      router_activate (self->router, self);
      return;
    }
  g_assert (self->in_callback == 0);
  self->in_callback++;
  result = ngtcp2_conn_handle_expiry (self->conn, now);
  self->in_callback--;
  router_activate (self->router, self);
  if (result != 0)
    fail (self, result);
}

/* ---- acting on what was recorded ---- */

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
settle_lane (Engine *self, Lane *lane)
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
      make_unsendable (self, lane);
    }
  if (lane->flags & LANE_CLOSED)
    {
      g_autoptr (GError) error = quic_error_new_closed ();
      make_unsendable (self, lane);
      if (lane->flags & LANE_REMOTE)
        self->peer_streams_closed[ngtcp2_is_bidi_stream (lane->id)]++;
      /* the lane stays for the credit of bytes still unread, unless all is said */
      if (lane->flags & LANE_SENDING)
        credit (self, lane, quic_stream_fail (lane->stream, STREAM_SENDING, error));
      lane->flags &= ~(LANE_SENDING | LANE_RECEIVING);
    }
}

static void
bury_lane (Engine *self, Lane *lane)
{
  make_unsendable (self, lane);
  quic_stream_detach (lane->stream, NULL);
  g_hash_table_remove (self->lanes, &lane->id);
}

static void
open_streams (Engine *self, bool bidirectional)
{
  while (quic_connection_wants_stream (self->connection, bidirectional))
    {
      int64_t id;
      Lane *lane;
      int result = bidirectional ? ngtcp2_conn_open_bidi_stream (self->conn, &id, NULL)
                                 : ngtcp2_conn_open_uni_stream (self->conn, &id, NULL);
      if (result != 0)
        return;
      lane = add_lane (self, id);
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
  Lane *lane;

  g_hash_table_iter_init (&iter, self->lanes);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &lane))
    if (lane->flags & LANE_SENDING && lane->flags & LANE_FIN_WANTED)
      return true;
  return false;
}

static void
note_path (Engine *self)
{
  ngtcp2_tstamp now = router_now (self->router);
  ngtcp2_conn_info info;

  if (now < self->path_noted + PATH_NEWS_EVERY && self->path_noted != 0)
    return;
  self->path_noted = now;
  ngtcp2_conn_get_conn_info2 (self->conn, &info);
  quic_connection_note_path (self->connection, ngtcp2_conn_get_path2 (self->conn)->remote.addr,
                             info.smoothed_rtt / NGTCP2_MICROSECONDS);
}

static void
follow_orders (Engine *self)
{
  g_autoptr (GError) error = quic_error_new_closed ();

  if (self->orders.close)
    engine_close (self, self->orders.code, self->orders.reason, error);
  else if (self->orders.admitted && self->state == ENGINE_HELD)
    engine_advance (self, ENGINE_OPEN);
  if (self->orders.abandoned && self->state == ENGINE_OPEN && !owes_delivery (self))
    engine_close (self, QUIC_CODE_OK, "", error);
}

void
engine_settle (Engine *self)
{
  GList *link;

  g_assert (self->in_callback == 0);
  if (!is_alive (self))
    return;
  if (self->completed && self->server && self->state == ENGINE_HANDSHAKING)
    {
      note_path (self);
      engine_advance (self, ENGINE_HELD);
      router_announce (self->router, self->connection);
    }
  if (self->confirmed && !self->server && self->state == ENGINE_HANDSHAKING)
    {
      note_path (self);
      engine_advance (self, ENGINE_OPEN);
      self->deadline = UINT64_MAX;
      dial_complete (g_steal_pointer (&self->dial), self->connection, NULL);
    }
  while ((link = g_queue_pop_head_link (&self->touched)) != NULL)
    {
      Lane *lane = (Lane *) ((char *) link - G_STRUCT_OFFSET (Lane, touched));
      settle_lane (self, lane);
      if (lane->flags & LANE_CLOSED && lane->flags & LANE_ABANDONED)
        bury_lane (self, lane);
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
  /* Fetched in the order of the mail and not later: an abandoned connection must know what its streams still owe. */
  quic_connection_fetch_orders (self->connection, &self->orders);
  router_activate (self->router, self);
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
    make_unsendable (self, lane);
  router_activate (self->router, self);
  if (lane->flags & LANE_CLOSED && lane->flags & LANE_ABANDONED && lane->touched.data == NULL)
    bury_lane (self, lane);
}

/* ---- the write pump ---- */

static size_t
vec_len (const ngtcp2_vec *vec, size_t n)
{
  size_t len = 0;

  for (size_t i = 0; i < n; i++)
    len += vec[i].len;
  return len;
}

/* Puts as many streams into a packet as fit. Lanes that flow control stops go to the end of the ring and are not asked
 * again for this packet. */
static ngtcp2_ssize
write_packet_cb (ngtcp2_conn *conn, ngtcp2_path *path, ngtcp2_pkt_info *info, uint8_t *dest,
                 size_t len, ngtcp2_tstamp now, void *data)
{
  Engine *self = data;
  unsigned to_ask = self->sendable.length;

  for (;;)
    {
      Lane *lane = to_ask > 0 ? g_queue_peek_head (&self->sendable) : NULL;
      ngtcp2_vec vec[8];
      size_t pieces = 0;
      ngtcp2_ssize taken = -1, written;
      uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_NONE;
      bool fin = false;

      if (lane != NULL)
        {
          pieces = lane_peek (lane, vec, G_N_ELEMENTS (vec));
          fin = lane->flags & LANE_FIN_WANTED && vec_len (vec, pieces) == lane->unsent;
          flags = NGTCP2_WRITE_STREAM_FLAG_MORE | (fin ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0);
          /* full packets keep the train going; the last one need not be */
          if (lane->unsent >= len)
            flags |= NGTCP2_WRITE_STREAM_FLAG_PADDING;
        }
      written = ngtcp2_conn_writev_stream (conn, path, info, dest, len, &taken, flags,
                                           lane != NULL ? lane->id : -1, vec, pieces, now);
      if (lane == NULL)
        return written;
      if (taken >= 0)
        {
          lane_note_sent (lane, taken, fin && (size_t) taken == lane->unsent);
          if (!lane_has_work (lane))
            {
              make_unsendable (self, lane);
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
          make_unsendable (self, lane);
          to_ask--;
          continue;
        default:
          return written;
        }
    }
}

bool
engine_write (Engine *self)
{
  uint8_t *buffer = router_get_train_buffer (self->router);
  ngtcp2_tstamp now = router_now (self->router);
  bool more = true;

  if (self->state != ENGINE_HANDSHAKING && self->state != ENGINE_OPEN)
    {
      update_expiry (self);
      return false;
    }
  g_assert (self->in_callback == 0);
  for (int i = 0; i < TRAINS_A_TURN && more && !router_is_blocked (self->router); i++)
    {
      ngtcp2_path_storage path;
      ngtcp2_pkt_info info = { 0 };
      size_t segment = 0;
      ngtcp2_ssize len;

      ngtcp2_path_storage_zero (&path);
      self->in_callback++;
      len = ngtcp2_conn_write_aggregate_pkt2 (self->conn, &path.path, &info, buffer, LINK_TRAIN_MAX,
                                              &segment, write_packet_cb, 44, now);
      self->in_callback--;
      if (len < 0)
        {
          fail (self, len);
          return false;
        }
      if (len == 0)
        more = false;
      else
        {
          Train train = {
            .path = path.path, .data = buffer, .len = len, .segment = segment, .ecn = info.ecn
          };
          router_send (self->router, &train);
          /* the next stream's turn */
          if (self->sendable.length > 1)
            g_queue_push_tail_link (&self->sendable, g_queue_pop_head_link (&self->sendable));
        }
    }
  ngtcp2_conn_update_pkt_tx_time (self->conn, now);
  update_expiry (self);
  return more;
}

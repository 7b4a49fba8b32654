/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/net_connection_private.h"

#include <sodium.h>
#include <ngtcp2/ngtcp2_crypto.h>

/* ngtcp2 is on the stack in all of these: they only record. */

static void
rand_cb (uint8_t *dest, size_t len, const ngtcp2_rand_ctx *ctx)
{
  randombytes_buf (dest, len);
}

static int
get_new_connection_id_cb (ngtcp2_conn *conn, ngtcp2_cid *cid, ngtcp2_stateless_reset_token *token,
                          size_t len, void *data)
{
  NetConnection *self = data;
  cid->datalen = len;
  randombytes_buf (cid->data, len);
  self->host->make_reset_token (self->host, cid, token->data);
  self->host->claim (self->host, cid, self);
  g_array_append_val (self->cids, *cid);
  return 0;
}

static int
remove_connection_id_cb (ngtcp2_conn *conn, const ngtcp2_cid *cid, void *data)
{
  NetConnection *self = data;
  self->host->disclaim (self->host, cid);
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
  NetConnection *self = data;
  TlsResult result = { 0 };
  if (!tls_session_complete (self->tls, &result))
    {
      self->unproved = true;
      return NGTCP2_ERR_CALLBACK_FAILURE;
    }
  quic_connection_identify (self->shared, &result);
  self->completed = true;
  return 0;
}

static int
handshake_confirmed_cb (ngtcp2_conn *conn, void *data)
{
  NetConnection *self = data;
  self->confirmed = true;
  return 0;
}

static int
stream_open_cb (ngtcp2_conn *conn, int64_t id, void *data)
{
  NetConnection *self = data;
  NetStream *stream = net_connection_add_stream (self, id);
  ngtcp2_conn_set_stream_user_data (conn, id, stream);
  quic_connection_offer_stream (self->shared, stream->shared);
  return 0;
}

static int
recv_stream_data_cb (ngtcp2_conn *conn, uint32_t flags, int64_t id, uint64_t offset,
                     const uint8_t *bytes, size_t len, void *data, void *stream_data)
{
  NetStream *stream = stream_data;
  net_stream_note_received (stream, bytes, len, (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0);
  net_connection_note_change (data, stream);
  return 0;
}

static int
acked_stream_data_offset_cb (ngtcp2_conn *conn, int64_t id, uint64_t offset, uint64_t len,
                             void *data, void *stream_data)
{
  NetConnection *self = data;
  NetStream *stream = stream_data;
  self->acked += len;
  stream->progress = self->host->now;
  net_stream_note_acked (stream, len,
                         stream->flags & NET_STREAM_FIN_ALONE &&
                             ngtcp2_conn_get_stream_loss_count2 (conn, id) > 0);
  net_connection_note_change (data, stream);
  return 0;
}

static int
stream_reset_cb (ngtcp2_conn *conn, int64_t id, uint64_t final_size, uint64_t code, void *data,
                 void *stream_data)
{
  NetStream *stream = stream_data;
  stream->flags = (stream->flags & ~NET_STREAM_RECEIVING) | NET_STREAM_FAILED_RECEIVE;
  stream->peer_code = code;
  net_connection_note_change (data, stream);
  return 0;
}

static int
recv_stop_sending_cb (ngtcp2_conn *conn, int64_t id, uint64_t code, void *data, void *stream_data)
{
  NetStream *stream = stream_data;
  stream->flags = (stream->flags & ~NET_STREAM_SENDING) | NET_STREAM_FAILED_SEND;
  stream->peer_code = code;
  net_connection_note_change (data, stream);
  return 0;
}

static int
stream_close_cb (ngtcp2_conn *conn, uint32_t flags, int64_t id, uint64_t code, void *data,
                 void *stream_data)
{
  NetStream *stream = stream_data;
  if (!stream)
    return 0;
  stream->flags |= NET_STREAM_CLOSED;
  net_connection_note_change (data, stream);
  return 0;
}

static int
recv_stateless_reset_cb (ngtcp2_conn *conn, const ngtcp2_pkt_stateless_reset2 *reset, void *data)
{
  NetConnection *self = data;
  self->stateless_reset = true;
  return 0;
}

ngtcp2_callbacks
net_connection_make_callbacks (void)
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

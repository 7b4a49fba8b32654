/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/hostile/peer.h"

#include <sodium.h>
#include <string.h>

#include "net/core/frame.h"
#include "net/core/words.h"
#include "net/transfer/aead.h"
#include "tests/support/wait.h"

/* --- waiting: the asynchronous calls of net/quic, made synchronous ---------------------------- */

static void
keep_result_cb (GObject *source, GAsyncResult *result, gpointer slot)
{
  *(GAsyncResult **) slot = g_object_ref (result);
}

/* (transfer full) */
static GAsyncResult *
await (GAsyncResult **slot, const char *what)
{
  wait_until_in (NULL, *slot, what);
  return g_steal_pointer (slot);
}

/* --- the peer --------------------------------------------------------------------------------- */

void
peer_init (Peer *peer, const char *name)
{
  g_autoptr (GError) error = NULL;
  *peer = (Peer) { .identity = node_identity_generate () };
  device_id_generate (peer->info.device_id);
  g_strlcpy (peer->info.name, name, sizeof peer->info.name);
  g_strlcpy (peer->info.version, "0.1.0", sizeof peer->info.version);
  peer->info.node_id = *node_identity_get_id (peer->identity);
  peer->endpoint = quic_endpoint_new (peer->identity, 0, &error);
  g_assert_no_error (error);
}

void
peer_clear (Peer *peer)
{
  quic_endpoint_close (peer->endpoint);
  node_identity_free (peer->identity);
  g_clear_object (&peer->victim);
  g_clear_pointer (&peer->root, sodium_free);
}

void
peer_aim (Peer *peer, uint16_t port)
{
  g_clear_object (&peer->victim);
  peer->victim = G_INET_SOCKET_ADDRESS (g_inet_socket_address_new_from_string ("127.0.0.1", port));
}

QuicConnection *
peer_connect (Peer *peer, const char *alpn, GError **error)
{
  GAsyncResult *slot = NULL;
  quic_endpoint_connect_any_async (peer->endpoint, peer->victim, alpn, NULL, keep_result_cb, &slot);
  g_autoptr (GAsyncResult) result = await (&slot, "the victim: connect");
  return quic_endpoint_connect_finish (peer->endpoint, result, error);
}

QuicStream *
peer_open (QuicConnection *connection, bool bidirectional)
{
  GAsyncResult *slot = NULL;
  g_autoptr (GError) error = NULL;
  quic_connection_open_stream_async (connection, bidirectional, NULL, keep_result_cb, &slot);
  g_autoptr (GAsyncResult) result = await (&slot, "the victim: open a stream");
  return quic_connection_open_stream_finish (connection, result, &error);
}

QuicStream *
peer_accept (QuicConnection *connection)
{
  GAsyncResult *slot = NULL;
  quic_connection_accept_stream_async (connection, NULL, keep_result_cb, &slot);
  g_autoptr (GAsyncResult) result = await (&slot, "the victim: open a stream");
  return quic_connection_accept_stream_finish (connection, result, NULL);
}

static bool
send_bytes (QuicStream *stream, const void *data, size_t len)
{
  GAsyncResult *slot = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (data, len);
  quic_stream_send_async (stream, bytes, NULL, keep_result_cb, &slot);
  g_autoptr (GAsyncResult) result = await (&slot, "the victim: take what is sent");
  return quic_stream_send_finish (stream, result, NULL);
}

void
peer_say (QuicStream *stream, const void *data, size_t len)
{
  send_bytes (stream, data, len);
}

bool
peer_can_say (QuicStream *stream)
{
  return send_bytes (stream, "x", 1);
}

bool
peer_hear (QuicStream *stream, uint8_t *data, size_t len)
{
  while (len > 0)
    {
      GAsyncResult *slot = NULL;
      quic_stream_receive_async (stream, len, NULL, keep_result_cb, &slot);
      g_autoptr (GAsyncResult) result = await (&slot, "the victim: receive");
      g_autoptr (GBytes) bytes = quic_stream_receive_finish (stream, result, NULL);
      if (!bytes || g_bytes_get_size (bytes) == 0)
        return false;
      memcpy (data, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      data += g_bytes_get_size (bytes);
      len -= g_bytes_get_size (bytes);
    }
  return true;
}

size_t
peer_hear_all (QuicStream *stream, uint8_t *data, size_t size)
{
  size_t len = 0;
  while (len < size && peer_hear (stream, data + len, 1))
    len++;
  return len;
}

void
peer_finish (QuicStream *stream)
{
  GAsyncResult *slot = NULL;
  quic_stream_finish (stream);
  quic_stream_drain_async (stream, NULL, keep_result_cb, &slot);
  g_autoptr (GAsyncResult) result = await (&slot, "the victim: acknowledge");
  quic_stream_drain_finish (stream, result, NULL);
}

uint64_t
peer_await_close (QuicConnection *connection)
{
  GAsyncResult *slot = NULL;
  uint64_t code = G_MAXUINT64;
  quic_connection_closed_async (connection, NULL, keep_result_cb, &slot);
  g_autoptr (GAsyncResult) result = await (&slot, "the victim: close the connection");
  quic_connection_closed_finish (result, &code, NULL);
  return code;
}

/* --- pairing ---------------------------------------------------------------------------------- */

bool
peer_hear_pairing (QuicStream *stream, GByteArray *frame)
{
  g_byte_array_set_size (frame, PAIRING_FRAME_HEADER_LEN);
  if (!peer_hear (stream, frame->data, PAIRING_FRAME_HEADER_LEN))
    return false;

  int len = pairing_frame_payload_len (frame->data);
  g_assert_cmpint (len, >=, 0);
  g_byte_array_set_size (frame, PAIRING_FRAME_HEADER_LEN + len);
  return peer_hear (stream, frame->data + PAIRING_FRAME_HEADER_LEN, len);
}

PairingReason
peer_pair (Peer *peer, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QuicConnection) connection = peer_connect (peer, PAIRING_ALPN, &error);
  g_assert_no_error (error);
  g_autoptr (QuicStream) stream = peer_open (connection, true);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GByteArray) frame = g_byte_array_new ();

  PairingChannel channel = { .identity = peer->identity,
                             .info = &peer->info,
                             .peer = *quic_connection_get_peer (connection) };
  memcpy (channel.exporter, quic_connection_get_exporter (connection), sizeof channel.exporter);
  g_autoptr (Pairing) pairing =
      pairing_new_joiner (PAIRING_MODE_WORDS, (const uint8_t *) words, strlen (words), &channel,
                          g_get_monotonic_time (), out);

  while (pairing_get_state (pairing) != PAIRING_STATE_DONE &&
         pairing_get_state (pairing) != PAIRING_STATE_FAILED)
    {
      if (out->len > 0)
        peer_say (stream, out->data, out->len);
      g_byte_array_set_size (out, 0);
      if (pairing_get_state (pairing) == PAIRING_STATE_STORING)
        pairing_stored (pairing, true, g_get_monotonic_time (), out);
      else if (peer_hear_pairing (stream, frame))
        pairing_receive (pairing, frame->data, frame->len, g_get_monotonic_time (), out);
      else
        pairing_receive_end (pairing, true);
    }
  if (out->len > 0)
    peer_say (stream, out->data, out->len);
  peer_finish (stream); /* an abort must arrive before the connection ends */

  if (pairing_get_state (pairing) == PAIRING_STATE_FAILED)
    return pairing_get_reason (pairing);
  g_clear_pointer (&peer->root, sodium_free);
  peer->root = sodium_malloc (PAIRING_ROOT_LEN);
  memcpy (peer->root, pairing_get_root (pairing), PAIRING_ROOT_LEN);
  peer_await_close (connection);
  return PAIRING_REASON_NONE;
}

/* --- messages --------------------------------------------------------------------------------- */

Session *
peer_session (Peer *peer, QuicConnection *connection)
{
  return session_new (peer->root, quic_connection_get_exporter (connection), true);
}

void
peer_say_message (QuicConnection *connection, const Session *session, const char *text)
{
  g_autoptr (QuicStream) stream = peer_open (connection, false);
  size_t len = strlen (text);
  g_autofree uint8_t *sealed = g_malloc (len + SESSION_OVERHEAD);
  session_seal (session, quic_stream_get_id (stream), 0, NULL, 0, (const uint8_t *) text, len,
                sealed);
  peer_say (stream, sealed, len + SESSION_OVERHEAD);
  peer_finish (stream);
}

#define PING_ID "000102030405060708090a0b0c0d0e0f"

static void
peer_hear_message (QuicConnection *connection, const Session *session, uint8_t *text, size_t size)
{
  g_autoptr (QuicStream) stream = peer_accept (connection);
  g_assert_nonnull (stream);
  size_t len = peer_hear_all (stream, text, size - 1);
  g_assert_cmpuint (len, >, SESSION_OVERHEAD);
  g_assert_true (session_open (session, quic_stream_get_id (stream), 0, NULL, 0, text, len, text));
  text[len - SESSION_OVERHEAD] = 0;
}

void
peer_ping (QuicConnection *connection, const Session *session)
{
  peer_say_message (connection, session, "{\"type\":\"ping\",\"id\":\"" PING_ID "\"}");
  uint8_t text[2048];
  do
    peer_hear_message (connection, session, text, sizeof text);
  while (!strstr ((char *) text, "\"pong\"")); /* it introduces itself meanwhile */
  g_assert_nonnull (strstr ((char *) text, PING_ID));
}

/* --- transfers -------------------------------------------------------------------------------- */

bool
raw_transfer_begin (RawTransfer *raw, Peer *peer)
{
  g_autoptr (GError) error = NULL;
  *raw = (RawTransfer) { .connection = peer_connect (peer, "wherry/transfer/1", &error) };
  if (!raw->connection)
    return false;
  raw->session = session_new (peer->root, quic_connection_get_exporter (raw->connection), true);
  raw->control = peer_open (raw->connection, true);
  transfer_id_generate (&raw->id);
  return raw->control;
}

void
raw_transfer_end (RawTransfer *raw)
{
  g_clear_pointer (&raw->control, quic_stream_unref);
  if (raw->connection)
    quic_connection_close (raw->connection, QUIC_CODE_OK, "end of the test");
  g_clear_pointer (&raw->connection, quic_connection_unref);
  g_clear_pointer (&raw->session, session_free);
}

void
raw_transfer_say (RawTransfer *raw, const char *json)
{
  size_t len = strlen (json);
  g_autofree uint8_t *sealed = g_malloc (len + SESSION_OVERHEAD);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  session_seal (raw->session, quic_stream_get_id (raw->control), raw->said++, NULL, 0,
                (const uint8_t *) json, len, sealed);
  frame_append (out, sealed, len + SESSION_OVERHEAD);
  peer_say (raw->control, out->data, out->len);
}

char *
raw_transfer_hear (RawTransfer *raw)
{
  uint8_t header[FRAME_HEADER_LEN];
  if (!peer_hear (raw->control, header, sizeof header))
    return NULL;

  size_t len = (size_t) header[0] << 24 | header[1] << 16 | header[2] << 8 | header[3];
  g_assert_cmpuint (len, <=, FRAME_PAYLOAD_MAX);
  g_autofree uint8_t *sealed = g_malloc (len + 1);
  if (!peer_hear (raw->control, sealed, len))
    return NULL;
  g_assert_true (session_open (raw->session, quic_stream_get_id (raw->control), raw->heard++, NULL,
                               0, sealed, len, sealed));
  sealed[len - SESSION_OVERHEAD] = 0;
  return (char *) g_steal_pointer (&sealed);
}

bool
raw_transfer_offer_file (RawTransfer *raw, const char *path_json, uint64_t size)
{
  char id[TRANSFER_ID_HEX_LEN + 1];
  transfer_id_to_hex (&raw->id, id);
  g_autofree char *offer = g_strdup_printf (
      "{\"type\":\"offer\",\"transfer_id\":\"%s\",\"entries_total\":1,\"bytes_total\":%" G_GUINT64_FORMAT
      ",\"options\":{\"compress\":false,\"encrypt\":true},\"entries\":[{\"id\":0,\"path\":\"%s\",\"kind\":\"file\","
      "\"size\":%" G_GUINT64_FORMAT ",\"mtime\":0,\"mtime_ns\":0,\"mode\":420}],\"last\":true}",
      id, size, path_json, size);

  raw_transfer_say (raw, offer);
  g_autofree char *answer = raw_transfer_hear (raw);
  return answer && strstr (answer, "\"accept\"");
}

QuicStream *
raw_transfer_open_data (RawTransfer *raw, ChunkStreamHeader *header)
{
  QuicStream *data = peer_open (raw->connection, false);
  chunk_stream_header_generate (header, &raw->id, CHUNK_CIPHER_AES_256_GCM);
  uint8_t bytes[CHUNK_STREAM_HEADER_LEN];
  chunk_stream_header_encode (header, bytes);
  if (data)
    peer_say (data, bytes, sizeof bytes);
  return data;
}

void
raw_transfer_say_record (RawTransfer *raw, QuicStream *data, const ChunkStreamHeader *stream,
                         ChunkCursor *cursor, const ChunkHeader *record, const uint8_t *content,
                         const uint8_t *digest)
{
  uint8_t transfer_key[CHUNK_KEY_LEN], file_key[CHUNK_KEY_LEN], nonce[CHUNK_NONCE_LEN];
  size_t plain_len = record->length + (digest ? CHUNK_DIGEST_LEN : 0);
  g_autofree uint8_t *bytes = g_malloc (CHUNK_HEADER_LEN + plain_len + CHUNK_TAG_LEN);
  uint8_t *body = bytes + CHUNK_HEADER_LEN;
  session_derive (raw->session, CHUNK_KEY_LABEL, raw->id.bytes, TRANSFER_ID_LEN, transfer_key,
                  sizeof transfer_key);
  chunk_cursor_advance (cursor, record,
                        NULL); /* a record out of order is sealed as if it came in order */
  chunk_file_key (file_key, transfer_key, stream, cursor);
  chunk_nonce (nonce, cursor);

  chunk_header_encode (record, bytes);
  if (record->length > 0)
    memcpy (body, content, record->length);
  if (digest)
    memcpy (body + record->length, digest, CHUNK_DIGEST_LEN);
  g_autoptr (Aead) aead = aead_new (AEAD_AES_256_GCM, file_key);
  aead_seal (aead, nonce, bytes, CHUNK_HEADER_LEN, body, plain_len, body, body + plain_len);
  peer_say (data, bytes, CHUNK_HEADER_LEN + plain_len + CHUNK_TAG_LEN);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/message_stream.h"

#include "net/async/quic_future.h"

#define SEALED_MAX (MESSAGE_SIZE_MAX + SESSION_OVERHEAD)

static GBytes *
seal (SecureConnection *peer, QuicStream *stream, const GString *json)
{
  uint8_t *sealed = g_malloc (json->len + SESSION_OVERHEAD);
  session_seal (peer->session, (uint64_t) quic_stream_get_id (stream), 0, NULL, 0,
                (const uint8_t *) json->str, json->len, sealed);
  return g_bytes_new_take (sealed, json->len + SESSION_OVERHEAD);
}

bool
message_stream_send (SecureConnection *peer, const Message *message, bool delivered, GError **error)
{
  g_autoptr (GString) json = g_string_new (NULL);
  if (!message_encode (message, json, error))
    return false;
  g_autoptr (QuicStream) stream =
      flow_await_boxed (quic_future_open_stream (peer->connection, false), error);
  if (!stream)
    return false;
  g_autoptr (GBytes) sealed = seal (peer, stream, json);
  if (!flow_await (quic_future_send (stream, sealed), error))
    return false;
  quic_stream_finish (stream);
  /* The last reference resets what was not acknowledged, so somebody has to stay until then. */
  DexFuture *drained = quic_future_drain (stream);
  if (delivered)
    return flow_await (drained, error);
  dex_future_disown (drained);
  return true;
}

static GByteArray *
read_all (QuicStream *stream, MessagePeer *budget, size_t *held, GError **error)
{
  g_autoptr (GByteArray) sealed = g_byte_array_new ();
  for (;;)
    {
      g_autoptr (GBytes) bytes =
          flow_await_boxed (quic_future_receive (stream, SEALED_MAX + 1 - sealed->len), error);
      if (!bytes)
        return NULL;
      if (g_bytes_get_size (bytes) == 0)
        return g_steal_pointer (&sealed);
      if (!message_peer_grow (budget, g_bytes_get_size (bytes)))
        {
          quic_stream_reset (stream, QUIC_CODE_LIMIT);
          g_set_error_literal (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID,
                               "too much of unfinished messages has arrived");
          return NULL;
        }
      *held += g_bytes_get_size (bytes);
      g_byte_array_append (sealed, g_bytes_get_data (bytes, NULL),
                           (guint) g_bytes_get_size (bytes));
      if (sealed->len > SEALED_MAX)
        {
          g_set_error (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID,
                       "the message is longer than %d bytes", MESSAGE_SIZE_MAX);
          return NULL;
        }
    }
}

bool
message_stream_receive (SecureConnection *peer, QuicStream *stream, MessagePeer *budget,
                        size_t *held, Message *message, GError **error)
{
  g_autoptr (GByteArray) sealed = read_all (stream, budget, held, error);
  if (!sealed)
    return false;
  if (sealed->len < SESSION_OVERHEAD ||
      !session_open (peer->session, (uint64_t) quic_stream_get_id (stream), 0, NULL, 0,
                     sealed->data, sealed->len, sealed->data))
    {
      g_set_error_literal (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID,
                           "the message was not sealed for this stream");
      return false;
    }
  return message_parse (message, sealed->data, sealed->len - SESSION_OVERHEAD, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/async/quic_future.h"
#include "net/peer/message_stream.h"
#include "net/peer/messages_private.h"

/* A connection that is served. Shared by the fiber that accepts its streams, the fibers that read
 * them, and the one that pings. */
typedef struct
{
  gatomicrefcount refs;
  Messages *messages;
  SecureConnection *peer; /* (owned) */
  MessagePeer *device;    /* (owned) shared by all connections of the device */
  MessageTakeFunc take;
} MessageConnection;

static MessageConnection *
connection_ref (MessageConnection *connection)
{
  g_atomic_ref_count_inc (&connection->refs);
  return connection;
}

static void
connection_unref (gpointer data)
{
  MessageConnection *connection = data;
  if (!g_atomic_ref_count_dec (&connection->refs))
    return;
  g_ptr_array_remove_fast (connection->messages->connections, connection->peer);
  secure_connection_unref (connection->peer);
  message_peer_unref (connection->device);
  g_free (connection);
}

typedef struct
{
  MessageConnection *connection; /* (owned) */
  QuicStream *stream;            /* (owned) */
  size_t held;                   /* bytes that count as the device's */
} Reader;

static void
reader_free (gpointer data)
{
  Reader *reader = data;
  message_peer_end (reader->connection->device, reader->held);
  quic_stream_unref (reader->stream);
  connection_unref (reader->connection);
  g_free (reader);
}

static void
note_bad (MessageConnection *connection, const GError *error)
{
  Messages *self = connection->messages;
  const NodeId *from = quic_connection_get_peer (connection->peer->connection);
  bool unknown = g_error_matches (error, MESSAGE_ERROR, MESSAGE_ERROR_UNKNOWN_TYPE);
  ++*(unknown ? &self->counts.unknown : &self->counts.refused);
  if (!log_limit_admit (unknown ? &self->unknown : &self->bad, from, g_get_monotonic_time ()))
    return;
  g_autofree char *id = node_id_to_short (from);
  g_message (unknown ? "%s sent a message of a type that this version does not know: %s"
                     : "%s sent a bad message: %s",
             id, error->message);
}

static DexFuture *
read_fiber (gpointer user_data)
{
  Reader *reader = user_data;
  Messages *self = reader->connection->messages;
  g_autoptr (GError) error = NULL;
  g_auto (Message) message = { 0 };
  pool_active (self->pool, reader->connection->peer);
  if (message_stream_receive (reader->connection->peer, reader->stream, reader->connection->device,
                              &reader->held, &message, &error) &&
      reader->connection->take (self, reader->connection->peer, reader->connection->device,
                                &message, &error))
    return dex_future_new_true ();
  if (error->domain == MESSAGE_ERROR)
    {
      note_bad (reader->connection, error);
      if (!g_error_matches (error, MESSAGE_ERROR, MESSAGE_ERROR_UNKNOWN_TYPE))
        quic_stream_reset (reader->stream, QUIC_CODE_PROTOCOL);
    }
  return dex_future_new_for_error (g_steal_pointer (&error));
}

static void
start_reader (MessageConnection *connection, QuicStream *stream)
{
  bool wrong = quic_stream_is_bidirectional (stream);
  if (wrong || !message_peer_begin (connection->device))
    {
      quic_stream_reset (stream, wrong ? QUIC_CODE_PROTOCOL : QUIC_CODE_LIMIT);
      return;
    }
  Reader *reader = g_new (Reader, 1);
  *reader =
      (Reader) { .connection = connection_ref (connection), .stream = quic_stream_ref (stream) };
  DexFuture *reading =
      flow_set_start (connection->messages->flows, "message", read_fiber, reader, reader_free);
  /* Disowned: the set waits for it, the deadline ends it. */
  dex_future_disown (flow_within (reading, MESSAGES_READ_S));
}

static DexFuture *
accept_fiber (gpointer user_data)
{
  MessageConnection *connection = user_data;
  g_autoptr (GError) error = NULL;
  for (;;)
    {
      g_autoptr (QuicStream) stream =
          flow_await_boxed (quic_future_accept_stream (connection->peer->connection), &error);
      if (!stream)
        return dex_future_new_for_error (g_steal_pointer (&error));
      start_reader (connection, stream);
    }
}

/* A Ping after CONNECTION_IDLE_US without a message. QUIC's own keep-alive is answered by the
 * peer's network thread even when the program behind it hangs; a Ping is not. */
static DexFuture *
keep_alive_fiber (gpointer user_data)
{
  MessageConnection *connection = user_data;
  Messages *self = connection->messages;
  while (quic_connection_is_open (connection->peer->connection))
    {
      g_autoptr (GError) error = NULL;
      int64_t idle_at_us = pool_idle_at (self->pool, connection->peer);
      if (idle_at_us == G_MAXINT64)
        break;
      if (idle_at_us > g_get_monotonic_time ())
        {
          flow_await (dex_future_first (dex_timeout_new_deadline (idle_at_us),
                                        quic_future_closed (connection->peer->connection), NULL),
                      &error);
          if (!flow_timed_out (error))
            return dex_future_new_for_error (g_steal_pointer (&error));
          continue;
        }
      if (messages_ping_over (self, connection->peer, &error) >= 0)
        continue;
      if (flow_timed_out (error))
        quic_connection_close (connection->peer->connection, QUIC_CODE_OK, "no answer to a ping");
      return dex_future_new_for_error (g_steal_pointer (&error));
    }
  return dex_future_new_true ();
}

void
message_connection_start (Messages *self, SecureConnection *peer, MessagePeer *device,
                          MessageTakeFunc take)
{
  MessageConnection *connection = g_new (MessageConnection, 1);
  *connection = (MessageConnection) { .messages = self,
                                      .peer = secure_connection_ref (peer),
                                      .device = message_peer_ref (device),
                                      .take = take };
  g_atomic_ref_count_init (&connection->refs);
  g_ptr_array_add (self->connections, peer);
  dex_future_disown (flow_set_start (self->flows, "keep alive", keep_alive_fiber,
                                     connection_ref (connection), connection_unref));
  dex_future_disown (
      flow_set_start (self->flows, "messages", accept_fiber, connection, connection_unref));
}

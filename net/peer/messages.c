/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/peer/messages.h"

#include <glib/gi18n-lib.h>

#include "net/peer/log_limit.h"
#include "net/peer/message_peer.h"
#include "net/peer/message_stream.h"
#include "net/async/quic_future.h"

struct Messages
{
  Pool *connections;
  WherryDeviceRegistry *registry;
  FlowSet *flows;
  MessageHandlers handlers;
  /* (owned) MessageId (in the Waiting) -> Waiting (borrowed from the stack of a fiber) */
  GHashTable *waiting;
  GHashTable *peers; /* (owned) NodeId (owned) -> MessagePeer (owned); paired devices only */
  LogLimit unknown, bad;
};

/* An answer that a fiber waits for; only the asked peer may give it. */
typedef struct
{
  MessageId id;
  NodeId peer;
  MessageType answer;
  DexPromise *promise; /* (owned) */
} Waiting;

static void
waiting_begin (Messages *self, Waiting *waiting, const NodeId *peer, const MessageId *id,
               MessageType answer)
{
  *waiting =
      (Waiting) { .id = *id, .peer = *peer, .answer = answer, .promise = dex_promise_new () };
  g_hash_table_insert (self->waiting, &waiting->id, waiting);
}

static void
waiting_end (Messages *self, Waiting *waiting)
{
  g_hash_table_remove (self->waiting, &waiting->id);
  dex_clear (&waiting->promise);
}

static void
answered (Messages *self, const NodeId *from, const Message *message)
{
  Waiting *waiting = g_hash_table_lookup (self->waiting, &message->id);
  if (waiting && waiting->answer == message->type && node_id_equal (&waiting->peer, from) &&
      dex_future_is_pending (DEX_FUTURE (waiting->promise)))
    dex_promise_resolve_boolean (waiting->promise, TRUE);
}

/* Those that are no longer paired go when one comes, so there are never more than paired
 * devices. */
static gboolean
is_forgotten_cb (gpointer id, gpointer peer, gpointer user_data)
{
  Messages *self = user_data;
  return !wherry_device_registry_get_root (self->registry, id);
}

static MessagePeer *
peer_of (Messages *self, const NodeId *id)
{
  MessagePeer *peer = g_hash_table_lookup (self->peers, id);
  if (peer)
    return peer;
  g_hash_table_foreach_remove (self->peers, is_forgotten_cb, self);
  peer = message_peer_new ();
  g_hash_table_insert (self->peers, g_memdup2 (id, sizeof *id), peer);
  return peer;
}

void
messages_forget (Messages *self, const NodeId *id)
{
  g_hash_table_remove (self->peers, id);
}

/* One connection that is served: the fiber that accepts its streams, the fibers that read them, and
 * the one that pings. */
typedef struct
{
  gatomicrefcount refs;
  Messages *messages;
  SecureConnection *peer; /* (owned) */
  MessagePeer *device;    /* (owned) shared by all connections of the device */
} Line;

static Line *
line_ref (Line *line)
{
  g_atomic_ref_count_inc (&line->refs);
  return line;
}

static void
line_unref (gpointer data)
{
  Line *line = data;
  if (!g_atomic_ref_count_dec (&line->refs))
    return;
  secure_connection_unref (line->peer);
  message_peer_unref (line->device);
  g_free (line);
}

typedef struct
{
  Line *line;         /* (owned) */
  QuicStream *stream; /* (owned) */
  size_t held;        /* bytes that count as the device's */
} Reader;

static void
reader_free (gpointer data)
{
  Reader *reader = data;
  message_peer_end (reader->line->device, reader->held);
  quic_stream_unref (reader->stream);
  line_unref (reader->line);
  g_free (reader);
}

static gboolean
reply (Line *line, const Message *message, MessageType type, bool delivered, GError **error)
{
  g_auto (Message) answer = { 0 };
  message_init_reply (&answer, type, &message->id);
  return message_stream_send (line->peer, &answer, delivered, error);
}

/* A critical message is acknowledged only once it was taken, and taken once. */
static gboolean
take_text (Line *line, const Message *message, GError **error)
{
  Messages *self = line->messages;
  if (!message_peer_has_seen (line->device, &message->id))
    {
      if (!self->handlers.text_shared (quic_connection_get_peer (line->peer->connection),
                                       message->text, self->handlers.user_data))
        return TRUE;
      message_peer_saw (line->device, &message->id);
    }
  return reply (line, message, MESSAGE_ACK, false, error);
}

/* The Ack need not arrive: whoever sends this has forgotten us, and what it dials next is
 * refused. */
static gboolean
take_unpaired (Line *line, const Message *message, GError **error)
{
  Messages *self = line->messages;
  NodeId id = *quic_connection_get_peer (line->peer->connection);
  if (!self->handlers.unpaired (&id, self->handlers.user_data))
    return TRUE;
  gboolean replied = reply (line, message, MESSAGE_ACK, false, error);
  pool_close (self->connections, &id, QUIC_CODE_OK, "unpaired");
  return replied;
}

static gboolean
dispatch (Line *line, const Message *message, GError **error)
{
  switch (message->type)
    {
    case MESSAGE_PING:
      return reply (line, message, MESSAGE_PONG, false, error);
    case MESSAGE_PONG:
    case MESSAGE_ACK:
      answered (line->messages, quic_connection_get_peer (line->peer->connection), message);
      return TRUE;
    case MESSAGE_TEXT_SHARE:
      if (line->messages->handlers.text_shared)
        return take_text (line, message, error);
      g_set_error_literal (error, MESSAGE_ERROR, MESSAGE_ERROR_UNKNOWN_TYPE,
                           "there is no place for texts");
      return FALSE;
    case MESSAGE_UNPAIRED:
      return take_unpaired (line, message, error);
    default:
      g_return_val_if_reached (FALSE);
    }
}

static void
log_bad (Line *line, const GError *error)
{
  Messages *self = line->messages;
  const NodeId *from = quic_connection_get_peer (line->peer->connection);
  bool unknown = g_error_matches (error, MESSAGE_ERROR, MESSAGE_ERROR_UNKNOWN_TYPE);
  if (!log_limit_admit (unknown ? &self->unknown : &self->bad, from))
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
  Messages *self = reader->line->messages;
  g_autoptr (GError) error = NULL;
  g_auto (Message) message = { 0 };
  pool_active (self->connections, reader->line->peer);
  if (message_stream_receive (reader->line->peer, reader->stream, reader->line->device,
                              &reader->held, &message, &error) &&
      dispatch (reader->line, &message, &error))
    return dex_future_new_true ();
  if (error->domain == MESSAGE_ERROR)
    {
      log_bad (reader->line, error);
      if (!g_error_matches (error, MESSAGE_ERROR, MESSAGE_ERROR_UNKNOWN_TYPE))
        quic_stream_reset (reader->stream, QUIC_CODE_PROTOCOL);
    }
  return dex_future_new_for_error (g_steal_pointer (&error));
}

static void
start_reader (Line *line, QuicStream *stream)
{
  bool wrong = quic_stream_is_bidirectional (stream);
  if (wrong || !message_peer_begin (line->device))
    {
      quic_stream_reset (stream, wrong ? QUIC_CODE_PROTOCOL : QUIC_CODE_LIMIT);
      return;
    }
  Reader *reader = g_new (Reader, 1);
  *reader = (Reader) { .line = line_ref (line), .stream = quic_stream_ref (stream) };
  DexFuture *reading =
      flow_set_start (line->messages->flows, "message", read_fiber, reader, reader_free);
  /* Disowned: the set waits for it, the deadline ends it. */
  dex_future_disown (flow_within (reading, MESSAGES_READ_S));
}

static DexFuture *
accept_fiber (gpointer user_data)
{
  Line *line = user_data;
  g_autoptr (GError) error = NULL;
  for (;;)
    {
      g_autoptr (QuicStream) stream =
          flow_await_boxed (quic_future_accept_stream (line->peer->connection), &error);
      if (!stream)
        return dex_future_new_for_error (g_steal_pointer (&error));
      start_reader (line, stream);
    }
}

/* On a fiber: one Ping over an open connection; -1 with an error. */
static int64_t
ping (Messages *self, SecureConnection *peer, GError **error)
{
  const NodeId *id = quic_connection_get_peer (peer->connection);
  g_auto (Message) message = { 0 };
  int64_t sent_us = g_get_monotonic_time ();
  message_init (&message, MESSAGE_PING, NULL);
  Waiting waiting;
  waiting_begin (self, &waiting, id, &message.id, MESSAGE_PONG);
  bool answered_in_time =
      message_stream_send (peer, &message, false, error) &&
      flow_await (flow_within (dex_future_first (dex_ref (waiting.promise),
                                                 quic_future_closed (peer->connection), NULL),
                               MESSAGES_PONG_S),
                  error);
  waiting_end (self, &waiting);
  if (!answered_in_time)
    return -1;
  int64_t rtt_us = g_get_monotonic_time () - sent_us;
  wherry_device_registry_measured (self->registry, id, rtt_us);
  return rtt_us;
}

/* Design, section 4: a Ping after 30 s of silence; who does not answer it is gone, whatever QUIC
 * still hopes for. */
static DexFuture *
keep_alive_fiber (gpointer user_data)
{
  Line *line = user_data;
  Messages *self = line->messages;
  while (quic_connection_is_open (line->peer->connection))
    {
      g_autoptr (GError) error = NULL;
      int64_t idle_at_us = pool_idle_at (self->connections, line->peer);
      if (idle_at_us == G_MAXINT64)
        break;
      if (idle_at_us > g_get_monotonic_time ())
        {
          flow_await (dex_future_first (dex_timeout_new_deadline (idle_at_us),
                                        quic_future_closed (line->peer->connection), NULL),
                      &error);
          if (!flow_timed_out (error))
            return dex_future_new_for_error (g_steal_pointer (&error));
          continue;
        }
      if (ping (self, line->peer, &error) >= 0)
        continue;
      if (flow_timed_out (error))
        quic_connection_close (line->peer->connection, QUIC_CODE_OK, "no answer to a ping");
      return dex_future_new_for_error (g_steal_pointer (&error));
    }
  return dex_future_new_true ();
}

static void
opened_cb (SecureConnection *peer, gpointer user_data)
{
  Messages *self = user_data;
  Line *line = g_new0 (Line, 1);
  g_atomic_ref_count_init (&line->refs);
  line->messages = self;
  line->peer = secure_connection_ref (peer);
  line->device = message_peer_ref (peer_of (self, quic_connection_get_peer (peer->connection)));
  dex_future_disown (
      flow_set_start (self->flows, "keep alive", keep_alive_fiber, line_ref (line), line_unref));
  dex_future_disown (flow_set_start (self->flows, "messages", accept_fiber, line, line_unref));
}

Messages *
messages_new (Pool *connections, WherryDeviceRegistry *registry, FlowSet *flows,
              const MessageHandlers *handlers)
{
  Messages *self = g_new0 (Messages, 1);
  self->connections = connections;
  self->registry = registry;
  self->flows = flows;
  self->handlers = *handlers;
  self->waiting = g_hash_table_new (message_id_hash, message_id_equal_cb);
  self->peers = g_hash_table_new_full (node_id_hash, node_id_equal_cb, g_free,
                                       (GDestroyNotify) message_peer_unref);
  pool_serve (connections, MESSAGES_ALPN, opened_cb, self);
  return self;
}

void
messages_free (Messages *self)
{
  g_hash_table_unref (self->waiting);
  g_hash_table_unref (self->peers);
  g_free (self);
}

/* What somebody asked us to say to a peer. */
typedef struct
{
  Messages *messages;
  NodeId id;
  GPtrArray *first; /* (owned) (nullable) (element-type GInetSocketAddress) */
  Message message;  /* (owned) critical ones */
  int64_t deadline_us;
} Errand;

static void
errand_free (gpointer data)
{
  Errand *errand = data;
  message_clear (&errand->message);
  g_clear_pointer (&errand->first, g_ptr_array_unref);
  g_free (errand);
}

static DexFuture *
ping_fiber (gpointer user_data)
{
  Errand *errand = user_data;
  Messages *self = errand->messages;
  g_autoptr (GError) error = NULL;
  g_autoptr (SecureConnection) peer = flow_await_boxed (
      pool_share (self->connections, &errand->id, MESSAGES_ALPN, errand->first), &error);
  if (!peer)
    return dex_future_new_for_error (g_steal_pointer (&error));
  int64_t rtt_us = ping (self, peer, &error);
  if (rtt_us >= 0)
    return dex_future_new_for_int64 (rtt_us);
  if (flow_timed_out (error))
    quic_connection_close (peer->connection, QUIC_CODE_OK, "no answer to a ping");
  return dex_future_new_for_error (
      pool_explain (self->connections, peer, g_steal_pointer (&error)));
}

DexFuture *
messages_ping (Messages *self, const NodeId *id, GPtrArray *first)
{
  Errand *errand = g_new0 (Errand, 1);
  errand->messages = self;
  errand->id = *id;
  errand->first = first ? g_ptr_array_ref (first) : NULL;
  return flow_set_start (self->flows, "ping", ping_fiber, errand, errand_free);
}

/* One try: true when it was acknowledged. */
static bool
deliver (Errand *errand, DexFuture *acknowledged, GError **error)
{
  Messages *self = errand->messages;
  g_autoptr (SecureConnection) peer =
      flow_await_boxed (pool_share (self->connections, &errand->id, MESSAGES_ALPN, NULL), error);
  int64_t left_ms = (errand->deadline_us - g_get_monotonic_time ()) / 1000;
  return peer && message_stream_send (peer, &errand->message, false, error) &&
         flow_await (flow_within_ms (dex_future_first (dex_ref (acknowledged),
                                                       quic_future_closed (peer->connection), NULL),
                                     (int) CLAMP (left_ms, 1, MESSAGES_PONG_S * 1000)),
                     error);
}

/* Waits before the next try; false when there shall be none. Jitter keeps two devices that lost
 * each other from trying in step. */
static bool
wait_to_retry (Errand *errand, int64_t wait_ms, GError **error)
{
  if (flow_was_cancelled (*error) || g_error_matches (*error, QUIC_ERROR, QUIC_ERROR_NOT_PAIRED))
    return false;
  int64_t jitter_ms = g_random_int_range (0, (gint32) wait_ms / 4);
  int64_t next_us = g_get_monotonic_time () + (wait_ms + jitter_ms) * 1000;
  if (next_us >= errand->deadline_us)
    return false;
  g_clear_error (error);
  flow_await (dex_timeout_new_deadline (next_us), error);
  return flow_timed_out (*error);
}

static DexFuture *
critical_fiber (gpointer user_data)
{
  Errand *errand = user_data;
  g_autoptr (GError) error = NULL;
  Waiting waiting;
  bool delivered = false;
  waiting_begin (errand->messages, &waiting, &errand->id, &errand->message.id, MESSAGE_ACK);
  for (int64_t wait_ms = MESSAGES_FIRST_WAIT_MS;; wait_ms *= 2)
    {
      g_clear_error (&error);
      delivered = deliver (errand, DEX_FUTURE (waiting.promise), &error);
      if (delivered || !wait_to_retry (errand, wait_ms, &error))
        break;
    }
  waiting_end (errand->messages, &waiting);
  if (delivered)
    return dex_future_new_true ();
  if (flow_timed_out (error))
    {
      WherryDevice *device =
          wherry_device_registry_lookup (errand->messages->registry, &errand->id);
      g_clear_error (&error);
      g_set_error (&error, QUIC_ERROR, QUIC_ERROR_UNREACHABLE,
                   _ ("%s did not take the message. Try again later."),
                   device ? wherry_device_get_name (device) : _ ("The other device"));
    }
  return dex_future_new_for_error (g_steal_pointer (&error));
}

DexFuture *
messages_send_critical (Messages *self, const NodeId *id, MessageType type, const char *text,
                        int seconds)
{
  g_return_val_if_fail (message_type_is_critical (type), NULL);
  Errand *errand = g_new0 (Errand, 1);
  errand->messages = self;
  errand->id = *id;
  errand->deadline_us = g_get_monotonic_time () + seconds * (int64_t) G_USEC_PER_SEC;
  message_init (&errand->message, type, text);
  return flow_set_start (self->flows, "critical message", critical_fiber, errand, errand_free);
}

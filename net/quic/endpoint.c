/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How net/quic is put together
 *
 *      any thread               |  the net thread (one for each endpoint)
 *                               |
 *   QuicEndpoint ----- Dial ----|--> Demux -------- Link (UDP sockets; in tests, memory)
 *                               |      |  connection id -> NetConnection
 *   QuicConnection <---shared---|--> NetConnection: one ngtcp2_conn, its TlsSession, its timer
 *      |                        |      |
 *   QuicStream <-------shared---|--> NetStream: what is kept until acknowledged, what has just
 *                               |               arrived
 *             CallQueue --------|->
 *
 * Handles (left) and the net thread's objects (right) meet in QuicConnection and QuicStream: a
 * mutex, two queues and a few flags each. The application changes them and queues a call; the net
 * thread fetches the changes when it runs the call. In the other direction the net thread publishes
 * and completes the GTasks that wait, which then run in their callers' contexts. Nobody waits for
 * the net thread, except blocking readers and writers.
 *
 * A turn of the net thread (demux_turn):
 *   1. calls: bytes to send, credit for bytes read, streams to open, connections to dial and to
 *      close;
 *   2. the read pump: up to 64 batches of datagrams, each datagram routed by its connection id into
 *      ngtcp2_conn_read_pkt(), whose callbacks only record in NetStreams;
 *   3. timers;
 *   4. for each connection that has changed: publish (what arrived and what was acknowledged),
 *      follow requests, then the write pump: up to 16 batches of 64 KiB.
 * So a lock is taken once for each stream and turn, not for each packet, and ngtcp2 is never
 * entered from its callbacks.
 *
 * How a byte travels: quic_stream_send() queues the caller's GBytes; the NetStream holds it until
 * ngtcp2 reports it acknowledged, since ngtcp2 keeps pointers into it. At the other end
 * recv_stream_data copies it out of the datagram into the NetStream's chunk, and the reader takes
 * it from there (quic_stream_receive_async without another copy).
 *
 * Ownership: the demux owns NetConnections, a NetConnection its NetStreams. The application owns
 * handles; when the last handle of a connection and of its streams is gone, the NetConnection sends
 * what was finished (up to its FIN) and closes. */
#include "net/quic/endpoint_testing.h"

#include <time.h>

#include "net/quic/dial.h"
#include "net/quic/local_addresses.h"
#include "net/quic/net_source.h"

struct QuicEndpoint
{
  gatomicrefcount refs; /* the owner's and that of each question to the accept handlers under way */
  CallQueue *calls;
  Demux *demux; /* net thread only while it runs */
  Link *link;
  GMainContext *caller;
  GArray *protocols; /* QuicProtocol, caller's thread */
  bool closed;       /* caller's thread */
  uint16_t port;

  GThread *thread;
  GMainContext *net_context;
  int stopping; /* atomic */
};

static void
endpoint_unref (QuicEndpoint *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  for (guint i = 0; i < self->protocols->len; i++)
    g_free ((char *) g_array_index (self->protocols, QuicProtocol, i).alpn);
  g_array_unref (self->protocols);
  g_main_context_unref (self->caller);
  call_queue_unref (self->calls);
  g_free (self);
}

typedef struct
{
  QuicEndpoint *endpoint;
  QuicConnection *connection;
} Arrival;

static void
arrival_free (Arrival *self)
{
  quic_connection_unref (self->connection);
  endpoint_unref (self->endpoint);
  g_free (self);
}

static QuicCode
decide (QuicEndpoint *self, QuicConnection *connection, bool *known)
{
  const char *alpn = quic_connection_get_alpn (connection);
  for (guint i = 0; i < self->protocols->len && !self->closed; i++)
    {
      const QuicProtocol *protocol = &g_array_index (self->protocols, QuicProtocol, i);
      if (g_str_equal (protocol->alpn, alpn))
        {
          *known = protocol->known_peers;
          return protocol->accept (connection, protocol->user_data);
        }
    }
  return QUIC_CODE_CANCELLED; /* we are closing */
}

static gboolean
decide_cb (gpointer data)
{
  Arrival *self = data;
  bool known = false;
  QuicCode code = decide (self->endpoint, self->connection, &known);
  if (code == QUIC_CODE_OK)
    quic_connection_admit (self->connection, known);
  else
    quic_connection_close (self->connection, code, quic_code_get_reason (code));
  return G_SOURCE_REMOVE;
}

static void
incoming_cb (QuicConnection *connection, gpointer data)
{
  QuicEndpoint *endpoint = data;
  Arrival *arrival = g_new (Arrival, 1);
  g_autoptr (GSource) source = g_idle_source_new ();
  g_atomic_ref_count_inc (&endpoint->refs);
  *arrival = (Arrival) { .endpoint = endpoint, .connection = connection };
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, decide_cb, arrival, (GDestroyNotify) arrival_free);
  g_source_attach (source, endpoint->caller);
}

static ngtcp2_tstamp
monotonic_now (gpointer data)
{
  struct timespec ts;
  clock_gettime (CLOCK_MONOTONIC, &ts);
  return (ngtcp2_tstamp) ts.tv_sec * NGTCP2_SECONDS + (ngtcp2_tstamp) ts.tv_nsec;
}

static gpointer
net_thread (gpointer data)
{
  QuicEndpoint *self = data;
  g_main_context_push_thread_default (self->net_context);
  /* not a GMainLoop: quitting one before it runs has no effect */
  while (!g_atomic_int_get (&self->stopping))
    g_main_context_iteration (self->net_context, TRUE);
  g_main_context_pop_thread_default (self->net_context);
  return NULL;
}

static void
wake_cb (gpointer data)
{
  g_main_context_wakeup (data);
}

QuicEndpoint *
quic_endpoint_new_for_link (const NodeIdentity *identity, Link *link, Clock clock, GError **error)
{
  QuicEndpoint *self = g_new0 (QuicEndpoint, 1);
  DemuxConfig config = { .identity = identity,
                         .link = link,
                         .clock = clock,
                         .incoming = incoming_cb,
                         .incoming_data = self };

  g_atomic_ref_count_init (&self->refs);
  self->calls = config.calls = call_queue_new ();
  self->link = link;
  self->port = link->port;
  self->caller = g_main_context_ref_thread_default ();
  self->protocols = g_array_new (FALSE, FALSE, sizeof (QuicProtocol));
  self->demux = demux_new (&config, error);
  if (!self->demux)
    g_clear_pointer (&self, endpoint_unref);
  return self;
}

QuicEndpoint *
quic_endpoint_new (const NodeIdentity *identity, uint16_t port, GError **error)
{
  g_autoptr (GSource) source = net_source_new (error);
  Link *link = source ? link_udp_new (port, error) : NULL;
  QuicEndpoint *self =
      link ? quic_endpoint_new_for_link (identity, link, (Clock) { monotonic_now, NULL }, error)
           : NULL;
  if (!self)
    return NULL;
  self->net_context = g_main_context_new ();
  call_queue_set_wake (self->calls, wake_cb, self->net_context);
  net_source_attach (source, self->net_context, self->demux, self->calls, link);
  self->thread = g_thread_new ("wherry-net", net_thread, self);
  return self;
}

Demux *
quic_endpoint_get_demux (QuicEndpoint *self)
{
  return self->demux;
}

typedef struct
{
  QueuedCall call;
  char *alpns;
} Registration;

static void
registration_cb (QueuedCall *call, gpointer demux)
{
  Registration *self = (Registration *) call;
  demux_set_alpns (demux, self->alpns);
  g_free (self->alpns);
  g_free (self);
}

void
quic_endpoint_register (QuicEndpoint *self, const QuicProtocol *protocol)
{
  QuicProtocol copy = *protocol;
  Registration *registration = g_new0 (Registration, 1);
  g_autoptr (GString) alpns = g_string_new (NULL);
  copy.alpn = g_strdup (protocol->alpn);
  g_array_append_val (self->protocols, copy);
  for (guint i = 0; i < self->protocols->len; i++)
    g_string_append_printf (alpns, "%s%s", i > 0 ? "," : "",
                            g_array_index (self->protocols, QuicProtocol, i).alpn);
  registration->call.run = registration_cb;
  registration->alpns = g_strdup (alpns->str);
  call_queue_push (self->calls, &registration->call, CALL_URGENT);
}

uint16_t
quic_endpoint_get_port (const QuicEndpoint *self)
{
  return self->port;
}

GPtrArray *
quic_endpoint_list_addresses (QuicEndpoint *self)
{
  return local_addresses_list (self->port);
}

void
quic_endpoint_connect_async (QuicEndpoint *self, GInetSocketAddress *address, const NodeId *peer,
                             const char *alpn, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  dial_start (self->calls, &demux_dial_handler, address, peer, alpn, cancellable, callback,
              user_data);
}

void
quic_endpoint_connect_any_async (QuicEndpoint *self, GInetSocketAddress *address, const char *alpn,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  dial_start (self->calls, &demux_dial_handler, address, NULL, alpn, cancellable, callback,
              user_data);
}

QuicConnection *
quic_endpoint_connect_finish (QuicEndpoint *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
quic_endpoint_close (QuicEndpoint *self)
{
  self->closed = true;
  call_queue_set_wake (self->calls, NULL, NULL);
  if (self->thread)
    {
      g_atomic_int_set (&self->stopping, 1);
      g_main_context_wakeup (self->net_context);
      g_thread_join (self->thread);
      self->link->poll (self->link, NULL); /* its source goes with the context */
      g_main_context_unref (self->net_context);
    }
  demux_free (self->demux);
  endpoint_unref (self);
}

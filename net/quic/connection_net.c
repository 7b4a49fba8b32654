/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/connection_private.h"

#include <string.h>

#include "net/quic/link.h"

G_STATIC_ASSERT (QUIC_EXPORTER_LEN == TLS_EXPORTER_LEN);

static void
run_call (QueuedCall *call, gpointer reader)
{
  QuicConnection *self =
      (QuicConnection *) ((char *) call - G_STRUCT_OFFSET (QuicConnection, call));
  if (self->requests_changed.net)
    self->requests_changed.run (self->requests_changed.net);
  quic_connection_complete_waiters (self);
  quic_connection_release (self);
}

static QuicConnection *
from_stream_host (StreamHost *host)
{
  return (QuicConnection *) ((char *) host - G_STRUCT_OFFSET (QuicConnection, stream_host));
}

static void
ref_cb (StreamHost *host)
{
  quic_connection_ref (from_stream_host (host));
}

static void
unref_cb (StreamHost *host)
{
  quic_connection_unref (from_stream_host (host));
}

StreamHost *
quic_connection_get_stream_host (QuicConnection *self)
{
  return &self->stream_host;
}

QuicConnection *
quic_connection_new (CallQueue *calls, bool client, RequestsChanged changed)
{
  QuicConnection *self = g_new0 (QuicConnection, 1);
  g_atomic_ref_count_init (&self->memory);
  g_mutex_init (&self->lock);
  self->calls = call_queue_ref (calls);
  self->call.run = run_call;
  self->requests_changed = changed;
  self->stream_host = (StreamHost) { .ref = ref_cb, .unref = unref_cb };
  self->client = client;
  return self;
}

void
quic_connection_identify (QuicConnection *self, TlsResult *result)
{
  self->peer = result->peer;
  self->alpn = g_steal_pointer (&result->alpn);
  memcpy (self->exporter, result->exporter, sizeof self->exporter);
}

void
quic_connection_set_path (QuicConnection *self, const struct sockaddr *remote,
                          const QuicHealth *health)
{
  g_mutex_lock (&self->lock);
  self->health = *health;
  memcpy (&self->remote, remote, sockaddr_len (remote));
  g_mutex_unlock (&self->lock);
}

void
quic_connection_fetch_requests (QuicConnection *self, ConnectionRequests *requests)
{
  g_mutex_lock (&self->lock);
  *requests = self->requests;
  g_mutex_unlock (&self->lock);
}

void
quic_connection_admit (QuicConnection *self, bool known)
{
  g_mutex_lock (&self->lock);
  self->requests.admitted = true;
  self->requests.known = known;
  g_mutex_unlock (&self->lock);
  connection_notify_net (self);
}

void
quic_connection_offer_stream (QuicConnection *self, QuicStream *stream)
{
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->incoming, quic_stream_keep (stream));
  g_mutex_unlock (&self->lock);
}

bool
quic_connection_wants_stream (QuicConnection *self, bool bidirectional)
{
  g_mutex_lock (&self->lock);
  bool wants = self->openers[bidirectional].length > 0;
  g_mutex_unlock (&self->lock);
  return wants;
}

void
quic_connection_opened_stream (QuicConnection *self, bool bidirectional, QuicStream *stream)
{
  g_mutex_lock (&self->lock);
  GTask *task = g_queue_pop_head (&self->openers[bidirectional]);
  g_mutex_unlock (&self->lock);
  /* only the net thread takes openers away, so the one it saw is still there */
  waiter_complete (task, quic_stream_hand_out (stream), (GDestroyNotify) quic_stream_unref, NULL);
}

uint64_t
quic_connection_count_accepted (QuicConnection *self, bool bidirectional)
{
  g_mutex_lock (&self->lock);
  uint64_t count = self->accepted[bidirectional];
  g_mutex_unlock (&self->lock);
  return count;
}

void
quic_connection_end (QuicConnection *self, const GError *error, uint64_t code)
{
  self->requests_changed.net = NULL;
  g_mutex_lock (&self->lock);
  self->error = g_error_copy (error);
  self->code = code;
  g_mutex_unlock (&self->lock);
  quic_connection_complete_waiters (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The half of a connection that both sides of the thread border touch, seen from the net thread.
 * The two counts are those of stream_private.h. */
#pragma once

#include "net/quic/connection.h"
#include "net/quic/call_queue.h"
#include "net/quic/stream_private.h"
#include "net/quic/tls.h"

G_BEGIN_DECLS

#define CLOSE_REASON_MAX 120

typedef struct NetConnection NetConnection;

/** A connection without handles; the reference is the NetConnection's. */
QuicConnection *quic_connection_new (CallQueue *calls, NetConnection *net, bool client);
QuicConnection *quic_connection_keep (QuicConnection *connection);
void quic_connection_release (QuicConnection *connection);
/** Makes the first handle. Returns: (transfer full) */
QuicConnection *quic_connection_hand_out (QuicConnection *connection);

/** Before the first handle exists: who the peer is. Takes what @result owns. */
void quic_connection_identify (QuicConnection *connection, TlsResult *result);

/** Adds to the bytes that readers have taken since quic_connection_collect_consumed(); returns the
 * sum. Any thread. */
size_t quic_connection_count_consumed (QuicConnection *connection, size_t len);
void quic_connection_collect_consumed (QuicConnection *connection);

void quic_connection_note_path (QuicConnection *connection, const struct sockaddr *remote,
                                int64_t rtt_us);

typedef struct
{
  bool close;
  uint64_t code;
  char reason[CLOSE_REASON_MAX + 1];
  bool admitted;  /* the accept handler said yes */
  bool abandoned; /* no handle is left */
} ConnectionRequests;

void quic_connection_fetch_requests (QuicConnection *connection, ConnectionRequests *requests);

/** Says yes to an incoming connection; saying no is quic_connection_close(). The caller's
 * thread. */
void quic_connection_admit (QuicConnection *connection);

/** A stream the peer opened. Takes a reference. */
void quic_connection_offer_stream (QuicConnection *connection, QuicStream *stream);

/** Whether somebody waits to open such a stream. */
bool quic_connection_wants_stream (QuicConnection *connection, bool bidirectional);
/** Gives @stream to whoever waited longest for such a one. */
void quic_connection_opened_stream (QuicConnection *connection, bool bidirectional,
                                    QuicStream *stream);

/** How many streams of the peer the application has taken so far. */
uint64_t quic_connection_count_accepted (QuicConnection *connection, bool bidirectional);

/** Completes what is cancelled or can go on. Not from within an ngtcp2 callback. */
void quic_connection_complete_waiters (QuicConnection *connection);

/** The end: everything that waits fails with @error. */
void quic_connection_end (QuicConnection *connection, const GError *error, uint64_t code);

/** In net_connection.c: runs when a connection's requests have changed. */
void net_connection_deliver (NetConnection *net);

G_END_DECLS

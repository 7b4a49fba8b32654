/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection as the net thread sees it: the half that both sides of the thread border touch. The
 * two counts are those of stream_net.h. */
#pragma once

#include <netinet/in.h>

#include "net/quic/connection.h"
#include "net/quic/stream_net.h"
#include "net/quic/tls.h"

G_BEGIN_DECLS

#define CLOSE_REASON_MAX 120

/** A connection without handles; the reference is the NetConnection's. */
QuicConnection *quic_connection_new (CallQueue *calls, bool client, RequestsChanged changed);
void quic_connection_release (QuicConnection *connection);
/** Makes the first handle. Returns: (transfer full) */
QuicConnection *quic_connection_hand_out (QuicConnection *connection);
/** What its streams need of it; borrowed. */
StreamHost *quic_connection_get_stream_host (QuicConnection *connection);

/** Before the first handle exists: who the peer is. Takes what @result owns. */
void quic_connection_identify (QuicConnection *connection, TlsResult *result);
void quic_connection_set_path (QuicConnection *connection, const struct sockaddr *remote,
                               const QuicHealth *health);

/** What the application wants; the net thread fetches it when the connection's call runs. */
typedef struct
{
  bool close;
  uint64_t code;
  char reason[CLOSE_REASON_MAX + 1];
  bool admitted;  /* the accept handler said yes */
  bool known;     /* … to one of those that it knows */
  bool abandoned; /* no handle is left */
} ConnectionRequests;

void quic_connection_fetch_requests (QuicConnection *connection, ConnectionRequests *requests);

/** Says yes to an incoming connection; saying no is quic_connection_close(). @known: it gets what
 * known peers get, else what strangers do. The caller's thread. */
void quic_connection_admit (QuicConnection *connection, bool known);

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

G_END_DECLS

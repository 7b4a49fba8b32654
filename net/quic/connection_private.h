/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a connection share: connection.c (handles, and completing what waits) and
 * connection_net.c (for the net thread). */
#pragma once

#include "net/quic/connection_net.h"
#include "net/quic/waiter.h"

G_BEGIN_DECLS

struct QuicConnection
{
  gatomicrefcount memory;
  gatomicrefcount handles;
  StreamHost stream_host;
  CallQueue *calls;
  QueuedCall call;
  bool client;

  /* set once, before the first handle */
  NodeId peer;
  char *alpn;
  uint8_t exporter[QUIC_EXPORTER_LEN];

  GMutex lock;
  ngtcp2_sockaddr_union remote;
  QuicHealth health;
  ConnectionRequests requests;
  GQueue incoming;      /* QuicStreams, each with a memory reference */
  uint64_t accepted[2]; /* by bidirectional */
  GTask *acceptor;
  GQueue openers[2]; /* GTasks, by bidirectional */
  GQueue closers;    /* GTasks */
  GError *error;     /* why it has ended */
  uint64_t code;

  RequestsChanged requests_changed; /* net thread only */
};

/** Tells the net thread that something changed. */
void connection_notify_net (QuicConnection *connection);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the network tests share: awaiting a GAsyncResult, and two endpoints that know each other,
 * over loopback UDP or over a wire in memory with a virtual clock. */
#pragma once

#include "net/quic/endpoint_testing.h"
#include "tests/support/link_memory.h"

#define TEST_ALPN "wherry/test/1"

typedef struct
{
  NodeIdentity *identity[2];
  QuicEndpoint *endpoint[2];     /* 0 dials, 1 accepts */
  QuicConnection *connection[2]; /* once connected */
  QuicCode answer;               /* of endpoint 1's accept handler */
  MemoryWire *wire;              /* or NULL */
  unsigned asked;                /* how often the accept handler ran */
} Pair;

typedef enum
{
  OVER_UDP,
  OVER_MEMORY,
} Wiring;

void pair_init (Pair *pair, Wiring wiring);
/** Over memory. */
void pair_init_wire (Pair *pair, MemoryFate fate, gpointer data);
/** An endpoint again, with the pair's key for it, after it was closed. */
void pair_reopen (Pair *pair, int which);
void pair_clear (Pair *pair);
/** Connects, and accepts at the other end. */
void pair_connect (Pair *pair);
/** The loopback address of an endpoint. */
GInetSocketAddress *pair_address (Pair *pair, int which);

/** A callback and its user_data: the result ends up in a GAsyncResult pointer, to be awaited. */
void await_cb (GObject *source, GAsyncResult *result, gpointer user_data);
#define await(result) await_result (result, #result " at " G_STRLOC)
GAsyncResult *await_result (GAsyncResult **result, const char *what);
/** Lets @seconds pass on the wire. */
void pass_time (Pair *pair, double seconds);

QuicStream *open_stream (QuicConnection *connection, bool bidirectional);
QuicStream *accept_stream (QuicConnection *connection);
GError *await_closed (QuicConnection *connection, uint64_t *code);
/** Dials endpoint 1 from endpoint 0, expecting a failure. */
GError *dial_failure (Pair *pair, const NodeId *peer, const char *alpn);
/** Receives until FIN. */
GBytes *receive_all (QuicStream *stream, GError **error);
void send_text (QuicStream *stream, const char *text);

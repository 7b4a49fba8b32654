/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer that can say anything: raw streams of net/quic, made synchronous. It pairs honestly when a
 * test needs a paired attacker, and after that speaks the protocols by hand. */
#pragma once

#include "net/core/chunk.h"
#include "net/core/control.h"
#include "net/core/pairing.h"
#include "net/core/session.h"
#include "net/quic/endpoint.h"

typedef struct
{
  NodeIdentity *identity; /* (owned) */
  DeviceInfo info;
  QuicEndpoint *endpoint;     /* (owned) */
  GInetSocketAddress *victim; /* (owned) */
  uint8_t *root;              /* (owned) (nullable) sodium memory, once paired */
} Peer;

void peer_init (Peer *peer, const char *name);
void peer_clear (Peer *peer);
/** 127.0.0.1:@port */
void peer_aim (Peer *peer, uint16_t port);

/** NULL with an error when the victim refuses. */
QuicConnection *peer_connect (Peer *peer, const char *alpn, GError **error);
QuicStream *peer_open (QuicConnection *connection, bool bidirectional);
/** Whatever the victim thinks of it: errors are ignored. */
void peer_say (QuicStream *stream, const void *data, size_t len);
/** One more byte: false when the victim wants no more of this stream. */
bool peer_can_say (QuicStream *stream);
/** Exactly @len bytes, or false at the end of the stream or a reset. */
bool peer_hear (QuicStream *stream, uint8_t *data, size_t len);
/** Waits until the victim closes the connection; its code. */
uint64_t peer_await_close (QuicConnection *connection);
/** The next stream that the victim opens; NULL when the connection ends. (transfer full) */
QuicStream *peer_accept (QuicConnection *connection);
/** What comes until the end of the stream, @size bytes at most; how many came. */
size_t peer_hear_all (QuicStream *stream, uint8_t *data, size_t size);
/** Ends the stream and waits until all of it was acknowledged, or nothing will be. */
void peer_finish (QuicStream *stream);

/** Pairs by @words as an honest joiner would, and keeps the root. Returns the outcome. */
PairingReason peer_pair (Peer *peer, const char *words);
/** One frame of the pairing protocol. */
bool peer_hear_pairing (QuicStream *stream, GByteArray *frame);

/** The keys of a connection with the victim, once paired. (transfer full) */
Session *peer_session (Peer *peer, QuicConnection *connection);
/** One message, the whole of a stream of its own; waits until it is acknowledged, by QUIC. */
void peer_say_message (QuicConnection *connection, const Session *session, const char *text);
/** Pings and waits for the Pong, which must be the first thing that the victim answers. */
void peer_ping (QuicConnection *connection, const Session *session);

/** A transfer spoken by hand. */
typedef struct
{
  QuicConnection *connection; /* (owned) */
  QuicStream *control;        /* (owned) */
  Session *session;           /* (owned) */
  uint64_t said, heard;       /* frames on the control stream */
  TransferId id;
} RawTransfer;

bool raw_transfer_begin (RawTransfer *raw, Peer *peer);
void raw_transfer_end (RawTransfer *raw);
/** Seals and frames @json on the control stream. */
void raw_transfer_say (RawTransfer *raw, const char *json);
/** The next control frame as text; NULL when the stream or connection ended. (transfer full) */
char *raw_transfer_hear (RawTransfer *raw);
/** Offers one file and waits for the accept; false when it was refused. */
bool raw_transfer_offer_file (RawTransfer *raw, const char *path_json, uint64_t size);
/** A data stream with its header sent. */
QuicStream *raw_transfer_open_data (RawTransfer *raw, ChunkStreamHeader *header);
/** Seals and sends one record as an honest sender would. @digest: for a LAST record. */
void raw_transfer_say_record (RawTransfer *raw, QuicStream *data, const ChunkStreamHeader *stream,
                              ChunkCursor *cursor, const ChunkHeader *record,
                              const uint8_t *content, const uint8_t *digest);

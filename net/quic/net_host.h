/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a NetConnection needs of its endpoint; the demultiplexer fills it in. Net thread only. */
#pragma once

#include "net/quic/call_queue.h"
#include "net/quic/connection_net.h"
#include "net/quic/link.h"
#include "net/quic/tls.h"

G_BEGIN_DECLS

/** The length of the connection ids that we give out. */
#define NET_CID_LEN 8

typedef struct NetConnection NetConnection;
typedef struct NetHost NetHost;

struct NetHost
{
  ngtcp2_tstamp now; /* of this turn */
  CallQueue *calls;
  TlsContext *tls;
  uint64_t connections_made;
  char *alpns; /* those taken from peers, comma-separated, in order of preference; NULL for none */

  /** LINK_BATCH_MAX bytes to write a batch into; others after send() has kept one. */
  uint8_t *(*get_buffer) (NetHost *host);
  /** Sends, or keeps as @connection's what the link cannot take now. */
  void (*send) (NetHost *host, const NetConnection *connection, const Batch *batch);
  /** Whether what goes to @remote would have to wait for the link. */
  bool (*is_blocked) (NetHost *host, const struct sockaddr *remote);
  /** Datagrams with this id are @connection's from now on, or nobody's. */
  void (*claim) (NetHost *host, const ngtcp2_cid *cid, NetConnection *connection);
  void (*disclaim) (NetHost *host, const ngtcp2_cid *cid);
  void (*make_reset_token) (NetHost *host, const ngtcp2_cid *cid, uint8_t *token);
  /** @connection has something to publish or to write this turn. */
  void (*activate) (NetHost *host, NetConnection *connection);
  /** A peer's handshake has completed: the application decides. */
  void (*announce) (NetHost *host, QuicConnection *connection);
  /** A peer that we know is at @remote. */
  void (*note_known) (NetHost *host, const struct sockaddr *remote);
};

G_END_DECLS

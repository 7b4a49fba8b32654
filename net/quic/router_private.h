/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What router.c shares with router_strangers.c, the answers to datagrams that belong to no
 * connection. */
#pragma once

#include "net/quic/egress.h"
#include "net/quic/engine.h"
#include "net/quic/router.h"

G_BEGIN_DECLS

#define ROUTER_SECRET_LEN 32

struct Router
{
  Link *link;
  Mailbox *mailbox;
  Clock clock;
  RouterIncoming incoming;
  gpointer incoming_data;
  TlsContext *tls;
  char *alpns;
  unsigned retry_threshold;

  ngtcp2_tstamp now;
  GPtrArray *engines; /* owned */
  GHashTable *routes; /* ngtcp2_cid (owned) -> Engine */
  GPtrArray *active;
  GPtrArray *turning; /* the active ones of this turn */

  Egress egress;

  uint8_t secret[ROUTER_SECRET_LEN]; /* for reset tokens and Retry */
  ngtcp2_tstamp reset_second;
  unsigned resets;
  RouterCounts counts;
};

/** Makes a connection of an Initial packet; NULL when it is none, or was answered otherwise (Retry,
 * refusal). */
Engine *router_accept_connection (Router *router, const ngtcp2_path *path, const uint8_t *data,
                                  size_t len);
void router_send_stateless_reset (Router *router, const ngtcp2_path *path,
                                  const ngtcp2_version_cid *vc, size_t received_len);
void router_send_version_negotiation (Router *router, const ngtcp2_path *path,
                                      const ngtcp2_version_cid *vc);

G_END_DECLS

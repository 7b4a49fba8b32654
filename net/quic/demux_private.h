/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of a demultiplexer, for demux.c and for the tests. */
#pragma once

#include "net/quic/admission.h"
#include "net/quic/demux.h"
#include "net/quic/egress.h"
#include "net/quic/net_connection.h"
#include "net/quic/stateless_replies.h"

G_BEGIN_DECLS

struct Demux
{
  NetHost host; /* what connections see of it */
  Link *link;
  Clock clock;
  DemuxIncoming incoming;
  gpointer incoming_data;

  GPtrArray *connections; /* owned */
  GHashTable *routes;     /* ngtcp2_cid (owned) -> NetConnection */
  GPtrArray *active;
  GPtrArray *turning; /* the active ones of this turn */

  Admission admission;
  Egress egress;
  StatelessReplies replies;
  uint64_t datagrams_dropped;
};

G_END_DECLS

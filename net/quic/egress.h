/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way out through one link. A batch that the link cannot take now is kept until the link is
 * writable again, one for each address family, because each has a send buffer of its own in the
 * kernel. Its connection owns it: it goes with the connection, and after EGRESS_PATIENCE it
 * counts as lost, which is for loss recovery to mend. */
#pragma once

#include "net/quic/link.h"

G_BEGIN_DECLS

/** How long a batch may wait, and how often the link may say that it is writable and then not
 * take it. */
#define EGRESS_PATIENCE NGTCP2_SECONDS
#define EGRESS_ATTEMPTS 8
/** The timers of a connection that cannot write are looked at this often: what is due stays due
 * until it has written. */
#define EGRESS_TICK (25 * NGTCP2_MILLISECONDS)

typedef struct
{
  gconstpointer owner; /* NULL when there is none */
  Batch batch;         /* its data is in buffer */
  ngtcp2_path_storage path;
  uint8_t *buffer; /* LINK_BATCH_MAX bytes, once one was needed */
  ngtcp2_tstamp deadline;
  unsigned attempts;
} BlockedBatch;

typedef struct
{
  Link *link;      /* borrowed */
  uint8_t *buffer; /* LINK_BATCH_MAX bytes, where connections write */
  BlockedBatch blocked[LINK_FAMILIES];
} Egress;

void egress_init (Egress *egress, Link *link);
void egress_clear (Egress *egress);

/** Sends, or keeps what the link cannot take now if it has an @owner and no other owner's waits
 * there. */
void egress_send (Egress *egress, gconstpointer owner, const Batch *batch, ngtcp2_tstamp now);
/** Whether what goes to @remote would have to wait. */
bool egress_is_blocked (const Egress *egress, const struct sockaddr *remote);
/** Whose batch is kept; NULL when none is. */
gconstpointer egress_get_owner (const Egress *egress, LinkFamily family);
/** Tries what is kept, and gives up what has waited for too long. */
void egress_retry (Egress *egress, ngtcp2_tstamp now);
/** The connection ends: what is kept of it is dropped. */
void egress_forget (Egress *egress, gconstpointer owner);
/** When to call egress_retry() though nothing became writable; UINT64_MAX for never. */
ngtcp2_tstamp egress_get_expiry (const Egress *egress);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/egress.h"

#include <string.h>

void
egress_init (Egress *self, Link *link)
{
  *self = (Egress) { .link = link, .buffer = g_malloc (LINK_BATCH_MAX) };
}

void
egress_clear (Egress *self)
{
  g_clear_pointer (&self->buffer, g_free);
  for (int i = 0; i < LINK_FAMILIES; i++)
    g_clear_pointer (&self->blocked[i].buffer, g_free);
}

static void
keep (Egress *self, BlockedBatch *blocked, gconstpointer owner, const Batch *batch, bool is_ours,
      ngtcp2_tstamp now)
{
  if (!blocked->buffer)
    blocked->buffer = g_malloc (LINK_BATCH_MAX);
  blocked->batch = *batch;
  if (is_ours) /* exchange the buffers rather than copy */
    {
      uint8_t *written = self->buffer;
      self->buffer = blocked->buffer;
      blocked->buffer = written;
    }
  else
    {
      memcpy (blocked->buffer, batch->data, batch->len);
      blocked->batch.data = blocked->buffer;
    }

  blocked->owner = owner;
  ngtcp2_path_storage_zero (&blocked->path);
  ngtcp2_path_copy (&blocked->path.path, &batch->path);
  blocked->batch.path = blocked->path.path;
  blocked->deadline = now + EGRESS_PATIENCE;
  blocked->attempts = 0;
}

void
egress_send (Egress *self, gconstpointer owner, const Batch *batch, ngtcp2_tstamp now)
{
  BlockedBatch *blocked = &self->blocked[link_family (batch->path.remote.addr)];
  Batch rest = *batch;
  if (self->link->send (self->link, &rest) != LINK_BLOCKED || !owner)
    return;
  /* while its batch waits, a connection writes only CONNECTION_CLOSE, which replaces it */
  if (!blocked->owner || blocked->owner == owner)
    keep (self, blocked, owner, &rest, batch->data == self->buffer, now);
}

bool
egress_is_blocked (const Egress *self, const struct sockaddr *remote)
{
  return self->blocked[link_family (remote)].owner;
}

gconstpointer
egress_get_owner (const Egress *self, LinkFamily family)
{
  return self->blocked[family].owner;
}

void
egress_retry (Egress *self, ngtcp2_tstamp now)
{
  for (int i = 0; i < LINK_FAMILIES; i++)
    {
      BlockedBatch *blocked = &self->blocked[i];
      if (!blocked->owner)
        continue;
      if (self->link->is_writable (self->link, i) &&
          (self->link->send (self->link, &blocked->batch) != LINK_BLOCKED ||
           ++blocked->attempts >= EGRESS_ATTEMPTS))
        blocked->owner = NULL;
      if (blocked->deadline <= now)
        blocked->owner = NULL;
    }
}

void
egress_forget (Egress *self, gconstpointer owner)
{
  for (int i = 0; i < LINK_FAMILIES; i++)
    if (self->blocked[i].owner == owner)
      self->blocked[i].owner = NULL;
}

ngtcp2_tstamp
egress_get_expiry (const Egress *self)
{
  ngtcp2_tstamp expiry = UINT64_MAX;
  for (int i = 0; i < LINK_FAMILIES; i++)
    if (self->blocked[i].owner)
      expiry = MIN (expiry, self->blocked[i].deadline);
  return expiry;
}

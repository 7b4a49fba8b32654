/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/link_memory.h"

#include <string.h>

typedef struct
{
  ngtcp2_tstamp at;
  uint64_t order; /* among those that arrive together */
  unsigned from;  /* port */
  unsigned to;
  uint8_t ecn;
  GBytes *bytes;
} Datagram;

typedef struct
{
  Link link;
  MemoryWire *wire;
  unsigned side;
  GSequence *arriving; /* Datagrams (owned) by time */
  unsigned port;       /* as the other side sees it */
  bool blocked;
  uint64_t refused;
  uint64_t sent;
  uint64_t marked;
  GBytes *last;
} MemoryLink;

struct MemoryWire
{
  MemoryLink ends[2];
  MemoryFate fate;
  gpointer data;
  bool bleaching;
  ngtcp2_tstamp now;
  uint64_t order;
};

static void
datagram_free (gpointer data)
{
  Datagram *self = data;
  g_bytes_unref (self->bytes);
  g_free (self);
}

static int
compare_arrival (gconstpointer a, gconstpointer b, gpointer data)
{
  const Datagram *x = a, *y = b;
  if (x->at != y->at)
    return x->at < y->at ? -1 : 1;
  return x->order < y->order ? -1 : 1;
}

/* The host is in the upper bits of a port. */
static ngtcp2_sockaddr_union
address_of (unsigned port)
{
  return (ngtcp2_sockaddr_union) {
    .in = { .sin_family = AF_INET,
            .sin_port = htons (port & 0xffff),
            .sin_addr.s_addr = htonl (INADDR_LOOPBACK + (port >> 16)) },
  };
}

static unsigned
port_of (const ngtcp2_sockaddr_union *address)
{
  return ntohs (address->in.sin_port) | (ntohl (address->in.sin_addr.s_addr) - INADDR_LOOPBACK)
                                            << 16;
}

static void
deliver_later (MemoryLink *to, unsigned from_port, unsigned to_port, GBytes *bytes, uint8_t ecn,
               ngtcp2_tstamp delay)
{
  if (!to->arriving) /* nobody listens there */
    return;
  Datagram *datagram = g_new (Datagram, 1);
  *datagram = (Datagram) { .at = to->wire->now + delay,
                           .order = to->wire->order++,
                           .from = from_port,
                           .to = to_port,
                           .ecn = to->wire->bleaching ? NGTCP2_ECN_NOT_ECT : ecn,
                           .bytes = g_bytes_ref (bytes) };
  g_sequence_insert_sorted (to->arriving, datagram, compare_arrival, NULL);
}

static LinkResult
memory_send (Link *link, Batch *batch)
{
  MemoryLink *self = (MemoryLink *) link;
  MemoryWire *wire = self->wire;
  MemoryLink *other = &wire->ends[1 - self->side];
  const ngtcp2_sockaddr_union *remote = (const void *) batch->path.remote.addr;
  if (self->blocked)
    {
      self->refused++;
      return LINK_BLOCKED;
    }
  for (size_t at = 0; at < batch->len; at += batch->segment)
    {
      size_t len = MIN (batch->segment, batch->len - at);
      Fate fate = wire->fate (self->side, self->sent++, len, wire->data);
      g_clear_pointer (&self->last, g_bytes_unref);
      self->last = g_bytes_new (batch->data + at, len);
      self->marked += batch->ecn != NGTCP2_ECN_NOT_ECT;
      for (unsigned i = 0; i < fate.copies; i++)
        deliver_later (other, self->port, port_of (remote), self->last, batch->ecn, fate.delay);
    }
  return LINK_SENT;
}

static bool
memory_is_writable (Link *link, LinkFamily family)
{
  return !((MemoryLink *) link)->blocked;
}

static bool
memory_receive (Link *link, const LinkEvents *events, gpointer owner)
{
  MemoryLink *self = (MemoryLink *) link;
  ngtcp2_sockaddr_union local = address_of (link->port);
  while (!g_sequence_is_empty (self->arriving))
    {
      GSequenceIter *first = g_sequence_get_begin_iter (self->arriving);
      Datagram *datagram = g_sequence_get (first);
      g_autoptr (GBytes) bytes = NULL;
      Batch batch = { 0 };
      if (datagram->at > self->wire->now)
        break;
      bool is_ours = datagram->to == self->port;
      uint8_t ecn = datagram->ecn;
      ngtcp2_sockaddr_union remote = address_of (datagram->from);
      bytes = g_bytes_ref (datagram->bytes);
      g_sequence_remove (first);
      batch.path.local = (ngtcp2_addr) { &local.sa, sizeof local.in };
      batch.path.remote = (ngtcp2_addr) { &remote.sa, sizeof remote.in };
      batch.data = g_bytes_get_data (bytes, &batch.len);
      batch.segment = batch.len;
      batch.ecn = ecn;
      if (is_ours)
        events->batch (&batch, owner);
    }
  return false;
}

static bool
memory_find_local (Link *link, const struct sockaddr *remote, ngtcp2_sockaddr_union *local,
                   GError **error)
{
  *local = address_of (link->port);
  return true;
}

static void
memory_free (Link *link)
{
  MemoryLink *self = (MemoryLink *) link;
  g_clear_pointer (&self->arriving, g_sequence_free);
  g_clear_pointer (&self->last, g_bytes_unref);
}

MemoryWire *
memory_wire_new (MemoryFate fate, gpointer data)
{
  MemoryWire *self = g_new0 (MemoryWire, 1);
  self->fate = fate;
  self->data = data;
  self->now = NGTCP2_SECONDS;
  return self;
}

void
memory_wire_free (MemoryWire *self)
{
  g_free (self);
}

Link *
memory_wire_open (MemoryWire *self, unsigned side)
{
  g_assert (!self->ends[side].arriving);
  self->ends[side] = (MemoryLink) {
    .link = { .receive = memory_receive,
              .send = memory_send,
              .is_writable = memory_is_writable,
              .find_local = memory_find_local,
              .free = memory_free,
              .port = side + 1 },
    .wire = self,
    .side = side,
    .port = side + 1,
    .arriving = g_sequence_new (datagram_free),
  };
  return &self->ends[side].link;
}

ngtcp2_tstamp
memory_wire_now (gpointer wire)
{
  return ((MemoryWire *) wire)->now;
}

ngtcp2_tstamp
memory_wire_next_arrival (MemoryWire *self)
{
  ngtcp2_tstamp next = UINT64_MAX;
  for (unsigned i = 0; i < 2; i++)
    if (self->ends[i].arriving && !g_sequence_is_empty (self->ends[i].arriving))
      next = MIN (
          next,
          ((Datagram *) g_sequence_get (g_sequence_get_begin_iter (self->ends[i].arriving)))->at);
  return next;
}

void
memory_wire_advance (MemoryWire *self, ngtcp2_tstamp to)
{
  self->now = MAX (self->now, to);
}

void
memory_wire_rebind (MemoryWire *self, unsigned side)
{
  self->ends[side].port += 1000;
}

void
memory_wire_move (MemoryWire *self, unsigned side, unsigned host)
{
  self->ends[side].port = (self->ends[side].port & 0xffff) | host << 16;
}

void
memory_wire_block (MemoryWire *self, unsigned side, bool blocked)
{
  self->ends[side].blocked = blocked;
}

uint64_t
memory_wire_get_refused (MemoryWire *self, unsigned side)
{
  return self->ends[side].refused;
}

void
memory_wire_bleach (MemoryWire *self)
{
  self->bleaching = true;
}

uint64_t
memory_wire_get_sent (MemoryWire *self, unsigned side)
{
  return self->ends[side].sent;
}

uint64_t
memory_wire_get_marked (MemoryWire *self, unsigned side)
{
  return self->ends[side].marked;
}

void
memory_wire_inject (MemoryWire *self, unsigned side, const uint8_t *data, size_t len)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, len);
  deliver_later (&self->ends[side], self->ends[1 - side].port, self->ends[side].port, bytes,
                 NGTCP2_ECN_NOT_ECT, 0);
}

GBytes *
memory_wire_dup_last (MemoryWire *self, unsigned side)
{
  return self->ends[side].last ? g_bytes_ref (self->ends[side].last) : NULL;
}

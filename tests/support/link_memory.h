/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A wire between two endpoints of one test: no sockets, a virtual clock, and a predicate that
 * decides what happens to each datagram. Single-threaded. */
#pragma once

#include "net/quic/link.h"

G_BEGIN_DECLS

typedef struct MemoryWire MemoryWire;

/** What becomes of a datagram. */
typedef struct
{
  unsigned copies;     /* 0 loses it, 2 duplicates it */
  ngtcp2_tstamp delay; /* of arrival; unequal delays reorder */
} Fate;

/** @index counts the datagrams sent from @side (0 or 1), from 0 on. */
typedef Fate (*MemoryFate) (unsigned side, uint64_t index, size_t len, gpointer data);

MemoryWire *memory_wire_new (MemoryFate fate, gpointer data);
/** After both links are gone. */
void memory_wire_free (MemoryWire *wire);
/** One end of the wire, at port @side + 1 of the loopback address; again after its link was
 * freed. */
Link *memory_wire_open (MemoryWire *wire, unsigned side);

/** The virtual time in nanoseconds; fits Clock. */
ngtcp2_tstamp memory_wire_now (gpointer wire);
/** When the next datagram arrives; UINT64_MAX when none is under way. */
ngtcp2_tstamp memory_wire_next_arrival (MemoryWire *wire);
void memory_wire_advance (MemoryWire *wire, ngtcp2_tstamp to);

/** What @side sends comes from another port from now on, and what is sent to the former one is
 * lost: a router between has forgotten whom it translated. */
void memory_wire_rebind (MemoryWire *wire, unsigned side);
/** What @side sends comes from the @host-th address after the loopback address from now on, and
 * what is sent to the former one is lost. */
void memory_wire_move (MemoryWire *wire, unsigned side, unsigned host);
/** Whether @side has no room to send; each attempt is counted. */
void memory_wire_block (MemoryWire *wire, unsigned side, bool blocked);
/** How often @side was told that there is no room. */
uint64_t memory_wire_get_refused (MemoryWire *wire, unsigned side);

/** From now on no mark of Explicit Congestion Notification (RFC 3168) arrives. */
void memory_wire_bleach (MemoryWire *wire);
/** How many datagrams @side has sent, and how many of them with such a mark. */
uint64_t memory_wire_get_sent (MemoryWire *wire, unsigned side);
uint64_t memory_wire_get_marked (MemoryWire *wire, unsigned side);

/** Puts a datagram before @side as if the other had sent it. */
void memory_wire_inject (MemoryWire *wire, unsigned side, const uint8_t *data, size_t len);
/** The last datagram that @side sent. */
GBytes *memory_wire_dup_last (MemoryWire *wire, unsigned side);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything that strangers can make this device hold or do: somebody who has not (yet) proved to
 * be a paired device, with however many node ids and addresses. None of it is shared with paired
 * devices or with what we dial ourselves, so strangers can use up only what is theirs.
 *
 * "An address" is an IPv4 address or an IPv6 /64, since a host has all of one; of a link-local
 * address all bits count, since all of a network share that /64. */
#pragma once

/* Connections (net/quic/admission). */

/** Handshakes under way or not yet decided about. When one more comes, the oldest of the address
 * that has most of them goes. */
#define STRANGERS_HALF_OPEN 64
/** Of one address; when one more comes, its oldest goes. As many as one device may have
 * connections. */
#define STRANGERS_HALF_OPEN_ADDRESS 16
/** From so many on (of all, of one address) newcomers must first show that they receive what we
 * send to the address that they write (Retry, RFC 9000, section 8.1.2). */
#define STRANGERS_RETRY_FROM         16
#define STRANGERS_RETRY_FROM_ADDRESS 4
/** Handshakes begun in a second, of all and of one address: one costs a millisecond of processor
 * time. Who comes too often first has to answer a Retry, then waits. */
#define STRANGERS_HANDSHAKES_S         100
#define STRANGERS_HANDSHAKES_ADDRESS_S 30
/** How long the token of a Retry is valid. */
#define STRANGERS_TOKEN_LIFETIME_S 10

/* The slots beside these, for whoever shows (by a Retry) to be at an address where a paired device
 * was lately. */
#define KNOWN_HALF_OPEN            32
#define KNOWN_HANDSHAKES_S         200
#define KNOWN_HANDSHAKES_ADDRESS_S 100
/** How many such addresses are remembered, and for how long after the last connection there. */
#define KNOWN_ADDRESSES_MAX      256
#define KNOWN_ADDRESS_LIFETIME_S 3600

/** Connections that are closed but still answer stragglers, of whomever; the oldest goes. */
#define LINGERING_MAX 64

/** What a peer may send before it is known to be paired: bytes, and streams of each kind. */
#define STRANGER_WINDOW  (64 * 1024)
#define STRANGER_STREAMS 4

/* Answers that need no connection (net/quic/stateless_replies). */

/** To one address in a second. All are smaller than what they answer. */
#define STRANGERS_REPLIES_ADDRESS_S 100
/** Stateless resets to all addresses in a second. */
#define STRANGERS_RESETS_S 100

/* Pairing (net/core/pairing_guard, net/pairing/pair_host). */

/** Attempts in a row of one node id and of one address, and how long until there is one more. */
#define PAIRING_GUARD_PER_NODE    6
#define PAIRING_GUARD_PER_ADDRESS 12
#define PAIRING_GUARD_REFILL_US   (10 * G_USEC_PER_SEC)
/** The same of all together. */
#define PAIRING_GUARD_OVERALL           60
#define PAIRING_GUARD_OVERALL_REFILL_US G_USEC_PER_SEC
/** Conversations at once, each of which costs a fiber. When one more comes, the one that has said
 * nothing for longest goes. */
#define PAIR_GUESTS_MAX 8

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits how often pairing may be attempted, for each address, each node and altogether, in
 * constant memory. */
#pragma once

#include "net/core/identity.h"

#define PAIRING_GUARD_PER_NODE    6  /* attempts in a row; one more every PAIRING_GUARD_REFILL_US */
#define PAIRING_GUARD_PER_ADDRESS 12 /* the same; IPv6 counts by /64, since a host has all of one */
#define PAIRING_GUARD_REFILL_US   (10 * G_USEC_PER_SEC)
/* However many node ids and addresses somebody has. */
#define PAIRING_GUARD_OVERALL           60
#define PAIRING_GUARD_OVERALL_REFILL_US G_USEC_PER_SEC

typedef struct PairingGuard PairingGuard;

PairingGuard *pairing_guard_new (void);
void pairing_guard_free (PairingGuard *guard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PairingGuard, pairing_guard_free)

/** Counts an attempt of @node from @address (4 or 16 bytes, network order); false when it must
 * be refused. */
bool pairing_guard_admit (PairingGuard *guard, const NodeId *node, const uint8_t *address,
                          size_t address_len, int64_t now_us);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits how often pairing may be attempted, for each address, each node and altogether, in
 * constant memory: PAIRING_GUARD_* of stranger_limits.h. */
#pragma once

#include "net/core/identity.h"
#include "net/core/stranger_limits.h"

typedef struct PairingGuard PairingGuard;

PairingGuard *pairing_guard_new (void);
void pairing_guard_free (PairingGuard *guard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PairingGuard, pairing_guard_free)

/** Counts an attempt of @node from @address (4 or 16 bytes, network order); false when it must
 * be refused. */
bool pairing_guard_admit (PairingGuard *guard, const NodeId *node, const uint8_t *address,
                          size_t address_len, int64_t now_us);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often something happened in this second, of all and of one address, in constant memory.
 * Addresses share a slot by chance: which ones do, nobody outside can know. */
#pragma once

#include <glib.h>
#include <ngtcp2/ngtcp2.h>
#include <sodium.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define ADDRESS_RATE_SLOTS 1024

typedef struct
{
  unsigned limit, limit_address; /* a second */
  uint8_t key[crypto_shorthash_KEYBYTES];
  ngtcp2_tstamp second; /* when it began */
  unsigned count;
  uint16_t counts[ADDRESS_RATE_SLOTS];
} AddressRate;

/** @limit: UINT_MAX for none. */
void address_rate_init (AddressRate *rate, unsigned limit, unsigned limit_address);
/** Counts one of @prefix; false, without counting, when that is too many. */
bool address_rate_admit (AddressRate *rate, uint64_t prefix, ngtcp2_tstamp now);
/** Whether it would be. */
bool address_rate_has_room (AddressRate *rate, uint64_t prefix, ngtcp2_tstamp now);

G_END_DECLS

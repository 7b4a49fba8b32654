/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/address_rate.h"

#include <string.h>

void
address_rate_init (AddressRate *self, unsigned limit, unsigned limit_address)
{
  *self = (AddressRate) { .limit = limit, .limit_address = limit_address };
  randombytes_buf (self->key, sizeof self->key);
}

static uint16_t *
find_slot (AddressRate *self, uint64_t prefix)
{
  uint64_t hash;
  G_STATIC_ASSERT (sizeof hash == crypto_shorthash_BYTES);
  crypto_shorthash ((uint8_t *) &hash, (const uint8_t *) &prefix, sizeof prefix, self->key);
  return &self->counts[hash % ADDRESS_RATE_SLOTS];
}

bool
address_rate_has_room (AddressRate *self, uint64_t prefix, ngtcp2_tstamp now)
{
  if (now - self->second >= NGTCP2_SECONDS)
    {
      self->second = now;
      self->count = 0;
      memset (self->counts, 0, sizeof self->counts);
    }
  return self->count < self->limit && *find_slot (self, prefix) < self->limit_address;
}

bool
address_rate_admit (AddressRate *self, uint64_t prefix, ngtcp2_tstamp now)
{
  if (!address_rate_has_room (self, prefix, now))
    return false;
  self->count++;
  ++*find_slot (self, prefix);
  return true;
}

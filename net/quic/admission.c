/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/admission.h"

#include <limits.h>
#include <string.h>

#include "net/quic/peer_address.h"

void
admission_init (Admission *self, GPtrArray *connections)
{
  *self = (Admission) { .connections = connections, .retry_from = STRANGERS_RETRY_FROM };
  address_rate_init (&self->strangers, STRANGERS_HANDSHAKES_S, STRANGERS_HANDSHAKES_ADDRESS_S);
  address_rate_init (&self->known, KNOWN_HANDSHAKES_S, KNOWN_HANDSHAKES_ADDRESS_S);
}

static void
to_bytes (const struct sockaddr *remote, uint8_t bytes[static 16])
{
  static const uint8_t v4_mapped[12] = { [10] = 0xff, [11] = 0xff };
  const ngtcp2_sockaddr_union *address = (const void *) remote;
  if (remote->sa_family == AF_INET6)
    {
      memcpy (bytes, &address->in6.sin6_addr, 16);
      return;
    }
  memcpy (bytes, v4_mapped, sizeof v4_mapped);
  memcpy (bytes + sizeof v4_mapped, &address->in.sin_addr, 4);
}

static KnownAddress *
find_known (Admission *self, const uint8_t bytes[static 16])
{
  for (size_t i = 0; i < KNOWN_ADDRESSES_MAX; i++)
    if (memcmp (self->addresses[i].bytes, bytes, 16) == 0)
      return &self->addresses[i];
  return NULL;
}

void
admission_note_known (Admission *self, const struct sockaddr *remote, ngtcp2_tstamp now)
{
  uint8_t bytes[16];
  to_bytes (remote, bytes);
  KnownAddress *address = find_known (self, bytes);
  for (size_t i = 0; !address && i < KNOWN_ADDRESSES_MAX; i++)
    if (self->addresses[i].until <= now)
      address = &self->addresses[i];
  if (!address)
    {
      address = &self->addresses[0];
      for (size_t i = 1; i < KNOWN_ADDRESSES_MAX; i++)
        if (self->addresses[i].until < address->until)
          address = &self->addresses[i];
    }
  memcpy (address->bytes, bytes, sizeof address->bytes);
  address->until = now + KNOWN_ADDRESS_LIFETIME_S * NGTCP2_SECONDS;
}

static bool
is_known (Admission *self, const struct sockaddr *remote, ngtcp2_tstamp now)
{
  uint8_t bytes[16];
  to_bytes (remote, bytes);
  const KnownAddress *address = find_known (self, bytes);
  return address && now < address->until;
}

/* Half-open connections of one standing. */
typedef struct
{
  unsigned count;
  NetConnection *oldest;
} HalfOpen;

/* Those of one address, or of all when @prefix is NULL. */
static HalfOpen
count_half_open (const Admission *self, NetStanding standing, const uint64_t *prefix)
{
  HalfOpen all = { 0 };
  for (guint i = 0; i < self->connections->len; i++)
    {
      NetConnection *connection = self->connections->pdata[i];
      const NetOrigin *origin = net_connection_get_origin (connection);
      if (net_connection_get_state (connection) > NET_CONNECTION_HELD ||
          origin->standing != standing || (prefix && origin->prefix != *prefix))
        continue;
      all.count++;
      if (!all.oldest || origin->number < net_connection_get_origin (all.oldest)->number)
        all.oldest = connection;
    }
  return all;
}

/* The oldest of the address that has most of them. */
static NetConnection *
oldest_of_largest (const Admission *self, NetStanding standing)
{
  HalfOpen largest = { 0 };
  for (guint i = 0; i < self->connections->len; i++)
    {
      NetConnection *connection = self->connections->pdata[i];
      const NetOrigin *origin = net_connection_get_origin (connection);
      HalfOpen here = count_half_open (self, standing, &origin->prefix);
      if (here.count > largest.count)
        largest = here;
    }
  return largest.oldest;
}

static AdmissionAnswer
decide_known (Admission *self, uint64_t prefix, ngtcp2_tstamp now, NetStanding *standing,
              NetConnection **leaving)
{
  if (!address_rate_admit (&self->known, prefix, now))
    return ADMISSION_LATER;
  HalfOpen all = count_half_open (self, NET_STANDING_RESERVED, NULL);
  *standing = NET_STANDING_RESERVED;
  *leaving = all.count >= KNOWN_HALF_OPEN ? oldest_of_largest (self, *standing) : NULL;
  return ADMISSION_YES;
}

AdmissionAnswer
admission_decide (Admission *self, const struct sockaddr *remote, bool retried, ngtcp2_tstamp now,
                  NetStanding *standing, NetConnection **leaving)
{
  uint64_t prefix = peer_address_prefix (remote);
  if (retried && is_known (self, remote, now))
    return decide_known (self, prefix, now, standing, leaving);

  HalfOpen all = count_half_open (self, NET_STANDING_STRANGER, NULL);
  HalfOpen here = count_half_open (self, NET_STANDING_STRANGER, &prefix);
  bool in_time = address_rate_has_room (&self->strangers, prefix, now);
  if (!retried &&
      (all.count >= self->retry_from || here.count >= STRANGERS_RETRY_FROM_ADDRESS || !in_time))
    return ADMISSION_RETRY;
  if (!in_time)
    return ADMISSION_LATER;
  address_rate_admit (&self->strangers, prefix, now);
  *standing = NET_STANDING_STRANGER;
  *leaving = here.count >= STRANGERS_HALF_OPEN_ADDRESS ? here.oldest
             : all.count >= STRANGERS_HALF_OPEN ? oldest_of_largest (self, NET_STANDING_STRANGER)
                                                : NULL;
  return ADMISSION_YES;
}

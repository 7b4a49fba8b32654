/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/pairing_guard.h"

#include <string.h>

#define N_BUCKETS 256

/* A subject: a node id, or an address before a zero fill. */
typedef enum
{
  SUBJECT_NONE,
  SUBJECT_NODE,
  SUBJECT_ADDRESS,
} SubjectKind;

typedef struct
{
  SubjectKind kind;
  uint8_t bytes[NODE_ID_LEN];
} Subject;

/* Empties by one attempt each PAIRING_GUARD_REFILL_US; counted in time, so nothing has to be
 * updated in between. */
typedef struct
{
  Subject subject;
  int64_t empty_us; /* when all attempts are forgotten */
} Bucket;

struct PairingGuard
{
  Bucket buckets[N_BUCKETS];
  int64_t overall_empty_us;
};

PairingGuard *
pairing_guard_new (void)
{
  PairingGuard *guard = g_new0 (PairingGuard, 1);
  for (size_t i = 0; i < N_BUCKETS; i++)
    guard->buckets[i].empty_us = INT64_MIN;
  guard->overall_empty_us = INT64_MIN;
  return guard;
}

void
pairing_guard_free (PairingGuard *guard)
{
  g_free (guard);
}

static Subject
node_subject (const NodeId *node)
{
  Subject subject = { .kind = SUBJECT_NODE };
  memcpy (subject.bytes, node->bytes, NODE_ID_LEN);
  return subject;
}

static Subject
address_subject (const uint8_t *address, size_t len)
{
  static const uint8_t v4_mapped[12] = { [10] = 0xff, [11] = 0xff };
  Subject subject = { .kind = SUBJECT_ADDRESS };
  if (len == 16 && memcmp (address, v4_mapped, sizeof v4_mapped) == 0)
    memcpy (subject.bytes, address + sizeof v4_mapped, 4);
  else
    memcpy (subject.bytes, address, len == 16 ? 8 : MIN (len, 4));
  return subject;
}

static bool
subject_equal (const Subject *a, const Subject *b)
{
  return a->kind == b->kind && memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* The bucket of the subject; else the one closest to empty, which is cleared for it. */
static Bucket *
find_bucket (PairingGuard *guard, const Subject *subject)
{
  Bucket *least = &guard->buckets[0];
  for (size_t i = 0; i < N_BUCKETS; i++)
    {
      if (subject_equal (&guard->buckets[i].subject, subject))
        return &guard->buckets[i];
      if (guard->buckets[i].empty_us < least->empty_us)
        least = &guard->buckets[i];
    }
  *least = (Bucket) { .subject = *subject, .empty_us = INT64_MIN };
  return least;
}

/* How often one may come. */
typedef struct
{
  int limit;
  int64_t refill_us;
} Rate;

static const Rate overall = { PAIRING_GUARD_OVERALL, PAIRING_GUARD_OVERALL_REFILL_US };
static const Rate per_node = { PAIRING_GUARD_PER_NODE, PAIRING_GUARD_REFILL_US };
static const Rate per_address = { PAIRING_GUARD_PER_ADDRESS, PAIRING_GUARD_REFILL_US };

static bool
has_room (int64_t empty_us, Rate rate, int64_t now_us)
{
  return MAX (empty_us, now_us) - now_us <= (rate.limit - 1) * rate.refill_us;
}

static void
add_attempt (int64_t *empty_us, Rate rate, int64_t now_us)
{
  *empty_us = MAX (*empty_us, now_us) + rate.refill_us;
}

bool
pairing_guard_admit (PairingGuard *guard, const NodeId *node, const uint8_t *address,
                     size_t address_len, int64_t now_us)
{
  Subject subjects[] = { node_subject (node), address_subject (address, address_len) };
  if (!has_room (guard->overall_empty_us, overall, now_us) ||
      !has_room (find_bucket (guard, &subjects[0])->empty_us, per_node, now_us) ||
      !has_room (find_bucket (guard, &subjects[1])->empty_us, per_address, now_us))
    return false;

  add_attempt (&guard->overall_empty_us, overall, now_us);
  add_attempt (&find_bucket (guard, &subjects[0])->empty_us, per_node, now_us);
  add_attempt (&find_bucket (guard, &subjects[1])->empty_us, per_address, now_us);
  return true;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the identity's secret is while connections are made: in memory that is neither swapped nor
 * dumped, only. */
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/net/quic/pair.h"

/* What is larger is no secret of ours but, say, a sanitizer's: too large to be searched. */
#define PROTECTED_MAX (64 * 1024 * 1024)

/* A range of addresses that can be written to, and whether core dumps include it ("dd" in
 * /proc/PID/smaps). */
typedef struct
{
  uintptr_t from, to;
  bool dumped;
} Region;

static GArray *
list_writable_regions (void)
{
  GArray *regions = g_array_new (FALSE, FALSE, sizeof (Region));
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_file_get_contents ("/proc/self/smaps", &text, NULL, &error);
  g_assert_no_error (error);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  bool writable = false;
  for (char **line = lines; *line; line++)
    {
      Region region = { .dumped = true };
      char mode[5];
      if (sscanf (*line, "%" SCNxPTR "-%" SCNxPTR " %4s ", &region.from, &region.to, mode) == 3)
        {
          writable = mode[0] == 'r' && mode[1] == 'w';
          if (writable)
            g_array_append_val (regions, region);
        }
      else if (writable && g_str_has_prefix (*line, "VmFlags:") && strstr (*line, " dd"))
        g_array_index (regions, Region, regions->len - 1).dumped = false;
    }
  return regions;
}

/* How often @secret lies in writable memory of which a core dump would tell; @kept receives how
 * often elsewhere. */
static unsigned
count_in_memory (const uint8_t *secret, size_t len, unsigned *kept)
{
  g_autoptr (GArray) regions = list_writable_regions ();
  size_t piece_len = 1 << 20;
  /* what is read lies in memory too: not in that which is searched */
  uint8_t *piece = sodium_malloc (piece_len);
  unsigned found = 0;
  int memory = open ("/proc/self/mem", O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (memory, >=, 0);
  g_assert_nonnull (piece);
  *kept = 0;
  for (guint i = 0; i < regions->len; i++)
    {
      const Region *region = &g_array_index (regions, Region, i);
      if (!region->dumped && region->to - region->from > PROTECTED_MAX)
        continue;
      for (uintptr_t at = region->from; at < region->to; at += piece_len - len)
        {
          ssize_t got = pread (memory, piece, MIN (piece_len, region->to - at), (off_t) at);
          const uint8_t *hit = piece, *end = piece + MAX (got, 0);
          while ((hit = memmem (hit, end - hit, secret, len)))
            {
              if (region->dumped)
                found++;
              else
                ++*kept;
              hit += len;
            }
        }
    }
  close (memory);
  sodium_free (piece);
  return found;
}

static void
test_seed (void)
{
  uint8_t *seeds = sodium_malloc (2 * NODE_SEED_LEN);
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  for (int i = 0; i < 2; i++)
    memcpy (seeds + i * NODE_SEED_LEN, node_identity_get_seed (pair.identity[i]), NODE_SEED_LEN);
  /* both ends sign in a handshake, and here both ends are this process */
  pair_connect (&pair);
  for (int i = 0; i < 2; i++)
    {
      unsigned kept;
      g_assert_cmpuint (count_in_memory (seeds + i * NODE_SEED_LEN, NODE_SEED_LEN, &kept), ==, 0);
      g_assert_cmpuint (kept, >=, 2);
    }
  pair_clear (&pair);
  sodium_free (seeds);
}

/* The search finds what is there. */
static void
test_search (void)
{
  uint8_t *secret = sodium_malloc (NODE_SEED_LEN);
  randombytes_buf (secret, NODE_SEED_LEN);
  unsigned kept;
  g_assert_cmpuint (count_in_memory (secret, NODE_SEED_LEN, &kept), ==, 0);
  g_assert_cmpuint (kept, >=, 1);
  {
    g_autofree uint8_t *copy = g_memdup2 (secret, NODE_SEED_LEN);
    g_assert_cmpuint (count_in_memory (secret, NODE_SEED_LEN, &kept), >=, 1);
    sodium_memzero (copy, NODE_SEED_LEN);
  }
  sodium_free (secret);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

  g_test_add_func ("/secrecy/search", test_search);
  g_test_add_func ("/secrecy/seed", test_seed);
  return g_test_run ();
}

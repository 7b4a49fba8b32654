/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/pairing_guard.h"

#include <glib.h>
#include <string.h>

#define S G_USEC_PER_SEC

static NodeId
node (unsigned number)
{
  NodeId id = { { 0 } };
  memcpy (id.bytes, &number, sizeof number);
  return id;
}

static bool
admit (PairingGuard *guard, unsigned node_number, unsigned address, int64_t now_us)
{
  NodeId id = node (node_number);
  return pairing_guard_admit (guard, &id, (const uint8_t *) &address, 4, now_us);
}

static void
test_per_node (void)
{
  g_autoptr (PairingGuard) guard = pairing_guard_new ();

  /* from a new address each time */
  for (unsigned i = 0; i < PAIRING_GUARD_PER_NODE; i++)
    g_assert_true (admit (guard, 1, i, 1000 * S));
  g_assert_false (admit (guard, 1, 100, 1000 * S));
  g_assert_false (admit (guard, 1, 101, 1000 * S + PAIRING_GUARD_REFILL_US - 1));
  g_assert_true (admit (guard, 2, 102, 1000 * S));

  /* one more each interval, and refusals cost nothing */
  g_assert_true (admit (guard, 1, 103, 1000 * S + PAIRING_GUARD_REFILL_US));
  g_assert_false (admit (guard, 1, 104, 1000 * S + PAIRING_GUARD_REFILL_US));
}

static void
test_per_address (void)
{
  g_autoptr (PairingGuard) guard = pairing_guard_new ();
  for (unsigned i = 0; i < PAIRING_GUARD_PER_ADDRESS; i++)
    g_assert_true (admit (guard, i, 7, -5 * S));
  g_assert_false (admit (guard, 100, 7, -5 * S));
  g_assert_true (admit (guard, 101, 8, -5 * S));
}

static void
test_ipv6_by_network (void)
{
  g_autoptr (PairingGuard) guard = pairing_guard_new ();
  uint8_t address[16] = { 0x20, 0x01, 0x0d, 0xb8 };
  unsigned i;
  for (i = 0; i < PAIRING_GUARD_PER_ADDRESS; i++)
    {
      NodeId id = node (i);
      address[15] = (uint8_t) i;
      g_assert_true (pairing_guard_admit (guard, &id, address, sizeof address, 0));
    }
  NodeId id = node (i);
  g_assert_false (pairing_guard_admit (guard, &id, address, sizeof address, 0));
  address[7] = 1; /* the next /64 */
  g_assert_true (pairing_guard_admit (guard, &id, address, sizeof address, 0));
}

static void
test_mapped_ipv4 (void)
{
  g_autoptr (PairingGuard) guard = pairing_guard_new ();
  uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2, [15] = 7 };
  NodeId id = node (500);
  for (unsigned i = 0; i < PAIRING_GUARD_PER_ADDRESS; i++)
    {
      NodeId other = node (i);
      g_assert_true (pairing_guard_admit (guard, &other, mapped, sizeof mapped, 0));
    }
  /* the same host, and its neighbour */
  g_assert_false (pairing_guard_admit (guard, &id, mapped + 12, 4, 0));
  mapped[15] = 8;
  g_assert_true (pairing_guard_admit (guard, &id, mapped, sizeof mapped, 0));
}

static void
test_overall (void)
{
  g_autoptr (PairingGuard) guard = pairing_guard_new ();
  unsigned admitted = 0;

  /* A flood of fresh ids from fresh addresses, much longer than the table: only the overall
   * rate passes. */
  for (unsigned i = 0; i < 100000; i++)
    admitted += admit (guard, i, i, i * 1000);
  g_assert_cmpuint (admitted, >=, PAIRING_GUARD_OVERALL);
  g_assert_cmpuint (admitted, <=,
                    PAIRING_GUARD_OVERALL + 100000 * 1000ll / PAIRING_GUARD_OVERALL_REFILL_US);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pairing-guard/per-node", test_per_node);
  g_test_add_func ("/pairing-guard/per-address", test_per_address);
  g_test_add_func ("/pairing-guard/ipv6-by-network", test_ipv6_by_network);
  g_test_add_func ("/pairing-guard/mapped-ipv4", test_mapped_ipv4);
  g_test_add_func ("/pairing-guard/overall", test_overall);
  return g_test_run ();
}

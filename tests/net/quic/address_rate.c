/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/address_rate.h"

#include <limits.h>

#define S NGTCP2_SECONDS

static unsigned
admit_all (AddressRate *rate, uint64_t prefix, unsigned attempts, ngtcp2_tstamp now)
{
  unsigned admitted = 0;
  for (unsigned i = 0; i < attempts; i++)
    {
      bool room = address_rate_has_room (rate, prefix, now);
      bool admit = address_rate_admit (rate, prefix, now);
      g_assert_cmpint (room, ==, admit);
      admitted += admit;
    }
  return admitted;
}

static void
test_of_one_address (void)
{
  AddressRate rate;
  address_rate_init (&rate, UINT_MAX, 3);
  g_assert_cmpuint (admit_all (&rate, 7, 10, 5 * S), ==, 3);
  g_assert_cmpuint (admit_all (&rate, 7, 10, 6 * S - 1), ==, 0);
  g_assert_cmpuint (admit_all (&rate, 7, 10, 6 * S), ==, 3);
}

/* Whoever has many addresses gets no more than all may have, and not nearly as much as the slots
 * are for one of them. */
static void
test_of_all (void)
{
  AddressRate rate;
  unsigned admitted = 0;
  address_rate_init (&rate, 50, 3);
  for (uint64_t prefix = 0; prefix < 1000; prefix++)
    admitted += admit_all (&rate, prefix, 1, 5 * S);
  g_assert_cmpuint (admitted, ==, 50);
  /* a refused one has not counted for its address */
  g_assert_cmpuint (admit_all (&rate, 999, 10, 6 * S), ==, 3);
}

/* The slots that addresses share differ from process to process. */
static void
test_collisions_are_secret (void)
{
  AddressRate one, other;
  unsigned differ = 0;
  address_rate_init (&one, UINT_MAX, 1);
  address_rate_init (&other, UINT_MAX, 1);
  for (uint64_t prefix = 0; prefix < ADDRESS_RATE_SLOTS; prefix++)
    differ += admit_all (&one, prefix, 1, 5 * S) != admit_all (&other, prefix, 1, 5 * S);
  g_assert_cmpuint (differ, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/address-rate/of-one-address", test_of_one_address);
  g_test_add_func ("/address-rate/of-all", test_of_all);
  g_test_add_func ("/address-rate/collisions-are-secret", test_collisions_are_secret);
  return g_test_run ();
}

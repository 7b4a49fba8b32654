/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/backoff.h"

#include <glib.h>

static void
test_delays (void)
{
  static const uint32_t full[] = { 0, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000 };
  for (unsigned failures = 0; failures < G_N_ELEMENTS (full); failures++)
    {
      g_assert_cmpuint (backoff_delay_ms (failures, 0), ==, full[failures] / 2);
      g_assert_cmpuint (backoff_delay_ms (failures, full[failures] / 2), ==, full[failures]);
      g_assert_cmpuint (backoff_delay_ms (failures, UINT32_MAX), <=, full[failures]);
      g_assert_cmpuint (backoff_delay_ms (failures, UINT32_MAX), >=, full[failures] / 2);
    }
  g_assert_cmpuint (backoff_delay_ms (UINT32_MAX, 7), ==, BACKOFF_MAX_MS / 2 + 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backoff/delays", test_delays);
  return g_test_run ();
}

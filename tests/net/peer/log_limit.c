/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/log_limit.h"

static NodeId
id_numbered (guint number)
{
  return (NodeId) { { (uint8_t) number, (uint8_t) (number >> 8), 1 } };
}

static void
test_each_once (void)
{
  LogLimit limit = { 0 };
  NodeId one = id_numbered (1), two = id_numbered (2);
  g_assert_true (log_limit_admit (&limit, &one, 5));
  g_assert_false (log_limit_admit (&limit, &one, 5 + LOG_LIMIT_INTERVAL_US));
  g_assert_true (log_limit_admit (&limit, &two, 5 + LOG_LIMIT_INTERVAL_US));
  g_assert_false (log_limit_admit (&limit, &one, 5 + 9 * LOG_LIMIT_INTERVAL_US));
}

/* Fresh ids, as many as anybody likes to make: one line a second. */
static void
test_flood (void)
{
  LogLimit limit = { 0 };
  guint admitted = 0;
  for (guint i = 0; i < 10000; i++)
    {
      NodeId id = id_numbered (i);
      admitted += log_limit_admit (&limit, &id, 1 + (int64_t) i * LOG_LIMIT_INTERVAL_US / 1000);
    }
  g_assert_cmpuint (admitted, ==, 10);
}

static void
test_oldest_is_forgotten (void)
{
  LogLimit limit = { 0 };
  int64_t now_us = 0;
  for (guint i = 0; i <= LOG_LIMIT_NAMED_MAX; i++)
    {
      NodeId id = id_numbered (i);
      g_assert_true (log_limit_admit (&limit, &id, now_us += LOG_LIMIT_INTERVAL_US));
    }
  NodeId oldest = id_numbered (0), next = id_numbered (2);
  g_assert_true (log_limit_admit (&limit, &oldest, now_us += LOG_LIMIT_INTERVAL_US));
  g_assert_false (log_limit_admit (&limit, &next, now_us += LOG_LIMIT_INTERVAL_US));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log-limit/each-once", test_each_once);
  g_test_add_func ("/log-limit/flood", test_flood);
  g_test_add_func ("/log-limit/oldest-is-forgotten", test_oldest_is_forgotten);
  return g_test_run ();
}

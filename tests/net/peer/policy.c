/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/policy.h"

static NodeId
id_numbered (uint8_t n)
{
  return (NodeId) { .bytes = { n } };
}

static void
test_default (void)
{
  const PolicyRule rules[] = { POLICY_ASK, POLICY_ACCEPT, POLICY_DECLINE };
  NodeId anyone = id_numbered (1);
  for (size_t i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (PolicyTable) table = policy_table_new (rules[i]);
      g_assert_cmpint (policy_table_get (table, NULL)->rule, ==, rules[i]);
      g_assert_cmpint (policy_table_get (table, &anyone)->rule, ==, rules[i]);
      g_assert_null (policy_table_get (table, &anyone)->folder);
    }
}

static void
test_own (void)
{
  g_autoptr (PolicyTable) table = policy_table_new (POLICY_ASK);
  g_autoptr (GFile) folder = g_file_new_for_path ("/srv/photos");
  NodeId trusted = id_numbered (1), other = id_numbered (2);
  {
    /* Neither the id nor the policy has to live on. */
    NodeId passing = trusted;
    Policy policy = { POLICY_ACCEPT, folder };
    policy_table_set (table, &passing, &policy);
    passing = other;
    policy = (Policy) { POLICY_DECLINE, NULL };
  }
  g_assert_cmpint (policy_table_get (table, &trusted)->rule, ==, POLICY_ACCEPT);
  g_assert_true (policy_table_get (table, &trusted)->folder == folder);
  g_assert_cmpint (policy_table_get (table, &other)->rule, ==, POLICY_ASK);
  g_assert_null (policy_table_get (table, &other)->folder);

  policy_table_set (table, &trusted, &(Policy) { POLICY_DECLINE, NULL });
  g_assert_cmpint (policy_table_get (table, &trusted)->rule, ==, POLICY_DECLINE);
  g_assert_null (policy_table_get (table, &trusted)->folder);
}

/* What is said of all changes nothing of what was said of one. */
static void
test_all (void)
{
  g_autoptr (PolicyTable) table = policy_table_new (POLICY_ASK);
  g_autoptr (GFile) folder = g_file_new_for_path ("/srv/in");
  NodeId refused = id_numbered (1), other = id_numbered (2);
  policy_table_set (table, &refused, &(Policy) { POLICY_DECLINE, NULL });
  policy_table_set (table, NULL, &(Policy) { POLICY_ACCEPT, folder });
  g_assert_cmpint (policy_table_get (table, &refused)->rule, ==, POLICY_DECLINE);
  g_assert_cmpint (policy_table_get (table, &other)->rule, ==, POLICY_ACCEPT);
  g_assert_true (policy_table_get (table, &other)->folder == folder);
}

static void
test_reset (void)
{
  g_autoptr (PolicyTable) table = policy_table_new (POLICY_ASK);
  NodeId gone = id_numbered (1), kept = id_numbered (2);
  policy_table_set (table, &gone, &(Policy) { POLICY_ACCEPT, NULL });
  policy_table_set (table, &kept, &(Policy) { POLICY_ACCEPT, NULL });
  policy_table_reset (table, &gone);
  policy_table_reset (table, &gone);
  g_assert_cmpint (policy_table_get (table, &gone)->rule, ==, POLICY_ASK);
  g_assert_cmpint (policy_table_get (table, &kept)->rule, ==, POLICY_ACCEPT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/peer/policy/default", test_default);
  g_test_add_func ("/peer/policy/own", test_own);
  g_test_add_func ("/peer/policy/all", test_all);
  g_test_add_func ("/peer/policy/reset", test_reset);
  return g_test_run ();
}

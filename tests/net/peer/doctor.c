/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is found about other devices; what about this computer, tests/e2e/doctor.py sees. */
#include "net/peer/doctor.h"

#include <string.h>

#include "tests/support/two_nodes.h"

/* How many of @kind and @severity there are. */
static guint
count (GPtrArray *findings, FindingKind kind, FindingSeverity severity)
{
  guint n = 0;
  for (guint i = 0; i < findings->len; i++)
    {
      const Finding *finding = g_ptr_array_index (findings, i);
      g_assert_true (g_utf8_validate (finding->cause, -1, NULL) && *finding->cause);
      n += finding->kind == kind && finding->severity == severity;
    }
  return n;
}

static void
assert_this_computer (GPtrArray *findings)
{
  g_assert_cmpuint (count (findings, FINDING_PORT, FINDING_OK) +
                        count (findings, FINDING_PORT, FINDING_WARNING),
                    ==, 1);
  g_assert_cmpuint (count (findings, FINDING_DISCOVERY, FINDING_WARNING), ==, 1); /* it is off */
}

static void
test_devices (TwoNodes *fixture, gconstpointer data)
{
  WherryDevice *a = pair_by_words (fixture);
  g_autoptr (GPtrArray) there = wait_boxed (wherry_client_diagnose (fixture->B, NULL));
  assert_this_computer (there);
  g_assert_cmpuint (count (there, FINDING_DEVICE, FINDING_OK), ==, 1);
  g_assert_cmpuint (count (there, FINDING_ADDRESS, FINDING_OK), ==, 0);

  two_nodes_close_one (fixture, 0);
  g_autoptr (GPtrArray) gone = wait_boxed (wherry_client_diagnose (fixture->B, NULL));
  g_assert_cmpuint (count (gone, FINDING_DEVICE, FINDING_WARNING), ==, 1);
  /* asked for by name, it is a problem */
  g_autoptr (GPtrArray) wanted =
      wait_boxed (wherry_client_diagnose (fixture->B, wherry_device_get_id (a)));
  g_assert_cmpuint (count (wanted, FINDING_DEVICE, FINDING_PROBLEM), ==, 1);
  g_assert_cmpuint (count (wanted, FINDING_ADDRESS, FINDING_OK), ==, 0);
  g_assert_cmpuint (count (wanted, FINDING_ADDRESS, FINDING_WARNING), >=, 1);
}

static void
test_connect (TwoNodes *fixture, gconstpointer data)
{
  WherryDevice *a = pair_by_words (fixture);
  g_autofree char *address = g_strdup_printf ("127.0.0.1:%u", wherry_client_get_port (fixture->A));
  const char *const targets[] = { wherry_device_get_id (a), "Anna’s desktop", address };
  for (size_t i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_test_message ("%s", targets[i]);
      g_autoptr (GPtrArray) findings = wait_boxed (wherry_client_diagnose (fixture->B, targets[i]));
      assert_this_computer (findings);
      g_assert_cmpuint (count (findings, FINDING_ADDRESS, FINDING_OK), >=, 1);
      g_assert_cmpuint (count (findings, FINDING_DEVICE, FINDING_OK), ==, i < 2);
    }
  g_autoptr (GPtrArray) nobody = wait_boxed (wherry_client_diagnose (fixture->B, "127.0.0.1:9"));
  g_assert_cmpuint (count (nobody, FINDING_ADDRESS, FINDING_PROBLEM), ==, 1);
}

static void
test_unknown (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (wait_future (wherry_client_diagnose (fixture->B, "no such:thing"), &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "no such:thing"));
}

/* Whoever asked goes away, at each point of it: the fixture proves that nothing is left.
 */
static void
test_given_up (TwoNodes *fixture, gconstpointer data)
{
  WherryDevice *a = pair_by_words (fixture);
  for (int turns = 0; turns < 60; turns++)
    {
      DexFuture *diagnosing = wherry_client_diagnose (fixture->B, wherry_device_get_id (a));
      for (int i = 0; i < turns && dex_future_is_pending (diagnosing); i++)
        g_main_context_iteration (NULL, true);
      dex_unref (diagnosing);
    }
}

/* The node closes meanwhile. */
static void
test_node_is_closed (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  DexFuture *diagnosing = wherry_client_diagnose (fixture->B, NULL);
  g_main_context_iteration (NULL, false);
  wait_for (wherry_client_close (fixture->B));
  g_autoptr (GError) error = NULL;
  g_assert_false (wait_future (diagnosing, &error));
  g_clear_error (&error);
  g_assert_false (wait_future (wherry_client_diagnose (fixture->B, NULL), &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_OFFLINE);
}

#define TEST(name, func)                                                                           \
  g_test_add ("/doctor/" name, TwoNodes, NULL, two_nodes_start, func, two_nodes_stop)

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  TEST ("devices", test_devices);
  TEST ("connect", test_connect);
  TEST ("unknown", test_unknown);
  TEST ("given-up", test_given_up);
  TEST ("node-is-closed", test_node_is_closed);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/reconnector.h"

#include "net/peer/messages.h"
#include "tests/support/two_nodes.h"
#include "tests/support/wait.h"

/* B announces itself at @addresses, as discovery tells A. */
static void
announce (TwoNodes *fixture, GPtrArray *addresses)
{
  wherry_device_registry_discovered (WHERRY_NODE (fixture->A)->registry,
                                     wherry_client_get_id (fixture->B), "B", DEVICE_LAPTOP, false,
                                     addresses);
}

static Reconnector *
start (TwoNodes *fixture)
{
  WherryNode *a = WHERRY_NODE (fixture->A);
  return reconnector_new (a->pool, a->registry, MESSAGES_ALPN, wherry_client_get_id (fixture->A));
}

static bool
is_connected (TwoNodes *fixture)
{
  return pool_count (WHERRY_NODE (fixture->A)->pool, wherry_client_get_id (fixture->B)) == 1 &&
         wherry_device_get_state (device_of (fixture->A, fixture->B)) == DEVICE_STATE_CONNECTED;
}

static void
test_seen (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  wait_until (pool_count (WHERRY_NODE (fixture->A)->pool, wherry_client_get_id (fixture->B)) == 0);
  Reconnector *reconnector = start (fixture);
  g_autoptr (GPtrArray) addresses = loopback_of (fixture->B);
  announce (fixture, addresses);
  wait_until (is_connected (fixture));

  /* Lost, it is made again. */
  pool_close (WHERRY_NODE (fixture->B)->pool, wherry_client_get_id (fixture->A), QUIC_CODE_OK, "");
  wait_until (!is_connected (fixture));
  wait_until (is_connected (fixture));
  reconnector_free (reconnector);
}

/* Nobody is where it was; then it is seen at another place. */
static void
test_moves (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  two_nodes_close_one (fixture, 1);
  Reconnector *reconnector = start (fixture);
  two_nodes_open_one (fixture, 1);
  g_autoptr (GPtrArray) nowhere = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (nowhere, g_inet_socket_address_new_from_string ("127.0.0.1", 9));
  announce (fixture, nowhere);
  g_autoptr (GPtrArray) addresses = loopback_of (fixture->B);
  announce (fixture, addresses);
  wait_until (is_connected (fixture));
  reconnector_free (reconnector);
}

#define TEST(name, func)                                                                           \
  g_test_add ("/reconnector/" name, TwoNodes, NULL, two_nodes_start, func, two_nodes_stop)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  TEST ("seen", test_seen);
  TEST ("moves", test_moves);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/pool.h"

#include "net/async/quic_future.h"
#include "net/core/connection_state.h"
#include "net/peer/messages.h"
#include "tests/support/two_nodes.h"

/* A second ALPN of the peer's that nobody shares. */
#define OWN_ALPN "wherry/transfer/1"

static DexFuture *
share (TwoNodes *fixture)
{
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  return pool_share (WHERRY_NODE (fixture->B)->pool, wherry_client_get_id (fixture->A),
                     MESSAGES_ALPN, address);
}

static SecureConnection *
wait_connection (DexFuture *future)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (wait_future (dex_ref (future), &error));
  g_assert_no_error (error);
  SecureConnection *peer = g_value_dup_boxed (dex_future_get_value (future, NULL));
  dex_unref (future);
  return peer;
}

static DexFuture *
dial (TwoNodes *fixture, const char *alpn)
{
  return pool_dial (WHERRY_NODE (fixture->B)->pool, wherry_client_get_id (fixture->A), alpn, NULL);
}

/* Who asks while it is dialled, and who asks later, get the same one; a dialled one is its
 * dialler's. */
static void
test_shared (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  DexFuture *first = share (fixture), *second = share (fixture);
  g_autoptr (SecureConnection) one = wait_connection (first);
  g_autoptr (SecureConnection) two = wait_connection (second);
  g_autoptr (SecureConnection) three = wait_connection (share (fixture));
  g_autoptr (SecureConnection) own = wait_connection (dial (fixture, MESSAGES_ALPN));
  g_assert_true (one == two);
  g_assert_true (one == three);
  g_assert_true (one != own);
}

static DexFuture *
share_known (TwoNodes *fixture)
{
  return pool_share (WHERRY_NODE (fixture->B)->pool, wherry_client_get_id (fixture->A),
                     MESSAGES_ALPN, NULL);
}

/* While nobody answers at the addresses that are known, whoever knows a better one does not
 * wait. */
static void
test_better_address (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  g_autoptr (GSocket) silent =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GSocketAddress) former =
      g_inet_socket_address_new_from_string ("127.0.0.1", wherry_client_get_port (fixture->A));
  two_nodes_close_one (fixture, 0);
  g_assert_true (g_socket_bind (silent, former, FALSE, NULL));
  two_nodes_open_one (fixture, 0); /* at another port */
  g_autoptr (DexFuture) waiting = share_known (fixture);
  g_autoptr (SecureConnection) better = wait_connection (share (fixture));
  g_assert_true (dex_future_is_pending (waiting));
  g_autoptr (SecureConnection) later = wait_connection (share_known (fixture));
  g_assert_true (later == better);
}

static guint
count_open (TwoNodes *fixture, int i)
{
  GListModel *devices = wherry_client_get_devices (fixture->nodes[i]);
  g_autoptr (WherryDevice) device = g_list_model_get_item (devices, 0);
  return pool_count (WHERRY_NODE (fixture->nodes[i])->pool, wherry_device_get_node_id (device));
}

/* Both dial before either has heard of the other: one connection is left, the same at both ends,
 * and who asks later gets it. */
static void
test_both_dial (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  wait_until (count_open (fixture, 0) == 0 && count_open (fixture, 1) == 0);
  g_autoptr (GPtrArray) address = loopback_of (fixture->B);
  DexFuture *there = share (fixture);
  DexFuture *back = pool_share (WHERRY_NODE (fixture->A)->pool, wherry_client_get_id (fixture->B),
                                MESSAGES_ALPN, address);
  g_autoptr (SecureConnection) of_b = wait_connection (there);
  g_autoptr (SecureConnection) of_a = wait_connection (back);
  wait_until (count_open (fixture, 0) == 1 && count_open (fixture, 1) == 1);

  bool a_is_less =
      node_id_is_less (wherry_client_get_id (fixture->A), wherry_client_get_id (fixture->B));
  SecureConnection *stays = a_is_less ? of_a : of_b, *goes = a_is_less ? of_b : of_a;
  g_assert_true (quic_connection_is_open (stays->connection));
  g_assert_false (quic_connection_is_open (goes->connection));
  if (!a_is_less)
    {
      g_autoptr (SecureConnection) later = wait_connection (share (fixture));
      g_assert_true (later == of_b);
    }
  g_autoptr (DexFuture) ping =
      wherry_client_ping (fixture->A, device_of (fixture->A, fixture->B), NULL);
  g_assert_true (wait_future (dex_ref (ping), NULL));
}

/* One that is no longer open is not given out. */
static void
test_closed_is_not_shared (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  g_autoptr (SecureConnection) one = wait_connection (share (fixture));
  quic_connection_close (one->connection, QUIC_CODE_OK, "test");
  g_autoptr (SecureConnection) two = wait_connection (share (fixture));
  g_assert_true (one != two);
  g_assert_true (quic_connection_is_open (two->connection));
}

/* Whoever asked first loses interest: the others, and later ones, get it all the same. */
static void
test_first_loses_interest (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  DexFuture *unwanted = dex_future_first (share (fixture), NULL);
  DexFuture *wanted = share (fixture);
  dex_unref (unwanted);
  g_autoptr (SecureConnection) one = wait_connection (wanted);
  g_autoptr (SecureConnection) two = wait_connection (share (fixture));
  g_assert_true (one == two);
}

/* A device may hold POOL_DEVICE_MAX of ours. Its newest is refused while all others are in use. */
static void
test_limit (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  g_autoptr (GPtrArray) held =
      g_ptr_array_new_with_free_func ((GDestroyNotify) secure_connection_unref);
  for (int i = 0; i < POOL_DEVICE_MAX; i++)
    g_ptr_array_add (held, wait_connection (dial (fixture, OWN_ALPN)));
  g_autoptr (GError) error = NULL;
  g_assert_false (wait_future (dial (fixture, OWN_ALPN), &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "Anna’s desktop"));

  /* Those that it closes make room. */
  SecureConnection *one = held->pdata[0];
  quic_connection_close (one->connection, QUIC_CODE_OK, "test");
  for (bool room = false; !room; g_clear_error (&error))
    {
      DexFuture *again = dial (fixture, OWN_ALPN);
      room = wait_future (dex_ref (again), &error);
      if (room)
        g_ptr_array_add (held, wait_connection (dex_ref (again)));
      dex_unref (again);
    }
}

/* What a person is told depends on how the other side closed. */
static const struct
{
  const char *name;
  QuicCode code;
  QuicError told;
} endings[] = {
  { "/pool/explain/broken", QUIC_CODE_OK, QUIC_ERROR_UNREACHABLE },
  { "/pool/explain/busy", QUIC_CODE_LIMIT, QUIC_ERROR_REFUSED },
  { "/pool/explain/not-paired", QUIC_CODE_NOT_PAIRED, QUIC_ERROR_NOT_PAIRED },
};

typedef struct
{
  Pool *pool;
  SecureConnection *peer; /* borrowed */
  GError *error;          /* (owned) taken */
} Explaining;

static DexFuture *
explain_fiber (gpointer data)
{
  Explaining *explaining = data;
  return dex_future_new_for_error (
      pool_explain (explaining->pool, explaining->peer, g_steal_pointer (&explaining->error)));
}

static void
test_explain (TwoNodes *fixture, gconstpointer data)
{
  int i = GPOINTER_TO_INT (data);
  g_autoptr (GError) error = NULL;
  pair_by_words (fixture);
  g_autoptr (SecureConnection) peer = wait_connection (share (fixture));
  pool_close (WHERRY_NODE (fixture->A)->pool, wherry_client_get_id (fixture->B), endings[i].code,
              "test");
  Explaining explaining = {
    .pool = WHERRY_NODE (fixture->B)->pool,
    .peer = peer,
    .error = g_error_new_literal (QUIC_ERROR, QUIC_ERROR_RESET, "any"),
  };
  g_assert_false (wait_future (flow_spawn (explain_fiber, &explaining, NULL), &error));
  g_assert_error (error, QUIC_ERROR, (int) endings[i].told);
  g_assert_nonnull (strstr (error->message, "Anna’s desktop"));
}

/* Only what is silent becomes idle, and something said makes it active again. */
static void
test_idle (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  g_autoptr (SecureConnection) peer = wait_connection (share (fixture));
  Pool *pool = WHERRY_NODE (fixture->B)->pool;
  int64_t before_us = pool_idle_at (pool, peer);
  g_assert_cmpint (before_us, >, g_get_monotonic_time ());
  pool_active (pool, peer);
  g_assert_cmpint (pool_idle_at (pool, peer), >=, before_us);
  g_assert_cmpint (pool_idle_at (pool, peer), <=, g_get_monotonic_time () + CONNECTION_IDLE_US);

  quic_connection_close (peer->connection, QUIC_CODE_OK, "test");
  while (pool_idle_at (pool, peer) != G_MAXINT64)
    g_main_context_iteration (NULL, true);
}

/* A device that is not paired is not dialled. */
static void
test_stranger (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (wait_future (share (fixture), &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_NOT_PAIRED);
}

#define TEST(name, func)                                                                           \
  g_test_add ("/pool/" name, TwoNodes, NULL, two_nodes_start, func, two_nodes_stop)

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  TEST ("shared", test_shared);
  TEST ("both-dial", test_both_dial);
  TEST ("better-address", test_better_address);
  TEST ("closed-is-not-shared", test_closed_is_not_shared);
  TEST ("first-loses-interest", test_first_loses_interest);
  TEST ("limit", test_limit);
  for (size_t i = 0; i < G_N_ELEMENTS (endings); i++)
    g_test_add (endings[i].name, TwoNodes, GINT_TO_POINTER ((int) i), two_nodes_start, test_explain,
                two_nodes_stop);
  TEST ("idle", test_idle);
  TEST ("stranger", test_stranger);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pairing/pair_store.h"

#include <sodium.h>

#include "net/async/flow.h"
#include "tests/net/store/fixture.h"
#include "tests/support/wait.h"

typedef struct
{
  Folder folder;
  Secrets *secrets;
  NetworkState *state;
  WherryDeviceRegistry *registry;
  PairStore *store;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  folder_set_up (&f->folder, data);
  f->secrets = secrets_open (f->folder.dir, FALSE, NULL);
  f->state = network_state_open (f->folder.dir, f->secrets, NULL, NULL);
  f->registry = wherry_device_registry_new (f->state);
  f->store = pair_store_new (f->state, f->registry);
}

static void
close_all (Fixture *f)
{
  pair_store_free (f->store);
  g_assert_finalize_object (f->registry);
  network_state_free (f->state);
  secrets_free (f->secrets);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  close_all (f);
  folder_tear_down (&f->folder, data);
}

/* What is on the disk, as a start sees it. */
static void
restart (Fixture *f)
{
  close_all (f);
  f->secrets = secrets_open (f->folder.dir, FALSE, NULL);
  f->state = network_state_open (f->folder.dir, f->secrets, NULL, NULL);
  f->registry = wherry_device_registry_new (f->state);
  f->store = pair_store_new (f->state, f->registry);
}

typedef struct
{
  Fixture *f;
  DeviceInfo info;
  const uint8_t *root; /* NULL: remove */
} Order;

static DexFuture *
order_fiber (gpointer data)
{
  Order *order = data;
  GError *error = NULL;
  if (!order->root && !pair_store_remove (order->f->store, &order->info.node_id, &error))
    return dex_future_new_for_error (error);
  if (!order->root)
    return dex_future_new_true ();
  g_autoptr (WherryDevice) device =
      pair_store_put (order->f->store, &order->info, order->root, NULL, NULL, &error);
  return device ? dex_future_new_true () : dex_future_new_for_error (error);
}

static DexFuture *
start (Fixture *f, const DeviceInfo *info, const uint8_t *root)
{
  Order *order = g_new (Order, 1);
  *order = (Order) { f, *info, root };
  return flow_spawn (order_fiber, order, g_free);
}

static bool
finish (DexFuture *future, GError **error)
{
  wait_until (!dex_future_is_pending (future));
  bool resolved = dex_future_get_value (future, error);
  dex_unref (future);
  return resolved;
}

static void
test_stored (Fixture *f, gconstpointer data)
{
  DeviceInfo one = device_numbered (1);
  g_assert_true (finish (start (f, &one, random_root), NULL));
  restart (f);
  g_assert_cmpmem (wherry_device_registry_get_root (f->registry, &one.node_id), PAIRING_ROOT_LEN,
                   random_root, sizeof random_root);
  g_assert_true (finish (start (f, &one, NULL), NULL));
  restart (f);
  g_assert_null (wherry_device_registry_lookup (f->registry, &one.node_id));
}

/* The disk refuses the list: then the device is not paired, and its secret is not left behind. */
static void
test_failed_is_none (Fixture *f, gconstpointer data)
{
  DeviceInfo one = device_numbered (1), two = device_numbered (2);
  uint8_t other[PAIRING_ROOT_LEN];
  g_autoptr (GError) error = NULL;
  memcpy (other, random_root, sizeof other);
  other[0] ^= 1;
  g_assert_true (finish (start (f, &one, random_root), NULL));
  g_assert_no_errno (mkdirat (data_dir_get_fd (f->folder.dir), "network_state.json.new", 0700));
  g_assert_false (finish (start (f, &one, other), &error));
  g_assert_nonnull (strstr (error->message, f->folder.path));
  g_assert_false (finish (start (f, &two, other), NULL));
  g_assert_null (wherry_device_registry_lookup (f->registry, &two.node_id));

  g_assert_no_errno (
      unlinkat (data_dir_get_fd (f->folder.dir), "network_state.json.new", AT_REMOVEDIR));
  restart (f);
  g_assert_cmpmem (wherry_device_registry_get_root (f->registry, &one.node_id), PAIRING_ROOT_LEN,
                   random_root, sizeof random_root);
  g_assert_null (secrets_get_root (f->secrets, &two.node_id));
  g_assert_null (wherry_device_registry_lookup (f->registry, &two.node_id));
}

/* In the order in which they came, whatever the threads do. */
static void
test_one_after_the_other (Fixture *f, gconstpointer data)
{
  DeviceInfo one = device_numbered (1);
  for (int round = 0; round < 20; round++)
    {
      DexFuture *all[] = { start (f, &one, random_root), start (f, &one, NULL),
                           start (f, &one, random_root), start (f, &one, NULL),
                           start (f, &one, random_root) };
      for (size_t i = 0; i < G_N_ELEMENTS (all); i++)
        g_assert_true (finish (all[i], NULL));
    }
  restart (f);
  g_assert_nonnull (wherry_device_registry_get_root (f->registry, &one.node_id));
}

/* Nobody waits for it any more: what was begun ends whole. */
static void
test_discarded (Fixture *f, gconstpointer data)
{
  DeviceInfo one = device_numbered (1);
  for (int turns = 0; turns < 20; turns++)
    {
      DexFuture *unwanted = start (f, &one, random_root);
      for (int i = 0; i < turns; i++)
        g_main_context_iteration (NULL, FALSE);
      dex_unref (unwanted);
      g_assert_true (finish (start (f, &one, NULL), NULL));
      g_assert_null (wherry_device_registry_get_root (f->registry, &one.node_id));
    }
  restart (f);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->registry)), ==, 0);
}

/* A pairing that the other side did not store, over one that stood or over none. */
static DexFuture *
failed_pairing_fiber (gpointer data)
{
  Order *order = data;
  GError *error = NULL;
  uint8_t *earlier = NULL;
  g_autoptr (WherryDevice) device =
      pair_store_put (order->f->store, &order->info, order->root, NULL, &earlier, &error);
  bool back = device && pair_store_take_back (order->f->store, &order->info, earlier, &error);
  sodium_free (earlier);
  return back ? dex_future_new_true () : dex_future_new_for_error (error);
}

static void
test_taken_back (Fixture *f, gconstpointer data)
{
  bool paired_before = data;
  DeviceInfo one = device_numbered (1);
  uint8_t other[PAIRING_ROOT_LEN];
  memcpy (other, random_root, sizeof other);
  other[0] ^= 1;
  if (paired_before)
    g_assert_true (finish (start (f, &one, random_root), NULL));
  Order *order = g_new (Order, 1);
  *order = (Order) { f, one, other };
  g_assert_true (finish (flow_spawn (failed_pairing_fiber, order, g_free), NULL));
  for (int i = 0; i < 2; i++)
    {
      const uint8_t *root = wherry_device_registry_get_root (f->registry, &one.node_id);
      g_assert_cmpint (!root, ==, !paired_before);
      if (root)
        g_assert_cmpmem (root, PAIRING_ROOT_LEN, random_root, sizeof random_root);
      restart (f);
    }
}

#define TEST(name, function)                                                                       \
  g_test_add ("/pair-store/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  TEST ("stored", test_stored);
  TEST ("failed-is-none", test_failed_is_none);
  TEST ("one-after-the-other", test_one_after_the_other);
  TEST ("discarded", test_discarded);
  g_test_add ("/pair-store/taken-back/paired-before", Fixture, "", set_up, test_taken_back,
              tear_down);
  g_test_add ("/pair-store/taken-back/stranger", Fixture, NULL, set_up, test_taken_back, tear_down);
  return run_tests ();
}

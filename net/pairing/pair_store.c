/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pairing/pair_store.h"

#include <string.h>
#include <sodium.h>

#include "net/core/secret.h"
#include "net/async/flow.h"
#include "net/async/worker.h"

struct PairStore
{
  NetworkState *state;
  WherryDeviceRegistry *registry;
  DexPromise *turn; /* (owned) (nullable) resolved when the last one in the queue is through */
};

PairStore *
pair_store_new (NetworkState *state, WherryDeviceRegistry *registry)
{
  PairStore *store = g_new (PairStore, 1);
  *store = (PairStore) { .state = state, .registry = registry };
  return store;
}

void
pair_store_free (PairStore *store)
{
  dex_clear (&store->turn);
  g_free (store);
}

/* Waits for those that came earlier: two threads must not write one device's secret. (transfer
 * full) */
static DexPromise *
take_turn (PairStore *store)
{
  DexFuture *earlier = store->turn ? DEX_FUTURE (g_steal_pointer (&store->turn)) : NULL;
  DexPromise *mine = dex_promise_new ();
  store->turn = dex_ref (mine);
  if (earlier)
    flow_await_regardless (earlier, NULL);
  return mine;
}

static void
end_turn (DexPromise *mine)
{
  dex_promise_resolve_boolean (mine, TRUE);
  dex_unref (mine);
}

typedef struct
{
  Secrets *secrets;
  const NodeId *id;
  const uint8_t *root; /* NULL: remove it */
} RootChange;

static bool
change_root (gpointer data, GError **error)
{
  RootChange *change = data;
  return change->root ? secrets_store_root (change->secrets, change->id, change->root, error)
                      : secrets_remove_root (change->secrets, change->id, error);
}

static bool
await_root (PairStore *store, const NodeId *id, const uint8_t *root, GError **error)
{
  RootChange change = { network_state_get_secrets (store->state), id, root };
  return flow_await_regardless (worker_start ("secret", change_root, &change), error);
}

static bool
flush (gpointer writer, GError **error)
{
  return state_writer_flush (writer, error);
}

static bool
await_state (PairStore *store, GError **error)
{
  return flow_await_regardless (
      worker_start ("state", flush, network_state_get_writer (store->state)), error);
}

/* The row's own memory may be wiped while a thread reads it. */
static uint8_t *
dup_root (PairStore *store, const NodeId *id)
{
  const uint8_t *root = wherry_device_registry_get_root (store->registry, id);
  if (!root)
    return NULL;
  uint8_t *copy = secret_new (PAIRING_ROOT_LEN);
  memcpy (copy, root, PAIRING_ROOT_LEN);
  return copy;
}

/* The secret goes first: a root without an entry is nothing, an entry without a root looks paired
 * and is not. */
static bool
put (PairStore *store, const DeviceInfo *info, const uint8_t *root, GInetSocketAddress *address,
     GError **error)
{
  PairedDevice *before = NULL;
  if (!await_root (store, &info->node_id, root, error))
    return false;
  bool known = network_state_put_paired (store->state, info, address, &before, error);
  if (known && await_state (store, error))
    {
      g_clear_pointer (&before, paired_device_free);
      return true;
    }
  if (known)
    network_state_restore_paired (store->state, &info->node_id, before);
  g_autoptr (GError) undo = NULL;
  uint8_t *earlier = dup_root (store, &info->node_id);
  if (!await_root (store, &info->node_id, earlier, &undo))
    g_warning ("a pairing that could not be saved left its secret behind: %s", undo->message);
  sodium_free (earlier);
  return false;
}

WherryDevice *
pair_store_put (PairStore *store, const DeviceInfo *info, const uint8_t *root,
                GInetSocketAddress *address, uint8_t **earlier_root, GError **error)
{
  DexPromise *turn = take_turn (store);
  WherryDevice *device = NULL;
  if (earlier_root)
    *earlier_root = dup_root (store, &info->node_id);
  if (put (store, info, root, address, error))
    device = g_object_ref (wherry_device_registry_paired (store->registry, info, root));
  end_turn (turn);
  return device;
}

bool
pair_store_take_back (PairStore *store, const DeviceInfo *info, const uint8_t *earlier_root,
                      GError **error)
{
  if (!earlier_root)
    return pair_store_remove (store, &info->node_id, error);
  g_autoptr (WherryDevice) device = pair_store_put (store, info, earlier_root, NULL, NULL, error);
  return device;
}

void
pair_store_forget (PairStore *store, const NodeId *id)
{
  NodeId copy = *id; /* it may be the row's */

  network_state_remove_paired (store->state, &copy);
  wherry_device_registry_unpaired (store->registry, &copy);
}

bool
pair_store_remove (PairStore *store, const NodeId *id, GError **error)
{
  NodeId copy = *id;
  g_autoptr (GError) local = NULL;
  pair_store_forget (store, &copy);
  DexPromise *turn = take_turn (store);
  pair_store_forget (store, &copy); /* what was being stored meanwhile */
  bool removed = await_root (store, &copy, NULL, error);
  /* Without its secret the entry is dead; it is tried again with the next change. */
  if (!await_state (store, &local))
    g_warning ("%s", local->message);
  end_turn (turn);
  return removed;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/device_registry.h"

#include "tests/net/store/fixture.h"

typedef struct
{
  Folder folder;
  Secrets *secrets;
  NetworkState *state;
  WherryDeviceRegistry *registry;
  GPtrArray *nowhere; /* no addresses */
  guint position, removed, added, n_changes;
  guint n_notified;
} Fixture;

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, Fixture *f)
{
  f->position = position;
  f->removed = removed;
  f->added = added;
  f->n_changes++;
}

static void
notify_cb (WherryDevice *device, GParamSpec *pspec, Fixture *f)
{
  f->n_notified++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  folder_set_up (&f->folder, data);
  f->secrets = secrets_open (f->folder.dir, FALSE, NULL);
  f->state = network_state_open (f->folder.dir, f->secrets, NULL, NULL);
  f->registry = wherry_device_registry_new (f->state);
  f->nowhere = g_ptr_array_new ();
  g_signal_connect (f->registry, "items-changed", G_CALLBACK (items_changed_cb), f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_ptr_array_unref (f->nowhere);
  g_assert_finalize_object (f->registry);
  network_state_free (f->state);
  secrets_free (f->secrets);
  folder_tear_down (&f->folder, data);
}

static void
restart (Fixture *f)
{
  g_assert_finalize_object (f->registry);
  network_state_free (f->state);
  secrets_free (f->secrets);
  f->secrets = secrets_open (f->folder.dir, FALSE, NULL);
  f->state = network_state_open (f->folder.dir, f->secrets, NULL, NULL);
  f->registry = wherry_device_registry_new (f->state);
}

static void
discover (Fixture *f, const DeviceInfo *info)
{
  wherry_device_registry_discovered (f->registry, &info->node_id, info->name, info->type, FALSE,
                                     f->nowhere);
}

static WherryDevice *
pair (Fixture *f, const DeviceInfo *info)
{
  store_pairing (f->secrets, f->state, info, NULL);
  return wherry_device_registry_paired (f->registry, info, random_root);
}

static void
unpair (Fixture *f, const DeviceInfo *info)
{
  g_assert_true (secrets_remove_root (f->secrets, &info->node_id, NULL));
  network_state_remove_paired (f->state, &info->node_id);
  wherry_device_registry_unpaired (f->registry, &info->node_id);
}

#define assert_changed(f, at, n_removed, n_added)                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_assert_cmpuint ((f)->n_changes, ==, 1);                                                      \
    g_assert_cmpuint ((f)->position, ==, at);                                                      \
    g_assert_cmpuint ((f)->removed, ==, n_removed);                                                \
    g_assert_cmpuint ((f)->added, ==, n_added);                                                    \
    (f)->n_changes = 0;                                                                            \
  }                                                                                                \
  G_STMT_END

static void
test_nearby (Fixture *f, gconstpointer data)
{
  DeviceInfo one = device_numbered (1), two = device_numbered (2), three = device_numbered (3);
  discover (f, &one);
  assert_changed (f, 0, 0, 1);
  discover (f, &two);
  assert_changed (f, 1, 0, 1);
  discover (f, &three);
  assert_changed (f, 2, 0, 1);

  WherryDevice *device = wherry_device_registry_lookup (f->registry, &two.node_id);
  g_assert_cmpint (wherry_device_get_state (device), ==, DEVICE_STATE_DISCOVERED);
  g_assert_true (wherry_device_get_nearby (device));
  g_assert_null (wherry_device_get_device_id (device));
  g_assert_null (wherry_device_registry_get_root (f->registry, &two.node_id));

  /* Known already: the row speaks for itself, and only where something changed. */
  g_signal_connect (device, "notify", G_CALLBACK (notify_cb), f);
  discover (f, &two);
  g_assert_cmpuint (f->n_notified, ==, 0);
  wherry_device_registry_discovered (f->registry, &two.node_id, "New\nname", two.type, TRUE,
                                     f->nowhere);
  g_assert_cmpuint (f->n_notified, ==, 2);
  g_assert_cmpstr (wherry_device_get_name (device), ==, "New name");
  g_assert_true (wherry_device_get_pairing_open (device));
  g_assert_cmpuint (f->n_changes, ==, 0);

  wherry_device_registry_vanished (f->registry, &two.node_id);
  assert_changed (f, 1, 1, 0);
  g_assert_null (wherry_device_registry_lookup (f->registry, &two.node_id));
  wherry_device_registry_vanished (f->registry, &two.node_id);
  g_assert_cmpuint (f->n_changes, ==, 0);
}

static void
test_pairing (Fixture *f, gconstpointer data)
{
  DeviceInfo one = device_numbered (1);
  discover (f, &one);
  assert_changed (f, 0, 0, 1);
  WherryDevice *device = wherry_device_registry_lookup (f->registry, &one.node_id);
  wherry_device_registry_pairing (f->registry, &one.node_id, TRUE);
  g_assert_cmpint (wherry_device_get_state (device), ==, DEVICE_STATE_PAIRING);
  wherry_device_registry_pairing (f->registry, &one.node_id, FALSE);
  g_assert_cmpint (wherry_device_get_state (device), ==, DEVICE_STATE_DISCOVERED);

  wherry_device_registry_pairing (f->registry, &one.node_id, TRUE);
  g_assert_true (pair (f, &one) == device);
  g_assert_cmpint (wherry_device_get_state (device), ==, DEVICE_STATE_PAIRED);
  g_assert_cmpmem (wherry_device_registry_get_root (f->registry, &one.node_id), PAIRING_ROOT_LEN,
                   random_root, sizeof random_root);
  g_assert_cmpstr (wherry_device_get_device_id (device), ==, one.device_id);
  wherry_device_registry_vanished (f->registry, &one.node_id);
  g_assert_false (wherry_device_get_nearby (device));
  g_assert_cmpuint (f->n_changes, ==, 0);
}

/* It leaves while the pairing runs: the row is needed until that ends. */
static void
test_vanishes_while_pairing (Fixture *f, gconstpointer data)
{
  DeviceInfo one = device_numbered (1);
  discover (f, &one);
  wherry_device_registry_pairing (f->registry, &one.node_id, TRUE);
  f->n_changes = 0;
  wherry_device_registry_vanished (f->registry, &one.node_id);
  g_assert_cmpuint (f->n_changes, ==, 0);
  wherry_device_registry_pairing (f->registry, &one.node_id, FALSE);
  assert_changed (f, 0, 1, 0);
}

static void
test_restart (Fixture *f, gconstpointer data)
{
  DeviceInfo one = device_numbered (1), two = device_numbered (2);
  g_autoptr (GInetSocketAddress) address = address_of ("192.0.2.7", 11204);
  g_autoptr (GPtrArray) addresses = NULL;
  store_pairing (f->secrets, f->state, &one, address);
  wherry_device_registry_paired (f->registry, &one, random_root);
  assert_changed (f, 0, 0, 1);
  discover (f, &two);
  restart (f);

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->registry)), ==, 1);
  WherryDevice *device = wherry_device_registry_lookup (f->registry, &one.node_id);
  g_assert_cmpstr (wherry_device_get_name (device), ==, one.name);
  g_assert_cmpint (wherry_device_get_state (device), ==, DEVICE_STATE_PAIRED);
  g_assert_cmpint (wherry_device_get_last_seen (device), >, 0);
  g_assert_cmpmem (wherry_device_registry_get_root (f->registry, &one.node_id), PAIRING_ROOT_LEN,
                   random_root, sizeof random_root);
  addresses = wherry_device_list_addresses (device);
  g_assert_cmpuint (addresses->len, ==, 1);
}

static void
test_unpair (Fixture *f, gconstpointer data)
{
  DeviceInfo one = device_numbered (1), two = device_numbered (2);
  WherryDevice *device = pair (f, &one);
  pair (f, &two);
  discover (f, &two);
  f->n_changes = 0;
  wherry_device_registry_connected (f->registry, &one.node_id, NULL);
  g_object_ref (device);
  unpair (f, &one);
  assert_changed (f, 0, 1, 0);
  g_assert_false (wherry_device_get_paired (device));
  g_object_unref (device);
  g_assert_null (wherry_device_registry_get_root (f->registry, &one.node_id));

  /* Nearby: it stays as a stranger, and its old connection's end is no news. */
  unpair (f, &two);
  g_assert_cmpuint (f->n_changes, ==, 0);
  device = wherry_device_registry_lookup (f->registry, &two.node_id);
  g_assert_cmpint (wherry_device_get_state (device), ==, DEVICE_STATE_DISCOVERED);
  wherry_device_registry_disconnected (f->registry, &one.node_id);
  restart (f);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->registry)), ==, 0);
}

static void
test_connections (Fixture *f, gconstpointer data)
{
  DeviceInfo one = device_numbered (1), stranger = device_numbered (2);
  WherryDevice *device = pair (f, &one);
  g_autoptr (GInetSocketAddress) address = address_of ("192.0.2.9", 4711);
  g_autoptr (GPtrArray) addresses = NULL;
  wherry_device_registry_connected (f->registry, &one.node_id, address);
  wherry_device_registry_connected (f->registry, &one.node_id, address);
  wherry_device_registry_measured (f->registry, &one.node_id, 400);
  g_assert_cmpint (wherry_device_get_state (device), ==, DEVICE_STATE_CONNECTED);
  g_assert_cmpint (wherry_device_get_rtt_us (device), ==, 400);
  addresses = wherry_device_list_addresses (device);
  g_assert_cmpuint (addresses->len, ==, 1);

  wherry_device_registry_disconnected (f->registry, &one.node_id);
  g_assert_cmpint (wherry_device_get_state (device), ==, DEVICE_STATE_CONNECTED);
  wherry_device_registry_disconnected (f->registry, &one.node_id);
  g_assert_cmpint (wherry_device_get_state (device), ==, DEVICE_STATE_DISCONNECTED);
  g_assert_cmpint (wherry_device_get_rtt_us (device), ==, 0);
  wherry_device_registry_disconnected (f->registry, &one.node_id);
  wherry_device_registry_connected (f->registry, &one.node_id, NULL);
  g_assert_cmpint (wherry_device_get_state (device), ==, DEVICE_STATE_CONNECTED);

  /* Paired anew while a connection under the old root is still being closed. */
  pair (f, &one);
  g_assert_cmpint (wherry_device_get_state (device), ==, DEVICE_STATE_PAIRED);
  wherry_device_registry_connected (f->registry, &one.node_id, NULL);
  wherry_device_registry_disconnected (f->registry, &one.node_id);
  g_assert_cmpint (wherry_device_get_state (device), ==, DEVICE_STATE_CONNECTED);

  discover (f, &stranger);
  wherry_device_registry_connected (f->registry, &stranger.node_id, address);
  g_assert_cmpint (
      wherry_device_get_state (wherry_device_registry_lookup (f->registry, &stranger.node_id)), ==,
      DEVICE_STATE_DISCOVERED);
}

/* Anybody can announce the id of a paired device: that brings candidates to dial, never another
 * name. */
static void
test_spoofed_name (Fixture *f, gconstpointer data)
{
  DeviceInfo one = device_numbered (1);
  WherryDevice *device = pair (f, &one);
  wherry_device_registry_discovered (f->registry, &one.node_id, "Your bank", DEVICE_SERVER, TRUE,
                                     f->nowhere);
  g_assert_cmpstr (wherry_device_get_name (device), ==, one.name);
  g_assert_cmpint (wherry_device_get_device_type (device), ==, one.type);
  g_assert_true (wherry_device_get_nearby (device));
  restart (f);
  device = wherry_device_registry_lookup (f->registry, &one.node_id);
  g_assert_cmpstr (wherry_device_get_name (device), ==, one.name);
}

static void
test_ten_thousand_fakes (Fixture *f, gconstpointer data)
{
  DeviceInfo paired = device_numbered (1);
  NodeId id = { 0 };
  pair (f, &paired);
  for (uint32_t i = 1; i <= 10000; i++)
    {
      memcpy (id.bytes, &i, sizeof i);
      wherry_device_registry_discovered (f->registry, &id, "Fake", DEVICE_PHONE, FALSE, f->nowhere);
    }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->registry)), ==,
                    REGISTRY_NEARBY_MAX + 1);
  discover (f, &paired);
  g_assert_true (
      wherry_device_get_nearby (wherry_device_registry_lookup (f->registry, &paired.node_id)));

  /* When one leaves there is room again. */
  wherry_device_registry_vanished (f->registry, &(NodeId) { { 1 } });
  wherry_device_registry_discovered (f->registry, &id, "Fake", DEVICE_PHONE, FALSE, f->nowhere);
  g_assert_nonnull (wherry_device_registry_lookup (f->registry, &id));
}

static void
test_own_id (Fixture *f, gconstpointer data)
{
  discover (f, network_state_get_device (f->state));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->registry)), ==, 0);
}

static void
test_find (Fixture *f, gconstpointer data)
{
  DeviceInfo one = device_numbered (1), two = device_numbered (2), fake = device_numbered (3);
  g_autofree char *hex = node_id_to_hex (&one.node_id);
  g_autofree char *base32 = node_id_to_base32 (&two.node_id);
  g_autofree char *prefix = g_ascii_strup (hex, 6);
  g_autoptr (GError) error = NULL;

  g_strlcpy (fake.name, one.name, sizeof fake.name);
  discover (f, &fake);
  WherryDevice *first = pair (f, &one);
  WherryDevice *second = pair (f, &two);

  g_assert_true (wherry_device_registry_find (f->registry, "Device 1", NULL) == first);
  g_assert_true (wherry_device_registry_find (f->registry, "device 2", NULL) == second);
  g_assert_true (wherry_device_registry_find (f->registry, two.device_id, NULL) == second);
  g_assert_true (wherry_device_registry_find (f->registry, hex, NULL) == first);
  g_assert_true (wherry_device_registry_find (f->registry, prefix, NULL) == first);
  g_assert_true (wherry_device_registry_find (f->registry, base32, NULL) == second);

  hex[DEVICE_FIND_PREFIX_MIN - 1] = '\0';
  g_assert_null (wherry_device_registry_find (f->registry, hex, &error));
  g_assert_error (error, DEVICE_FIND_ERROR, DEVICE_FIND_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_strlcpy (two.name, one.name, sizeof two.name);
  pair (f, &two);
  g_assert_null (wherry_device_registry_find (f->registry, "Device 1", &error));
  g_assert_error (error, DEVICE_FIND_ERROR, DEVICE_FIND_ERROR_AMBIGUOUS);
  g_assert_true (g_str_has_suffix (error->message, "). Give more digits of the node id."));
}

/* What a device says of itself may not stand for another one: neither its name nor the device id
 * that it claims. */
static void
test_find_is_not_captured (Fixture *f, gconstpointer data)
{
  DeviceInfo one = device_numbered (1), liar = device_numbered (2);
  WherryDevice *first = pair (f, &one);
  g_autofree char *hex = node_id_to_hex (&one.node_id);
  g_autofree char *base32 = node_id_to_base32 (&one.node_id);
  g_autofree char *upper = g_ascii_strup (hex, -1);
  g_autofree char *ten = g_strndup (hex, NODE_ID_SHORT_LEN);
  g_autofree char *eight = g_strndup (hex, 8);
  g_autofree char *eight_upper = g_ascii_strup (eight, -1);
  const char *const ids[] = { hex, base32, upper, ten, eight, eight_upper, one.device_id };

  for (size_t i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_strlcpy (liar.name, ids[i], sizeof liar.name);
      pair (f, &liar);
      g_assert_true (wherry_device_registry_find (f->registry, ids[i], NULL) == first);
    }

  /* Of nobody's id: a name that looks like one is no name. */
  g_autoptr (GError) error = NULL;
  g_strlcpy (liar.name, "0123456789", sizeof liar.name);
  pair (f, &liar);
  g_assert_null (wherry_device_registry_find (f->registry, "0123456789", &error));
  g_assert_error (error, DEVICE_FIND_ERROR, DEVICE_FIND_ERROR_NOT_FOUND);
  g_clear_error (&error);

  /* Short hexadecimal names are names, such as “cafe”; when another device's id begins so, it is
   * said whose. */
  g_autofree char *four = g_strndup (hex, DEVICE_FIND_PREFIX_MIN);
  g_strlcpy (liar.name, four, sizeof liar.name);
  WherryDevice *second = pair (f, &liar);
  g_assert_null (wherry_device_registry_find (f->registry, four, &error));
  g_assert_error (error, DEVICE_FIND_ERROR, DEVICE_FIND_ERROR_AMBIGUOUS);
  g_assert_nonnull (strstr (error->message, ten));
  g_assert_nonnull (strstr (error->message, "Device 1"));
  g_autofree char *other = node_id_to_short (&liar.node_id);
  g_assert_nonnull (strstr (error->message, other));
  g_clear_error (&error);

  /* The device id is claimed, not proven. */
  g_strlcpy (liar.name, "cafe", sizeof liar.name);
  g_strlcpy (liar.device_id, one.device_id, sizeof liar.device_id);
  pair (f, &liar);
  g_assert_true (wherry_device_registry_find (f->registry, "cafe", NULL) == second);
  g_assert_null (wherry_device_registry_find (f->registry, one.device_id, &error));
  g_assert_error (error, DEVICE_FIND_ERROR, DEVICE_FIND_ERROR_AMBIGUOUS);
}

/* A device whose secret is lost is no paired one, and nobody forgets that it was. */
static void
test_lost_secret_needs_pairing (Fixture *f, gconstpointer data)
{
  static const uint8_t zero[PAIRING_ROOT_LEN];
  DeviceInfo one = device_numbered (1), two = device_numbered (2), fake = device_numbered (1);
  g_autofree char *hex = node_id_to_hex (&two.node_id);
  g_autofree char *name = g_build_filename ("roots", hex, NULL);
  pair (f, &one);
  pair (f, &two);
  g_assert_true (secrets_remove_root (f->secrets, &one.node_id, NULL));
  folder_write_bytes (&f->folder, name, zero, sizeof zero);
  restart (f);
  assert_warned ("“Device 1”, “Device 2”");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->registry)), ==, 2);
  for (int i = 1; i <= 2; i++)
    {
      DeviceInfo info = device_numbered (i);
      WherryDevice *device = wherry_device_registry_lookup (f->registry, &info.node_id);
      g_assert_true (wherry_device_get_needs_pairing (device));
      g_assert_false (wherry_device_get_paired (device));
      g_assert_null (wherry_device_registry_get_root (f->registry, &info.node_id));
      g_assert_cmpstr (wherry_device_get_name (device), ==, info.name);
    }

  /* Here or away, under the name that it proved. */
  g_strlcpy (fake.name, "Mallory", sizeof fake.name);
  discover (f, &fake);
  wherry_device_registry_vanished (f->registry, &one.node_id);
  WherryDevice *device = wherry_device_registry_lookup (f->registry, &one.node_id);
  g_assert_cmpstr (wherry_device_get_name (device), ==, "Device 1");

  g_assert_true (pair (f, &one) == device);
  g_assert_false (wherry_device_get_needs_pairing (device));
  g_assert_true (wherry_device_get_paired (device));
  unpair (f, &two);
  restart (f);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->registry)), ==, 1);
}

#define ADD_REGISTRY(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_REGISTRY ("/device-registry/nearby", test_nearby);
  ADD_REGISTRY ("/device-registry/pairing", test_pairing);
  ADD_REGISTRY ("/device-registry/vanishes-while-pairing", test_vanishes_while_pairing);
  ADD_REGISTRY ("/device-registry/restart", test_restart);
  ADD_REGISTRY ("/device-registry/unpair", test_unpair);
  ADD_REGISTRY ("/device-registry/connections", test_connections);
  ADD_REGISTRY ("/device-registry/spoofed-name", test_spoofed_name);
  ADD_REGISTRY ("/device-registry/ten-thousand-fakes", test_ten_thousand_fakes);
  ADD_REGISTRY ("/device-registry/own-id", test_own_id);
  ADD_REGISTRY ("/device-registry/find", test_find);
  ADD_REGISTRY ("/device-registry/find-is-not-captured", test_find_is_not_captured);
  ADD_REGISTRY ("/device-registry/lost-secret-needs-pairing", test_lost_secret_needs_pairing);
  return run_tests ();
}

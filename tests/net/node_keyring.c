/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A node whose secrets are in a keyring that is slow or locked. */
#include "net/node_private.h"
#include "tests/net/store/fixture.h"
#include "tests/net/store/keyring_service.h"
#include "tests/support/wait.h"

#ifdef __SANITIZE_ADDRESS__
#define N_DEVICES 20 /* more may take longer than a keyring is waited for */
#else
#define N_DEVICES 100
#endif
/* Turns of the main loop that would not happen at all if it waited for the keyring. */
#define N_TURNS 1000

static ClientOptions
options_for (Folder *folder)
{
  return (ClientOptions) { .data_dir = folder->path, .secret_service = true };
}

/* The folder with N_DEVICES pairings, for a node to open. */
static void
set_up (Folder *folder, gconstpointer data)
{
  folder_set_up (folder, data);
  Secrets *secrets = secrets_open (folder->dir, TRUE, NULL);
  NetworkState *state = network_state_open (folder->dir, secrets, NULL, NULL);
  for (uint8_t i = 1; i <= N_DEVICES; i++)
    {
      DeviceInfo peer = device_numbered (i);
      store_pairing (secrets, state, &peer, NULL);
    }
  network_state_free (state);
  secrets_free (secrets);
  g_clear_pointer (&folder->dir, data_dir_close);
}

static gboolean
turn_cb (gpointer n)
{
  return --*(int *) n > 0;
}

/* The loop turns freely, a thousand times, while @future does not settle. */
static void
assert_loop_turns (DexFuture *future)
{
  int left = N_TURNS;
  g_idle_add (turn_cb, &left);
  while (left > 0)
    {
      g_assert_true (dex_future_is_pending (future));
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
settle (DexFuture *future)
{
  wait_until (!dex_future_is_pending (future));
}

static void
close_node (WherryClient *node)
{
  g_autoptr (DexFuture) closed = wherry_client_close (node);
  settle (closed);
  wait_settle ();
  g_assert_finalize_object (node);
}

static void
test_slow_start (Folder *folder, gconstpointer data)
{
  ClientOptions options = options_for (folder);
  int before = service_searches ();
  service_do ("hold");
  g_autoptr (DexFuture) opening = wherry_client_open (&options);
  assert_loop_turns (opening);
  service_do ("release");
  settle (opening);
  WherryClient *node = g_value_dup_object (dex_future_get_value (opening, NULL));
  dex_clear (&opening);
  g_assert_null (wherry_client_get_warning (node));
  /* One question for all devices, so one deadline. */
  g_assert_cmpint (service_searches () - before, ==, 1);
  GListModel *devices = wherry_client_get_devices (node);
  g_assert_cmpuint (g_list_model_get_n_items (devices), ==, N_DEVICES);
  for (uint8_t i = 1; i <= N_DEVICES; i++)
    {
      DeviceInfo peer = device_numbered (i);
      g_assert_nonnull (
          wherry_device_registry_get_root (WHERRY_NODE (node)->registry, &peer.node_id));
    }

  /* Settings are written elsewhere, in order, and are there after the end. */
  wherry_client_set_name (node, "First");
  wherry_client_set_visible (node, FALSE);
  wherry_client_set_name (node, "Second");
  g_assert_cmpstr (wherry_client_get_name (node), ==, "Second");
  close_node (node);
  g_autofree char *text = folder_read (folder, "network_state.json");
  g_assert_nonnull (strstr (text, "Second"));
}

/* Unpairing counts at once; only its future waits for the keyring. */
static void
test_slow_unpairing (Folder *folder, gconstpointer data)
{
  ClientOptions options = options_for (folder);
  g_autoptr (GError) error = NULL;
  WherryClient *node = wherry_client_open_sync (&options, NULL, &error);
  DeviceInfo peer = device_numbered (7);
  g_assert_no_error (error);
  WherryDeviceRegistry *devices = WHERRY_NODE (node)->registry;
  WherryDevice *device = wherry_device_registry_lookup (devices, &peer.node_id);

  service_do ("hold");
  int before = service_searches ();
  g_autoptr (DexFuture) unpairing = wherry_client_unpair (node, device);
  wait_poll (service_searches () != before);
  assert_loop_turns (unpairing);
  g_assert_null (wherry_device_registry_lookup (devices, &peer.node_id));
  service_do ("release");
  settle (unpairing);
  g_assert_true (dex_future_is_resolved (unpairing));
  g_assert_null (wherry_device_registry_lookup (devices, &peer.node_id));
  dex_clear (&unpairing);
  close_node (node);

  node = wherry_client_open_sync (&options, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (wherry_device_registry_lookup (WHERRY_NODE (node)->registry, &peer.node_id));
  close_node (node);
}

static void
test_locked_start (Folder *folder, gconstpointer data)
{
  ClientOptions options = options_for (folder);
  g_autoptr (GError) error = NULL;
  service_do ("lock");
  g_autoptr (DexFuture) opening = wherry_client_open (&options);
  settle (opening);
  g_assert_null (dex_future_get_value (opening, &error));
  g_assert_error (error, SECRETS_ERROR, SECRETS_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "Unlock it and try again"));

  /* And again, once it is. */
  service_do ("unlock");
  g_autoptr (DexFuture) again = wherry_client_open (&options);
  settle (again);
  g_clear_error (&error);
  WherryClient *node = g_value_dup_object (dex_future_get_value (again, &error));
  g_assert_no_error (error);
  dex_clear (&again);
  close_node (node);
}

#define ADD_NODE(path, function) g_test_add (path, Folder, NULL, set_up, function, folder_tear_down)

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  start_service ();
  ADD_NODE ("/node-keyring/slow-start", test_slow_start);
  ADD_NODE ("/node-keyring/slow-unpairing", test_slow_unpairing);
  ADD_NODE ("/node-keyring/locked-start", test_locked_start);
  int status = run_tests ();
  stop_service ();
  g_test_dbus_stop (bus);
  return status;
}

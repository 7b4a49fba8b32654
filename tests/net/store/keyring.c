/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets in a keyring, against a Secret Service of our own on a private session bus. */
#include "net/store/keyring.h"

#include <sodium.h>

#include "tests/net/store/fixture.h"
#include "tests/net/store/keyring_service.h"

static void
test_keeps_secrets (Folder *folder, gconstpointer data)
{
  g_autoptr (Secrets) first = secrets_open (folder->dir, TRUE, NULL);
  g_autoptr (Secrets) second = NULL;
  DeviceInfo peer = device_numbered (1);
  g_autofree char *hex = node_id_to_hex (node_identity_get_id (secrets_get_identity (first)));
  g_autofree char *marker = folder_read (folder, "identity.keyring");
  g_autoptr (GError) error = NULL;

  /* Nothing secret is on the disk. */
  g_assert_cmpstr (marker, ==, hex);
  g_assert_cmpint (faccessat (data_dir_get_fd (folder->dir), "identity.key", F_OK, 0), <, 0);

  uint8_t root[PAIRING_ROOT_LEN];
  memcpy (root, random_root, sizeof root);
  g_assert_true (secrets_store_root (first, &peer.node_id, root, &error));
  root[0] = 9;
  g_assert_true (secrets_store_root (first, &peer.node_id, root, &error));
  /* The wish does not matter any more: the keyring has it. */
  second = secrets_open (folder->dir, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (node_id_equal (node_identity_get_id (secrets_get_identity (first)),
                                node_identity_get_id (secrets_get_identity (second))));
  g_assert_cmpmem (secrets_get_root (second, &peer.node_id), PAIRING_ROOT_LEN, root, sizeof root);

  g_assert_true (secrets_remove_root (second, &peer.node_id, &error));
  g_assert_true (secrets_remove_root (second, &peer.node_id, &error));
  g_autoptr (Secrets) third = secrets_open (folder->dir, FALSE, &error);
  g_assert_null (secrets_get_root (third, &peer.node_id));
}

/* Of a keyring as of a file, no key is taken that anybody could guess. */
static void
test_guessable_keys (Folder *folder, gconstpointer data)
{
  g_autoptr (Secrets) first = secrets_open (folder->dir, TRUE, NULL);
  DeviceInfo peer = device_numbered (1);
  g_autoptr (GError) error = NULL;
  g_assert_true (secrets_store_root (first, &peer.node_id, random_root, NULL));
  service_do ("damage root");
  g_autoptr (Secrets) second = secrets_open (folder->dir, TRUE, NULL);
  g_assert_nonnull (second);
  g_assert_null (secrets_get_root (second, &peer.node_id));

  service_do ("damage identity");
  g_assert_null (secrets_open (folder->dir, TRUE, &error));
  g_assert_error (error, SECRETS_ERROR, SECRETS_ERROR_DAMAGED);
  /* Nor is a new one made when the marker is gone as well. */
  g_clear_error (&error);
  g_assert_no_errno (unlinkat (data_dir_get_fd (folder->dir), "identity.keyring", 0));
  g_assert_null (secrets_open (folder->dir, TRUE, &error));
  g_assert_error (error, SECRETS_ERROR, SECRETS_ERROR_DAMAGED);
}

/* One question for all, and one that is refused ends the start: nothing is made anew, nobody has to
 * pair again. */
static void
test_locked (Folder *folder, gconstpointer data)
{
  Secrets *secrets = secrets_open (folder->dir, TRUE, NULL);
  NetworkState *state = network_state_open (folder->dir, secrets, NULL, NULL);
  g_autoptr (GError) error = NULL;
  for (uint8_t i = 1; i <= 30; i++)
    {
      DeviceInfo peer = device_numbered (i);
      store_pairing (secrets, state, &peer, NULL);
    }
  network_state_free (state);
  secrets_free (secrets);

  service_do ("lock");
  int before = service_searches ();
  g_assert_null (secrets_open (folder->dir, TRUE, &error));
  g_assert_error (error, SECRETS_ERROR, SECRETS_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "locked"));
  g_assert_cmpint (service_searches () - before, ==, 1);

  /* Not even when nothing but the state says that the keyring was used. */
  g_clear_error (&error);
  g_assert_no_errno (unlinkat (data_dir_get_fd (folder->dir), "identity.keyring", 0));
  g_assert_null (secrets_open (folder->dir, TRUE, &error));
  g_assert_error (error, SECRETS_ERROR, SECRETS_ERROR_UNAVAILABLE);

  service_do ("unlock");
  before = service_searches ();
  secrets = secrets_open (folder->dir, TRUE, NULL);
  g_assert_cmpint (service_searches () - before, ==, 1);
  for (uint8_t i = 1; i <= 30; i++)
    {
      DeviceInfo peer = device_numbered (i);
      g_assert_nonnull (secrets_get_root (secrets, &peer.node_id));
    }
  secrets_free (secrets);
}

/* A keyring that has forgotten must not look like a first start. */
static void
test_lost_keyring_is_no_first_start (Folder *folder, gconstpointer data)
{
  g_autoptr (Secrets) first = secrets_open (folder->dir, TRUE, NULL);
  const NodeId *id = node_identity_get_id (secrets_get_identity (first));
  g_autoptr (GError) error = NULL;
  g_assert_true (keyring_remove (data_dir_get_path (folder->dir), KEYRING_IDENTITY, id, &error));
  g_assert_null (secrets_open (folder->dir, TRUE, &error));
  g_assert_error (error, SECRETS_ERROR, SECRETS_ERROR_MISSING);
  g_assert_cmpint (faccessat (data_dir_get_fd (folder->dir), "identity.key", F_OK, 0), <, 0);
}

/* The marker is only a guard: without it the keyring still knows who we are. */
static void
test_lost_marker (Folder *folder, gconstpointer data)
{
  g_autoptr (Secrets) first = secrets_open (folder->dir, TRUE, NULL);
  g_autoptr (Secrets) second = NULL;
  g_assert_no_errno (unlinkat (data_dir_get_fd (folder->dir), "identity.keyring", 0));
  second = secrets_open (folder->dir, TRUE, NULL);
  g_assert_true (node_id_equal (node_identity_get_id (secrets_get_identity (first)),
                                node_identity_get_id (secrets_get_identity (second))));
}

/* No service on the bus: files, and what a keyring has is out of reach. */
static void
test_silent_keyring (Folder *folder, gconstpointer data)
{
  g_autoptr (Secrets) secrets = NULL;
  g_autoptr (GError) error = NULL;
  stop_service ();
  secrets = secrets_open (folder->dir, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (folder_mode (folder, "identity.key"), ==, 0600);
  g_assert_cmpint (faccessat (data_dir_get_fd (folder->dir), "identity.keyring", F_OK, 0), <, 0);

  g_assert_no_errno (renameat (data_dir_get_fd (folder->dir), "identity.key",
                               data_dir_get_fd (folder->dir), "away"));
  folder_write (folder, "identity.keyring",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  g_assert_no_errno (fchmodat (data_dir_get_fd (folder->dir), "identity.keyring", 0600, 0));
  g_assert_null (secrets_open (folder->dir, TRUE, &error));
  g_assert_error (error, SECRETS_ERROR, SECRETS_ERROR_UNAVAILABLE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* One bus for all: GIO and libsecret keep the first they meet. */
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  start_service ();
  ADD ("/keyring/keeps-secrets", test_keeps_secrets);
  ADD ("/keyring/lost-keyring-is-no-first-start", test_lost_keyring_is_no_first_start);
  ADD ("/keyring/lost-marker", test_lost_marker);
  ADD ("/keyring/guessable-keys", test_guessable_keys);
  ADD ("/keyring/locked", test_locked);
  ADD ("/keyring/silent", test_silent_keyring);
  int status = run_tests ();
  stop_service ();
  g_test_dbus_stop (bus);
  return status;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets in a keyring, against a Secret Service of our own on a private session bus. */
#include "net/store/keyring.h"

#include <sodium.h>

#include "tests/net/store/fixture.h"

/* Kept to the end: going away it would wait for the connection that libsecret never gives up. */
static GTestDBus *bus;
static GSubprocess *service;

static void
start_service (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "net", "store", "secret-service", NULL);
  g_autoptr (GError) error = NULL;
  char byte;

  service = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, path, NULL);
  g_assert_no_error (error);
  g_assert_cmpint (
      g_input_stream_read (g_subprocess_get_stdout_pipe (service), &byte, 1, NULL, &error), ==, 1);
}

static void
stop_service (void)
{
  g_subprocess_force_exit (service);
  g_assert_true (g_subprocess_wait (service, NULL, NULL));
  g_clear_object (&service);
}

static void
test_keeps_secrets (Folder *folder, gconstpointer data)
{
  g_autoptr (Secrets) first = secrets_open (folder->dir, TRUE, NULL);
  g_autoptr (Secrets) second = NULL;
  DeviceInfo peer = device_numbered (1);
  uint8_t root[PAIRING_ROOT_LEN] = { 1, 2, 3 };
  uint8_t *loaded;
  g_autofree char *hex = node_id_to_hex (node_identity_get_id (secrets_get_identity (first)));
  g_autofree char *marker = folder_read (folder, "identity.keyring");
  g_autoptr (GError) error = NULL;

  /* Nothing secret is on the disk. */
  g_assert_cmpstr (marker, ==, hex);
  g_assert_cmpint (faccessat (data_dir_get_fd (folder->dir), "identity.key", F_OK, 0), <, 0);

  g_assert_true (secrets_store_root (first, &peer.node_id, root, &error));
  root[0] = 9;
  g_assert_true (secrets_store_root (first, &peer.node_id, root, &error));
  /* The wish does not matter any more: the keyring has it. */
  second = secrets_open (folder->dir, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (node_id_equal (node_identity_get_id (secrets_get_identity (first)),
                                node_identity_get_id (secrets_get_identity (second))));
  loaded = secrets_load_root (second, &peer.node_id, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (loaded, PAIRING_ROOT_LEN, root, sizeof root);
  sodium_free (loaded);

  g_assert_true (secrets_remove_root (second, &peer.node_id, &error));
  g_assert_true (secrets_remove_root (second, &peer.node_id, &error));
  g_assert_null (secrets_load_root (second, &peer.node_id, &error));
  g_assert_error (error, KEYRING_ERROR, KEYRING_ERROR_MISSING);
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
  g_assert_error (error, SECRETS_ERROR, SECRETS_ERROR_UNAVAILABLE);
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
  int status;

  g_test_init (&argc, &argv, NULL);
  /* One bus for all: GIO and libsecret keep the first they meet. */
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  start_service ();
  ADD ("/keyring/keeps-secrets", test_keeps_secrets);
  ADD ("/keyring/lost-keyring-is-no-first-start", test_lost_keyring_is_no_first_start);
  ADD ("/keyring/lost-marker", test_lost_marker);
  ADD ("/keyring/silent", test_silent_keyring);
  status = run_tests ();
  if (service)
    stop_service ();
  g_test_dbus_stop (bus);
  return status;
}

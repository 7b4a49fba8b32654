/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets in files; tests/net/store/keyring.c has the keyring. */
#include "net/store/secrets.h"

#include <sodium.h>

#include "tests/net/store/fixture.h"

static void
test_identity_survives (Folder *folder, gconstpointer data)
{
  g_autoptr (Secrets) first = secrets_open (folder->dir, FALSE, NULL);
  g_autoptr (Secrets) second = secrets_open (folder->dir, FALSE, NULL);

  g_assert_true (node_id_equal (node_identity_get_id (secrets_get_identity (first)),
                                node_identity_get_id (secrets_get_identity (second))));
  g_assert_cmpint (folder_mode (folder, "identity.key"), ==, 0600);
  g_assert_cmpint (folder_mode (folder, "roots"), ==, 0700);
}

static void
test_damaged_identity_is_kept (Folder *folder, gconstpointer data)
{
  static const char *const damaged[] = { "", "short", "one byte more than thirty-two ...." };

  for (size_t i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *after = NULL;

      folder_write (folder, "identity.key", damaged[i]);
      g_assert_no_errno (fchmodat (data_dir_get_fd (folder->dir), "identity.key", 0600, 0));
      g_assert_null (secrets_open (folder->dir, FALSE, &error));
      g_assert_error (error, SECRETS_ERROR, SECRETS_ERROR_DAMAGED);
      after = folder_read (folder, "identity.key");
      g_assert_cmpstr (after, ==, damaged[i]);
    }
}

static void
test_roots (Folder *folder, gconstpointer data)
{
  g_autoptr (Secrets) secrets = secrets_open (folder->dir, FALSE, NULL);
  DeviceInfo peer = device_numbered (1), other = device_numbered (2);
  g_autofree char *hex = node_id_to_hex (&peer.node_id);
  g_autofree char *name = g_build_filename ("roots", hex, NULL);
  uint8_t root[PAIRING_ROOT_LEN] = { 1, 2, 3 };
  uint8_t *loaded;
  g_autoptr (GError) error = NULL;

  g_assert_true (secrets_store_root (secrets, &peer.node_id, root, NULL));
  g_assert_cmpint (folder_mode (folder, name), ==, 0600);
  root[0] = 9;
  g_assert_true (secrets_store_root (secrets, &peer.node_id, root, NULL));
  loaded = secrets_load_root (secrets, &peer.node_id, NULL);
  g_assert_cmpmem (loaded, PAIRING_ROOT_LEN, root, sizeof root);
  sodium_free (loaded);

  g_assert_null (secrets_load_root (secrets, &other.node_id, &error));
  g_assert_error (error, SECRETS_ERROR, SECRETS_ERROR_MISSING);
  g_clear_error (&error);
  g_assert_true (secrets_remove_root (secrets, &peer.node_id, NULL));
  g_assert_null (secrets_load_root (secrets, &peer.node_id, &error));
  g_assert_error (error, SECRETS_ERROR, SECRETS_ERROR_MISSING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/secrets/identity-survives", test_identity_survives);
  ADD ("/secrets/damaged-identity-is-kept", test_damaged_identity_is_kept);
  ADD ("/secrets/roots", test_roots);
  return run_tests ();
}

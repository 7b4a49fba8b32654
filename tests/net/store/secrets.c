/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets in files; tests/net/store/keyring.c has the keyring. */
#include "net/store/secrets.h"

#include <sodium.h>

#include "net/core/secret.h"
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

/* Keys that anybody could guess, each of the right length. */
static void
test_guessable_identity (Folder *folder, gconstpointer data)
{
  uint8_t keys[6][NODE_SEED_LEN] = { 0 };
  memset (keys[1], 0xff, sizeof keys[1]);
  for (size_t i = 0; i < NODE_SEED_LEN; i++)
    {
      keys[2][i] = (uint8_t) (i % 16 * 37);
      keys[3][i] = (uint8_t) i;
      keys[4][i] = (uint8_t) "password"[i % 8];
      keys[5][i] = random_root[i % 13]; /* a pattern that the length is no multiple of */
    }
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (GError) error = NULL;
      folder_write_bytes (folder, "identity.key", keys[i], NODE_SEED_LEN);
      g_assert_null (secrets_open (folder->dir, FALSE, &error));
      g_assert_error (error, SECRETS_ERROR, SECRETS_ERROR_DAMAGED);
      g_assert_nonnull (strstr (error->message, "identity.key"));
    }
  folder_write_bytes (folder, "identity.key", random_root, sizeof random_root);
  g_autoptr (Secrets) secrets = secrets_open (folder->dir, FALSE, NULL);
  g_assert_nonnull (secrets);
}

/* No random key is ever taken for a guessable one. */
static void
test_random_keys_are_plausible (Folder *folder, gconstpointer data)
{
  for (int i = 0; i < 100000; i++)
    {
      uint8_t key[SECRET_KEY_LEN];
      randombytes_buf (key, sizeof key);
      g_assert_true (secret_key_is_plausible (key));
    }
}

/* A new identity would undo every pairing, so none is made in place of a lost one. */
static void
test_missing_identity (Folder *folder, gconstpointer data)
{
  DeviceInfo peer = device_numbered (1);
  g_autofree char *hex = node_id_to_hex (&peer.node_id);
  g_autofree char *root_name = g_build_filename ("roots", hex, NULL);
  int fd = data_dir_get_fd (folder->dir);
  {
    g_autoptr (Secrets) secrets = secrets_open (folder->dir, FALSE, NULL);
    g_autoptr (NetworkState) state = network_state_open (folder->dir, secrets, NULL, NULL);
    store_pairing (secrets, state, &peer, NULL);
  }
  g_assert_no_errno (unlinkat (fd, "identity.key", 0));

  /* Either of the two that is left of the pairing says that there was one; a state that cannot be
   * read may. */
  for (int left = 0; left < 3; left++)
    {
      g_autoptr (GError) error = NULL;
      if (left == 1)
        g_assert_no_errno (unlinkat (fd, root_name, 0));
      if (left == 2)
        folder_write (folder, "network_state.json", "damaged");
      g_assert_null (secrets_open (folder->dir, FALSE, &error));
      g_assert_error (error, SECRETS_ERROR, SECRETS_ERROR_MISSING);
      g_assert_nonnull (strstr (error->message, "identity.key"));
      g_assert_nonnull (strstr (error->message, folder->path));
      g_assert_cmpint (faccessat (fd, "identity.key", F_OK, 0), <, 0);
    }
  if (warning)
    assert_warned ("network_state.json");

  /* Nobody was paired: nothing is lost. */
  g_assert_no_errno (unlinkat (fd, "network_state.json", 0));
  g_autoptr (Secrets) anew = secrets_open (folder->dir, FALSE, NULL);
  g_assert_nonnull (anew);
}

static Secrets *
reopen (Folder *folder, Secrets *secrets)
{
  secrets_free (secrets);
  return secrets_open (folder->dir, FALSE, NULL);
}

static void
test_roots (Folder *folder, gconstpointer data)
{
  Secrets *secrets = secrets_open (folder->dir, FALSE, NULL);
  DeviceInfo peer = device_numbered (1), other = device_numbered (2);
  g_autofree char *hex = node_id_to_hex (&peer.node_id);
  g_autofree char *name = g_build_filename ("roots", hex, NULL);
  uint8_t root[PAIRING_ROOT_LEN];

  memcpy (root, random_root, sizeof root);
  g_assert_true (secrets_store_root (secrets, &peer.node_id, root, NULL));
  g_assert_cmpint (folder_mode (folder, name), ==, 0600);
  root[0] = 9;
  g_assert_true (secrets_store_root (secrets, &peer.node_id, root, NULL));
  secrets = reopen (folder, secrets);
  g_assert_cmpmem (secrets_get_root (secrets, &peer.node_id), PAIRING_ROOT_LEN, root, sizeof root);
  g_assert_null (secrets_get_root (secrets, &other.node_id));

  g_assert_true (secrets_remove_root (secrets, &peer.node_id, NULL));
  secrets = reopen (folder, secrets);
  g_assert_null (secrets_get_root (secrets, &peer.node_id));

  static const char *const damaged[] = { "", "short", "one byte more than thirty-two ...." };
  for (size_t i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      folder_write_bytes (folder, name, damaged[i], strlen (damaged[i]));
      secrets = reopen (folder, secrets);
      assert_warned (name);
      g_assert_null (secrets_get_root (secrets, &peer.node_id));
    }
  secrets_free (secrets);
}

static void
test_roots_folder_is_protected (Folder *folder, gconstpointer data)
{
  g_autoptr (Secrets) first = secrets_open (folder->dir, FALSE, NULL);
  g_assert_no_errno (fchmodat (data_dir_get_fd (folder->dir), "roots", 0777, 0));
  g_autoptr (Secrets) second = secrets_open (folder->dir, FALSE, NULL);
  g_assert_nonnull (second);
  assert_warned ("roots was open to other users");
  g_assert_cmpint (folder_mode (folder, "roots"), ==, 0700);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/secrets/identity-survives", test_identity_survives);
  ADD ("/secrets/damaged-identity-is-kept", test_damaged_identity_is_kept);
  ADD ("/secrets/guessable-identity", test_guessable_identity);
  ADD ("/secrets/random-keys-are-plausible", test_random_keys_are_plausible);
  ADD ("/secrets/missing-identity", test_missing_identity);
  ADD ("/secrets/roots", test_roots);
  ADD ("/secrets/roots-folder-is-protected", test_roots_folder_is_protected);
  return run_tests ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/sentences.h"

#include "net/core/invite.h"
#include "net/core/words.h"
#include "net/quic/quic_error.h"
#include "net/store/keyring.h"
#include "net/store/private_file.h"
#include "tests/net/store/fixture.h"

/* Takes @error. */
static void
assert_says (GError *error, const char *part)
{
  g_autofree char *sentence = sentence_for_error (error);
  g_assert_nonnull (strstr (sentence, part));
  g_assert_cmpstr (sentence, !=, error->message);
  /* Whole sentences, as logs need not have. */
  g_assert_nonnull (strchr (".?", sentence[strlen (sentence) - 1]));
  g_error_free (error);
}

static GError *
words_error_of (const char *input)
{
  char words[WORDS_TEXT_MAX + 1];
  GError *error = NULL;
  g_assert_false (words_parse (words, NULL, input, &error));
  return error;
}

static GError *
invite_error_of (const char *link)
{
  g_auto (Invite) invite = { 0 };
  GError *error = NULL;
  g_assert_false (invite_parse (&invite, link, &error));
  return error;
}

static void
test_codes (Folder *folder, gconstpointer data)
{
  assert_says (words_error_of ("brave-lyon-sunset"), "“lyon”");
  assert_says (words_error_of ("brave-lyon-sunset"), "“lion”");
  assert_says (words_error_of ("brave-qqqqqqqqqq-sunset"), "“qqqqqqqqqq”");
  assert_says (words_error_of ("brave lion"), "2 were entered");
  assert_says (words_error_of ("brave"), "1 was entered");
  assert_says (invite_error_of ("https://example.com"), "wherry://pair?");
  assert_says (invite_error_of ("wherry://pair?v=2"), "another version");
  assert_says (invite_error_of ("wherry://pair?v=1"), "damaged or not complete");
}

static void
test_store (Folder *folder, gconstpointer data)
{
  GError *error = NULL;
  GError *told = NULL;
  g_autoptr (Secrets) secrets = secrets_open (folder->dir, FALSE, NULL);
  folder_write (folder, "network_state.json", "damaged");
  g_assert_no_errno (fchmodat (data_dir_get_fd (folder->dir), "network_state.json", 0600, 0));
  g_autoptr (NetworkState) state = network_state_open (folder->dir, secrets, &told, NULL);
  g_assert_nonnull (state);
  assert_says (g_error_copy (told), "network_state.json.corrupt-");
  assert_says (told, folder->path);

  folder_write_bytes (folder, "identity.key", "x", 1);
  g_assert_null (secrets_open (folder->dir, FALSE, &error));
  assert_says (g_error_copy (error), "identity.key");
  assert_says (error, folder->path);
}

static GError *
data_dir_error_of (const char *path)
{
  GError *error = NULL;
  g_assert_null (data_dir_open (path, &error));
  return error;
}

static void
test_data_folder (Folder *folder, gconstpointer data)
{
  g_autofree char *file = g_build_filename (folder->path, "file", NULL);
  uint8_t byte;
  size_t len;
  GError *error = NULL;
  assert_says (data_dir_error_of (folder->path), "runs as this device");
  folder_write (folder, "file", "xy");
  assert_says (data_dir_error_of (file), "Check that it is a folder");
  assert_says (g_error_new (DATA_DIR_ERROR, DATA_DIR_ERROR_UNSAFE, "log"), "another user");
  g_assert_no_errno (fchmodat (data_dir_get_fd (folder->dir), "file", 0600, 0));
  g_assert_false (
      private_file_read (data_dir_get_fd (folder->dir), "file", &byte, 1, &len, &error));
  assert_says (error, "not written by Wherry");
  assert_says (g_error_new (G_FILE_ERROR, G_FILE_ERROR_NOSPC, "log"), "no space left");
  assert_says (g_error_new (G_FILE_ERROR, G_FILE_ERROR_ROFS, "log"), "permissions");
  assert_says (g_error_new (KEYRING_ERROR, KEYRING_ERROR_LOCKED, "log"), "Unlock it");
  assert_says (g_error_new (KEYRING_ERROR, KEYRING_ERROR_UNAVAILABLE, "log"), "does not answer");
  assert_says (g_error_new (QUIC_ERROR, QUIC_ERROR_SOCKET, "log"), "Choose another port");
  assert_says (g_error_new (QUIC_ERROR, QUIC_ERROR_LIMIT, "log"), "Close other programs");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/sentences/codes", test_codes);
  ADD ("/sentences/store", test_store);
  ADD ("/sentences/data-folder", test_data_folder);
  return run_tests ();
}

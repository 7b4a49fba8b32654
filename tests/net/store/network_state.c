/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/store/network_state.h"

#include "net/store/state_file.h"
#include "tests/net/store/fixture.h"
#include "tests/support/wait.h"

#define FILE_NAME "network_state.json"

typedef struct
{
  Folder folder;
  Secrets *secrets;
  NetworkState *state;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  folder_set_up (&f->folder, data);
  f->secrets = secrets_open (f->folder.dir, FALSE, NULL);
  f->state = network_state_open (f->folder.dir, f->secrets, NULL, NULL);
  g_assert_nonnull (f->state);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  network_state_free (f->state);
  secrets_free (f->secrets);
  folder_tear_down (&f->folder, data);
}

static NetworkState *
reopen (Fixture *f, GError **message, GError **error)
{
  g_clear_pointer (&f->state, network_state_free);
  g_clear_pointer (&f->secrets, secrets_free);
  f->secrets = secrets_open (f->folder.dir, FALSE, NULL);
  return f->state = network_state_open (f->folder.dir, f->secrets, message, error);
}

static void
test_first_start (Fixture *f, gconstpointer data)
{
  const DeviceInfo *device = network_state_get_device (f->state);
  g_assert_true (device_id_is_valid (device->device_id));
  g_assert_true (device_version_is_valid (device->version));
  g_assert_cmpstr (device->name, !=, "");
  g_assert_true (
      node_id_equal (&device->node_id, node_identity_get_id (secrets_get_identity (f->secrets))));
  g_assert_true (network_state_get_visible (f->state));
  g_assert_cmpint (folder_mode (&f->folder, FILE_NAME), ==, 0600);
}

static void
test_round_trip (Fixture *f, gconstpointer data)
{
  DeviceInfo before = *network_state_get_device (f->state);
  DeviceInfo peer = device_numbered (1);
  g_autoptr (GInetSocketAddress) v4 = address_of ("192.0.2.7", 11204);
  g_autoptr (GInetSocketAddress) v6 = address_of ("2001:db8::7", 11205);
  g_autoptr (GInetSocketAddress) link_local = address_of ("fe80::1", 11204);
  g_autofree char *text = NULL;

  network_state_set_name (f->state, "Zoë’s \xe2\x80\xae"
                                    "laptop");
  network_state_set_visible (f->state, FALSE);
  g_autoptr (GFile) folder = g_file_new_for_path ("/media/a disk/\xff");
  network_state_set_receive_dir (f->state, folder);
  store_pairing (f->secrets, f->state, &peer, v4);
  network_state_seen (f->state, &peer.node_id, v6);
  network_state_seen (f->state, &peer.node_id, link_local);

  reopen (f, NULL, NULL);
  g_assert_cmpstr (network_state_get_device (f->state)->device_id, ==, before.device_id);
  g_assert_cmpstr (network_state_get_device (f->state)->name, ==, "Zoë’s laptop");
  g_assert_false (network_state_get_visible (f->state));
  g_autoptr (GFile) kept = network_state_get_receive_dir (f->state);
  g_assert_true (g_file_equal (kept, folder));

  g_assert_cmpuint (network_state_list_paired (f->state)->len, ==, 1);
  const PairedDevice *paired = network_state_lookup_paired (f->state, &peer.node_id);
  g_assert_cmpstr (paired->info.name, ==, peer.name);
  g_assert_cmpstr (paired->info.device_id, ==, peer.device_id);
  g_assert_cmpstr (paired->info.version, ==, peer.version);
  g_assert_cmpint (paired->info.type, ==, DEVICE_LAPTOP);
  g_assert_cmpint (paired->last_seen, >, 0);
  g_assert_cmpuint (paired->addresses->len, ==, 2);
  text = g_socket_connectable_to_string (g_ptr_array_index (paired->addresses, 0));
  g_assert_cmpstr (text, ==, "[2001:db8::7]:11205");

  network_state_remove_paired (f->state, &peer.node_id);
  reopen (f, NULL, NULL);
  g_assert_cmpuint (network_state_list_paired (f->state)->len, ==, 0);
}

/* No secret ever reaches the file that people mail around. */
static void
test_no_secret_in_json (Fixture *f, gconstpointer data)
{
  const uint8_t *seed = node_identity_get_seed (secrets_get_identity (f->secrets));
  g_autofree char *json = folder_read (&f->folder, FILE_NAME);
  GString *hex = g_string_new (NULL);
  for (int i = 0; i < 8; i++)
    g_string_append_printf (hex, "%02x", seed[i]);
  g_assert_null (strstr (json, hex->str));
  g_string_free (hex, TRUE);
}

static const char with_unknown[] =
    "{ \"version\": 1, \"future\": { \"a\": [1, 2.5, null] },\n"
    "  \"device\": { \"device_id\": \"00000000-0000-4000-8000-000000000001\", \"name\": \"Me\",\n"
    "    \"type\": \"wristwatch\", \"visible\": true, \"colour\": \"teal\" },\n"
    "  \"paired\": [ { \"node_id\": \"%s\", \"device_id\": \"00000000-0000-4000-8000-000000000002\",\n"
    "    \"name\": \"You\", \"type\": \"phone\", \"last_seen\": 7, \"nickname\": \"Bob\" } ] }";

static void
test_unknown_fields_are_kept (Fixture *f, gconstpointer data)
{
  DeviceInfo peer = device_numbered (1), other = device_numbered (2);
  g_autofree char *id = node_id_to_hex (&peer.node_id);
  g_autofree char *before = g_strdup_printf (with_unknown, id);
  g_autofree char *after = NULL;
  g_autoptr (JsonNode) root = NULL;

  folder_write (&f->folder, FILE_NAME, before);
  g_assert_no_errno (fchmodat (data_dir_get_fd (f->folder.dir), FILE_NAME, 0600, 0));
  g_assert_true (secrets_store_root (f->secrets, &peer.node_id, random_root, NULL));
  g_assert_nonnull (reopen (f, NULL, NULL));
  g_assert_cmpint (network_state_get_device (f->state)->type, ==, DEVICE_DESKTOP);
  network_state_set_name (f->state, "Me too");
  store_pairing (f->secrets, f->state, &other, NULL);
  g_strlcpy (peer.name, "You again", sizeof peer.name);
  store_pairing (f->secrets, f->state, &peer, NULL);

  after = folder_read (&f->folder, FILE_NAME);
  root = json_from_string (after, NULL);
  JsonObject *json = json_node_get_object (root);
  g_assert_true (json_array_get_null_element (
      json_object_get_array_member (json_object_get_object_member (json, "future"), "a"), 2));
  g_assert_cmpstr (
      json_object_get_string_member (json_object_get_object_member (json, "device"), "colour"), ==,
      "teal");
  JsonObject *entry =
      json_array_get_object_element (json_object_get_array_member (json, "paired"), 0);
  g_assert_cmpstr (json_object_get_string_member (entry, "nickname"), ==, "Bob");
  g_assert_cmpstr (json_object_get_string_member (entry, "name"), ==, "You again");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (json, "paired")), ==, 2);
}

#define DEVICE                                                                                     \
  "\"device\":{\"device_id\":\"00000000-0000-4000-8000-000000000001\",\"name\":\"a\","             \
  "\"type\":\"laptop\",\"visible\":true}"

static const char *const corrupt_files[] = {
  "",
  "{",
  "[]",
  "null",
  "{ \"version\": 1 }",
  "{ \"version\": \"1\", " DEVICE " }",
  "{ \"version\": 0, " DEVICE " }",
  "{ \"version\": 1, \"device\": { \"name\": \"a\" } }",
  "{ \"version\": 1, " DEVICE ", \"paired\": {} }",
  "{ \"version\": 1, " DEVICE ", \"paired\": [ 1 ] }",
  "{ \"version\": 1, " DEVICE ", \"paired\": [ { \"node_id\": \"00\" } ] }",
  "{ \"version\": 1, " DEVICE " } trailing",
  "\xff\xfe{",
};

static void
test_receive_dir_cannot_be_used (Fixture *f, gconstpointer data)
{
  static const char *const values[] = { "5", "null", "\"\"", "\"no uri\"", "\"trash:///x\"" };
  for (size_t i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *json =
          g_strdup_printf ("{ \"version\": 1, " DEVICE ", \"receive_dir\": %s }", values[i]);
      folder_write (&f->folder, FILE_NAME, json);
      g_assert_no_errno (fchmodat (data_dir_get_fd (f->folder.dir), FILE_NAME, 0600, 0));
      g_assert_nonnull (reopen (f, NULL, NULL));
      g_assert_null (warning);
      g_assert_null (network_state_get_receive_dir (f->state));
    }
}

static void
test_corrupt_is_set_aside (Fixture *f, gconstpointer data)
{
  NodeId identity = network_state_get_device (f->state)->node_id;
  for (size_t i = 0; i < G_N_ELEMENTS (corrupt_files); i++)
    {
      g_autoptr (GError) message = NULL;
      g_autofree char *aside = NULL;
      g_autofree char *kept = NULL;
      folder_write (&f->folder, FILE_NAME, corrupt_files[i]);
      g_assert_no_errno (fchmodat (data_dir_get_fd (f->folder.dir), FILE_NAME, 0600, 0));
      g_assert_nonnull (reopen (f, &message, NULL));
      /* Told once: whoever asked for the sentence says it. */
      g_assert_null (warning);
      g_assert_error (message, STATE_ERROR, STATE_ERROR_CORRUPT);
      aside = folder_find (&f->folder, FILE_NAME ".corrupt-");
      g_assert_nonnull (aside);
      g_assert_nonnull (strstr (message->message, aside));
      kept = folder_read (&f->folder, aside);
      g_assert_cmpstr (kept, ==, corrupt_files[i]);
      g_assert_no_errno (unlinkat (data_dir_get_fd (f->folder.dir), aside, 0));
      g_assert_true (node_id_equal (&network_state_get_device (f->state)->node_id, &identity));
    }
}

/* Damaged twice within one second: both are kept. */
static void
test_corrupt_twice (Fixture *f, gconstpointer data)
{
  int n = 0;
  g_autoptr (GDir) entries = NULL;
  for (int i = 0; i < 5; i++)
    {
      folder_write (&f->folder, FILE_NAME, "x");
      g_assert_no_errno (fchmodat (data_dir_get_fd (f->folder.dir), FILE_NAME, 0600, 0));
      g_assert_nonnull (reopen (f, NULL, NULL));
      assert_warned ("damaged");
    }
  entries = g_dir_open (f->folder.path, 0, NULL);
  const char *name;
  while ((name = g_dir_read_name (entries)))
    n += g_str_has_prefix (name, FILE_NAME ".corrupt-");
  g_assert_cmpint (n, ==, 5);
}

static void
test_too_long_is_corrupt (Fixture *f, gconstpointer data)
{
  g_autofree char *text = g_strnfill (STATE_DOCUMENT_SIZE_MAX + 1, ' ');
  folder_write (&f->folder, FILE_NAME, text);
  g_assert_no_errno (fchmodat (data_dir_get_fd (f->folder.dir), FILE_NAME, 0600, 0));
  g_assert_nonnull (reopen (f, NULL, NULL));
  assert_warned ("longer than");
}

static void
test_deep_nesting_is_corrupt (Fixture *f, gconstpointer data)
{
  g_autofree char *text = g_strnfill (STATE_DOCUMENT_SIZE_MAX / 2, '[');
  folder_write (&f->folder, FILE_NAME, text);
  g_assert_no_errno (fchmodat (data_dir_get_fd (f->folder.dir), FILE_NAME, 0600, 0));
  g_assert_nonnull (reopen (f, NULL, NULL));
  assert_warned ("not JSON");
}

static void
test_newer_is_left_alone (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *after = NULL;
  folder_write (&f->folder, FILE_NAME, "{ \"version\": 2, \"all\": \"new\" }");
  g_assert_no_errno (fchmodat (data_dir_get_fd (f->folder.dir), FILE_NAME, 0600, 0));
  g_assert_null (reopen (f, NULL, &error));
  g_assert_error (error, STATE_ERROR, STATE_ERROR_NEWER);
  after = folder_read (&f->folder, FILE_NAME);
  g_assert_cmpstr (after, ==, "{ \"version\": 2, \"all\": \"new\" }");
}

static void
failed_cb (const GError *error, gpointer user_data)
{
  g_assert_nonnull (error);
  (*(guint *) user_data)++;
}

/* A folder stands where the temporary file goes: every save fails, is told, and is made up for as
 * soon as one can be. */
static void
test_failed_save (Fixture *f, gconstpointer data)
{
  DeviceInfo peer = device_numbered (1), other = device_numbered (2);
  StateWriter *writer = network_state_get_writer (f->state);
  g_autoptr (PairedDevice) before = NULL;
  g_autofree char *text_before = NULL;
  g_autofree char *text_after = NULL;
  g_autoptr (GError) error = NULL;
  guint n_failed = 0;

  store_pairing (f->secrets, f->state, &peer, NULL);
  text_before = folder_read (&f->folder, FILE_NAME);
  g_assert_no_errno (mkdirat (data_dir_get_fd (f->folder.dir), FILE_NAME ".new", 0700));

  network_state_on_failure (f->state, failed_cb, &n_failed);
  network_state_set_name (f->state, "Another");
  g_assert_cmpstr (network_state_get_device (f->state)->name, ==, "Another");
  wait_until (n_failed != 0);
  g_assert_true (network_state_put_paired (f->state, &other, NULL, &before, NULL));
  g_assert_null (before);
  g_assert_false (state_writer_flush (writer, &error));
  g_assert_nonnull (strstr (error->message, f->folder.path));
  network_state_restore_paired (f->state, &other.node_id, NULL);
  g_assert_null (network_state_lookup_paired (f->state, &other.node_id));
  g_strlcpy (peer.name, "Renamed", sizeof peer.name);
  g_assert_true (network_state_put_paired (f->state, &peer, NULL, &before, NULL));
  g_assert_false (state_writer_flush (writer, NULL));
  network_state_restore_paired (f->state, &peer.node_id, g_steal_pointer (&before));
  g_assert_cmpstr (network_state_lookup_paired (f->state, &peer.node_id)->info.name, ==,
                   "Device 1");
  text_after = folder_read (&f->folder, FILE_NAME);
  g_assert_cmpstr (text_after, ==, text_before);

  g_assert_no_errno (unlinkat (data_dir_get_fd (f->folder.dir), FILE_NAME ".new", AT_REMOVEDIR));
  g_assert_nonnull (reopen (f, NULL, NULL));
  g_assert_cmpstr (network_state_get_device (f->state)->name, ==, "Another");
  g_assert_nonnull (network_state_lookup_paired (f->state, &peer.node_id));
  g_assert_null (network_state_lookup_paired (f->state, &other.node_id));
}

/* Whoever has no lock sees the last whole state, and moves nothing. */
static void
test_peek (Fixture *f, gconstpointer data)
{
  DeviceInfo peer = device_numbered (1);
  g_autofree char *nowhere = g_build_filename (f->folder.path, "x", NULL);
  g_autoptr (StateDocument) document = NULL;
  g_autoptr (StateDocument) none = NULL;
  g_autoptr (GError) error = NULL;
  store_pairing (f->secrets, f->state, &peer, NULL);
  g_assert_true (state_writer_flush (network_state_get_writer (f->state), NULL));

  g_assert_true (state_file_peek (f->folder.path, &document, NULL));
  g_assert_cmpuint (document->paired->len, ==, 1);
  const PairedDevice *paired = g_ptr_array_index (document->paired, 0);
  g_assert_cmpstr (paired->info.name, ==, peer.name);

  g_assert_true (state_file_peek (nowhere, &none, NULL));
  g_assert_null (none);
  g_assert_false (g_file_test (nowhere, G_FILE_TEST_EXISTS));

  folder_write (&f->folder, FILE_NAME, "{");
  g_assert_no_errno (fchmodat (data_dir_get_fd (f->folder.dir), FILE_NAME, 0600, 0));
  g_assert_false (state_file_peek (f->folder.path, &none, &error));
  g_assert_error (error, STATE_ERROR, STATE_ERROR_CORRUPT);
  g_autofree char *kept = folder_read (&f->folder, FILE_NAME);
  g_assert_cmpstr (kept, ==, "{");
}

/* Many changes at once, written by threads: the last one is what remains. */
static void
test_order (Fixture *f, gconstpointer data)
{
  g_autofree char *name = NULL;
  for (int i = 0; i < 300; i++)
    {
      g_free (name);
      name = g_strdup_printf ("Name %d", i);
      network_state_set_name (f->state, name);
      g_main_context_iteration (NULL, FALSE);
    }
  reopen (f, NULL, NULL);
  g_assert_cmpstr (network_state_get_device (f->state)->name, ==, name);
}

#define ADD_STATE(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_STATE ("/network-state/first-start", test_first_start);
  ADD_STATE ("/network-state/round-trip", test_round_trip);
  ADD_STATE ("/network-state/no-secret-in-json", test_no_secret_in_json);
  ADD_STATE ("/network-state/unknown-fields-are-kept", test_unknown_fields_are_kept);
  ADD_STATE ("/network-state/receive-dir-cannot-be-used", test_receive_dir_cannot_be_used);
  ADD_STATE ("/network-state/corrupt-is-set-aside", test_corrupt_is_set_aside);
  ADD_STATE ("/network-state/corrupt-twice", test_corrupt_twice);
  ADD_STATE ("/network-state/too-long-is-corrupt", test_too_long_is_corrupt);
  ADD_STATE ("/network-state/deep-nesting-is-corrupt", test_deep_nesting_is_corrupt);
  ADD_STATE ("/network-state/newer-is-left-alone", test_newer_is_left_alone);
  ADD_STATE ("/network-state/failed-save", test_failed_save);
  ADD_STATE ("/network-state/peek", test_peek);
  ADD_STATE ("/network-state/order", test_order);
  return run_tests ();
}

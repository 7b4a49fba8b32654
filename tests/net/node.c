/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "net/async/quic_future.h"
#include "tests/support/two_nodes.h"

static void
test_ping (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  WherryDevice *device = pair_by_words (fixture);

  int64_t rtt_us = wait_int64 (wherry_client_ping (fixture->B, device, NULL), &error);
  g_assert_no_error (error);
  g_assert_cmpint (rtt_us, >, 0);
  g_assert_cmpint (wherry_device_get_rtt_us (device), ==, rtt_us);
  g_assert_cmpint (wherry_device_get_state (device), ==, DEVICE_STATE_CONNECTED);
  /* The other way over the same connection: A knows no address of B to dial. */
  g_assert_cmpint (
      wait_int64 (wherry_client_ping (fixture->A, device_of (fixture->A, fixture->B), NULL),
                  &error),
      >, 0);
  g_assert_no_error (error);
}

static const PairedDevice *
stored (WherryClient *node, WherryClient *other)
{
  return network_state_lookup_paired (WHERRY_NODE (node)->state, wherry_client_get_id (other));
}

/* While they are connected, and when they connect again; and it is kept. */
static void
test_learns_names (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  WherryDevice *a = pair_by_words (fixture);
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, a, NULL), &error), >, 0);
  wherry_client_set_name (fixture->A, "Anna’s \u202eworkshop");
  wait_until (g_str_equal (wherry_device_get_name (a), "Anna’s workshop"));
  wherry_client_set_name (fixture->B, "Bert’s phone");
  wait_until (
      g_str_equal (wherry_device_get_name (device_of (fixture->A, fixture->B)), "Bert’s phone"));

  two_nodes_close_one (fixture, 1);
  wherry_client_set_name (fixture->A, "Attic");
  two_nodes_open_one (fixture, 1);
  a = device_of (fixture->B, fixture->A);
  g_assert_cmpstr (wherry_device_get_name (a), ==, "Anna’s workshop");
  g_autofree char *device_id = g_strdup (wherry_device_get_device_id (a));
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, a, address), &error), >, 0);
  wait_until (g_str_equal (wherry_device_get_name (a), "Attic"));
  g_assert_cmpstr (stored (fixture->B, fixture->A)->info.name, ==, "Attic");
  g_assert_cmpstr (wherry_device_get_device_id (a), ==, device_id);
}

/* A name may have an address where nobody answers before the one where the device does. */
static void
test_second_address (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) addresses = loopback_of (fixture->A);
  WherryDevice *a = pair_by_words (fixture);
  g_ptr_array_insert (addresses, 0, g_inet_socket_address_new_from_string ("::1", 9));
  two_nodes_close_one (fixture, 1);
  two_nodes_open_one (fixture, 1);
  a = device_of (fixture->B, fixture->A);
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, a, addresses), &error), >, 0);
  g_assert_no_error (error);
}

/* Of a node that is told no folder: the one that was chosen, while it is there. */
static void
test_receive_dir_is_kept (TwoNodes *fixture, gconstpointer data)
{
  scratch_mkdir (&fixture->scratch, "chosen");
  g_autofree char *path = scratch_path (&fixture->scratch, "chosen");
  g_autoptr (GFile) chosen = g_file_new_for_path (path);
  wherry_client_set_receive_dir (fixture->B, chosen);
  two_nodes_close_one (fixture, 1);
  ClientOptions options = { .data_dir = fixture->dirs[1], .accept = POLICY_ASK };
  for (int there = 1; there >= 0; there--)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *warning = NULL;
      fixture->nodes[1] = wherry_client_open_sync (&options, &warning, &error);
      g_assert_no_error (error);
      GFile *used = wherry_client_get_receive_dir (fixture->B);
      g_assert_cmpint (g_file_equal (used, chosen), ==, there);
      g_assert_true (there ? !warning : strstr (warning, path) != NULL);
      two_nodes_close_one (fixture, 1);
      g_rmdir (path);
    }
  /* Not made anew, and not forgotten. */
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  scratch_mkdir (&fixture->scratch, "chosen");
  fixture->nodes[1] = wherry_client_open_sync (&options, NULL, NULL);
  g_assert_true (g_file_equal (wherry_client_get_receive_dir (fixture->B), chosen));
}

static void
test_both_dial_at_once (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) to_a = loopback_of (fixture->A), to_b = loopback_of (fixture->B);
  g_autoptr (GError) error = NULL;
  WherryDevice *a = pair_by_words (fixture);
  DexFuture *pings[] = {
    wherry_client_ping (fixture->B, a, to_a),
    wherry_client_ping (fixture->A, device_of (fixture->A, fixture->B), to_b),
    wherry_client_ping (fixture->B, a, to_a),
  };
  for (size_t i = 0; i < G_N_ELEMENTS (pings); i++)
    {
      g_assert_cmpint (wait_int64 (pings[i], &error), >, 0);
      g_assert_no_error (error);
    }
}

static void
test_restart (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  NodeId before = *wherry_client_get_id (fixture->B);
  wherry_client_set_visible (fixture->B, FALSE);
  two_nodes_close_one (fixture, 1);
  two_nodes_open_one (fixture, 1);

  g_assert_true (node_id_equal (&before, wherry_client_get_id (fixture->B)));
  g_assert_cmpstr (wherry_client_get_name (fixture->B), ==, "Bert’s laptop");
  g_assert_false (wherry_client_get_visible (fixture->B));
  WherryDevice *device = device_of (fixture->B, fixture->A);
  g_assert_nonnull (device);
  g_assert_true (wherry_device_get_paired (device));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, device, address), &error), >, 0);
  g_assert_no_error (error);
}

static void
test_offline (TwoNodes *fixture, gconstpointer data)
{
  WherryDevice *device = pair_by_words (fixture);
  two_nodes_close_one (fixture, 0);
  wait_int (device, "state", DEVICE_STATE_PAIRED);
  g_autoptr (GError) error = NULL;
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, device, NULL), &error), ==, -1);
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_OFFLINE);
  g_assert_nonnull (strstr (error->message, "Anna’s desktop"));
}

static void
wait_forgotten (WherryClient *node, WherryClient *other)
{
  wait_until (!wherry_device_registry_get_root (WHERRY_NODE (node)->registry,
                                                wherry_client_get_id (other)));
}

static void
test_unpair (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WherryDevice) a = g_object_ref (pair_by_words (fixture));
  g_autoptr (WherryDevice) b = g_object_ref (device_of (fixture->A, fixture->B));
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, a, NULL), &error), >, 0);

  g_assert_true (wait_future (wherry_client_unpair (fixture->B, a), &error));
  g_assert_no_error (error);
  g_assert_false (wherry_device_get_paired (a));
  wait_forgotten (fixture->A, fixture->B);
  g_assert_false (wherry_device_get_paired (b));

  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, a, address), &error), ==, -1);
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_NOT_PAIRED);
}

/* It counts at once, whatever the other side does or does not do: nothing of it runs between these
 * lines. */
static void
test_unpair_at_once (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  WherryDevice *a = pair_by_words (fixture);
  DexFuture *sharing = pool_share (WHERRY_NODE (fixture->B)->pool,
                                   wherry_client_get_id (fixture->A), MESSAGES_ALPN, NULL);
  g_assert_true (wait_future (dex_ref (sharing), &error));
  g_autoptr (SecureConnection) peer = g_value_dup_boxed (dex_future_get_value (sharing, NULL));
  dex_unref (sharing);

  DexFuture *unpairing = wherry_client_unpair (fixture->B, a);
  g_assert_null (wherry_device_registry_get_root (WHERRY_NODE (fixture->B)->registry,
                                                  wherry_client_get_id (fixture->A)));
  g_assert_false (quic_connection_is_open (peer->connection));
  g_assert_true (wait_future (unpairing, &error));
  wait_forgotten (fixture->A, fixture->B);
}

/* The other device has just closed the only connection, as after a transfer: what it is closed with
 * here is not heard there. */
static void
test_unpair_closed_there (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  WherryDevice *a = pair_by_words (fixture);
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, a, NULL), &error), >, 0);
  DexFuture *sharing = pool_share (WHERRY_NODE (fixture->B)->pool,
                                   wherry_client_get_id (fixture->A), MESSAGES_ALPN, NULL);
  g_autoptr (SecureConnection) peer = wait_boxed (sharing);
  quic_connection_close (peer->connection, QUIC_CODE_OK, "done");
  g_assert_true (
      wait_future (wherry_client_unpair (fixture->A, device_of (fixture->A, fixture->B)), &error));
  wait_forgotten (fixture->B, fixture->A);
}

/* There is no connection to close, but the other device can be reached. */
static void
test_unpair_unconnected (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  WherryDevice *a = pair_by_words (fixture);
  g_assert_true (wait_future (wherry_client_unpair (fixture->B, a), &error));
  g_assert_no_error (error);
  wait_forgotten (fixture->A, fixture->B);
}

/* Unpaired while the other one was away: it still believes, and is told when it dials. */
static void
test_unpair_absent (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  pair_by_words (fixture);
  WherryDevice *b = device_of (fixture->A, fixture->B);
  two_nodes_close_one (fixture, 1);
  g_assert_true (wait_future (wherry_client_unpair (fixture->A, b), &error));
  g_assert_no_error (error);
  two_nodes_open_one (fixture, 1);
  WherryDevice *a = device_of (fixture->B, fixture->A);
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  g_assert_true (wherry_device_get_paired (a));
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, a, address), &error), ==, -1);
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_NOT_PAIRED);
}

/* From the beginning of the close on nothing is begun, and nothing half done. */
static void
test_closing (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WherryDevice) a = g_object_ref (pair_by_words (fixture));
  DexFuture *closing = wherry_client_close (fixture->B);
  g_assert_false (wait_future (wherry_client_unpair (fixture->B, a), &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_OFFLINE);
  g_clear_error (&error);
  g_assert_true (wherry_device_get_paired (a));
  g_assert_cmpint (wait_int64 (wherry_client_ping (fixture->B, a, NULL), &error), ==, -1);
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_OFFLINE);
  g_assert_cmpstr (error->message, ==, "Wherry is closing.");
  g_assert_true (wait_future (closing, NULL));
}

/* What a stranger gets who speaks QUIC but is not paired. */
static void
test_stranger (TwoNodes *fixture, gconstpointer data)
{
  const struct
  {
    const char *alpn;
    QuicError error;
    QuicCode code;
  } closes[] = {
    { "wherry/message/1", QUIC_ERROR_NOT_PAIRED, QUIC_CODE_NOT_PAIRED },
    { "wherry/transfer/1", QUIC_ERROR_NOT_PAIRED, QUIC_CODE_NOT_PAIRED },
    { PAIRING_ALPN, QUIC_ERROR_NO_CODE, QUIC_CODE_NO_CODE },
  };
  g_autoptr (NodeIdentity) stranger = node_identity_generate ();
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  g_autoptr (GError) error = NULL;
  QuicEndpoint *endpoint = quic_endpoint_new (stranger, 0, &error);
  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (closes); i++)
    {
      g_autoptr (QuicConnection) connection = NULL;
      DexFuture *connecting = quic_future_connect (
          endpoint, address->pdata[0], wherry_client_get_id (fixture->A), closes[i].alpn);
      if (wait_future (dex_ref (connecting), &error))
        {
          connection = g_value_dup_boxed (dex_future_get_value (connecting, NULL));
          wait_future (quic_future_closed (connection), &error);
        }
      dex_unref (connecting);
      if (error->domain == QUIC_ERROR)
        g_assert_error (error, QUIC_ERROR, (int) closes[i].error);
      else
        g_assert_error (error, QUIC_CLOSE_ERROR, (int) closes[i].code);
      g_clear_error (&error);
    }
  g_assert_cmpuint (g_list_model_get_n_items (wherry_client_get_devices (fixture->A)), ==, 0);
  quic_endpoint_close (endpoint);
}

/* A refusal below the application, which anybody on the path can forge, says nothing about the
 * pairing. */
static void
test_refused_below (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) addresses = loopback_of (fixture->A);
  pair_by_words (fixture);
  g_assert_false (
      wait_future (pool_dial (WHERRY_NODE (fixture->B)->pool, wherry_client_get_id (fixture->A),
                              "wherry/nothing/1", addresses),
                   &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_REFUSED);
  g_assert_null (strstr (error->message, "pair"));
}

static void
test_lock (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ClientOptions options = { .data_dir = fixture->dirs[0] };
  g_assert_null (wherry_client_open_sync (&options, NULL, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_LOCKED);
}

/* What the opening had to say is there for the face as well as for whoever waited. */
static void
test_warning (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *warning = NULL;
  g_autofree char *file = g_build_filename (fixture->dirs[0], "network_state.json", NULL);
  ClientOptions options = { .data_dir = fixture->dirs[0] };
  g_assert_null (wherry_client_get_warning (fixture->A));
  two_nodes_close_one (fixture, 0);
  g_assert_true (
      g_file_set_contents_full (file, "damaged", -1, G_FILE_SET_CONTENTS_NONE, 0600, &error));
  fixture->A = wherry_client_open_sync (&options, &warning, &error);
  g_assert_no_error (error);
  g_assert_nonnull (warning);
  g_assert_cmpstr (wherry_client_get_warning (fixture->A), ==, warning);
}

#define TEST(name, func)                                                                           \
  g_test_add ("/node/" name, TwoNodes, NULL, two_nodes_start, func, two_nodes_stop)

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  TEST ("ping", test_ping);
  TEST ("learns-names", test_learns_names);
  TEST ("both-dial-at-once", test_both_dial_at_once);
  TEST ("second-address", test_second_address);
  TEST ("receive-dir-is-kept", test_receive_dir_is_kept);
  TEST ("restart", test_restart);
  TEST ("offline", test_offline);
  TEST ("unpair", test_unpair);
  TEST ("unpair-at-once", test_unpair_at_once);
  TEST ("unpair-closed-there", test_unpair_closed_there);
  TEST ("unpair-unconnected", test_unpair_unconnected);
  TEST ("unpair-absent", test_unpair_absent);
  TEST ("closing", test_closing);
  TEST ("stranger", test_stranger);
  TEST ("refused-below", test_refused_below);
  TEST ("lock", test_lock);
  TEST ("warning", test_warning);
  return g_test_run ();
}

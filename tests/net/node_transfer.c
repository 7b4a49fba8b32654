/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files between two whole nodes: what the node adds to transfer/send and transfer/receive. */
#include "net/transfer/control_channel.h"
#include "net/async/quic_future.h"
#include "tests/support/hostile.h"
#include "tests/support/two_nodes.h"
#include "tests/support/wait.h"

static void
make_tree (TwoNodes *fixture)
{
  scratch_fill (&fixture->scratch, "tree/big file.bin", 3 * 1024 * 1024 + 7, 1);
  scratch_write (&fixture->scratch, "tree/Grüße/空.txt", "hello", -1);
  scratch_write (&fixture->scratch, "tree/empty", "", 0);
  scratch_mkdir (&fixture->scratch, "tree/empty folder");
}

/* B sends the tree to A. (transfer none) */
static WherryTransfer *
send_tree (TwoNodes *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  g_ptr_array_add (files, scratch_file (&fixture->scratch, "tree"));
  WherryTransfer *transfer =
      wherry_client_send (fixture->B, device_of (fixture->B, fixture->A), files, address, &error);
  g_assert_no_error (error);
  return transfer;
}

static void
remember_cb (WherryClient *node, WherryTransfer *transfer, gpointer user_data)
{
  g_set_object ((WherryTransfer **) user_data, transfer);
}

/* Turns the main loop until A has an offer. (transfer full) */
static WherryTransfer *
wait_offer (TwoNodes *fixture)
{
  WherryTransfer *offered = NULL;
  gulong handler = g_signal_connect (fixture->A, "offer", G_CALLBACK (remember_cb), &offered);
  wait_until (offered);
  g_signal_handler_disconnect (fixture->A, handler);
  return offered;
}

static void
test_tree (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  make_tree (fixture);
  WherryTransfer *sent = send_tree (fixture);
  g_autoptr (WherryTransfer) received = wait_offer (fixture);

  g_assert_cmpint (wherry_transfer_get_state (received), ==, TRANSFER_OFFERED);
  g_assert_true (wherry_transfer_get_device (received) == device_of (fixture->A, fixture->B));
  g_assert_cmpstr (wherry_transfer_get_title (received), ==, "tree");
  wherry_transfer_accept (received, NULL);
  wait_int (sent, "state", TRANSFER_DONE);
  wait_int (received, "state", TRANSFER_DONE);
  scratch_assert_same (&fixture->scratch, "tree", "to-a/tree");

  g_autoptr (WherryTransfer) listed =
      g_list_model_get_item (wherry_client_get_transfers (fixture->A), 0);
  g_assert_true (listed == received);
}

/* In a sandbox there is no folder until one is chosen: an offer that nobody need be asked about is
 * asked about, and cannot be accepted into nowhere. */
static void
test_no_folder (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  make_tree (fixture);
  two_nodes_close_one (fixture, 0);
  ClientOptions options = { .data_dir = fixture->dirs[0],
                            .sandboxed = true,
                            .accept = POLICY_ACCEPT };
  g_autoptr (GError) error = NULL;
  fixture->nodes[0] = wherry_client_open_sync (&options, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (wherry_client_get_receive_dir (fixture->A));

  WherryTransfer *sent = send_tree (fixture);
  g_autoptr (WherryTransfer) received = wait_offer (fixture);
  g_assert_null (wherry_transfer_get_destination (received));
  g_assert_cmpuint (wherry_transfer_get_free_space (received), ==, UINT64_MAX);
  wherry_transfer_accept (received, NULL);
  g_assert_cmpint (wherry_transfer_get_state (received), ==, TRANSFER_OFFERED);

  g_autoptr (GFile) chosen = scratch_file (&fixture->scratch, "chosen");
  wherry_client_set_receive_dir (fixture->A, chosen);
  wherry_transfer_accept (received, chosen);
  wait_int (sent, "state", TRANSFER_DONE);
  scratch_assert_same (&fixture->scratch, "tree", "chosen/tree");
  wait_int (received, "state", TRANSFER_DONE);
  g_autoptr (GFile) tree = g_file_get_child (chosen, "tree");
  g_assert_true (g_file_equal (wherry_transfer_get_received (received), tree));

  /* From now on as everywhere. */
  sent = send_tree (fixture);
  wait_int (sent, "state", TRANSFER_DONE);
  scratch_assert_same (&fixture->scratch, "tree/big file.bin", "chosen/tree/big file (1).bin");
}

/* A connection that has brought no offer does not hold up whoever quits. */
static void
test_silent_connection (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  pair_by_words (fixture);
  WherryNode *a = WHERRY_NODE (fixture->A);
  wait_future (flow_set_idle (a->goodbye_flows), NULL);
  g_autoptr (SecureConnection) silent = wait_boxed (pool_dial (
      WHERRY_NODE (fixture->B)->pool, wherry_client_get_id (fixture->A), TRANSFER_ALPN, address));
  g_assert_true (quic_connection_is_open (silent->connection));
  g_autoptr (DexFuture) idle = flow_set_idle (a->goodbye_flows);
  g_assert_true (dex_future_is_resolved (idle));
  two_nodes_close_one (fixture, 0);
}

#define OFFER(digit)                                                                               \
  "{\"type\":\"offer\",\"transfer_id\":\"0011223344556677889900112233445" digit "\","              \
  "\"entries_total\":1,\"bytes_total\":1,\"options\":{\"compress\":false,\"encrypt\":true},"       \
  "\"entries\":[{\"id\":0,\"path\":\"x\",\"kind\":\"file\",\"size\":1,\"mtime\":0,"                \
  "\"mtime_ns\":0,\"mode\":420}],\"last\":true}"

static void
count_offer_cb (WherryClient *node, WherryTransfer *transfer, gpointer user_data)
{
  ++*(unsigned *) user_data;
}

/* B opens a connection for a transfer by hand, and its control stream. (transfer full) */
static SecureConnection *
dial_by_hand (TwoNodes *fixture, QuicStream **stream)
{
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  SecureConnection *peer = wait_boxed (pool_dial (
      WHERRY_NODE (fixture->B)->pool, wherry_client_get_id (fixture->A), TRANSFER_ALPN, address));
  *stream = wait_boxed (quic_future_open_stream (peer->connection, true));
  return peer;
}

/* An offer that becomes complete while its receiver closes is declined, and nobody is asked. The
 * closing takes as long as the peer of an earlier offer leaves its connection open. */
static void
test_offered_while_closing (TwoNodes *fixture, gconstpointer data)
{
  unsigned n_offers = 0;
  g_autoptr (QuicStream) stream = NULL, late_stream = NULL;
  pair_by_words (fixture);
  g_signal_connect (fixture->A, "offer", G_CALLBACK (count_offer_cb), &n_offers);
  g_autoptr (SecureConnection) peer = dial_by_hand (fixture, &stream);
  g_autoptr (SecureConnection) late = dial_by_hand (fixture, &late_stream);
  hostile_say (peer, stream, 0, OFFER ("0"));
  wait_until (n_offers == 1);

  DexFuture *closing = wherry_client_close (fixture->A);
  g_autoptr (GBytes) answer = wait_boxed (quic_future_receive (stream, 65536));
  hostile_say (late, late_stream, 0, OFFER ("1"));
  g_autoptr (GBytes) late_answer = wait_boxed (quic_future_receive (late_stream, 65536));
  g_assert_cmpuint (g_bytes_get_size (answer), >, 0);
  g_assert_cmpuint (g_bytes_get_size (late_answer), ==, g_bytes_get_size (answer));
  g_assert_cmpuint (n_offers, ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (wherry_client_get_transfers (fixture->A)), ==, 1);
  quic_connection_close (peer->connection, QUIC_CODE_OK, "");
  quic_connection_close (late->connection, QUIC_CODE_OK, "");
  run_until (closing);
}

/* One offer too many is declined as busy; an answer makes room again. */
static void
test_busy (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  scratch_write (&fixture->scratch, "tree/one", "1", 1);
  g_autoptr (GPtrArray) waiting = g_ptr_array_new_with_free_func (g_object_unref);
  for (int i = 0; i < INCOMING_OFFERS_DEVICE_MAX; i++)
    {
      send_tree (fixture);
      g_ptr_array_add (waiting, wait_offer (fixture));
    }
  WherryTransfer *late = send_tree (fixture);
  wait_int (late, "state", TRANSFER_FAILED);
  g_assert_cmpint (wherry_transfer_get_reason (late), ==, TRANSFER_REASON_BUSY);
  g_assert_nonnull (strstr (wherry_transfer_get_message (late), "busy"));
  g_assert_cmpuint (g_list_model_get_n_items (wherry_client_get_transfers (fixture->A)), ==,
                    INCOMING_OFFERS_DEVICE_MAX);

  wherry_transfer_decline (waiting->pdata[0]);
  wait_int (waiting->pdata[0], "state", TRANSFER_DECLINED);
  WherryTransfer *again = send_tree (fixture);
  g_ptr_array_add (waiting, wait_offer (fixture));
  wherry_transfer_accept (waiting->pdata[INCOMING_OFFERS_DEVICE_MAX], NULL);
  wait_int (again, "state", TRANSFER_DONE);
}

static void
test_newest_first (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  scratch_write (&fixture->scratch, "tree/one", "1", 1);
  wherry_client_set_policy (fixture->A, NULL, &(Policy) { POLICY_ACCEPT, NULL });
  WherryTransfer *first = send_tree (fixture), *second = send_tree (fixture);
  wait_int (first, "state", TRANSFER_DONE);
  wait_int (second, "state", TRANSFER_DONE);
  g_autoptr (WherryTransfer) top =
      g_list_model_get_item (wherry_client_get_transfers (fixture->B), 0);
  g_assert_true (top == second);
  /* Folders merge, files keep both. */
  scratch_assert_names (&fixture->scratch, "to-a/tree", "one|one (1)");
}

static void
test_policy_decline (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  make_tree (fixture);
  wherry_client_set_policy (fixture->A, NULL, &(Policy) { POLICY_DECLINE, NULL });
  WherryTransfer *sent = send_tree (fixture);
  wait_int (sent, "state", TRANSFER_DECLINED);
  g_assert_false (scratch_exists (&fixture->scratch, "to-a/tree"));
}

/* A device's own rule counts before that of all, in a folder of its own, until it is unpaired. */
static void
test_policy_of_one (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  pair_by_words (fixture);
  make_tree (fixture);
  scratch_mkdir (&fixture->scratch, "of-b");
  g_autoptr (GFile) folder = scratch_file (&fixture->scratch, "of-b");
  wherry_client_set_policy (fixture->A, NULL, &(Policy) { POLICY_DECLINE, NULL });
  wherry_client_set_policy (fixture->A, device_of (fixture->A, fixture->B),
                            &(Policy) { POLICY_ACCEPT, folder });
  WherryTransfer *sent = send_tree (fixture);
  wait_int (sent, "state", TRANSFER_DONE);
  scratch_assert_same (&fixture->scratch, "tree", "of-b/tree");
  g_assert_false (scratch_exists (&fixture->scratch, "to-a/tree"));

  g_assert_true (
      wait_future (wherry_client_unpair (fixture->B, device_of (fixture->B, fixture->A)), &error));
  g_assert_no_error (error);
  while (device_of (fixture->A, fixture->B) &&
         wherry_device_get_paired (device_of (fixture->A, fixture->B)))
    g_main_context_iteration (NULL, TRUE);
  pair_by_words (fixture);
  g_assert_cmpint (wherry_client_get_policy (fixture->A, device_of (fixture->A, fixture->B))->rule,
                   ==, POLICY_DECLINE);
}

static void
test_receiver_closes (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  make_tree (fixture);
  g_autoptr (WherryTransfer) sent = g_object_ref (send_tree (fixture));
  g_autoptr (WherryTransfer) received = wait_offer (fixture);
  two_nodes_close_one (fixture, 0);
  g_assert_true (transfer_state_is_final (wherry_transfer_get_state (received)));
  wait_int (sent, "state", TRANSFER_DECLINED);
}

static void
test_sender_closes (TwoNodes *fixture, gconstpointer data)
{
  pair_by_words (fixture);
  make_tree (fixture);
  g_autoptr (WherryTransfer) sent = g_object_ref (send_tree (fixture));
  g_autoptr (WherryTransfer) received = wait_offer (fixture);
  two_nodes_close_one (fixture, 1);
  g_assert_true (transfer_state_is_final (wherry_transfer_get_state (sent)));
  wait_int (received, "state", TRANSFER_CANCELLED);
  g_assert_cmpint (wherry_transfer_get_reason (received), ==, TRANSFER_REASON_CANCELLED_THERE);
}

/* Unpairing ends what is under way, at both ends. */
static void
test_unpaired_meanwhile (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  pair_by_words (fixture);
  make_tree (fixture);
  g_autoptr (WherryTransfer) sent = g_object_ref (send_tree (fixture));
  g_autoptr (WherryTransfer) received = wait_offer (fixture);
  g_assert_true (
      wait_future (wherry_client_unpair (fixture->A, device_of (fixture->A, fixture->B)), &error));
  g_assert_no_error (error);
  wait_until (transfer_state_is_final (wherry_transfer_get_state (sent)) &&
              transfer_state_is_final (wherry_transfer_get_state (received)));
  g_assert_cmpint (wherry_transfer_get_state (sent), !=, TRANSFER_DONE);
  g_assert_false (scratch_exists (&fixture->scratch, "to-a/tree"));
}

static void
test_not_paired (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WherryDevice) device = g_object_ref (pair_by_words (fixture));
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_assert_null (wherry_client_send (fixture->B, device, files, NULL, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_INVALID);
  g_clear_error (&error);

  g_assert_true (wait_future (wherry_client_unpair (fixture->B, device), &error));
  make_tree (fixture);
  g_ptr_array_add (files, scratch_file (&fixture->scratch, "tree"));
  g_assert_null (wherry_client_send (fixture->B, device, files, NULL, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_NOT_PAIRED);
}

#define TEST(name, func)                                                                           \
  g_test_add ("/node-transfer/" name, TwoNodes, NULL, two_nodes_start, func, two_nodes_stop)

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  TEST ("tree", test_tree);
  TEST ("no-folder", test_no_folder);
  TEST ("silent-connection", test_silent_connection);
  TEST ("offered-while-closing", test_offered_while_closing);
  TEST ("busy", test_busy);
  TEST ("newest-first", test_newest_first);
  TEST ("policy-decline", test_policy_decline);
  TEST ("policy-of-one", test_policy_of_one);
  TEST ("receiver-closes", test_receiver_closes);
  TEST ("sender-closes", test_sender_closes);
  TEST ("unpaired-meanwhile", test_unpaired_meanwhile);
  TEST ("not-paired", test_not_paired);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences of the window, without a window. */

#include <string.h>

#include "net/transfer/transfer_private.h"
#include "net/peer/device_private.h"
#include "ui/device_phrases.h"
#include "ui/pairing_phrases.h"
#include "ui/transfer_phrases.h"

#define assert_phrase(phrase, expected)                                                            \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *phrase_ = (phrase);                                                           \
    g_assert_cmpstr (phrase_, ==, (expected));                                                     \
  }                                                                                                \
  G_STMT_END

static WherryDevice *
make_device (DeviceState state)
{
  g_autoptr (NodeIdentity) identity = node_identity_generate ();
  DeviceInfo info = { .name = "Grace",
                      .version = "1",
                      .node_id = *node_identity_get_id (identity) };
  WherryDevice *device = device_new (&info.node_id, state);

  device_id_generate (info.device_id);
  device_set_info (device, &info);
  return device;
}

static WherryTransfer *
transfer_of_three (WherryDevice *device, TransferDirection direction)
{
  static const char *const names[] = { "a.txt", "b.txt", "c", "d", "e", NULL };
  g_autoptr (GFile) folder = g_file_new_for_path ("/home/ada/Downloads");
  WherryTransfer *transfer = transfer_new (direction, "7", device);
  transfer_describe (transfer, names, 5, 12, 45000000);
  transfer_set_destination (transfer, folder, 12000000000);
  return transfer;
}

static void
test_time_left (void)
{
  assert_phrase (time_left_phrase (0), "Less than a second left");
  assert_phrase (time_left_phrase (1), "About 1 second left");
  assert_phrase (time_left_phrase (59), "About 59 seconds left");
  assert_phrase (time_left_phrase (100), "About 2 minutes left");
  assert_phrase (time_left_phrase (7200), "About 2 hours left");
  assert_phrase (countdown_phrase (300), "5:00");
  assert_phrase (countdown_phrase (61), "1:01");
  assert_phrase (countdown_phrase (9), "0:09");
}

static void
test_nearby_device (void)
{
  g_autoptr (WherryDevice) device = make_device (DEVICE_STATE_DISCOVERED);
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();
  device_set_nearby (device, "Grace", DEVICE_LAPTOP, FALSE, addresses);
  assert_phrase (device_phrase (device, 0), "On this network");
  device_set_nearby (device, "Grace", DEVICE_LAPTOP, TRUE, addresses);
  assert_phrase (device_phrase (device, 0), "Wants to pair");
  g_assert_true (device_advance (device, DEVICE_EVENT_PAIRING_STARTED));
  assert_phrase (device_phrase (device, 0), "Pairing…");
}

static void
test_paired_device (void)
{
  g_autoptr (WherryDevice) device = make_device (DEVICE_STATE_PAIRED);
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();
  assert_phrase (device_phrase (device, 1000), "Offline");
  device_set_nearby (device, "Grace", DEVICE_LAPTOP, FALSE, addresses);
  assert_phrase (device_phrase (device, 1000), "On this network");
  g_assert_true (device_advance (device, DEVICE_EVENT_CONNECTED));
  device_set_rtt (device, 400);
  assert_phrase (device_phrase (device, 1000), "On this network · 0.4 ms");
  device_set_rtt (device, 23456);
  assert_phrase (device_phrase (device, 1000), "On this network · 23 ms");

  g_assert_true (device_advance (device, DEVICE_EVENT_DISCONNECTED));
  device_set_gone (device);
  device_set_history (device, &(PairedDevice) { .addresses = addresses, .last_seen = 1000 });
  assert_phrase (device_phrase (device, 1059), "Seen just now");
  assert_phrase (device_phrase (device, 1060), "Offline, seen 1 minute ago");
  assert_phrase (device_phrase (device, 1000 + 7200), "Offline, seen 2 hours ago");
  assert_phrase (device_phrase (device, 1000 + 3 * 86400), "Offline, seen 3 days ago");
  /* A clock that was set back. */
  assert_phrase (device_phrase (device, 10), "Seen just now");
}

static void
test_offer (void)
{
  g_autoptr (WherryDevice) device = make_device (DEVICE_STATE_PAIRED);
  g_autoptr (WherryTransfer) transfer = transfer_of_three (device, TRANSFER_RECEIVING);
  g_autoptr (GFile) folder = g_file_new_for_path ("/mnt/full");
  assert_phrase (offer_phrase (transfer), "Grace wants to send you 12 files (45.0 MB)");
  assert_phrase (names_phrase (transfer), "a.txt, b.txt, c and 2 more");
  assert_phrase (transfer_phrase (transfer), "a.txt, b.txt, c and 2 more");
  assert_phrase (activity_phrase (transfer), "Wants to send you files");
  assert_phrase (destination_phrase (transfer), "Goes to Downloads, 12.0 GB free");

  transfer_set_destination (transfer, folder, 1000000);
  assert_phrase (destination_phrase (transfer),
                 "Only 1.0 MB free in full: choose another folder or make room");
}

static void
test_sending (void)
{
  g_autoptr (WherryDevice) device = make_device (DEVICE_STATE_PAIRED);
  g_autoptr (WherryTransfer) transfer = transfer_of_three (device, TRANSFER_SENDING);
  assert_phrase (transfer_phrase (transfer), "Getting ready to send");
  transfer_advance (transfer, TRANSFER_OFFERED);
  assert_phrase (transfer_phrase (transfer), "Waiting for Grace to accept");
  transfer_advance (transfer, TRANSFER_ACTIVE);
  assert_phrase (transfer_phrase (transfer), "Waiting for its turn");
  transfer_set_phase (transfer, TRANSFER_PHASE_VERIFYING);
  assert_phrase (transfer_phrase (transfer), "Verifying");
  assert_phrase (finished_phrase (transfer), NULL);
  transfer_advance (transfer, TRANSFER_DONE);
  assert_phrase (transfer_phrase (transfer), "Sent · 12 files · 45.0 MB");
  assert_phrase (finished_phrase (transfer), "Sent a.txt and 4 more to Grace");
}

static void
test_bad_ends (void)
{
  g_autoptr (WherryDevice) device = make_device (DEVICE_STATE_PAIRED);
  g_autoptr (WherryTransfer) declined = transfer_of_three (device, TRANSFER_RECEIVING);
  g_autoptr (WherryTransfer) failed = transfer_of_three (device, TRANSFER_SENDING);
  transfer_end (declined, TRANSFER_DECLINED, TRANSFER_REASON_DECLINED, NULL);
  assert_phrase (transfer_phrase (declined), "You declined");
  transfer_end (failed, TRANSFER_FAILED, TRANSFER_REASON_OFFLINE, "Grace is offline. Wake it up.");
  assert_phrase (transfer_phrase (failed), "Grace is offline. Wake it up.");
  assert_phrase (finished_phrase (failed), NULL);
}

/* What was skipped is told on either side of the word that it was sent, and never by a tick. */
static void
test_partial (void)
{
  g_autoptr (WherryDevice) device = make_device (DEVICE_STATE_PAIRED);
  g_autoptr (WherryTransfer) sent = transfer_of_three (device, TRANSFER_SENDING);
  g_autoptr (WherryTransfer) received = transfer_of_three (device, TRANSFER_RECEIVING);
  g_assert_false (transfer_is_partial (sent));
  transfer_note (sent, "“x” was skipped: it is a link.");
  transfer_set_skipped (sent, 250); /* more than there are notes of */
  transfer_note (received, "“x” could not keep its time.");
  transfer_advance (sent, TRANSFER_OFFERED);
  transfer_advance (sent, TRANSFER_ACTIVE);
  transfer_advance (sent, TRANSFER_DONE);
  transfer_advance (received, TRANSFER_ACTIVE);
  transfer_advance (received, TRANSFER_DONE);
  assert_phrase (transfer_phrase (sent), "Sent · 12 files, 250 skipped");
  assert_phrase (finished_phrase (sent), "Sent a.txt and 4 more to Grace, 250 skipped");
  assert_phrase (transfer_phrase (received), "Received · 12 files, 1 with problems");
  transfer_set_skipped (received, 250);
  assert_phrase (transfer_phrase (received), "Received · 12 files, 250 with problems");
  g_assert_cmpstr (transfer_icon_name (sent), ==, "dialog-warning-symbolic");
  g_assert_cmpstr (transfer_icon_name (received), ==, "dialog-warning-symbolic");
}

static void
test_left_out (void)
{
  assert_phrase (left_out_phrase (1), "1 item is not on this computer and was left out.");
  assert_phrase (left_out_phrase (2), "2 items are not on this computer and were left out.");
}

/* Every reason has a heading of its own and says what to do. */
static void
test_pairing_reasons (void)
{
  g_autoptr (GHashTable) titles = g_hash_table_new (g_str_hash, g_str_equal);
  for (PairingReason reason = PAIRING_REASON_WRONG_CODE; reason < PAIRING_REASONS; reason++)
    {
      const char *advice = pairing_reason_advice (reason);
      g_assert_true (g_hash_table_add (titles, (char *) pairing_reason_title (reason)));
      g_assert_true (g_str_has_suffix (advice, "."));
    }
  assert_phrase (no_code_title ("Ada"), "Ada Shows No Code");
  assert_phrase (no_code_title (NULL), "The Other Device Shows No Code");
  assert_phrase (no_code_advice ("Ada"),
                 "Choose Add Device on Ada, then enter the code that it shows.");
  assert_phrase (attempts_phrase (1), "1 attempt left");
  assert_phrase (attempts_phrase (2), "2 attempts left");
}

static void
test_discovery (void)
{
  g_assert_null (discovery_advice (DISCOVERY_RUNNING));
  g_assert_null (discovery_advice (DISCOVERY_STARTING));
  g_assert_null (discovery_advice (DISCOVERY_OFF));
  g_assert_nonnull (discovery_advice (DISCOVERY_NO_DAEMON));
  g_assert_nonnull (strstr (discovery_command (DISCOVERY_NO_DAEMON), "avahi-daemon"));
  g_assert_nonnull (discovery_advice (DISCOVERY_FAILED));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/phrases/time-left", test_time_left);
  g_test_add_func ("/ui/phrases/nearby-device", test_nearby_device);
  g_test_add_func ("/ui/phrases/paired-device", test_paired_device);
  g_test_add_func ("/ui/phrases/offer", test_offer);
  g_test_add_func ("/ui/phrases/sending", test_sending);
  g_test_add_func ("/ui/phrases/bad-ends", test_bad_ends);
  g_test_add_func ("/ui/phrases/partial", test_partial);
  g_test_add_func ("/ui/phrases/left-out", test_left_out);
  g_test_add_func ("/ui/phrases/pairing-reasons", test_pairing_reasons);
  g_test_add_func ("/ui/phrases/discovery", test_discovery);
  return g_test_run ();
}

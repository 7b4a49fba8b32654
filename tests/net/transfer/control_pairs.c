/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every pair of control messages, in one read, to either side and under every policy: whatever a
 * peer says and when, the transfer comes to one of its ends. */
#include "tests/support/hostile.h"
#include "tests/support/two_devices.h"
#include "net/core/control.h"
#include "net/async/quic_future.h"
#include "net/transfer/transfer_private.h"
#include "net/peer/device_private.h"
#include "tests/support/wait.h"

#define OFFER                                                                                      \
  "{\"type\":\"offer\",\"transfer_id\":\"%032x\",\"entries_total\":1,\"bytes_total\":1,"           \
  "\"options\":{\"compress\":false,\"encrypt\":true},\"entries\":[{\"id\":0,\"path\":\"a\","       \
  "\"kind\":\"file\",\"size\":1,\"mtime\":0,\"mtime_ns\":0,\"mode\":420}],\"last\":true}"

static const char *const messages[] = {
  "{\"type\":\"accept\",\"compress\":false,\"resume\":[]}",
  "{\"type\":\"decline\",\"reason\":\"person\"}",
  "{\"type\":\"decline\",\"reason\":\"expired\"}",
  "{\"type\":\"cancel\",\"reason\":\"person\"}",
  "{\"type\":\"cancel\",\"reason\":\"expired\"}",
  "{\"type\":\"verified\",\"entries\":[0]}",
  "{\"type\":\"checksum-mismatch\",\"entry_id\":0}",
  "{\"type\":\"entry-failed\",\"entry_id\":0,\"reason\":\"permission\"}",
  "{\"type\":\"file-request\",\"entry_id\":0,\"from\":0}",
  "{\"type\":\"file-done\",\"entry_id\":0,\"blake3\":"
  "\"0000000000000000000000000000000000000000000000000000000000000000\"}",
  "{\"type\":\"progress\",\"bytes\":0,\"files\":0}",
  "{\"type\":\"pause\"}",
  "{\"type\":\"resume\"}",
  "{\"type\":\"unsupported\",\"request\":\"pause\"}",
  "{\"type\":\"done\",\"files\":1,\"failed\":0}",
  "{\"type\":\"offer-entries\",\"entries\":[],\"last\":true}",
  "{\"type\":\"of-a-later-version\"}",
};

#ifdef __SANITIZE_ADDRESS__
#define N_SECONDS 3 /* a handshake takes ten times as long; each message is first and second too */
#else
#define N_SECONDS G_N_ELEMENTS (messages)
#endif

static unsigned transfers; /* so that no two have one id */

/* Says @first and, when there is one, @second in one packet, ends our direction, and listens until
 * the other does. */
static void
say_at_once (SecureConnection *peer, QuicStream *stream, uint64_t sequence, const char *const *say)
{
  g_autoptr (GByteArray) frames = g_byte_array_new ();
  for (; *say; say++)
    hostile_seal (frames, peer, stream, sequence++, *say);
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (g_steal_pointer (&frames));
  wait_for (quic_future_send (stream, bytes));
  quic_stream_finish (stream);

  for (bool open = true; open;)
    {
      DexFuture *receiving = quic_future_receive (stream, 65536);
      run_until (dex_ref (receiving));
      const GValue *value = dex_future_get_value (receiving, NULL);
      open = value && g_bytes_get_size (g_value_get_boxed (value)) > 0;
      dex_unref (receiving);
    }
  quic_connection_close (peer->connection, QUIC_CODE_OK, "");
}

static void
assert_ended (WherryTransfer *transfer, const char *first, const char *second)
{
  if (transfer && !transfer_state_is_final (wherry_transfer_get_state (transfer)))
    g_error ("%s and %s leave it %s", first, second,
             transfer_state_name (wherry_transfer_get_state (transfer)));
}

static void
to_receiver (TwoDevices *devices, const char *first, const char *second)
{
  g_autofree char *offer = g_strdup_printf (OFFER, ++transfers);
  g_autoptr (SecureConnection) peer = wait_boxed (two_devices_connect (devices));
  g_autoptr (QuicStream) stream = wait_boxed (quic_future_open_stream (peer->connection, true));
  g_clear_object (&devices->incoming);
  say_at_once (peer, stream, 0, (const char *[]) { offer, first, second, NULL });
  run_until (dex_ref (devices->receiving));
  assert_ended (devices->incoming, first, second);
}

static void
to_sender (TwoDevices *devices, const char *first, const char *second)
{
  DexFuture *sending;
  g_autoptr (WherryTransfer) outgoing = two_devices_send (devices, &sending, "out/tree", NULL);
  wait_until (devices->accepted);
  g_autoptr (SecureConnection) peer = two_devices_secure (devices, devices->accepted);
  g_autoptr (QuicStream) stream = wait_boxed (quic_future_accept_stream (devices->accepted));
  wait_until (wherry_transfer_get_state (outgoing) != TRANSFER_PREPARING);
  say_at_once (peer, stream, 0, (const char *[]) { first, second, NULL });
  run_until (sending);
  assert_ended (outgoing, first, second);
  g_clear_pointer (&devices->accepted, quic_connection_unref);
}

static void
test_reasons (TwoDevices *devices, ControlType type,
              void (*say) (TwoDevices *devices, const char *first, const char *second))
{
  for (int reason = 0; reason < CONTROL_REASON_COUNT; reason++)
    {
      TransferControl control = { .type = type };
      if (type == CONTROL_CANCEL)
        control.cancel.reason = reason;
      else
        control.decline.reason = reason;
      g_autoptr (GString) message = g_string_new (NULL);
      control_encode (&control, message);
      say (devices, message->str, NULL);
      say (devices, messages[0], message->str);
    }
}

static void
test_pairs (TwoDevices *devices,
            void (*say) (TwoDevices *devices, const char *first, const char *second))
{
  for (size_t i = 0; i < G_N_ELEMENTS (messages); i++)
    for (size_t j = 0; j < N_SECONDS; j++)
      say (devices, messages[i], messages[(i + j) % G_N_ELEMENTS (messages)]);
  test_reasons (devices, CONTROL_CANCEL, say);
  test_reasons (devices, CONTROL_DECLINE, say);
}

static void
test_to_receiver (gconstpointer data)
{
  TwoDevices devices;
  two_devices_init (&devices);
  devices.answer = GPOINTER_TO_INT (data);
  test_pairs (&devices, to_receiver);
  two_devices_clear (&devices);
}

static void
test_to_sender (void)
{
  TwoDevices devices;
  two_devices_init (&devices);
  devices.only_accept = true;
  scratch_write (&devices.scratch, "out/tree", "x", -1);
  test_pairs (&devices, to_sender);
  two_devices_clear (&devices);
}

/* A reason that comes too late for its state still ends the transfer, in a state that it can
 * have. */
static void
test_endings (void)
{
  NodeId id = { .bytes = { 1 } };
  g_autoptr (WherryDevice) device = device_new (&id, DEVICE_STATE_PAIRED);
  for (int from = TRANSFER_PREPARING; from <= TRANSFER_ACTIVE; from++)
    for (int to = TRANSFER_FAILED; to <= TRANSFER_INTERRUPTED; to++)
      {
        g_autoptr (WherryTransfer) transfer = transfer_new (TRANSFER_SENDING, "", device);
        for (int state = TRANSFER_OFFERED; state <= from; state++)
          transfer_advance (transfer, state);
        transfer_end (transfer, to, TRANSFER_REASON_EXPIRED, "Late.");
        bool too_late =
            from == TRANSFER_ACTIVE && (to == TRANSFER_DECLINED || to == TRANSFER_EXPIRED);
        g_assert_cmpint (wherry_transfer_get_state (transfer), ==,
                         too_late ? TRANSFER_CANCELLED : to);
      }
}

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  ++*(unsigned *) user_data;
}

/* All that progress changes is one notification, for whoever redraws on any. */
static void
test_progress (void)
{
  NodeId id = { .bytes = { 1 } };
  unsigned count = 0;
  g_autoptr (WherryDevice) device = device_new (&id, DEVICE_STATE_PAIRED);
  g_autoptr (WherryTransfer) transfer = transfer_new (TRANSFER_SENDING, "", device);
  transfer_describe (transfer, (const char *[]) { "a", NULL }, 1, 10, 1000);
  transfer_advance (transfer, TRANSFER_OFFERED);
  transfer_advance (transfer, TRANSFER_ACTIVE);
  g_signal_connect (transfer, "notify", G_CALLBACK (count_cb), &count);
  transfer_report (transfer, 500, 5, 0, g_get_monotonic_time () + G_USEC_PER_SEC);
  g_assert_cmpuint (count, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  hostile_init ();
  dex_init ();
  g_test_add_data_func ("/control-pairs/receiver/ask", GINT_TO_POINTER (ANSWER_NOTHING),
                        test_to_receiver);
  g_test_add_data_func ("/control-pairs/receiver/paired", GINT_TO_POINTER (ANSWER_ACCEPT),
                        test_to_receiver);
  g_test_add_data_func ("/control-pairs/receiver/none", GINT_TO_POINTER (ANSWER_DECLINE),
                        test_to_receiver);
  g_test_add_func ("/control-pairs/sender", test_to_sender);
  g_test_add_func ("/control-pairs/endings", test_endings);
  g_test_add_func ("/control-pairs/progress", test_progress);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every reason has an ending, in every state, at both sides. */
#include "net/transfer/transfer_ending.h"

#include "net/async/quic_future.h"
#include "net/disk/destination_error.h"
#include "net/peer/device_private.h"

/* A transfer brought to @state. */
static WherryTransfer *
transfer_in (WherryDevice *device, TransferDirection direction, TransferState state)
{
  WherryTransfer *transfer = transfer_new (direction, "", device);
  for (int next = wherry_transfer_get_state (transfer) + 1; next <= (int) state; next++)
    transfer_advance (transfer, next);
  return transfer;
}

static void
test_every_reason (void)
{
  NodeId id = { .bytes = { 1 } };
  g_autoptr (WherryDevice) device = device_new (&id, DEVICE_STATE_PAIRED);
  for (int reason = TRANSFER_REASON_OFFLINE; reason <= TRANSFER_REASON_CONNECTION; reason++)
    for (int state = TRANSFER_PREPARING; state <= TRANSFER_ACTIVE; state++)
      for (int direction = TRANSFER_SENDING; direction <= TRANSFER_RECEIVING; direction++)
        {
          g_autoptr (WherryTransfer) transfer =
              transfer_in (device, direction,
                           direction == TRANSFER_RECEIVING ? MAX (state, TRANSFER_OFFERED) : state);
          transfer_end (transfer, transfer_ending_get (reason)->state, reason, "Why.");
          TransferState end = wherry_transfer_get_state (transfer);
          g_assert_true (transfer_state_is_final (end));
          g_assert_cmpint (end, !=, TRANSFER_DONE);
          g_assert_cmpint (wherry_transfer_get_reason (transfer), ==, reason);
          g_assert_cmpstr (wherry_transfer_get_message (transfer), ==, "Why.");
        }
  g_assert_cmpint (transfer_ending_get (TRANSFER_REASON_NONE)->state, ==, TRANSFER_DONE);
}

/* What one side tells means the same at the other: reason here, role of the other side, whether it
 * had answered, reason there. */
static void
test_told_and_understood (void)
{
  static const struct
  {
    TransferReason here;
    ControlRole there_is;
    bool unanswered;
    TransferReason there;
  } pairs[] = {
    { TRANSFER_REASON_DECLINED, CONTROL_SENDER, true, TRANSFER_REASON_DECLINED },
    { TRANSFER_REASON_BUSY, CONTROL_SENDER, true, TRANSFER_REASON_BUSY },
    { TRANSFER_REASON_EXPIRED, CONTROL_SENDER, true, TRANSFER_REASON_EXPIRED },
    { TRANSFER_REASON_EXPIRED, CONTROL_RECEIVER, true, TRANSFER_REASON_EXPIRED },
    { TRANSFER_REASON_NO_SPACE, CONTROL_SENDER, true, TRANSFER_REASON_NO_SPACE },
    { TRANSFER_REASON_NO_SPACE, CONTROL_SENDER, false, TRANSFER_REASON_NO_SPACE },
    { TRANSFER_REASON_LOCAL_FILE, CONTROL_SENDER, true, TRANSFER_REASON_REMOTE_FILE },
    { TRANSFER_REASON_LOCAL_FILE, CONTROL_SENDER, false, TRANSFER_REASON_REMOTE_FILE },
    { TRANSFER_REASON_CANCELLED_HERE, CONTROL_SENDER, false, TRANSFER_REASON_CANCELLED_THERE },
    { TRANSFER_REASON_CANCELLED_HERE, CONTROL_RECEIVER, false, TRANSFER_REASON_CANCELLED_THERE },
    { TRANSFER_REASON_CANCELLED_HERE, CONTROL_RECEIVER, true, TRANSFER_REASON_CANCELLED_THERE },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr (GError) error = transfer_ending_by_peer (
          pairs[i].there_is, transfer_ending_get (pairs[i].here)->told, pairs[i].unanswered, "Bee");
      g_assert_error (error, TRANSFER_ERROR, (int) pairs[i].there);
      g_assert_nonnull (strstr (error->message, "Bee"));
    }
}

static void
test_every_word_of_the_peer (void)
{
  for (int role = CONTROL_SENDER; role <= CONTROL_RECEIVER; role++)
    for (int reason = 0; reason < CONTROL_REASON_COUNT; reason++)
      for (int unanswered = 0; unanswered <= 1; unanswered++)
        {
          g_autoptr (GError) error = transfer_ending_by_peer (role, reason, unanswered, "Bee");
          g_assert_true (error->domain == TRANSFER_ERROR);
          g_assert_cmpint (error->code, !=, TRANSFER_REASON_NONE);
        }
}

static void
test_errors_below (void)
{
  static const struct
  {
    QuicCode code;
    TransferReason means;
  } closes[] = {
    { QUIC_CODE_OK, TRANSFER_REASON_CONNECTION },
    { QUIC_CODE_NOT_PAIRED, TRANSFER_REASON_NOT_PAIRED },
    { QUIC_CODE_PROTOCOL, TRANSFER_REASON_PROTOCOL },
    { QUIC_CODE_CANCELLED, TRANSFER_REASON_CANCELLED_THERE },
    { QUIC_CODE_LIMIT, TRANSFER_REASON_BUSY },
    { QUIC_CODE_UNPAIRED, TRANSFER_REASON_NOT_PAIRED },
    { QUIC_CODE_INTERNAL, TRANSFER_REASON_CONNECTION },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (closes); i++)
    {
      g_autoptr (GError) close = g_error_new (QUIC_CLOSE_ERROR, (int) closes[i].code, "closed");
      g_autoptr (GError) error = transfer_ending_explain (close, "Bee");
      g_assert_error (error, TRANSFER_ERROR, (int) closes[i].means);
    }
  g_autoptr (GError) full = NULL, lost = NULL, other = NULL, breach = NULL;
  destination_error_set_entry (&full, "in", "a", ENOSPC);
  destination_error_set_entry (&lost, "in", "a", ENODEV);
  destination_error_set_folder (&other, "in", EACCES);
  g_set_error_literal (&breach, CONTROL_ERROR, CONTROL_ERROR_INVALID, "nonsense");
  const struct
  {
    const GError *error;
    TransferReason means;
  } errors[] = {
    { full, TRANSFER_REASON_NO_SPACE },
    { lost, TRANSFER_REASON_LOCAL_FILE },
    { other, TRANSFER_REASON_LOCAL_FILE },
    { breach, TRANSFER_REASON_PROTOCOL },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      g_autoptr (GError) error = transfer_ending_explain (errors[i].error, "Bee");
      g_assert_error (error, TRANSFER_ERROR, (int) errors[i].means);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transfer-ending/every-reason", test_every_reason);
  g_test_add_func ("/transfer-ending/told-and-understood", test_told_and_understood);
  g_test_add_func ("/transfer-ending/every-word-of-the-peer", test_every_word_of_the_peer);
  g_test_add_func ("/transfer-ending/errors-below", test_errors_below);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever ends a run, in whatever state: the transfer gets its final state, and the peer is told
 * what it may know, or thrown out. */
#include "net/transfer/run.h"

#include "net/async/quic_future.h"
#include "tests/support/hostile.h"
#include "tests/support/two_devices.h"

typedef struct
{
  TwoDevices devices;
  TransferRun run;
  GError *error; /* that the run is ended with */
  Offer *incoming;
  /* The peer, which is the sender. */
  Offer *offer;
  SecureConnection *peer;
  ControlChannel *control;
  DexFuture *listening;
  TransferControl heard; /* the last word */
  GError *closed;        /* how it was thrown out */
  bool offered;          /* the run has the whole offer */
} Fixture;

static bool
heard_cb (const TransferControl *control, gpointer user_data, GError **error)
{
  Fixture *fixture = user_data;
  if (control->type == CONTROL_DECLINE || control->type == CONTROL_CANCEL)
    fixture->heard = *control;
  return true;
}

static bool
message_cb (const TransferControl *control, gpointer user_data, GError **error)
{
  Fixture *fixture = user_data;
  if (transfer_run_is_over (&fixture->run))
    return transfer_run_take_late_message (&fixture->run, control);
  fixture->offered |= control->type == CONTROL_OFFER && control->offer.last;
  return true;
}

static void
say_offer (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  TransferId id;
  transfer_id_generate (&id);
  fixture->offer = offer_new (&id, &(OfferOptions) { .encrypt = true });
  offer_add (fixture->offer, "x", OFFER_FILE, 1, (OfferTime) { 0 }, 0644, &error);
  g_assert_no_error (error);
  fixture->peer = wait_boxed (two_devices_connect (&fixture->devices));
  g_autoptr (QuicStream) stream =
      wait_boxed (quic_future_open_stream (fixture->peer->connection, true));
  fixture->control = control_channel_new (fixture->peer, stream, CONTROL_SENDER);
  fixture->listening = control_channel_listen (fixture->control, NULL, heard_cb, fixture);
  wait_for (control_channel_send_offer (fixture->control, fixture->offer));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  TransferRun *run = &fixture->run;
  two_devices_init (&fixture->devices);
  fixture->devices.only_accept = true;
  fixture->heard.type = CONTROL_OFFER; /* which the peer never hears */
  say_offer (fixture);
  wait_until (fixture->devices.accepted);
  transfer_run_init (run);
  run->breaches = &fixture->devices.breaches;
  run->peer_name = g_strdup ("Bee");
  run->peer = two_devices_secure (&fixture->devices, fixture->devices.accepted);
  run->transfer = transfer_new (TRANSFER_RECEIVING, "", fixture->devices.sender_row);
  fixture->incoming = offer_new_incoming ();
  g_autoptr (QuicStream) stream =
      wait_boxed (quic_future_accept_stream (fixture->devices.accepted));
  transfer_run_open_control (run, stream, CONTROL_RECEIVER, fixture->incoming, message_cb, fixture);
  wait_until (fixture->offered);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  transfer_run_clear (&fixture->run);
  g_clear_error (&fixture->error);
  g_clear_error (&fixture->closed);
  control_channel_unref (fixture->control);
  secure_connection_unref (fixture->peer);
  offer_free (fixture->offer);
  offer_free (fixture->incoming);
  two_devices_clear (&fixture->devices);
}

static DexFuture *
end_fiber (gpointer data)
{
  Fixture *fixture = data;
  transfer_run_stop (&fixture->run, fixture->error);
  transfer_run_finish (&fixture->run, fixture->error);
  return dex_future_new_true ();
}

/* Ends the run as its failure says; the peer closes when it has heard all. */
static void
end (Fixture *fixture)
{
  if (transfer_run_is_over (&fixture->run))
    transfer_run_failure (&fixture->run, &fixture->error);
  DexFuture *ending = transfer_run_spawn (end_fiber, fixture, NULL);
  run_until (g_steal_pointer (&fixture->listening));
  if (fixture->error && fixture->error->code == TRANSFER_REASON_PROTOCOL)
    wait_future (quic_future_closed (fixture->peer->connection), &fixture->closed);
  quic_connection_close (fixture->peer->connection, QUIC_CODE_OK, "");
  run_until (ending);
}

/* What each reason ends as while the offer waits and once it was accepted, and what the peer hears
 * of it. */
typedef struct
{
  TransferReason reason;
  TransferState unanswered, active;
  bool told;
  ControlReason as;
} Ending;

static const Ending endings[] = {
  { TRANSFER_REASON_OFFLINE, TRANSFER_FAILED, TRANSFER_FAILED, true, CONTROL_REASON_OTHER },
  { TRANSFER_REASON_NOT_PAIRED, TRANSFER_FAILED, TRANSFER_FAILED, true, CONTROL_REASON_OTHER },
  { TRANSFER_REASON_DECLINED, TRANSFER_DECLINED, TRANSFER_CANCELLED, true, CONTROL_REASON_PERSON },
  { TRANSFER_REASON_BUSY, TRANSFER_FAILED, TRANSFER_FAILED, true, CONTROL_REASON_BUSY },
  { TRANSFER_REASON_EXPIRED, TRANSFER_EXPIRED, TRANSFER_CANCELLED, true, CONTROL_REASON_EXPIRED },
  { TRANSFER_REASON_CANCELLED_HERE, TRANSFER_CANCELLED, TRANSFER_CANCELLED, true,
    CONTROL_REASON_PERSON },
  { TRANSFER_REASON_CANCELLED_THERE, TRANSFER_CANCELLED, TRANSFER_CANCELLED, true,
    CONTROL_REASON_OTHER },
  { TRANSFER_REASON_NO_SPACE, TRANSFER_FAILED, TRANSFER_FAILED, true, CONTROL_REASON_NO_SPACE },
  { TRANSFER_REASON_LOCAL_FILE, TRANSFER_FAILED, TRANSFER_FAILED, true, CONTROL_REASON_WRITE },
  { TRANSFER_REASON_REMOTE_FILE, TRANSFER_FAILED, TRANSFER_FAILED, true, CONTROL_REASON_OTHER },
  { TRANSFER_REASON_CHECKSUM, TRANSFER_FAILED, TRANSFER_FAILED, true, CONTROL_REASON_CHECKSUM },
  { TRANSFER_REASON_PROTOCOL, TRANSFER_FAILED, TRANSFER_FAILED, false },
  { TRANSFER_REASON_CONNECTION, TRANSFER_INTERRUPTED, TRANSFER_INTERRUPTED, false },
};
G_STATIC_ASSERT (G_N_ELEMENTS (endings) == TRANSFER_REASON_CONNECTION);

static void
accept_offer (Fixture *fixture)
{
  transfer_run_send (&fixture->run, &(TransferControl) { .type = CONTROL_ACCEPT });
  transfer_advance (fixture->run.transfer, TRANSFER_ACTIVE);
  wait_until (control_channel_get_state (fixture->control) == CONTROL_STATE_ACTIVE);
}

/* Both sides. */
static void
say_done (Fixture *fixture)
{
  wait_for (control_channel_send (fixture->control, &(TransferControl) { .type = CONTROL_DONE }));
  wait_until (control_channel_get_state (fixture->run.control) == CONTROL_STATE_SENT);
  transfer_run_send (&fixture->run, &(TransferControl) { .type = CONTROL_DONE });
}

static void
assert_ended (Fixture *fixture, TransferState state, TransferReason reason)
{
  WherryTransfer *transfer = fixture->run.transfer;
  g_assert_cmpstr (transfer_state_name (wherry_transfer_get_state (transfer)), ==,
                   transfer_state_name (state));
  g_assert_cmpint (wherry_transfer_get_reason (transfer), ==, reason);
}

static void
assert_told (Fixture *fixture, const Ending *ending, bool unanswered)
{
  const TransferControl *heard = &fixture->heard;
  if (!ending->told)
    {
      g_assert_cmpint (heard->type, ==, CONTROL_OFFER);
      if (ending->reason == TRANSFER_REASON_PROTOCOL)
        g_assert_error (fixture->closed, QUIC_CLOSE_ERROR, QUIC_CODE_PROTOCOL);
      return;
    }
  g_assert_cmpint (heard->type, ==, unanswered ? CONTROL_DECLINE : CONTROL_CANCEL);
  g_assert_cmpint (unanswered ? heard->decline.reason : heard->cancel.reason, ==, ending->as);
}

static void
end_for (Fixture *fixture, const Ending *ending)
{
  transfer_run_fail_with (&fixture->run, ending->reason, "Why.");
  transfer_run_fail_with (&fixture->run, TRANSFER_REASON_OFFLINE, "The first counts.");
  end (fixture);
  g_assert_cmpstr (wherry_transfer_get_message (fixture->run.transfer), ==, "Why.");
}

static void
test_unanswered (Fixture *fixture, gconstpointer data)
{
  const Ending *ending = data;
  end_for (fixture, ending);
  assert_ended (fixture, ending->unanswered, ending->reason);
  assert_told (fixture, ending, true);
}

static void
test_active (Fixture *fixture, gconstpointer data)
{
  const Ending *ending = data;
  accept_offer (fixture);
  end_for (fixture, ending);
  assert_ended (fixture, ending->active, ending->reason);
  assert_told (fixture, ending, false);
}

static void
test_done (Fixture *fixture, gconstpointer data)
{
  accept_offer (fixture);
  say_done (fixture);
  end (fixture);
  assert_ended (fixture, TRANSFER_DONE, TRANSFER_REASON_NONE);
  g_assert_null (wherry_transfer_get_message (fixture->run.transfer));
}

/* Nothing ended it, but files failed: the first says why, and how many others did. */
static void
test_entries_failed (Fixture *fixture, gconstpointer data)
{
  EntryFailures *failures = &fixture->run.failures;
  WherryTransfer *transfer = fixture->run.transfer;
  accept_offer (fixture);
  entry_failures_add (failures, transfer, OFFER_FILE, TRANSFER_REASON_CHECKSUM, "First.");
  entry_failures_add (failures, transfer, OFFER_FILE, TRANSFER_REASON_LOCAL_FILE, "Second.");
  entry_failures_add (failures, transfer, OFFER_FILE, TRANSFER_REASON_LOCAL_FILE, NULL);
  entry_failures_add (failures, transfer, OFFER_FOLDER, TRANSFER_REASON_LOCAL_FILE, "Folder.");
  say_done (fixture);
  end (fixture);
  assert_ended (fixture, TRANSFER_FAILED, TRANSFER_REASON_CHECKSUM);
  g_assert_cmpstr (wherry_transfer_get_message (transfer), ==, "First. 2 more files failed.");
  g_assert_cmpuint (g_strv_length ((char **) wherry_transfer_get_notes (transfer)), ==, 2);
}

/* No more of the ledger is told at once than report_pace admits; once it stops, all is taken. */
static void
test_one_report (Fixture *fixture, gconstpointer data)
{
  TransferRun *run = &fixture->run;
  for (uint32_t i = 0; i < REPORT_ITEMS_MAX + 2; i++)
    ledger_add (run->ledger, &(LedgerItem) { .entry_id = i });
  g_autoptr (GArray) first = transfer_run_take_items (run);
  g_assert_cmpuint (first->len, ==, REPORT_ITEMS_MAX);
  g_autoptr (GArray) second = transfer_run_take_items (run);
  g_assert_cmpuint (second->len, ==, 2);
  transfer_run_fail_with (run, TRANSFER_REASON_CANCELLED_HERE, "Why.");
  end (fixture);
  for (uint32_t i = 0; i < REPORT_ITEMS_MAX + 2; i++)
    ledger_add (run->ledger, &(LedgerItem) { .entry_id = i });
  g_autoptr (GArray) rest = transfer_run_take_items (run);
  g_assert_cmpuint (rest->len, ==, REPORT_ITEMS_MAX + 2);
}

/* The peer has said its last word: what fails afterwards changes nothing. */
static void
test_last_word (Fixture *fixture, gconstpointer data)
{
  accept_offer (fixture);
  say_done (fixture);
  transfer_run_peer_finished (&fixture->run);
  transfer_run_fail_with (&fixture->run, TRANSFER_REASON_CONNECTION, "Too late.");
  g_assert_false (transfer_run_is_over (&fixture->run));
  end (fixture);
  assert_ended (fixture, TRANSFER_DONE, TRANSFER_REASON_NONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  hostile_init ();
  dex_init ();
  for (unsigned i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      const char *reason = transfer_reason_name (endings[i].reason);
      g_autofree char *unanswered = g_strconcat ("/run/unanswered/", reason, NULL);
      g_autofree char *active = g_strconcat ("/run/active/", reason, NULL);
      g_test_add (unanswered, Fixture, &endings[i], set_up, test_unanswered, tear_down);
      g_test_add (active, Fixture, &endings[i], set_up, test_active, tear_down);
    }
  g_test_add ("/run/done", Fixture, NULL, set_up, test_done, tear_down);
  g_test_add ("/run/entries-failed", Fixture, NULL, set_up, test_entries_failed, tear_down);
  g_test_add ("/run/one-report", Fixture, NULL, set_up, test_one_report, tear_down);
  g_test_add ("/run/last-word", Fixture, NULL, set_up, test_last_word, tear_down);
  return g_test_run ();
}

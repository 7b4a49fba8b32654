/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/transfer/receive.h"

#include <glib/gi18n-lib.h>

#include "net/async/quic_future.h"
#include "net/async/worker.h"
#include "net/transfer/receive_messages.h"
#include "net/transfer/receive_reports.h"

/* How long a connection may take to bring a complete offer, and an accepted transfer its first
 * data. */
#define OFFER_COMPLETE_S 120
#define FIRST_DATA_S     60
/* How long the disk may take to say what is free. */
#define SPACE_S 10

static void
receive_flow_free (gpointer data)
{
  ReceiveFlow *flow = data;
  transfer_run_clear (&flow->run);
  g_object_unref (flow->device);
  g_clear_object (&flow->folder);
  g_clear_pointer (&flow->sink.stream, quic_stream_unref);
  g_clear_pointer (&flow->sink.notes, g_ptr_array_unref);
  g_free (flow->sink.first_name);
  offer_free (flow->offer);
  incoming_offer_free (flow->incoming);
  g_clear_pointer (&flow->share, space_share_free);
  dex_unref (flow->complete);
  dex_unref (flow->answered);
  dex_unref (flow->data);
  dex_clear (&flow->waiting_for_data);
  dex_unref (flow->sender_done);
  g_free (flow);
}

static void
act_cb (TransferAct act, gpointer user_data)
{
  ReceiveFlow *flow = user_data;
  switch (act)
    {
    case TRANSFER_ACT_ACCEPT:
      if (dex_future_is_pending (DEX_FUTURE (flow->answered)))
        {
          incoming_offer_answered (flow->incoming);
          dex_promise_resolve_boolean (flow->answered, true);
        }
      break;
    case TRANSFER_ACT_DECLINE:
      if (!dex_future_is_pending (DEX_FUTURE (flow->answered)))
        break; /* it was accepted a moment ago */
      transfer_run_fail_with (&flow->run, TRANSFER_REASON_DECLINED,
                              _ ("You declined the transfer."));
      break;
    case TRANSFER_ACT_CANCEL:
      transfer_run_fail_with (&flow->run, TRANSFER_REASON_CANCELLED_HERE,
                              _ ("You cancelled the transfer."));
      break;
    default:
      g_assert_not_reached ();
    }
}

/* The second stream is the data; before it was accepted, there may be none. */
static DexFuture *
data_came_cb (DexFuture *accepting, gpointer user_data)
{
  ReceiveFlow *flow = user_data;
  const GValue *value = dex_future_get_value (accepting, NULL);
  if (!value)
    return dex_future_new_true ();
  QuicStream *stream = g_value_get_boxed (value);
  if (control_state_takes_data (control_channel_get_state (flow->run.control)) &&
      !quic_stream_is_bidirectional (stream))
    dex_promise_resolve_boxed (flow->data, QUIC_TYPE_STREAM, quic_stream_ref (stream));
  else
    transfer_run_fail (&flow->run, g_error_new_literal (CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED,
                                                        "a stream that was not to be opened now"));
  return dex_future_new_true ();
}

static bool
await_offer (ReceiveFlow *flow, GError **error)
{
  TransferRun *run = &flow->run;
  DexFuture *accepting = quic_future_accept_stream (run->peer->connection);
  bool ok = transfer_run_await (run, flow_within (dex_ref (accepting), OFFER_COMPLETE_S), error);
  g_autoptr (QuicStream) stream = ok ? flow_await_boxed (dex_ref (accepting), NULL) : NULL;
  dex_unref (accepting);
  if (!ok)
    return false;
  if (!quic_stream_is_bidirectional (stream))
    {
      transfer_run_fail (run, g_error_new_literal (CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED,
                                                   "data before an offer"));
      return transfer_run_failure (run, error);
    }
  transfer_run_open_control (run, stream, CONTROL_RECEIVER, flow->offer, receive_messages_take,
                             flow);
  flow->waiting_for_data = dex_future_finally (quic_future_accept_stream (run->peer->connection),
                                               data_came_cb, flow, NULL);
  return transfer_run_await (run, flow_within (dex_ref (flow->complete), OFFER_COMPLETE_S), error);
}

/* In the receive folder; UINT64_MAX while there is no folder, 0 when the disk does not tell. */
static uint64_t
ask_room (ReceiveFlow *flow)
{
  if (!flow->folder)
    return UINT64_MAX;
  DexFuture *asking = flow_within (space_ask (flow->folder), SPACE_S);
  g_autofree Space *space =
      flow_await_boxed (dex_future_first (asking, dex_ref (flow->run.failed), NULL), NULL);
  return space ? space_table_left (flow->table, space) : 0;
}

/* Puts it before the person. */
static bool
announce (ReceiveFlow *flow, GError **error)
{
  TransferRun *run = &flow->run;
  uint64_t room = ask_room (flow);
  if (transfer_run_is_over (run))
    return transfer_run_failure (run, error);
  char id[TRANSFER_ID_HEX_LEN + 1];
  transfer_id_to_hex (offer_get_id (flow->offer), id);
  run->transfer = transfer_new (TRANSFER_RECEIVING, id, flow->device);
  transfer_set_destination (run->transfer, flow->folder, room);
  transfer_describe_offer (run->transfer, flow->offer);
  transfer_attach (run->transfer, act_cb, flow);
  flow->offered (run->transfer, flow->user_data);
  return true;
}

static bool
await_person (ReceiveFlow *flow, GError **error)
{
  TransferRun *run = &flow->run;
  if (!announce (flow, error))
    return false;
  return transfer_run_await_within (
      run, dex_ref (flow->answered), flow->expiry_ms, TRANSFER_REASON_EXPIRED,
      _ ("Nobody answered the offer in time. It has to be sent again."), error);
}

/* (transfer full) */
static char *
display_name (GFile *folder)
{
  g_autofree char *name = g_file_get_basename (folder);
  return g_filename_display_name (name);
}

static bool
reserve_space (ReceiveFlow *flow, GError **error)
{
  TransferRun *run = &flow->run;
  GFile *folder = wherry_transfer_get_destination (run->transfer);
  g_autofree char *shown = display_name (folder);
  g_autofree char *silent =
      g_strdup_printf (_ ("The disk with “%s” does not answer. Choose another folder."), shown);
  DexFuture *asking = space_ask (folder);
  bool ok = transfer_run_await_within (run, dex_ref (asking), SPACE_S * 1000,
                                       TRANSFER_REASON_LOCAL_FILE, silent, error);
  g_autofree Space *space = ok ? flow_await_boxed (dex_ref (asking), NULL) : NULL;
  dex_unref (asking);
  if (!ok)
    return false;

  uint64_t needed = offer_get_total_bytes (flow->offer);
  uint64_t left = space_table_left (flow->table, space);
  transfer_set_destination (run->transfer, folder, left);
  flow->share = space_share_new (flow->table, space, needed);
  if (flow->share)
    return true;
  g_autofree char *missing = g_format_size (needed - left);
  g_autofree char *message = g_strdup_printf (
      _ ("There is not enough space in “%1$s”: %2$s more is needed. Free some space and send again."),
      shown, missing);
  transfer_run_fail_with (run, TRANSFER_REASON_NO_SPACE, message);
  return transfer_run_failure (run, error);
}

static gboolean
report_cb (gpointer user_data)
{
  receive_reports_tell (user_data);
  return G_SOURCE_CONTINUE;
}

static bool
receive_files (ReceiveFlow *flow, GError **error)
{
  TransferRun *run = &flow->run;
  transfer_run_send (run, &(TransferControl) { .type = CONTROL_ACCEPT });
  transfer_advance (run->transfer, TRANSFER_ACTIVE);
  if (!transfer_run_await (run, flow_within (dex_ref (flow->data), FIRST_DATA_S), error))
    return false;

  transfer_run_derive_key (run, offer_get_id (flow->offer));
  flow->sink = (Sink) {
    .folder = wherry_transfer_get_destination (run->transfer),
    .offer = flow->offer,
    .stream = flow_await_boxed (dex_ref (flow->data), NULL),
    .transfer_key = run->transfer_key,
    .cancellable = run->cancellable,
    .ledger = run->ledger,
  };
  transfer_set_phase (run->transfer, TRANSFER_PHASE_SENDING);
  transfer_run_start_reports (run, report_cb, flow);
  run->working = worker_start ("wherry-sink", sink_receive, &flow->sink);
  return transfer_run_await (run, dex_ref (run->working), error);
}

static bool
confirm (ReceiveFlow *flow, GError **error)
{
  TransferRun *run = &flow->run;
  transfer_set_phase (run->transfer, TRANSFER_PHASE_VERIFYING);
  if (!transfer_run_finish_reports (run, error))
    return false;
  if (!transfer_run_await (run, flow_within (dex_ref (flow->sender_done), FIRST_DATA_S), error))
    return false;
  uint32_t n_abandoned = flow->sink.n_abandoned;
  if (flow->done_failed != n_abandoned ||
      flow->done_files != offer_get_n_files (flow->offer) - n_abandoned)
    {
      transfer_run_fail (run, g_error_new (CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED,
                                           "done with %u and %u files, but %u of %u were given up",
                                           flow->done_files, flow->done_failed, n_abandoned,
                                           offer_get_n_files (flow->offer)));
      return transfer_run_failure (run, error);
    }
  transfer_run_send (run, &(TransferControl) { .type = CONTROL_DONE,
                                               .done.files = run->files_done,
                                               .done.failed = run->failures.n_files });
  return true;
}

static bool
transfer_in_steps (ReceiveFlow *flow, GError **error)
{
  if (!await_offer (flow, error))
    return false;
  if (!await_person (flow, error))
    return false;
  if (!reserve_space (flow, error))
    return false;
  if (!receive_files (flow, error))
    return false;
  return confirm (flow, error);
}

static DexFuture *
receive_fiber (gpointer data)
{
  ReceiveFlow *flow = data;
  g_autoptr (GError) error = NULL;
  transfer_in_steps (flow, &error);
  incoming_offer_answered (flow->incoming); /* or nobody will */
  transfer_run_stop (&flow->run, error);
  if (flow->sink.first_name)
    transfer_set_received (flow->run.transfer, flow->sink.first_name);
  for (guint i = 0; flow->sink.notes && i < flow->sink.notes->len; i++)
    transfer_note (flow->run.transfer, flow->sink.notes->pdata[i]);
  transfer_run_finish (&flow->run, error);
  if (flow->waiting_for_data)
    flow_await (dex_ref (flow->waiting_for_data), NULL); /* the closed connection has ended it */
  return dex_future_new_true ();
}

DexFuture *
transfer_receive_start (SecureConnection *peer, WherryDevice *device, const ReceiveOptions *options)
{
  ReceiveFlow *flow = g_new (ReceiveFlow, 1);
  *flow = (ReceiveFlow) {
    .device = g_object_ref (device),
    .folder = options->folder ? g_object_ref (options->folder) : NULL,
    .table = options->space,
    .expiry_ms = options->expiry_ms,
    .offered = options->offered,
    .user_data = options->user_data,
    .offer = offer_new_incoming (),
    .incoming = incoming_offer_new (options->offers, wherry_device_get_node_id (device)),
    .complete = dex_promise_new (),
    .answered = dex_promise_new (),
    .data = dex_promise_new (),
    .sender_done = dex_promise_new (),
  };
  transfer_run_init (&flow->run);
  flow->run.breaches = options->breaches;
  flow->run.peer = secure_connection_ref (peer);
  flow->run.peer_name = g_strdup (wherry_device_get_name (device));
  return transfer_run_spawn (receive_fiber, flow, receive_flow_free);
}

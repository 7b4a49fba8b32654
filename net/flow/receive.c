/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#define G_LOG_DOMAIN "wherry-flow"

#include "net/flow/receive.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>

#include "net/core/path.h"
#include "net/flow/destination.h"
#include "net/flow/exchange.h"
#include "net/flow/quic_future.h"
#include "net/flow/sink.h"
#include "net/flow/worker.h"

/* How long a connection may take to bring a complete offer, and an accepted transfer its first data. */
#define OFFER_COMPLETE_S 120
#define FIRST_DATA_S     60

typedef struct
{
  Exchange exchange;
  WherryDevice *device;
  GFile *folder;
  int expiry_ms;
  void (*offered) (WherryTransfer *transfer, gpointer user_data);
  gpointer user_data;

  Offer *offer;
  Sink sink;
  DexPromise *complete; /* the offer is */
  DexPromise *answered; /* the person has accepted */
  DexPromise *data;     /* QuicStream */
  DexFuture *waiting_for_data;
  DexPromise *sent; /* the sender said done */
} ReceiveFlow;

static void
receive_flow_free (gpointer data)
{
  ReceiveFlow *flow = data;
  exchange_clear (&flow->exchange);
  g_object_unref (flow->device);
  g_object_unref (flow->folder);
  g_clear_pointer (&flow->sink.stream, quic_stream_unref);
  offer_free (flow->offer);
  dex_unref (flow->complete);
  dex_unref (flow->answered);
  dex_unref (flow->data);
  dex_clear (&flow->waiting_for_data);
  dex_unref (flow->sent);
  g_free (flow);
}

/* Fails with what has failed the exchange, or is just failing it. */
static bool
await_failure (Exchange *exchange, GError **error)
{
  return exchange_await (exchange, dex_future_new_infinite (), error);
}

static void
heard_cancel (ReceiveFlow *flow, ControlReason reason)
{
  Exchange *exchange = &flow->exchange;
  const char *name = exchange->peer_name;
  TransferState state =
      exchange->transfer ? wherry_transfer_get_state (exchange->transfer) : TRANSFER_OFFERED;
  GError *error;
  if (reason == CONTROL_REASON_EXPIRED && state == TRANSFER_OFFERED)
    error = g_error_new (TRANSFER_ERROR, TRANSFER_REASON_EXPIRED,
                         _ ("“%s” did not wait any longer for an answer."), name);
  else
    error = g_error_new (TRANSFER_ERROR, TRANSFER_REASON_CANCELLED_THERE,
                         _ ("“%s” cancelled the transfer."), name);
  exchange_fail (exchange, error);
}

static bool
heard_cb (const TransferControl *control, gpointer user_data, GError **error)
{
  ReceiveFlow *flow = user_data;
  Exchange *exchange = &flow->exchange;
  if (exchange_is_over (exchange))
    return exchange_heard_afterwards (exchange, control);
  switch (control->type)
    {
    case CONTROL_OFFER:
      if (control->offer.last)
        dex_promise_resolve_boolean (flow->complete, true);
      return true;
    case CONTROL_DONE:
      dex_promise_resolve_boolean (flow->sent, true);
      return true;
    case CONTROL_CANCEL:
      exchange_heard_last (exchange);
      heard_cancel (flow, control->cancel.reason);
      return true;
    case CONTROL_PAUSE:
    case CONTROL_RESUME:
      exchange_refuse (exchange, control->type);
      return true;
    case CONTROL_ENTRY_FAILED: /* the data stream has said so, or will */
    case CONTROL_PROGRESS:
    case CONTROL_UNSUPPORTED:
      return true;
    case CONTROL_ACCEPT:
    case CONTROL_DECLINE:
    case CONTROL_FILE_REQUEST:
    case CONTROL_FILE_DONE:
    case CONTROL_VERIFIED:
    case CONTROL_CHECKSUM_MISMATCH:
    default:
      g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED, "%s from the sender",
                   control_type_name (control->type));
      return false;
    }
}

static void
act_cb (TransferAct act, gpointer user_data)
{
  ReceiveFlow *flow = user_data;
  switch (act)
    {
    case TRANSFER_ACT_ACCEPT:
      if (dex_future_is_pending (DEX_FUTURE (flow->answered)))
        dex_promise_resolve_boolean (flow->answered, true);
      break;
    case TRANSFER_ACT_DECLINE:
      if (!dex_future_is_pending (DEX_FUTURE (flow->answered)))
        break; /* it was accepted a moment ago */
      exchange_fail_with (&flow->exchange, TRANSFER_REASON_DECLINED,
                          _ ("You declined the transfer."));
      break;
    case TRANSFER_ACT_CANCEL:
      exchange_fail_with (&flow->exchange, TRANSFER_REASON_CANCELLED_HERE,
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
  if (control_state_takes_data (control_channel_get_state (flow->exchange.control)) &&
      !quic_stream_is_bidirectional (stream))
    dex_promise_resolve_boxed (flow->data, QUIC_TYPE_STREAM, quic_stream_ref (stream));
  else
    exchange_fail (&flow->exchange, g_error_new_literal (CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED,
                                                         "a stream that was not to be opened now"));
  return dex_future_new_true ();
}

static bool
await_offer (ReceiveFlow *flow, GError **error)
{
  Exchange *exchange = &flow->exchange;
  DexFuture *accepting = quic_future_accept_stream (exchange->peer->connection);
  bool ok = exchange_await (exchange, flow_within (dex_ref (accepting), OFFER_COMPLETE_S), error);
  g_autoptr (QuicStream) stream = ok ? flow_await_boxed (dex_ref (accepting), NULL) : NULL;
  dex_unref (accepting);
  if (!ok)
    return false;
  if (!quic_stream_is_bidirectional (stream))
    {
      exchange_fail (exchange, g_error_new_literal (CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED,
                                                    "data before an offer"));
      return await_failure (exchange, error);
    }
  exchange_talk (exchange, stream, CONTROL_RECEIVER, flow->offer, heard_cb, flow);
  flow->waiting_for_data = dex_future_finally (
      quic_future_accept_stream (exchange->peer->connection), data_came_cb, flow, NULL);
  return exchange_await (exchange, flow_within (dex_ref (flow->complete), OFFER_COMPLETE_S), error);
}

static void
announce (ReceiveFlow *flow)
{
  Exchange *exchange = &flow->exchange;
  char id[TRANSFER_ID_HEX_LEN + 1];
  transfer_id_to_hex (offer_get_id (flow->offer), id);
  exchange->transfer = transfer_new (TRANSFER_RECEIVING, id, flow->device);
  transfer_set_destination (exchange->transfer, flow->folder,
                            destination_free_space (flow->folder));
  exchange_describe (exchange, flow->offer);
  transfer_attach (exchange->transfer, act_cb, flow);
  flow->offered (exchange->transfer, flow->user_data);
}

static bool
await_person (ReceiveFlow *flow, GError **error)
{
  Exchange *exchange = &flow->exchange;
  g_autoptr (GError) raw = NULL;
  announce (flow);
  if (exchange_await (exchange, flow_within_ms (dex_ref (flow->answered), flow->expiry_ms), &raw))
    return true;
  if (!flow_timed_out (raw))
    {
      g_propagate_error (error, g_steal_pointer (&raw));
      return false;
    }
  exchange_fail_with (exchange, TRANSFER_REASON_EXPIRED,
                      _ ("Nobody answered the offer in time. It has to be sent again."));
  return await_failure (exchange, error);
}

static bool
check_space (ReceiveFlow *flow, GError **error)
{
  Exchange *exchange = &flow->exchange;
  GFile *folder = wherry_transfer_get_destination (exchange->transfer);
  uint64_t needed = offer_get_total_bytes (flow->offer);
  uint64_t available = destination_free_space (folder);
  transfer_set_destination (exchange->transfer, folder, available);
  if (needed <= available)
    return true;
  g_autofree char *name = g_file_get_basename (folder);
  g_autofree char *shown = g_filename_display_name (name);
  g_autofree char *missing = g_format_size (needed - available);
  g_autofree char *message = g_strdup_printf (
      _ ("There is not enough space in “%1$s”: %2$s more is needed. Free some space and send again."),
      shown, missing);
  exchange_fail_with (exchange, TRANSFER_REASON_NO_SPACE, message);
  return await_failure (exchange, error);
}

static void
report_received (ReceiveFlow *flow, const LedgerItem *item)
{
  OfferEntry entry;
  char hex[2 * CONTROL_DIGEST_LEN + 1];
  offer_get_entry (flow->offer, item->entry_id, &entry);
  sodium_bin2hex (hex, sizeof hex, item->digest, sizeof item->digest);
  transfer_entry_received (flow->exchange.transfer, item->text, entry.size, hex);
}

static void
report_failed (ReceiveFlow *flow, const LedgerItem *item)
{
  TransferControl control = { .type = CONTROL_ENTRY_FAILED };
  control.failed.entry_id = item->entry_id;
  control.failed.reason = item->reason;
  if (item->reason == CONTROL_REASON_CHECKSUM)
    control = (TransferControl) { .type = CONTROL_CHECKSUM_MISMATCH,
                                  .mismatch.entry_id = item->entry_id };
  if (!item->told)
    exchange_say (&flow->exchange, &control);
  exchange_file_failed (&flow->exchange,
                        item->told                                ? TRANSFER_REASON_REMOTE_FILE
                        : item->reason == CONTROL_REASON_CHECKSUM ? TRANSFER_REASON_CHECKSUM
                                                                  : TRANSFER_REASON_LOCAL_FILE,
                        item->text);
}

/* Reports to the sender and to whoever watches what the worker has done since the last time. */
static void
report_files (ReceiveFlow *flow)
{
  Exchange *exchange = &flow->exchange;
  g_autoptr (GArray) items = ledger_take (exchange->ledger);
  g_autofree uint32_t *verified = items ? g_new (uint32_t, items->len) : NULL;
  uint32_t n_verified = 0;
  for (guint i = 0; items && i < items->len; i++)
    {
      const LedgerItem *item = &g_array_index (items, LedgerItem, i);
      if (item->ok)
        {
          verified[n_verified++] = item->entry_id;
          report_received (flow, item);
        }
      else
        report_failed (flow, item);
    }
  for (uint32_t i = 0; i < n_verified; i += CONTROL_VERIFIED_MAX)
    exchange_say (exchange, &(TransferControl) { .type = CONTROL_VERIFIED,
                                                 .verified.entries = verified + i,
                                                 .verified.n_entries =
                                                     MIN (n_verified - i, CONTROL_VERIFIED_MAX) });
  exchange->files_done += n_verified;
  transfer_report (exchange->transfer, ledger_get_bytes (exchange->ledger), exchange->files_done,
                   exchange->files_failed, g_get_monotonic_time ());
}

static gboolean
tick_cb (gpointer user_data)
{
  report_files (user_data);
  return G_SOURCE_CONTINUE;
}

static bool
receive_files (ReceiveFlow *flow, GError **error)
{
  Exchange *exchange = &flow->exchange;
  exchange_say (exchange, &(TransferControl) { .type = CONTROL_ACCEPT });
  transfer_advance (exchange->transfer, TRANSFER_ACTIVE);
  if (!exchange_await (exchange, flow_within (dex_ref (flow->data), FIRST_DATA_S), error))
    return false;

  exchange_derive_key (exchange, offer_get_id (flow->offer));
  flow->sink = (Sink) {
    .folder = wherry_transfer_get_destination (exchange->transfer),
    .offer = flow->offer,
    .stream = flow_await_boxed (dex_ref (flow->data), NULL),
    .transfer_key = offer_get_options (flow->offer)->encrypt ? exchange->transfer_key : NULL,
    .cancellable = exchange->cancellable,
    .ledger = exchange->ledger,
  };
  transfer_set_phase (exchange->transfer, TRANSFER_PHASE_SENDING);
  exchange_start_ticker (exchange, tick_cb, flow);
  exchange->working = worker_start ("wherry-sink", sink_receive, &flow->sink);
  return exchange_await (exchange, dex_ref (exchange->working), error);
}

static bool
confirm (ReceiveFlow *flow, GError **error)
{
  Exchange *exchange = &flow->exchange;
  transfer_set_phase (exchange->transfer, TRANSFER_PHASE_VERIFYING);
  report_files (flow);
  if (!exchange_await (exchange, flow_within (dex_ref (flow->sent), FIRST_DATA_S), error))
    return false;
  exchange_say (exchange, &(TransferControl) { .type = CONTROL_DONE,
                                               .done.files = exchange->files_done,
                                               .done.failed = exchange->files_failed });
  return true;
}

static DexFuture *
receive_fiber (gpointer data)
{
  ReceiveFlow *flow = data;
  g_autoptr (GError) error = NULL;
  (void) (await_offer (flow, &error) && await_person (flow, &error) && check_space (flow, &error) &&
          receive_files (flow, &error) && confirm (flow, &error));
  exchange_settle (&flow->exchange, error);
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
    .folder = g_object_ref (options->folder),
    .expiry_ms = options->expiry_ms,
    .offered = options->offered,
    .user_data = options->user_data,
    .offer = offer_new_incoming (),
    .complete = dex_promise_new (),
    .answered = dex_promise_new (),
    .data = dex_promise_new (),
    .sent = dex_promise_new (),
  };
  exchange_init (&flow->exchange);
  flow->exchange.peer = secure_connection_ref (peer);
  flow->exchange.peer_name = g_strdup (wherry_device_get_name (device));
  return exchange_spawn (receive_fiber, flow, receive_flow_free);
}

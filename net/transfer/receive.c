/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/transfer/receive.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>

#include "net/core/path.h"
#include "net/disk/destination.h"
#include "net/transfer/run.h"
#include "net/async/quic_future.h"
#include "net/transfer/sink.h"
#include "net/async/worker.h"

/* How long a connection may take to bring a complete offer, and an accepted transfer its first
 * data. */
#define OFFER_COMPLETE_S 120
#define FIRST_DATA_S     60
/* How long the disk may take to say what is free. */
#define SPACE_S 10

typedef struct
{
  Exchange exchange;
  WherryDevice *device;
  GFile *folder;
  int expiry_ms;
  void (*offered) (WherryTransfer *transfer, gpointer user_data);
  gpointer user_data;

  Offer *offer;
  IncomingOffer *incoming; /* what it may take */
  SpaceTable *table;
  SpaceShare *share; /* once it was accepted */
  Sink sink;
  DexPromise *complete; /* the offer is */
  DexPromise *answered; /* the person has accepted */
  DexPromise *data;     /* QuicStream */
  DexFuture *waiting_for_data;
  DexPromise *sent;    /* the sender said done */
  uint32_t sent_files; /* with so many */
  uint32_t sent_failed;
} ReceiveFlow;

static void
receive_flow_free (gpointer data)
{
  ReceiveFlow *flow = data;
  exchange_clear (&flow->exchange);
  g_object_unref (flow->device);
  g_object_unref (flow->folder);
  g_clear_pointer (&flow->sink.stream, quic_stream_unref);
  g_clear_pointer (&flow->sink.notes, g_ptr_array_unref);
  offer_free (flow->offer);
  incoming_offer_free (flow->incoming);
  g_clear_pointer (&flow->share, space_share_free);
  dex_unref (flow->complete);
  dex_unref (flow->answered);
  dex_unref (flow->data);
  dex_clear (&flow->waiting_for_data);
  dex_unref (flow->sent);
  g_free (flow);
}

static bool
heard_offer (ReceiveFlow *flow, bool last, GError **error)
{
  if (!offer_get_options (flow->offer)->encrypt)
    {
      g_set_error_literal (error, CONTROL_ERROR, CONTROL_ERROR_INVALID, "an offer without sealing");
      return false;
    }
  switch (incoming_offer_grow (flow->incoming, flow->offer))
    {
    case INCOMING_ADMITTED:
      if (last)
        dex_promise_resolve_boolean (flow->complete, true);
      return true;
    case INCOMING_BUSY:
      exchange_fail_with (&flow->exchange, TRANSFER_REASON_BUSY,
                          _ ("Too many offers of this device wait for an answer."));
      return true;
    case INCOMING_DUPLICATE:
    default:
      g_set_error_literal (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED,
                           "an offer with the id of another transfer");
      return false;
    }
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
      return heard_offer (flow, control->offer.last, error);
    case CONTROL_DONE:
      flow->sent_files = control->done.files;
      flow->sent_failed = control->done.failed;
      dex_promise_resolve_boolean (flow->sent, true);
      return true;
    case CONTROL_CANCEL:
      exchange_heard_end (exchange, control->cancel.reason,
                          !exchange->transfer ||
                              wherry_transfer_get_state (exchange->transfer) == TRANSFER_OFFERED);
      return true;
    case CONTROL_PAUSE:
    case CONTROL_RESUME:
      return control_channel_refuse (exchange->control, control_type_name (control->type), error);
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
        {
          incoming_offer_answered (flow->incoming);
          dex_promise_resolve_boolean (flow->answered, true);
        }
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
      return exchange_failure (exchange, error);
    }
  exchange_talk (exchange, stream, CONTROL_RECEIVER, flow->offer, heard_cb, flow);
  flow->waiting_for_data = dex_future_finally (
      quic_future_accept_stream (exchange->peer->connection), data_came_cb, flow, NULL);
  return exchange_await (exchange, flow_within (dex_ref (flow->complete), OFFER_COMPLETE_S), error);
}

/* Puts it before the person, without the room there is when the disk does not tell. */
static bool
announce (ReceiveFlow *flow, GError **error)
{
  Exchange *exchange = &flow->exchange;
  DexFuture *asking = flow_within (space_ask (flow->folder), SPACE_S);
  g_autofree Space *space =
      flow_await_boxed (dex_future_first (asking, dex_ref (exchange->failed), NULL), NULL);
  if (exchange_is_over (exchange))
    return exchange_failure (exchange, error);
  char id[TRANSFER_ID_HEX_LEN + 1];
  transfer_id_to_hex (offer_get_id (flow->offer), id);
  exchange->transfer = transfer_new (TRANSFER_RECEIVING, id, flow->device);
  transfer_set_destination (exchange->transfer, flow->folder,
                            space ? space_table_left (flow->table, space) : 0);
  exchange_describe (exchange, flow->offer);
  transfer_attach (exchange->transfer, act_cb, flow);
  flow->offered (exchange->transfer, flow->user_data);
  return true;
}

static bool
await_person (ReceiveFlow *flow, GError **error)
{
  Exchange *exchange = &flow->exchange;
  if (!announce (flow, error))
    return false;
  return exchange_await_within (
      exchange, dex_ref (flow->answered), flow->expiry_ms, TRANSFER_REASON_EXPIRED,
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
  Exchange *exchange = &flow->exchange;
  GFile *folder = wherry_transfer_get_destination (exchange->transfer);
  g_autofree char *shown = display_name (folder);
  g_autofree char *silent =
      g_strdup_printf (_ ("The disk with “%s” does not answer. Choose another folder."), shown);
  DexFuture *asking = space_ask (folder);
  bool ok = exchange_await_within (exchange, dex_ref (asking), SPACE_S * 1000,
                                   TRANSFER_REASON_LOCAL_FILE, silent, error);
  g_autofree Space *space = ok ? flow_await_boxed (dex_ref (asking), NULL) : NULL;
  dex_unref (asking);
  if (!ok)
    return false;

  uint64_t needed = offer_get_total_bytes (flow->offer);
  uint64_t left = space_table_left (flow->table, space);
  transfer_set_destination (exchange->transfer, folder, left);
  flow->share = space_share_new (flow->table, space, needed);
  if (flow->share)
    return true;
  g_autofree char *missing = g_format_size (needed - left);
  g_autofree char *message = g_strdup_printf (
      _ ("There is not enough space in “%1$s”: %2$s more is needed. Free some space and send again."),
      shown, missing);
  exchange_fail_with (exchange, TRANSFER_REASON_NO_SPACE, message);
  return exchange_failure (exchange, error);
}

static void
report_received (ReceiveFlow *flow, const LedgerItem *item)
{
  OfferEntry entry;
  offer_get_entry (flow->offer, item->entry_id, &entry);
  char hex[2 * CONTROL_DIGEST_LEN + 1];
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
  OfferEntry entry;
  offer_get_entry (flow->offer, item->entry_id, &entry);
  exchange_entry_failed (&flow->exchange, entry.kind,
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
  space_share_used (flow->share, ledger_get_bytes (exchange->ledger));
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
    .transfer_key = exchange->transfer_key,
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
  for (guint i = 0; i < flow->sink.notes->len; i++)
    transfer_note (exchange->transfer, flow->sink.notes->pdata[i]);
  if (!exchange_await (exchange, flow_within (dex_ref (flow->sent), FIRST_DATA_S), error))
    return false;
  uint32_t n_abandoned = flow->sink.n_abandoned;
  if (flow->sent_failed != n_abandoned ||
      flow->sent_files != offer_get_n_files (flow->offer) - n_abandoned)
    {
      exchange_fail (exchange, g_error_new (CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED,
                                            "done with %u and %u files, but %u of %u were given up",
                                            flow->sent_files, flow->sent_failed, n_abandoned,
                                            offer_get_n_files (flow->offer)));
      return exchange_failure (exchange, error);
    }
  exchange_say (exchange, &(TransferControl) { .type = CONTROL_DONE,
                                               .done.files = exchange->files_done,
                                               .done.failed = exchange->files_failed });
  return true;
}

static bool
run (ReceiveFlow *flow, GError **error)
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
  run (flow, &error);
  incoming_offer_answered (flow->incoming); /* or nobody will */
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
    .table = options->space,
    .expiry_ms = options->expiry_ms,
    .offered = options->offered,
    .user_data = options->user_data,
    .offer = offer_new_incoming (),
    .incoming = incoming_offer_new (options->offers, wherry_device_get_node_id (device)),
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

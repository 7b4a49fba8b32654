/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/transfer/send.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "net/core/path.h"
#include "net/transfer/run.h"
#include "net/transfer/failed_folders.h"
#include "net/async/quic_future.h"
#include "net/transfer/source.h"
#include "net/async/worker.h"

typedef struct
{
  Exchange exchange;
  DexFuture *connecting; /* until it has been awaited */
  int expiry_ms;
  Offer *offer;
  Tree *tree;
  Source source;
  DexPromise *accepted;
  DexPromise *done;      /* the receiver has the last word */
  uint8_t *settled;      /* one bit per entry that the receiver reported on, or that failed here */
  uint32_t n_settled;    /* of them, files */
  FailedFolders *failed; /* at the receiver */
  uint32_t n_abandoned;  /* failed here */
} SendFlow;

static void
send_flow_free (gpointer data)
{
  SendFlow *flow = data;
  exchange_clear (&flow->exchange);
  dex_clear (&flow->connecting);
  g_clear_pointer (&flow->tree, tree_free);
  g_clear_pointer (&flow->source.stream, quic_stream_unref);
  offer_free (flow->offer);
  dex_unref (flow->accepted);
  dex_unref (flow->done);
  g_free (flow->settled);
  failed_folders_free (flow->failed);
  g_free (flow);
}

/* Whether nothing was known about the entry before. */
static bool
settle (SendFlow *flow, const OfferEntry *entry)
{
  uint8_t bit = 1u << entry->id % 8;
  bool first = !(flow->settled[entry->id / 8] & bit);
  flow->settled[entry->id / 8] |= bit;
  flow->n_settled += first && entry->kind == OFFER_FILE;
  return first;
}

static bool
refuse_report (uint32_t id, GError **error)
{
  g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED, "a report on entry %u", id);
  return false;
}

static bool
heard_verified (SendFlow *flow, const TransferControl *control, GError **error)
{
  for (uint32_t i = 0; i < control->verified.n_entries; i++)
    {
      uint32_t id = control->verified.entries[i];
      OfferEntry entry;
      if (!offer_get_entry (flow->offer, id, &entry) || entry.kind != OFFER_FILE ||
          !settle (flow, &entry))
        return refuse_report (id, error);
    }
  flow->exchange.files_done += control->verified.n_entries;
  return true;
}

/* What a receiver says about an entry, to whoever sends it. */
static const char *const failure_sentences[CONTROL_REASON_COUNT] = {
  [CONTROL_REASON_OTHER] = N_ ("“%s” could not be written at the other side."),
  [CONTROL_REASON_CHECKSUM] = N_ ("“%s” arrived damaged and was not kept. Send it again."),
  [CONTROL_REASON_PERMISSION] =
      N_ ("“%s” could not be written at the other side: permission denied."),
  [CONTROL_REASON_NAME] =
      N_ ("“%s” could not be written at the other side: its disk does not take this name."),
  [CONTROL_REASON_NAME_TOO_LONG] =
      N_ ("“%s” could not be written at the other side: the name is too long there."),
  [CONTROL_REASON_EXISTS] =
      N_ ("“%s” could not be written at the other side: something else is in its place."),
  [CONTROL_REASON_READ_ONLY] =
      N_ ("“%s” could not be written at the other side: its disk is read-only."),
  [CONTROL_REASON_IO] =
      N_ ("“%s” could not be written at the other side: its disk reported an error."),
};

static char *
describe_failure (const char *path, ControlReason reason)
{
  g_autofree char *shown = path_display (path, strlen (path));
  const char *sentence = failure_sentences[reason] ?: failure_sentences[CONTROL_REASON_OTHER];
  return g_strdup_printf (_ (sentence), shown);
}

static bool
heard_failed (SendFlow *flow, uint32_t id, ControlReason reason, GError **error)
{
  OfferEntry entry;
  if (!offer_get_entry (flow->offer, id, &entry) ||
      (entry.kind == OFFER_FOLDER && reason == CONTROL_REASON_CHECKSUM))
    return refuse_report (id, error);
  if (!settle (flow, &entry)) /* it failed at both ends at once */
    return true;
  g_autofree char *path = offer_entry_dup_path (&entry);
  g_autofree char *sentence =
      failed_folders_cover (flow->failed, path, NULL) ? NULL : describe_failure (path, reason);
  if (entry.kind == OFFER_FOLDER)
    failed_folders_add (flow->failed, path, reason);
  exchange_entry_failed (&flow->exchange, entry.kind,
                         reason == CONTROL_REASON_CHECKSUM ? TRANSFER_REASON_CHECKSUM
                                                           : TRANSFER_REASON_REMOTE_FILE,
                         sentence);
  return true;
}

static bool
heard_done (SendFlow *flow, const TransferControl *control, GError **error)
{
  uint32_t n_files = offer_get_n_files (flow->offer);
  uint64_t n_verified = flow->exchange.files_done;
  if (flow->n_settled != n_files || control->done.files != n_verified ||
      control->done.failed != n_files - n_verified)
    {
      g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED,
                   "done with %u and %u files, but %" G_GUINT64_FORMAT " of %u were verified",
                   control->done.files, control->done.failed, n_verified, n_files);
      return false;
    }
  exchange_heard_last (&flow->exchange);
  dex_promise_resolve_boolean (flow->done, true);
  return true;
}

static bool
heard_cb (const TransferControl *control, gpointer user_data, GError **error)
{
  SendFlow *flow = user_data;
  if (exchange_is_over (&flow->exchange))
    return exchange_heard_afterwards (&flow->exchange, control);
  switch (control->type)
    {
    case CONTROL_ACCEPT:
      dex_promise_resolve_boolean (flow->accepted, true);
      return true;
    case CONTROL_DECLINE:
      exchange_heard_end (&flow->exchange, control->decline.reason,
                          dex_future_is_pending (DEX_FUTURE (flow->accepted)));
      return true;
    case CONTROL_CANCEL:
      exchange_heard_end (&flow->exchange, control->cancel.reason,
                          dex_future_is_pending (DEX_FUTURE (flow->accepted)));
      return true;
    case CONTROL_VERIFIED:
      return heard_verified (flow, control, error);
    case CONTROL_CHECKSUM_MISMATCH:
      return heard_failed (flow, control->mismatch.entry_id, CONTROL_REASON_CHECKSUM, error);
    case CONTROL_ENTRY_FAILED:
      return heard_failed (flow, control->failed.entry_id, control->failed.reason, error);
    case CONTROL_DONE:
      return heard_done (flow, control, error);
    case CONTROL_FILE_REQUEST:
    case CONTROL_PAUSE:
    case CONTROL_RESUME:
      return control_channel_refuse (flow->exchange.control, control_type_name (control->type),
                                     error);
    case CONTROL_PROGRESS:
    case CONTROL_UNSUPPORTED:
      return true;
    case CONTROL_OFFER:
    case CONTROL_FILE_DONE:
    default:
      g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED, "%s from the receiver",
                   control_type_name (control->type));
      return false;
    }
}

/* Tells the receiver why files are missing. */
static void
report_failures (SendFlow *flow)
{
  g_autoptr (GArray) items = ledger_take (flow->exchange.ledger);
  for (guint i = 0; items && i < items->len; i++)
    {
      const LedgerItem *item = &g_array_index (items, LedgerItem, i);
      OfferEntry entry;
      offer_get_entry (flow->offer, item->entry_id, &entry);
      flow->n_abandoned++;
      if (!settle (flow, &entry))
        continue;
      exchange_entry_failed (&flow->exchange, OFFER_FILE, TRANSFER_REASON_LOCAL_FILE, item->text);
      exchange_say (&flow->exchange, &(TransferControl) { .type = CONTROL_ENTRY_FAILED,
                                                          .failed.entry_id = item->entry_id,
                                                          .failed.reason = item->reason });
    }
}

static void
report_progress (SendFlow *flow)
{
  Exchange *exchange = &flow->exchange;
  transfer_report (exchange->transfer, ledger_get_bytes (exchange->ledger), exchange->files_done,
                   exchange->files_failed, g_get_monotonic_time ());
}

static gboolean
tick_cb (gpointer user_data)
{
  report_failures (user_data);
  report_progress (user_data);
  return G_SOURCE_CONTINUE;
}

static bool
walk (gpointer data, GError **error)
{
  SendFlow *flow = data;
  flow->tree = tree_new (wherry_transfer_get_sources (flow->exchange.transfer), flow->offer,
                         flow->exchange.cancellable, error);
  return flow->tree;
}

static void
describe (SendFlow *flow)
{
  Exchange *exchange = &flow->exchange;
  exchange_describe (exchange, flow->offer);
  GPtrArray *notes = tree_get_notes (flow->tree);
  for (guint i = 0; i < notes->len; i++)
    transfer_note (exchange->transfer, notes->pdata[i]);
  uint64_t n_unreadable;
  const char *unreadable = tree_get_unreadable (flow->tree, &n_unreadable);
  if (unreadable)
    exchange_entry_failed (exchange, OFFER_FILE, TRANSFER_REASON_LOCAL_FILE, unreadable);
  exchange->files_failed += unreadable ? n_unreadable - 1 : 0;
}

static void
fail_unreachable (SendFlow *flow, GError *error)
{
  bool refused = g_error_matches (error, QUIC_ERROR, QUIC_ERROR_NOT_PAIRED) ||
                 g_error_matches (error, QUIC_CLOSE_ERROR, QUIC_CODE_NOT_PAIRED) ||
                 g_error_matches (error, QUIC_CLOSE_ERROR, QUIC_CODE_UNPAIRED);
  if (error->domain == TRANSFER_ERROR || g_error_matches (error, QUIC_CLOSE_ERROR, QUIC_CODE_LIMIT))
    exchange_fail (&flow->exchange, error);
  else
    {
      exchange_fail_with (&flow->exchange,
                          refused ? TRANSFER_REASON_NOT_PAIRED : TRANSFER_REASON_OFFLINE,
                          error->message);
      g_error_free (error);
    }
}

/* The tree is walked while the connection is made. */
static bool
prepare (SendFlow *flow, GError **error)
{
  Exchange *exchange = &flow->exchange;
  exchange->working = worker_start ("wherry-walk", walk, flow);
  if (!exchange_await (exchange, dex_ref (exchange->working), error))
    return false;
  flow->settled = g_malloc0 (offer_get_n_entries (flow->offer) / 8 + 1);
  describe (flow);

  GError *raw = NULL;
  exchange->peer = flow_await_boxed (dex_ref (flow->connecting), &raw);
  if (exchange->peer)
    return true;
  fail_unreachable (flow, raw);
  return exchange_failure (exchange, error);
}

static QuicStream *
open_stream (Exchange *exchange, bool bidirectional, GError **error)
{
  DexFuture *opening = quic_future_open_stream (exchange->peer->connection, bidirectional);
  bool opened = exchange_await (exchange, dex_ref (opening), error);
  QuicStream *stream = opened ? flow_await_boxed (dex_ref (opening), NULL) : NULL;
  dex_unref (opening);
  return stream;
}

static bool
offer (SendFlow *flow, GError **error)
{
  Exchange *exchange = &flow->exchange;
  g_autoptr (QuicStream) stream = open_stream (exchange, true, error);
  if (!stream)
    return false;
  exchange_talk (exchange, stream, CONTROL_SENDER, NULL, heard_cb, flow);
  if (!exchange_offer (exchange, flow->offer, error))
    return false;
  transfer_advance (exchange->transfer, TRANSFER_OFFERED);
  return true;
}

static bool
await_answer (SendFlow *flow, GError **error)
{
  Exchange *exchange = &flow->exchange;
  g_autofree char *late = g_strdup_printf (
      _ ("Nobody answered on “%s”. Send again when somebody is there."), exchange->peer_name);
  if (!exchange_await_within (exchange, dex_ref (flow->accepted), flow->expiry_ms,
                              TRANSFER_REASON_EXPIRED, late, error))
    return false;
  transfer_advance (exchange->transfer, TRANSFER_ACTIVE);
  return true;
}

static bool
send_files (SendFlow *flow, GError **error)
{
  Exchange *exchange = &flow->exchange;
  QuicStream *stream = open_stream (exchange, false, error);
  if (!stream)
    return false;
  exchange_derive_key (exchange, offer_get_id (flow->offer));
  flow->source = (Source) {
    .tree = flow->tree,
    .offer = flow->offer,
    .stream = stream,
    .transfer_key = exchange->transfer_key,
    .cancellable = exchange->cancellable,
    .ledger = exchange->ledger,
  };
  transfer_set_phase (exchange->transfer, TRANSFER_PHASE_SENDING);
  exchange_start_ticker (exchange, tick_cb, flow);
  dex_clear (&exchange->working);
  exchange->working = worker_start ("wherry-source", source_send, &flow->source);
  return exchange_await (exchange, dex_ref (exchange->working), error);
}

static bool
await_verification (SendFlow *flow, GError **error)
{
  Exchange *exchange = &flow->exchange;
  uint32_t n_files = offer_get_n_files (flow->offer);
  tick_cb (flow);
  transfer_set_phase (exchange->transfer, TRANSFER_PHASE_VERIFYING);
  exchange_say (exchange, &(TransferControl) { .type = CONTROL_DONE,
                                               .done.files = n_files - flow->n_abandoned,
                                               .done.failed = flow->n_abandoned });
  if (!exchange_await (exchange, dex_ref (flow->done), error))
    return false;
  report_progress (flow);
  return true;
}

static bool
run (SendFlow *flow, GError **error)
{
  if (!prepare (flow, error))
    return false;
  if (!offer (flow, error))
    return false;
  if (!await_answer (flow, error))
    return false;
  if (!send_files (flow, error))
    return false;
  return await_verification (flow, error);
}

static DexFuture *
send_fiber (gpointer data)
{
  SendFlow *flow = data;
  Exchange *exchange = &flow->exchange;
  g_autoptr (GError) error = NULL;
  run (flow, &error);
  if (!exchange->peer && dex_future_is_resolved (flow->connecting))
    exchange->peer = flow_await_boxed (dex_ref (flow->connecting), NULL); /* to be closed */
  exchange_settle (exchange, error);
  return dex_future_new_true ();
}

static void
act_cb (TransferAct act, gpointer user_data)
{
  SendFlow *flow = user_data;
  if (act == TRANSFER_ACT_CANCEL)
    exchange_fail_with (&flow->exchange, TRANSFER_REASON_CANCELLED_HERE,
                        _ ("You cancelled the transfer."));
}

WherryTransfer *
transfer_send_new (WherryDevice *device, GPtrArray *files)
{
  TransferId id;
  transfer_id_generate (&id);
  char hex[TRANSFER_ID_HEX_LEN + 1];
  transfer_id_to_hex (&id, hex);
  WherryTransfer *transfer = transfer_new (TRANSFER_SENDING, hex, device);
  transfer_set_sources (transfer, files);
  return transfer;
}

DexFuture *
transfer_send_start (WherryTransfer *transfer, DexFuture *connecting, int expiry_ms)
{
  TransferId id;
  transfer_id_parse (&id, wherry_transfer_get_protocol_id (transfer));
  SendFlow *flow = g_new0 (SendFlow, 1);
  exchange_init (&flow->exchange);
  flow->exchange.transfer = g_object_ref (transfer);
  flow->exchange.peer_name =
      g_strdup (wherry_device_get_name (wherry_transfer_get_device (transfer)));
  /* So a failure, such as being cancelled, discards the connecting. */
  flow->connecting = dex_future_first (connecting, dex_ref (flow->exchange.failed), NULL);
  flow->expiry_ms = expiry_ms;
  flow->offer = offer_new (&id, &(OfferOptions) { .encrypt = true });
  flow->accepted = dex_promise_new ();
  flow->done = dex_promise_new ();
  flow->failed = failed_folders_new ();
  transfer_attach (transfer, act_cb, flow);
  return exchange_spawn (send_fiber, flow, send_flow_free);
}

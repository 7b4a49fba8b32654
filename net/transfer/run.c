/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/run.h"

#include <sodium.h>

#include "net/core/chunk.h"
#include "net/async/quic_future.h"
#include "net/transfer/transfer_ending.h"

#define REPORT_INTERVAL_MS 100
/* Who heard the last word closes the connection; who said it waits so long before closing it
 * himself. */
#define LAST_WORD_S 5
/* How long the control channel may take to say why the connection ended. */
#define REASON_S 2

static DexFuture *
ended_cb (DexFuture *fiber, gpointer user_data)
{
  dex_promise_resolve_boolean (user_data, true);
  return dex_future_new_true ();
}

DexFuture *
transfer_run_spawn (DexFiberFunc func, gpointer data, GDestroyNotify destroy)
{
  DexPromise *ended = dex_promise_new ();
  /* Its end is what @ended tells. */
  dex_future_disown (
      dex_future_finally (flow_spawn (func, data, destroy), ended_cb, dex_ref (ended), dex_unref));
  return DEX_FUTURE (ended);
}

void
transfer_run_init (TransferRun *self)
{
  *self = (TransferRun) {
    .cancellable = g_cancellable_new (),
    .failed = dex_promise_new (),
    .last_word = dex_promise_new (),
    .ledger = ledger_new (),
  };
}

void
transfer_run_clear (TransferRun *self)
{
  g_assert (!self->report_source);
  g_clear_object (&self->transfer);
  g_free (self->peer_name);
  dex_clear (&self->listening);
  dex_clear (&self->offering);
  dex_clear (&self->working);
  g_clear_pointer (&self->control, control_channel_unref);
  g_clear_pointer (&self->peer, secure_connection_unref);
  g_object_unref (self->cancellable);
  dex_unref (self->failed);
  dex_unref (self->last_word);
  dex_clear (&self->reported);
  ledger_free (self->ledger);
  entry_failures_clear (&self->failures);
  sodium_free (self->transfer_key);
}

/* As a warning only within the limit: a peer could otherwise fill the log with one connection
 * after the other. */
static void
log_breach (const TransferRun *self, const GError *error)
{
  if (self->peer &&
      log_limit_admit (self->breaches, quic_connection_get_peer (self->peer->connection),
                       g_get_monotonic_time ()))
    g_warning ("%s broke the transfer protocol: %s", self->peer_name, error->message);
  else
    g_debug ("%s broke the transfer protocol: %s", self->peer_name, error->message);
}

static void
take_failure (TransferRun *self, GError *error)
{
  if (dex_future_is_pending (DEX_FUTURE (self->failed)))
    {
      self->over_limit = g_error_matches (error, CONTROL_ERROR, CONTROL_ERROR_LIMIT);
      GError *ending = transfer_ending_explain (error, self->peer_name);
      if (ending->code == TRANSFER_REASON_PROTOCOL && error->domain != QUIC_CLOSE_ERROR)
        log_breach (self, error);
      dex_promise_reject (self->failed, ending);
      g_cancellable_cancel (self->cancellable);
    }
  g_error_free (error);
}

void
transfer_run_fail (TransferRun *self, GError *error)
{
  /* What comes after the peer's last word changes nothing. */
  if (dex_future_is_pending (DEX_FUTURE (self->last_word)))
    take_failure (self, error);
  else
    g_error_free (error);
}

void
transfer_run_fail_with (TransferRun *self, TransferReason reason, const char *message)
{
  transfer_run_fail (self, g_error_new_literal (TRANSFER_ERROR, reason, message));
}

static DexFuture *
listening_ended_cb (DexFuture *listening, gpointer user_data)
{
  TransferRun *self = user_data;
  GError *error = NULL;
  if (!dex_future_get_value (listening, &error))
    transfer_run_fail (self, error);
  return dex_future_new_true ();
}

void
transfer_run_open_control (TransferRun *self, QuicStream *stream, ControlRole role, Offer *incoming,
                           ControlMessageFunc func, gpointer user_data)
{
  self->role = role;
  self->control = control_channel_new (self->peer, stream, role);
  self->listening =
      dex_future_finally (control_channel_listen (self->control, incoming, func, user_data),
                          listening_ended_cb, self, NULL);
}

bool
transfer_run_is_over (const TransferRun *self)
{
  return !dex_future_is_pending (DEX_FUTURE (self->failed));
}

bool
transfer_run_failure (const TransferRun *self, GError **error)
{
  dex_future_get_value (DEX_FUTURE (self->failed), error);
  return false;
}

/* @late (transfer full) (nullable): what a timeout means. */
static bool
await_step (TransferRun *self, DexFuture *step, GError *late, GError **error)
{
  g_autoptr (GError) raw = NULL, expired = late;
  bool ok = flow_await (dex_future_first (step, dex_ref (self->failed), NULL), &raw);
  /* Both may have settled before this fiber ran again: then the failure counts, whichever was
   * first. */
  if (transfer_run_is_over (self))
    return transfer_run_failure (self, error);
  if (ok)
    return true;
  if (expired && flow_timed_out (raw))
    take_failure (self, g_steal_pointer (&expired));
  /* When the connection ends, its streams fail first, without a reason. The control channel waits
   * for the code that the peer closed with, and fails the run with it. */
  if (self->listening && (raw->domain == QUIC_ERROR || flow_was_cancelled (raw)))
    flow_await (flow_within (dex_ref (self->failed), REASON_S), NULL);
  take_failure (self, g_steal_pointer (&raw));
  return transfer_run_failure (self, error);
}

bool
transfer_run_await (TransferRun *self, DexFuture *step, GError **error)
{
  return await_step (self, step, NULL, error);
}

bool
transfer_run_await_within (TransferRun *self, DexFuture *step, int milliseconds,
                           TransferReason late, const char *sentence, GError **error)
{
  return await_step (self, flow_within_ms (step, milliseconds),
                     g_error_new_literal (TRANSFER_ERROR, late, sentence), error);
}

bool
transfer_run_send_offer (TransferRun *self, const Offer *offer, GError **error)
{
  self->offering = control_channel_send_offer (self->control, offer);
  return transfer_run_await (self, dex_ref (self->offering), error);
}

void
transfer_run_peer_finished (TransferRun *self)
{
  if (dex_future_is_pending (DEX_FUTURE (self->last_word)))
    dex_promise_resolve_boolean (self->last_word, true);
}

void
transfer_run_peer_ended (TransferRun *self, ControlReason reason, bool unanswered)
{
  transfer_run_fail (self,
                     transfer_ending_by_peer (self->role, reason, unanswered, self->peer_name));
  transfer_run_peer_finished (self);
}

bool
transfer_run_take_late_message (TransferRun *self, const TransferControl *control)
{
  /* The sender's done is no last word: it waits for an answer. */
  bool receiver_done = control->type == CONTROL_DONE && self->role == CONTROL_SENDER;
  if (control->type == CONTROL_CANCEL || control->type == CONTROL_DECLINE || receiver_done)
    transfer_run_peer_finished (self);
  return true;
}

void
transfer_run_send (TransferRun *self, const TransferControl *control)
{
  if (self->stopping)
    return;
  if (control_channel_get_unacknowledged (self->control) > CONTROL_UNACKNOWLEDGED_MAX)
    transfer_run_fail (self, g_error_new_literal (CONTROL_ERROR, CONTROL_ERROR_LIMIT,
                                                  "what is said is not acknowledged"));
  else
    /* A message that can no longer be said has lost its meaning; a lost connection shows in
     * listening. */
    dex_future_disown (control_channel_send (self->control, control));
}

void
transfer_run_derive_key (TransferRun *self, const TransferId *id)
{
  self->transfer_key = sodium_malloc (CHUNK_KEY_LEN);
  session_derive (self->peer->session, CHUNK_KEY_LABEL, id->bytes, sizeof id->bytes,
                  self->transfer_key, CHUNK_KEY_LEN);
}

static void
watch_silence (TransferRun *self)
{
  QuicHealth health;
  quic_connection_get_health (self->peer->connection, &health);
  transfer_set_silent (self->transfer, g_get_monotonic_time () - health.heard_us >
                                           TRANSFER_SILENT_S * G_USEC_PER_SEC);
}

static gboolean
report_cb (gpointer user_data)
{
  TransferRun *self = user_data;
  watch_silence (self);
  self->report (self->report_data);
  if (self->reported && dex_future_is_pending (DEX_FUTURE (self->reported)) &&
      ledger_is_empty (self->ledger))
    dex_promise_resolve_boolean (self->reported, true);
  return G_SOURCE_CONTINUE;
}

void
transfer_run_start_reports (TransferRun *self, GSourceFunc report, gpointer user_data)
{
  self->report = report;
  self->report_data = user_data;
  report_pace_init (&self->pace, g_get_monotonic_time ());
  self->report_source = g_timeout_add (REPORT_INTERVAL_MS, report_cb, self);
}

GArray *
transfer_run_take_items (TransferRun *self)
{
  if (self->stopping)
    return ledger_take (self->ledger, G_MAXUINT);
  GError *error = NULL;
  guint n_items;
  if (!report_pace_admit (&self->pace, control_channel_get_unacknowledged (self->control),
                          g_get_monotonic_time (), &n_items, &error))
    transfer_run_fail (self, error);
  return n_items ? ledger_take (self->ledger, n_items) : NULL;
}

bool
transfer_run_finish_reports (TransferRun *self, GError **error)
{
  self->reported = dex_promise_new ();
  report_cb (self);
  return transfer_run_await (self, dex_ref (self->reported), error);
}

static void
end_transfer (TransferRun *self, const GError *error)
{
  if (!self->transfer)
    return;
  transfer_attach (self->transfer, NULL, NULL);
  if (error && self->failures.first)
    transfer_note (self->transfer, self->failures.first->message);
  g_autoptr (GError) ending =
      error ? g_error_copy (error) : entry_failures_summarize (&self->failures);
  if (ending)
    transfer_end (self->transfer, transfer_ending_get (ending->code)->state, ending->code,
                  ending->message);
  else
    transfer_advance (self->transfer, TRANSFER_DONE);
}

static void
send_last_message (TransferRun *self, TransferReason reason)
{
  ControlState state = control_channel_get_state (self->control);
  if (control_state_is_final (state) || reason == TRANSFER_REASON_CONNECTION)
    return;
  bool answers = self->role == CONTROL_RECEIVER &&
                 (state == CONTROL_STATE_OFFERING || state == CONTROL_STATE_OFFERED);
  TransferControl control = { .type = answers ? CONTROL_DECLINE : CONTROL_CANCEL };
  if (answers)
    control.decline.reason = transfer_ending_get (reason)->told;
  else
    control.cancel.reason = transfer_ending_get (reason)->told;
  transfer_run_send (self, &control);
}

static TransferReason
reason_of (const GError *error)
{
  return error ? error->code : TRANSFER_REASON_NONE;
}

void
transfer_run_stop (TransferRun *self, const GError *error)
{
  TransferReason reason = reason_of (error);
  g_clear_handle_id (&self->report_source, g_source_remove);
  if (self->transfer)
    transfer_set_silent (self->transfer, false);
  g_cancellable_cancel (self->cancellable);
  if (self->control && reason != TRANSFER_REASON_PROTOCOL)
    send_last_message (self, reason);
  self->stopping = true;
  if (self->working)
    flow_await (dex_ref (self->working), NULL);
  if (self->report)
    self->report (self->report_data);
}

void
transfer_run_finish (TransferRun *self, const GError *error)
{
  TransferReason reason = reason_of (error);
  end_transfer (self, error);
  if (!self->peer)
    return;

  QuicConnection *connection = self->peer->connection;
  if (self->control)
    control_channel_finish (self->control);
  if (self->control && reason != TRANSFER_REASON_PROTOCOL)
    flow_await (dex_future_first (quic_future_closed (connection), dex_ref (self->last_word),
                                  dex_timeout_new_seconds (LAST_WORD_S), NULL),
                NULL);
  quic_connection_close (connection,
                         self->over_limit ? QUIC_CODE_LIMIT : transfer_ending_get (reason)->code,
                         transfer_reason_name (reason));
  if (self->listening)
    flow_await (dex_ref (self->listening), NULL);
  if (self->offering)
    flow_await (dex_ref (self->offering), NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sending and receiving have in common: one transfer, its connection and control channel, its
 * worker, and one way to fail that every wait of the flow notices. Main thread only; embedded in
 * the flow's closure. */
#pragma once

#include "net/peer/log_limit.h"
#include "net/transfer/control_channel.h"
#include "net/transfer/entry_failures.h"
#include "net/transfer/ledger.h"
#include "net/transfer/report_pace.h"

G_BEGIN_DECLS

typedef struct
{
  WherryTransfer *transfer; /* NULL at the receiver until the offer is complete */
  char *peer_name;          /* for sentences */
  SecureConnection *peer;
  ControlChannel *control;
  ControlRole role;     /* of ours, once there is a channel */
  DexFuture *listening; /* this and the next two borrow from the flow: awaited at its end */
  DexFuture *offering;
  DexFuture *working;        /* in a thread */
  GCancellable *cancellable; /* stops it */
  DexPromise *failed;        /* rejected, once, with what ended the transfer early */
  LogLimit *breaches;        /* of the node: what peers break is logged within it */
  bool over_limit;           /* the peer wanted more than we keep for it */
  DexPromise *last_word;     /* the peer has said it, and waits for us to close */
  Ledger *ledger;
  uint8_t *transfer_key; /* sodium memory */
  EntryFailures failures;
  uint64_t files_done;
  guint report_source;
  GSourceFunc report;
  ReportPace pace;
  DexPromise *reported; /* all that the worker left behind is told; nullable */
  bool stopping;        /* nothing is told any more */
  gpointer report_data;
} TransferRun;

/** Spawns a flow that always runs to its end, because threads work for it: discarding the result
 * does not cancel it. */
DexFuture *transfer_run_spawn (DexFiberFunc func, gpointer data,
                               GDestroyNotify destroy) G_GNUC_WARN_UNUSED_RESULT;

void transfer_run_init (TransferRun *self);
void transfer_run_clear (TransferRun *self);

/** Makes @stream the control stream of self->peer and listens to it; what ends the listening fails
 * the run. */
void transfer_run_open_control (TransferRun *self, QuicStream *stream, ControlRole role,
                                Offer *incoming, ControlMessageFunc func, gpointer user_data);

/** On a fiber: waits for @step (transfer full). False when @step failed, which fails the run,
 * or when the run has failed, even if @step succeeded in the same moment; @error is what
 * transfer_run_failure() says. */
bool transfer_run_await (TransferRun *self, DexFuture *step, GError **error);
/** The same for a @step that takes @milliseconds at most; else the run fails with @late, which
 * @sentence tells. */
bool transfer_run_await_within (TransferRun *self, DexFuture *step, int milliseconds,
                                TransferReason late, const char *sentence, GError **error);
/** Once it is over: returns false, with the TRANSFER_ERROR that ended it. */
bool transfer_run_failure (const TransferRun *self, GError **error);
/** Ends the run early, unless the peer has said its last word; the first call wins. (transfer
 * full) @error, of any domain. */
void transfer_run_fail (TransferRun *self, GError *error);
void transfer_run_fail_with (TransferRun *self, TransferReason reason, const char *message);

/** On a fiber: says all of @offer, which must live until transfer_run_finish(). */
bool transfer_run_send_offer (TransferRun *self, const Offer *offer, GError **error);
/** Says something that nobody waits for; a peer that acknowledges none of it ends the run. Not
 * heard any more once the run stops. */
void transfer_run_send (TransferRun *self, const TransferControl *control);
/** The peer has ended the transfer, for whatever reason; what that means to us was told before. */
void transfer_run_peer_finished (TransferRun *self);
/** The same, when what ended it was not that everything is done: fails the run with what
 * @reason means to us. @unanswered: the offer still waits for an answer. */
void transfer_run_peer_ended (TransferRun *self, ControlReason reason, bool unanswered);
/** Whether it has failed already, here. */
bool transfer_run_is_over (const TransferRun *self);
/** What is heard then only crossed our last word and means nothing, unless it is the peer's own.
 * Returns true. */
bool transfer_run_take_late_message (TransferRun *self, const TransferControl *control);
/** Derives transfer_key. */
void transfer_run_derive_key (TransferRun *self, const TransferId *id);

/** Calls @report every 100 ms, and once more when the worker has ended. */
void transfer_run_start_reports (TransferRun *self, GSourceFunc report, gpointer user_data);
/** For @report: the next items of the ledger, no more than may be told now; NULL when none may. A
 * peer that acknowledges nothing for a minute ends the run. (transfer full) */
GArray *transfer_run_take_items (TransferRun *self);
/** On a fiber, after the worker: reports until the ledger is empty. */
bool transfer_run_finish_reports (TransferRun *self, GError **error);

/** On a fiber, at the end: tells the peer why where that is ours to do, stops the worker and
 * reports what it has done. @error NULL: nothing ended it early. */
void transfer_run_stop (TransferRun *self, const GError *error);
/** Then: puts the transfer into its final state (@error NULL: DONE, or FAILED when files failed),
 * closes the connection and waits until nothing runs. */
void transfer_run_finish (TransferRun *self, const GError *error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sending and receiving have in common: one transfer, its connection and control channel, its
 * worker, and one way to fail that every wait of the flow notices. Main thread only; embedded in
 * the flow's closure. */
#pragma once

#include "net/transfer/control_channel.h"
#include "net/transfer/ledger.h"
#include "net/transfer/transfer_private.h"

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
  bool over_limit;           /* the peer wanted more than we keep for it */
  DexPromise *last_word;     /* the peer has said it, and waits for us to close */
  Ledger *ledger;
  uint8_t *transfer_key; /* sodium memory */
  /* TRANSFER_ERROR: of the first entry that failed by itself; the others are notes */
  GError *first_failure;
  bool first_failure_is_file;
  uint64_t files_done;
  uint64_t files_failed;
  guint ticker;
  GSourceFunc tick;
  gpointer tick_data;
} Exchange;

/** Spawns a flow that always runs to its end, because threads work for it: discarding the result
 * does not cancel it. */
DexFuture *exchange_spawn (DexFiberFunc func, gpointer data,
                           GDestroyNotify destroy) G_GNUC_WARN_UNUSED_RESULT;

void exchange_init (Exchange *self);
void exchange_clear (Exchange *self);

/** Makes @stream the control stream of self->peer and listens to it; what ends the listening fails
 * the exchange. */
void exchange_talk (Exchange *self, QuicStream *stream, ControlRole role, Offer *incoming,
                    ControlHeard heard, gpointer user_data);

/** On a fiber: waits for @step (transfer full). False when @step failed, which fails the exchange,
 * or when the exchange has failed, even if @step succeeded in the same moment; @error is what
 * exchange_failure() says. */
bool exchange_await (Exchange *self, DexFuture *step, GError **error);
/** The same for a @step that takes @milliseconds at most; else the exchange fails with @late, which
 * @sentence tells. */
bool exchange_await_within (Exchange *self, DexFuture *step, int milliseconds, TransferReason late,
                            const char *sentence, GError **error);
/** Once it is over: returns false, with the TRANSFER_ERROR that ended it. */
bool exchange_failure (const Exchange *self, GError **error);
/** Ends the exchange early, unless the peer has said its last word; the first call wins. (transfer
 * full) @error, of any domain. */
void exchange_fail (Exchange *self, GError *error);
void exchange_fail_with (Exchange *self, TransferReason reason, const char *message);

/** On a fiber: says all of @offer, which must live until exchange_settle(). */
bool exchange_offer (Exchange *self, const Offer *offer, GError **error);
/** Says something that nobody waits for; a peer that acknowledges none of it ends the exchange. */
void exchange_say (Exchange *self, const TransferControl *control);
/** The peer has ended the transfer, for whatever reason; what that means to us was told before. */
void exchange_heard_last (Exchange *self);
/** The same, when what ended it was not that everything is done: fails the exchange with what
 * @reason means to us. @unanswered: the offer still waits for an answer. */
void exchange_heard_end (Exchange *self, ControlReason reason, bool unanswered);
/** Whether it has failed already, here. */
bool exchange_is_over (const Exchange *self);
/** What is heard then only crossed our last word and means nothing, unless it is the peer's own.
 * Returns true. */
bool exchange_heard_afterwards (Exchange *self, const TransferControl *control);
/** Fills the transfer's names and totals. */
void exchange_describe (Exchange *self, const Offer *offer);
/** Derives transfer_key. */
void exchange_derive_key (Exchange *self, const TransferId *id);

/** Calls @tick every 100 ms, and once more when the worker has ended. */
void exchange_start_ticker (Exchange *self, GSourceFunc tick, gpointer user_data);

/** One entry failed by itself. @sentence (nullable): not when it was told of the folder above. */
void exchange_entry_failed (Exchange *self, OfferKind kind, TransferReason reason,
                            const char *sentence);

/** On a fiber, at the end: stops the worker, puts the transfer into its final state (@error NULL:
 * DONE, or FAILED when files failed), says the last word where that is ours, closes the connection
 * and waits until nothing runs. */
void exchange_settle (Exchange *self, const GError *error);

G_END_DECLS

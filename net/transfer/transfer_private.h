/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The side of a WherryTransfer that its flow sees: the only code that changes one. Main thread
 * only. */
#pragma once

#include "net/core/offer.h"
#include "net/transfer/transfer.h"

G_BEGIN_DECLS

/** A transfer that ended otherwise than DONE: the code is the TransferReason, the message a
 * translated sentence. */
#define TRANSFER_ERROR (transfer_error_quark ())
GQuark transfer_error_quark (void);

/** What a person wants; reaches the flow through the function it attached. */
typedef enum
{
  TRANSFER_ACT_ACCEPT,
  TRANSFER_ACT_DECLINE,
  TRANSFER_ACT_CANCEL,
} TransferAct;

typedef void (*TransferActFunc) (TransferAct act, gpointer user_data);

/** Sending starts in PREPARING, receiving in OFFERED. @protocol_id is the text form of the transfer
 * id. */
WherryTransfer *transfer_new (TransferDirection direction, const char *protocol_id,
                              WherryDevice *device);
/** @act NULL detaches. */
void transfer_attach (WherryTransfer *self, TransferActFunc act, gpointer user_data);

void transfer_set_sources (WherryTransfer *self, GPtrArray *files);
void transfer_set_destination (WherryTransfer *self, GFile *folder, uint64_t free_space);
/** @name: in the destination. */
void transfer_set_received (WherryTransfer *self, const char *name);
/** @names: top-level names, all of them or at least the first ten; @names_total how many there
 * are. */
void transfer_describe (WherryTransfer *self, const char *const *names, uint64_t names_total,
                        uint64_t files_total, uint64_t bytes_total);
/** The same from what is offered. */
void transfer_describe_offer (WherryTransfer *self, const Offer *offer);

/** A legal edge of the state machine, asserted. ACTIVE starts the clock. */
void transfer_advance (WherryTransfer *self, TransferState to);
/** To a final state that needs an explanation. Where the state machine has no edge to @to, the
 * transfer is CANCELLED: what a peer says never picks a state that there is not. @message: a
 * sentence, translated. */
void transfer_end (WherryTransfer *self, TransferState to, TransferReason reason,
                   const char *message);
void transfer_set_phase (WherryTransfer *self, TransferPhase phase);
/** SILENT takes the place of every other phase. */
void transfer_set_silent (WherryTransfer *self, bool silent);
/** Absolute counts; @now_us monotonic. Call it as often as is convenient: rate and ETA are
 * smoothed. */
void transfer_report (WherryTransfer *self, uint64_t bytes_done, uint64_t files_done,
                      uint64_t files_failed, int64_t now_us);
void transfer_set_skipped (WherryTransfer *self, uint64_t files_skipped);
/** Something worth telling that is no failure of the whole: "“x” was skipped: …". The first hundred
 * are kept. */
void transfer_note (WherryTransfer *self, const char *note);
void transfer_entry_received (WherryTransfer *self, const char *path, uint64_t size,
                              const char *blake3_hex);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One transfer as the window and the command line see it. Main thread only; the flows behind it are
 * net/transfer/send and net/transfer/receive. */
#pragma once

#include "net/peer/device.h"
#include "net/transfer/transfer_state.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_TRANSFER (wherry_transfer_get_type ())
G_DECLARE_FINAL_TYPE (WherryTransfer, wherry_transfer, WHERRY, TRANSFER, GObject)

/* Properties, readable, notified on change (progress at most ten times a second):
 *   "direction" TransferDirection, "state" TransferState, "phase" TransferPhase
 *   "reason" TransferReason, which changes before the state does
 *   "title" string: the only top-level name, or "name and N more"
 *   "fraction" double 0..1: stands for all progress (bytes and files done, rate, time left)
 *   "message" string: what went wrong and what to do, in a sentence (NULL unless failed)
 * Signals: "entry-received" (const char *path, uint64 size, const char *blake3_hex) for a file that
 * got its name. */
/** Names it in this process: random, and not what the other side calls it. */
const char *wherry_transfer_get_id (WherryTransfer *self);
/** What both sides call it; the sender chose it, so look nothing up by it. */
const char *wherry_transfer_get_protocol_id (WherryTransfer *self);
WherryDevice *wherry_transfer_get_device (WherryTransfer *self);
TransferDirection wherry_transfer_get_direction (WherryTransfer *self);
TransferState wherry_transfer_get_state (WherryTransfer *self);
TransferPhase wherry_transfer_get_phase (WherryTransfer *self);
TransferReason wherry_transfer_get_reason (WherryTransfer *self);
const char *wherry_transfer_get_message (WherryTransfer *self);
const char *wherry_transfer_get_title (WherryTransfer *self);
/** The first ten top-level names, NULL-terminated. (transfer none) */
const char *const *wherry_transfer_get_names (WherryTransfer *self);
/** What was skipped or failed by itself, a sentence each, the first hundred; NULL-terminated. Valid
 * until the next main loop iteration. (transfer none) */
const char *const *wherry_transfer_get_notes (WherryTransfer *self);
uint64_t wherry_transfer_get_files_total (WherryTransfer *self);
uint64_t wherry_transfer_get_files_done (WherryTransfer *self);
/** What the sender left out of the offer: at the sender links and special files, which are no
 * failures; at the receiver, told at the end, also what could not be read. */
uint64_t wherry_transfer_get_files_skipped (WherryTransfer *self);
uint64_t wherry_transfer_get_bytes_total (WherryTransfer *self);
uint64_t wherry_transfer_get_bytes_done (WherryTransfer *self);
double wherry_transfer_get_rate (WherryTransfer *self);
int64_t wherry_transfer_get_eta (WherryTransfer *self);
/** Seconds from acceptance to the end (or to now). */
double wherry_transfer_get_elapsed (WherryTransfer *self);
/** Receiver: the folder that files go to. (transfer none) (nullable) */
GFile *wherry_transfer_get_destination (WherryTransfer *self);
/** Receiver, ended: what came first, by its name in that folder; a folder for what lies in it.
 * (transfer none) (nullable) */
GFile *wherry_transfer_get_received (WherryTransfer *self);
/** Receiver, offered: free bytes there, counting the reserve as used; UINT64_MAX: unknown. */
uint64_t wherry_transfer_get_free_space (WherryTransfer *self);
/** Sender: what was given to send. (element-type GFile) (transfer none) */
GPtrArray *wherry_transfer_get_sources (WherryTransfer *self);

/** Receiver, state OFFERED: answer. @destination NULL for the folder that it has already; an offer
 * that has none stays one. */
void wherry_transfer_accept (WherryTransfer *self, GFile *destination);
void wherry_transfer_decline (WherryTransfer *self);
/** Either side, any unfinished state. */
void wherry_transfer_cancel (WherryTransfer *self);

G_END_DECLS

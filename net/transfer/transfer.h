/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One transfer as the window and the command line see it. Main thread only; the flows behind it are
 * net/transfer/send and net/transfer/receive. */
#pragma once

#include "net/peer/device.h"

G_BEGIN_DECLS

typedef enum
{
  TRANSFER_SENDING,
  TRANSFER_RECEIVING,
} TransferDirection;

typedef enum
{
  TRANSFER_PREPARING, /* sender: walking the tree, connecting */
  TRANSFER_OFFERED,   /* waiting for a person's answer, at either end */
  TRANSFER_ACTIVE,
  TRANSFER_DONE, /* everything arrived verified; this and what follows is final */
  TRANSFER_FAILED,
  TRANSFER_DECLINED,
  TRANSFER_CANCELLED,
  TRANSFER_EXPIRED,     /* nobody answered for five minutes */
  TRANSFER_INTERRUPTED, /* the connection died; resumable in a later version */
} TransferState;

typedef enum
{
  TRANSFER_PHASE_WAITING,
  TRANSFER_PHASE_SENDING, /* or receiving */
  TRANSFER_PHASE_VERIFYING,
} TransferPhase;

/** What kind of failure: maps to the exit status of the command line (docs/command-line.md). */
typedef enum
{
  TRANSFER_REASON_NONE,
  TRANSFER_REASON_OFFLINE,
  TRANSFER_REASON_NOT_PAIRED,
  TRANSFER_REASON_DECLINED,
  TRANSFER_REASON_BUSY, /* the other side has too much to do: try again later */
  TRANSFER_REASON_EXPIRED,
  TRANSFER_REASON_CANCELLED_HERE,
  TRANSFER_REASON_CANCELLED_THERE,
  TRANSFER_REASON_NO_SPACE,
  TRANSFER_REASON_LOCAL_FILE,  /* a local file could not be read or written */
  TRANSFER_REASON_REMOTE_FILE, /* the other side could not read or write */
  TRANSFER_REASON_CHECKSUM,
  TRANSFER_REASON_PROTOCOL,
  TRANSFER_REASON_CONNECTION,
} TransferReason;

/* Their nicks are the words of --json and logs: "done", "no-space", … */
#define WHERRY_TYPE_TRANSFER_DIRECTION (wherry_transfer_direction_get_type ())
GType wherry_transfer_direction_get_type (void);
#define WHERRY_TYPE_TRANSFER_STATE (wherry_transfer_state_get_type ())
GType wherry_transfer_state_get_type (void);
#define WHERRY_TYPE_TRANSFER_PHASE (wherry_transfer_phase_get_type ())
GType wherry_transfer_phase_get_type (void);
#define WHERRY_TYPE_TRANSFER_REASON (wherry_transfer_reason_get_type ())
GType wherry_transfer_reason_get_type (void);

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
uint64_t wherry_transfer_get_files_failed (WherryTransfer *self);
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
/** Receiver, offered: free bytes there, counting the reserve as used; UINT64_MAX: unknown. */
uint64_t wherry_transfer_get_free_space (WherryTransfer *self);
/** Sender: what was given to send. (element-type GFile) (transfer none) */
GPtrArray *wherry_transfer_get_sources (WherryTransfer *self);

/** Receiver, state OFFERED: answer. @destination NULL for the node's receive folder. */
void wherry_transfer_accept (WherryTransfer *self, GFile *destination);
void wherry_transfer_decline (WherryTransfer *self);
/** Either side, any unfinished state. */
void wherry_transfer_cancel (WherryTransfer *self);

bool transfer_state_is_final (TransferState state);
/** For --json and logs: "done", "failed", … */
const char *transfer_state_name (TransferState state);
/** For --json, logs and close frames: "no-space", … */
const char *transfer_reason_name (TransferReason reason);

G_END_DECLS

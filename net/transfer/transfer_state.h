/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The states of a transfer, which may follow which, and why one ended. */
#pragma once

#include <glib-object.h>
#include <stdbool.h>

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
  TRANSFER_PHASE_SILENT, /* nothing has come from the other side for TRANSFER_SILENT_S */
} TransferPhase;
#define TRANSFER_SILENT_S 3

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

bool transfer_state_is_final (TransferState state);
/** Whether @to may follow @from. */
bool transfer_state_may_become (TransferState from, TransferState to);
/** For --json and logs: "done", "failed", … */
const char *transfer_state_name (TransferState state);
/** For --json, logs and close frames: "no-space", … */
const char *transfer_reason_name (TransferReason reason);

G_END_DECLS

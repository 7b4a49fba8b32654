/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/transfer_state.h"

#include "net/enum_nick.h"

G_DEFINE_ENUM_TYPE (WherryTransferDirection, wherry_transfer_direction,
                    G_DEFINE_ENUM_VALUE (TRANSFER_SENDING, "sending"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_RECEIVING, "receiving"))
G_DEFINE_ENUM_TYPE (WherryTransferState, wherry_transfer_state,
                    G_DEFINE_ENUM_VALUE (TRANSFER_PREPARING, "preparing"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_OFFERED, "offered"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_ACTIVE, "active"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_DONE, "done"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_DECLINED, "declined"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_CANCELLED, "cancelled"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_EXPIRED, "expired"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_INTERRUPTED, "interrupted"))
G_DEFINE_ENUM_TYPE (WherryTransferPhase, wherry_transfer_phase,
                    G_DEFINE_ENUM_VALUE (TRANSFER_PHASE_WAITING, "waiting"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_PHASE_SENDING, "sending"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_PHASE_VERIFYING, "verifying"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_PHASE_SILENT, "silent"))
G_DEFINE_ENUM_TYPE (WherryTransferReason, wherry_transfer_reason,
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_NONE, "done"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_OFFLINE, "offline"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_NOT_PAIRED, "not-paired"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_DECLINED, "declined"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_BUSY, "busy"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_EXPIRED, "expired"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_CANCELLED_HERE, "cancelled"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_CANCELLED_THERE, "cancelled-there"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_NO_SPACE, "no-space"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_LOCAL_FILE, "local-file"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_REMOTE_FILE, "remote-file"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_CHECKSUM, "checksum"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_PROTOCOL, "protocol"),
                    G_DEFINE_ENUM_VALUE (TRANSFER_REASON_CONNECTION, "connection"))

#define N_STATES (TRANSFER_INTERRUPTED + 1)

/* Which state may follow which. An answer may overtake the news that the whole offer is out:
 * PREPARING can end like OFFERED. */
static const bool edges[N_STATES][N_STATES] = {
  [TRANSFER_PREPARING] = { [TRANSFER_OFFERED] = true,
                           [TRANSFER_FAILED] = true,
                           [TRANSFER_DECLINED] = true,
                           [TRANSFER_CANCELLED] = true,
                           [TRANSFER_EXPIRED] = true,
                           [TRANSFER_INTERRUPTED] = true },
  [TRANSFER_OFFERED] = { [TRANSFER_ACTIVE] = true,
                         [TRANSFER_FAILED] = true,
                         [TRANSFER_DECLINED] = true,
                         [TRANSFER_CANCELLED] = true,
                         [TRANSFER_EXPIRED] = true,
                         [TRANSFER_INTERRUPTED] = true },
  [TRANSFER_ACTIVE] = { [TRANSFER_DONE] = true,
                        [TRANSFER_FAILED] = true,
                        [TRANSFER_CANCELLED] = true,
                        [TRANSFER_INTERRUPTED] = true },
};

bool
transfer_state_may_become (TransferState from, TransferState to)
{
  return edges[from][to];
}

bool
transfer_state_is_final (TransferState state)
{
  return state >= TRANSFER_DONE;
}

const char *
transfer_state_name (TransferState state)
{
  return enum_nick (WHERRY_TYPE_TRANSFER_STATE, (int) state);
}

const char *
transfer_reason_name (TransferReason reason)
{
  return enum_nick (WHERRY_TYPE_TRANSFER_REASON, (int) reason);
}

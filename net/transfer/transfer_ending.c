/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/transfer/transfer_ending.h"

#include <glib/gi18n-lib.h>

#include "net/async/quic_future.h"
#include "net/disk/destination_error.h"

/* What each way to end means to everybody concerned. */
static const TransferEnding endings[] = {
  [TRANSFER_REASON_NONE] = { TRANSFER_DONE, CONTROL_REASON_OTHER, QUIC_CODE_OK },
  [TRANSFER_REASON_OFFLINE] = { TRANSFER_FAILED, CONTROL_REASON_OTHER, QUIC_CODE_OK },
  [TRANSFER_REASON_NOT_PAIRED] = { TRANSFER_FAILED, CONTROL_REASON_OTHER, QUIC_CODE_OK },
  [TRANSFER_REASON_DECLINED] = { TRANSFER_DECLINED, CONTROL_REASON_PERSON, QUIC_CODE_OK },
  [TRANSFER_REASON_BUSY] = { TRANSFER_FAILED, CONTROL_REASON_BUSY, QUIC_CODE_OK },
  [TRANSFER_REASON_EXPIRED] = { TRANSFER_EXPIRED, CONTROL_REASON_EXPIRED, QUIC_CODE_OK },
  [TRANSFER_REASON_CANCELLED_HERE] = { TRANSFER_CANCELLED, CONTROL_REASON_PERSON,
                                       QUIC_CODE_CANCELLED },
  [TRANSFER_REASON_CANCELLED_THERE] = { TRANSFER_CANCELLED, CONTROL_REASON_OTHER, QUIC_CODE_OK },
  [TRANSFER_REASON_NO_SPACE] = { TRANSFER_FAILED, CONTROL_REASON_NO_SPACE, QUIC_CODE_CANCELLED },
  [TRANSFER_REASON_LOCAL_FILE] = { TRANSFER_FAILED, CONTROL_REASON_WRITE, QUIC_CODE_CANCELLED },
  [TRANSFER_REASON_REMOTE_FILE] = { TRANSFER_FAILED, CONTROL_REASON_OTHER, QUIC_CODE_OK },
  [TRANSFER_REASON_CHECKSUM] = { TRANSFER_FAILED, CONTROL_REASON_CHECKSUM, QUIC_CODE_OK },
  [TRANSFER_REASON_PROTOCOL] = { TRANSFER_FAILED, CONTROL_REASON_PROTOCOL, QUIC_CODE_PROTOCOL },
  [TRANSFER_REASON_CONNECTION] = { TRANSFER_INTERRUPTED, CONTROL_REASON_OTHER, QUIC_CODE_OK },
};

const TransferEnding *
transfer_ending_get (TransferReason reason)
{
  return &endings[reason];
}

static GError *
explain_close (int code, const char *peer_name)
{
  switch (code)
    {
    case QUIC_CODE_NOT_PAIRED:
    case QUIC_CODE_UNPAIRED:
      return g_error_new (TRANSFER_ERROR, TRANSFER_REASON_NOT_PAIRED,
                          _ ("“%s” is no longer paired with this device. Pair them again."),
                          peer_name);
    case QUIC_CODE_LIMIT:
      return g_error_new (TRANSFER_ERROR, TRANSFER_REASON_BUSY,
                          _ ("“%s” has too much to do at the moment. Send again later."),
                          peer_name);
    case QUIC_CODE_CANCELLED:
      return g_error_new (TRANSFER_ERROR, TRANSFER_REASON_CANCELLED_THERE,
                          _ ("“%s” cancelled the transfer."), peer_name);
    case QUIC_CODE_PROTOCOL:
      return g_error_new (TRANSFER_ERROR, TRANSFER_REASON_PROTOCOL,
                          _ ("“%s” did not understand this device. Update Wherry on both."),
                          peer_name);
    default:
      return g_error_new (TRANSFER_ERROR, TRANSFER_REASON_CONNECTION,
                          _ ("“%s” ended the connection. Send again when it is back."), peer_name);
    }
}

GError *
transfer_ending_explain (const GError *error, const char *peer_name)
{
  if (error->domain == TRANSFER_ERROR)
    return g_error_copy (error);
  if (error->domain == QUIC_CLOSE_ERROR)
    return explain_close (error->code, peer_name);
  if (flow_timed_out (error))
    return g_error_new (TRANSFER_ERROR, TRANSFER_REASON_CONNECTION,
                        _ ("“%s” did not answer in time. Send again when it is back."), peer_name);
  if (error->domain == QUIC_ERROR)
    return g_error_new (
        TRANSFER_ERROR, TRANSFER_REASON_CONNECTION,
        _ ("The connection to “%s” broke. Check that both devices are online and send again."),
        peer_name);
  if (g_error_matches (error, DESTINATION_ERROR, DESTINATION_ERROR_NO_SPACE))
    return g_error_new_literal (TRANSFER_ERROR, TRANSFER_REASON_NO_SPACE, error->message);
  if (error->domain == DESTINATION_ERROR || error->domain == G_IO_ERROR)
    return g_error_new_literal (TRANSFER_ERROR, TRANSFER_REASON_LOCAL_FILE, error->message);

  return g_error_new (TRANSFER_ERROR, TRANSFER_REASON_PROTOCOL,
                      _ ("“%s” sent something that this device does not understand. Update Wherry "
                         "on both and send again."),
                      peer_name);
}

/* What the peer's decline or cancel means to us and says to the person; the first that applies. */
static const struct
{
  ControlRole ours;
  bool only_unanswered;
  ControlReason reason; /* OTHER: any */
  TransferReason means;
  const char *sentence;
} peer_endings[] = {
  { CONTROL_SENDER, false, CONTROL_REASON_NO_SPACE, TRANSFER_REASON_NO_SPACE,
    N_ ("There is not enough space on “%s”. Free some there and send again.") },
  { CONTROL_SENDER, false, CONTROL_REASON_WRITE, TRANSFER_REASON_REMOTE_FILE,
    N_ ("“%s” cannot write to its receive folder.") },
  { CONTROL_SENDER, true, CONTROL_REASON_BUSY, TRANSFER_REASON_BUSY,
    N_ ("“%s” is busy: too many offers wait for an answer there. Send again later.") },
  { CONTROL_SENDER, true, CONTROL_REASON_EXPIRED, TRANSFER_REASON_EXPIRED,
    N_ ("Nobody answered on “%s”. Send again when somebody is there.") },
  { CONTROL_SENDER, true, CONTROL_REASON_OTHER, TRANSFER_REASON_DECLINED,
    N_ ("“%s” declined the transfer.") },
  { CONTROL_RECEIVER, true, CONTROL_REASON_EXPIRED, TRANSFER_REASON_EXPIRED,
    N_ ("“%s” did not wait any longer for an answer.") },
  { CONTROL_SENDER, false, CONTROL_REASON_OTHER, TRANSFER_REASON_CANCELLED_THERE,
    N_ ("“%s” cancelled the transfer.") },
  { CONTROL_RECEIVER, false, CONTROL_REASON_OTHER, TRANSFER_REASON_CANCELLED_THERE,
    N_ ("“%s” cancelled the transfer.") },
};

GError *
transfer_ending_by_peer (ControlRole ours, ControlReason reason, bool unanswered,
                         const char *peer_name)
{
  size_t i = 0;
  while (peer_endings[i].ours != ours || (peer_endings[i].only_unanswered && !unanswered) ||
         (peer_endings[i].reason != reason && peer_endings[i].reason != CONTROL_REASON_OTHER))
    i++;
  return g_error_new (TRANSFER_ERROR, peer_endings[i].means, _ (peer_endings[i].sentence),
                      peer_name);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/control_private.h"

const char *const control_type_names[CONTROL_TYPE_COUNT] = {
  [CONTROL_OFFER] = "offer",
  [CONTROL_ACCEPT] = "accept",
  [CONTROL_DECLINE] = "decline",
  [CONTROL_FILE_REQUEST] = "file-request",
  [CONTROL_FILE_DONE] = "file-done",
  [CONTROL_VERIFIED] = "verified",
  [CONTROL_CHECKSUM_MISMATCH] = "checksum-mismatch",
  [CONTROL_ENTRY_FAILED] = "entry-failed",
  [CONTROL_PROGRESS] = "progress",
  [CONTROL_PAUSE] = "pause",
  [CONTROL_RESUME] = "resume",
  [CONTROL_CANCEL] = "cancel",
  [CONTROL_UNSUPPORTED] = "unsupported",
  [CONTROL_DONE] = "done",
};

const char *const control_reason_names[CONTROL_REASON_COUNT] = {
  [CONTROL_REASON_OTHER] = "other",
  [CONTROL_REASON_PERSON] = "person",
  [CONTROL_REASON_POLICY] = "policy",
  [CONTROL_REASON_EXPIRED] = "expired",
  [CONTROL_REASON_BUSY] = "busy",
  [CONTROL_REASON_SHUTDOWN] = "shutdown",
  [CONTROL_REASON_NO_SPACE] = "no-space",
  [CONTROL_REASON_WRITE] = "write",
  [CONTROL_REASON_READ] = "read",
  [CONTROL_REASON_VANISHED] = "vanished",
  [CONTROL_REASON_CHANGED] = "changed",
  [CONTROL_REASON_NOT_REGULAR] = "not-regular",
  [CONTROL_REASON_NAME] = "name",
  [CONTROL_REASON_NAME_TOO_LONG] = "name-too-long",
  [CONTROL_REASON_PERMISSION] = "permission",
  [CONTROL_REASON_EXISTS] = "exists",
  [CONTROL_REASON_READ_ONLY] = "read-only",
  [CONTROL_REASON_TOO_LARGE] = "too-large",
  [CONTROL_REASON_IO] = "io",
  [CONTROL_REASON_CHECKSUM] = "checksum",
  [CONTROL_REASON_UNSUPPORTED] = "unsupported",
  [CONTROL_REASON_PROTOCOL] = "protocol",
};

G_DEFINE_QUARK (wherry-control-error-quark, control_error)

const char *
control_type_name (ControlType type)
{
  return control_type_names[type];
}

void
transfer_control_clear (TransferControl *control)
{
  if (control->type == CONTROL_ACCEPT)
    g_clear_pointer (&control->accept.resume, g_free);
  else if (control->type == CONTROL_VERIFIED)
    g_clear_pointer (&control->verified.entries, g_free);
  else if (control->type == CONTROL_DONE)
    {
      for (uint32_t i = 0; i < control->done.n_first_skipped; i++)
        g_free (control->done.first_skipped[i].path);
      control->done.n_first_skipped = 0;
      g_clear_pointer (&control->done.first_skipped, g_free);
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/transfer/entry_failures.h"

#include <glib/gi18n-lib.h>

void
entry_failures_clear (EntryFailures *self)
{
  g_clear_error (&self->first);
}

void
entry_failures_add (EntryFailures *self, WherryTransfer *transfer, OfferKind kind,
                    TransferReason reason, const char *sentence)
{
  self->n_files += kind == OFFER_FILE;
  if (!sentence)
    return;
  if (self->first)
    {
      transfer_note (transfer, sentence);
      return;
    }
  self->first = g_error_new_literal (TRANSFER_ERROR, reason, sentence);
  self->first_is_file = kind == OFFER_FILE;
}

GError *
entry_failures_summarize (const EntryFailures *self)
{
  if (!self->first)
    return NULL;
  uint64_t more = self->n_files - self->first_is_file;
  if (more == 0)
    return g_error_copy (self->first);
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, more);
  g_autofree char *others = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%s more file failed.", "%s more files failed.", more), number);
  /* Translators: two whole sentences, one after the other: what happened to the first file that
   * failed, and how many others failed */
  return g_error_new (TRANSFER_ERROR, self->first->code, _ ("%1$s %2$s"), self->first->message,
                      others);
}

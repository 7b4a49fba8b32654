/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/transfer_private.h"

#include "net/core/transfer_id.h"
#include "net/transfer/outline.h"
#include "net/transfer/transfer_fields.h"
#include "net/transfer/transfer_testing.h"

#define NOTES_MAX 100

G_DEFINE_QUARK (wherry-transfer-error-quark, transfer_error)

WherryTransfer *
transfer_new (TransferDirection direction, const char *protocol_id, WherryDevice *device)
{
  TransferId local;
  transfer_id_generate (&local);
  char hex[TRANSFER_ID_HEX_LEN + 1];
  transfer_id_to_hex (&local, hex);
  WherryTransfer *self = g_object_new (WHERRY_TYPE_TRANSFER, NULL);
  self->direction = direction;
  self->state = direction == TRANSFER_SENDING ? TRANSFER_PREPARING : TRANSFER_OFFERED;
  self->id = g_strdup (hex);
  self->protocol_id = g_strdup (protocol_id);
  self->device = g_object_ref (device);
  return self;
}

void
transfer_attach (WherryTransfer *self, TransferActFunc act, gpointer user_data)
{
  self->act = act;
  self->act_data = user_data;
}

void
transfer_describe (WherryTransfer *self, const char *const *names, uint64_t names_total,
                   uint64_t files_total, uint64_t bytes_total)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (unsigned i = 0; names[i] && i < OUTLINE_NAMES_MAX; i++)
    g_strv_builder_add (builder, names[i]);
  g_strfreev (self->names);
  self->names = g_strv_builder_end (builder);

  g_free (self->title);
  self->title = outline_title ((const char *const *) self->names, names_total);
  self->files_total = files_total;
  self->bytes_total = bytes_total;
  progress_init (&self->progress, bytes_total, 0, g_get_monotonic_time ());
  g_object_notify (G_OBJECT (self), "title");
}

void
transfer_describe_offer (WherryTransfer *self, const Offer *offer)
{
  g_autoptr (Outline) outline = outline_of_offer (offer);
  transfer_describe (self, outline_get_names (outline), outline_get_n_names (outline),
                     offer_get_n_files (offer), offer_get_total_bytes (offer));
}

void
transfer_set_sources (WherryTransfer *self, GPtrArray *files)
{
  self->sources = g_ptr_array_copy (files, (GCopyFunc) (void *) g_object_ref, NULL);
  g_ptr_array_set_free_func (self->sources, g_object_unref);
  if (self->names[0])
    return;
  /* Until it is known what the sources hold, and for good when that is nothing. */
  g_autoptr (Outline) outline = outline_of_files (files);
  transfer_describe (self, outline_get_names (outline), outline_get_n_names (outline), 0, 0);
}

void
transfer_set_destination (WherryTransfer *self, GFile *folder, uint64_t free_space)
{
  g_set_object (&self->destination, folder);
  self->free_space = free_space;
}

void
transfer_set_received (WherryTransfer *self, const char *name)
{
  g_clear_object (&self->received);
  self->received = g_file_get_child (self->destination, name);
}

void
transfer_advance (WherryTransfer *self, TransferState to)
{
  g_assert (transfer_state_may_become (self->state, to));
  g_debug ("transfer %.8s: %s -> %s", self->protocol_id, transfer_state_name (self->state),
           transfer_state_name (to));
  self->state = to;
  int64_t now = g_get_monotonic_time ();
  if (to == TRANSFER_ACTIVE)
    {
      self->started_us = now;
      progress_init (&self->progress, self->bytes_total, 0, now);
    }
  if (transfer_state_is_final (to))
    {
      self->ended_us = now;
      g_object_notify (G_OBJECT (self), "fraction");
    }
  g_object_notify (G_OBJECT (self), "state");
}

void
transfer_end (WherryTransfer *self, TransferState to, TransferReason reason, const char *message)
{
  /* An answer can come too late to be one: what was accepted a moment ago is then only
   * cancelled. */
  const TransferState end = transfer_state_may_become (self->state, to) ? to : TRANSFER_CANCELLED;
  if (self->reason != reason)
    {
      self->reason = reason;
      g_object_notify (G_OBJECT (self), "reason");
    }
  if (g_set_str (&self->message, message))
    g_object_notify (G_OBJECT (self), "message");
  transfer_advance (self, end);
}

void
transfer_set_phase (WherryTransfer *self, TransferPhase phase)
{
  if (self->phase == phase)
    return;
  self->phase = phase;
  g_object_notify (G_OBJECT (self), "phase");
}

void
transfer_set_silent (WherryTransfer *self, bool silent)
{
  if (self->silent == silent)
    return;
  self->silent = silent;
  g_object_notify (G_OBJECT (self), "phase");
}

void
transfer_report (WherryTransfer *self, uint64_t bytes_done, uint64_t files_done,
                 uint64_t files_failed, int64_t now_us)
{
  self->files_done = files_done;
  self->files_failed = files_failed;
  progress_set (&self->progress, bytes_done, now_us);
  if (progress_gate (&self->progress, now_us))
    g_object_notify (G_OBJECT (self), "fraction");
}

uint64_t
transfer_get_files_failed (WherryTransfer *self)
{
  return self->files_failed;
}

void
transfer_set_skipped (WherryTransfer *self, uint64_t files_skipped)
{
  self->files_skipped = files_skipped;
}

void
transfer_note (WherryTransfer *self, const char *note)
{
  if (self->notes->len < NOTES_MAX)
    g_ptr_array_add (self->notes, g_strdup (note));
}

void
transfer_entry_received (WherryTransfer *self, const char *path, uint64_t size,
                         const char *blake3_hex)
{
  g_signal_emit_by_name (self, "entry-received", path, size, blake3_hex);
}

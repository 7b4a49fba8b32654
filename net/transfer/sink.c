/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/transfer/sink.h"

#include <blake3.h>
#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "net/disk/part_batch.h"
#include "net/transfer/entry_sentence.h"
#include "net/transfer/failed_folders.h"
#include "net/transfer/record_reader.h"

G_DEFINE_QUARK (wherry-sink-error-quark, sink_error)

/* What the worker has in hand. */
typedef struct
{
  Sink *sink;
  Destination *destination;
  PartBatch *batch;
  FailedFolders *failed;
  GError *fatal;  /* met while naming files */
  uint8_t *seen;  /* one bit per entry */
  uint32_t files; /* of the offer, that came or failed */
  OfferEntry entry;
  blake3_hasher hasher;
  Part *part; /* of the current entry; NULL when it failed here and the rest of it is only read */
} Receiving;

static ControlReason
reason_of_error (const GError *error)
{
  switch (destination_error_get_errno (error))
    {
    case EACCES:
    case EPERM:
      return CONTROL_REASON_PERMISSION;
    case ENAMETOOLONG:
      return CONTROL_REASON_NAME_TOO_LONG;
    case EINVAL:
    case EILSEQ:
      return CONTROL_REASON_NAME;
    case EEXIST:
    case EISDIR:
    case ENOTDIR:
    case ELOOP:
      return CONTROL_REASON_EXISTS;
    case EROFS:
      return CONTROL_REASON_READ_ONLY;
    case EIO:
    case EREMOTEIO:
    case ESTALE:
    case ETIMEDOUT:
      return CONTROL_REASON_IO;
    case EFBIG:
      return CONTROL_REASON_TOO_LARGE;
    case ENOSPC:
    case EDQUOT:
      return CONTROL_REASON_NO_SPACE;
    default:
      return CONTROL_REASON_WRITE;
    }
}

/* @message (nullable): not when it was told of the folder above. */
static void
record_failure (Receiving *receiving, ControlReason reason, bool told, const char *message)
{
  LedgerItem item = {
    .entry_id = receiving->entry.id,
    .reason = reason,
    .told = told,
    .text = g_strdup (message),
  };
  ledger_add (receiving->sink->ledger, &item);
  g_clear_pointer (&receiving->part, part_free);
}

/* Keeps the transfer alive when @error concerns this entry only. Takes @error. */
static bool
forgive (Receiving *receiving, GError *local_error, GError **error)
{
  if (!g_error_matches (local_error, DESTINATION_ERROR, DESTINATION_ERROR_ENTRY))
    {
      g_propagate_error (error, local_error);
      return false;
    }
  record_failure (receiving, reason_of_error (local_error), false, local_error->message);
  g_error_free (local_error);
  return true;
}

static void
named_cb (gpointer tag, const char *path, const GError *error, gpointer user_data)
{
  Receiving *receiving = user_data;
  LedgerItem *item = tag;
  item->ok = path != NULL;
  item->reason = path ? CONTROL_REASON_OTHER : reason_of_error (error);
  item->text = g_strdup (path ? path : error->message);
  char **first = &receiving->sink->first_name;
  if (path && !*first)
    *first = g_strndup (path, strcspn (path, "/"));
  if (error && !receiving->fatal &&
      !g_error_matches (error, DESTINATION_ERROR, DESTINATION_ERROR_ENTRY))
    receiving->fatal = g_error_copy (error);
  ledger_add (receiving->sink->ledger, item);
}

static bool
commit (Receiving *receiving, GError **error)
{
  if (!part_batch_commit (receiving->batch, receiving->sink->cancellable, named_cb, receiving,
                          error))
    return false;
  if (!receiving->fatal)
    return true;
  g_propagate_error (error, g_steal_pointer (&receiving->fatal));
  return false;
}

/* Whether the entry @path lies in a folder that could not be made; recorded, then. */
static bool
fails_with_folder (Receiving *receiving, const char *path)
{
  ControlReason reason;
  if (!failed_folders_cover (receiving->failed, path, &reason))
    return false;
  record_failure (receiving, reason, false, NULL);
  return true;
}

static bool
make_folders (Receiving *receiving, GError **error)
{
  const Sink *sink = receiving->sink;
  for (uint32_t id = 0; offer_get_entry (sink->offer, id, &receiving->entry); id++)
    {
      if (receiving->entry.kind != OFFER_FOLDER)
        continue;
      if (g_cancellable_set_error_if_cancelled (sink->cancellable, error))
        return false;
      g_autoptr (GError) local_error = NULL;
      g_autofree char *path = offer_entry_dup_path (&receiving->entry);
      if (fails_with_folder (receiving, path) ||
          destination_make_folder (receiving->destination, path, receiving->entry.mode,
                                   receiving->entry.mtime, &local_error))
        continue;
      failed_folders_add (receiving->failed, path, reason_of_error (local_error));
      if (!forgive (receiving, g_steal_pointer (&local_error), error))
        return false;
    }
  return true;
}

static bool
begin_file (Receiving *receiving, const ChunkHeader *header, GError **error)
{
  uint32_t id = header->entry_id;
  uint8_t bit = 1u << id % 8;
  if (!offer_get_entry (receiving->sink->offer, id, &receiving->entry) ||
      receiving->entry.kind != OFFER_FILE || receiving->seen[id / 8] & bit || header->offset != 0)
    {
      g_set_error (error, SINK_ERROR, SINK_ERROR_UNOFFERED,
                   "data for entry %u, which is not expected", id);
      return false;
    }
  receiving->seen[id / 8] |= bit;
  receiving->files++;
  if (header->flags & CHUNK_ABANDONED)
    return true;

  GError *local_error = NULL;
  g_autofree char *path = offer_entry_dup_path (&receiving->entry);
  if (fails_with_folder (receiving, path))
    return true;
  blake3_hasher_init (&receiving->hasher);
  receiving->part = part_new (receiving->destination, path, &local_error);
  return receiving->part || forgive (receiving, local_error, error);
}

static bool
check_size (const Receiving *receiving, const ChunkHeader *header, GError **error)
{
  uint64_t end = header->offset + header->length, size = receiving->entry.size;
  if (header->flags & CHUNK_ABANDONED || (header->flags & CHUNK_LAST ? end == size : end < size))
    return true;
  g_set_error (error, SINK_ERROR, SINK_ERROR_SIZE, "entry %u has another size than was offered",
               header->entry_id);
  return false;
}

static bool
write_content (Receiving *receiving, const uint8_t *content, size_t len, GError **error)
{
  GError *local_error = NULL;
  blake3_hasher_update (&receiving->hasher, content, len);
  if (!part_write (receiving->part, content, len, &local_error))
    return forgive (receiving, local_error, error);
  return true;
}

static bool
finish_file (Receiving *receiving, const uint8_t *claimed, GError **error)
{
  LedgerItem item = { .entry_id = receiving->entry.id };
  blake3_hasher_finalize (&receiving->hasher, item.digest, sizeof item.digest);
  if (memcmp (item.digest, claimed, sizeof item.digest) != 0)
    {
      g_autofree char *message = entry_sentence_damaged (receiving->entry.name);
      record_failure (receiving, CONTROL_REASON_CHECKSUM, false, message);
      return true;
    }
  GError *local_error = NULL;
  if (!part_batch_add (receiving->batch, g_steal_pointer (&receiving->part), receiving->entry.mode,
                       receiving->entry.mtime, g_memdup2 (&item, sizeof item), &local_error))
    return forgive (receiving, local_error, error);
  return !part_batch_is_ripe (receiving->batch) || commit (receiving, error);
}

static bool
take_record (Receiving *receiving, const ChunkHeader *header, const uint8_t *content,
             GError **error)
{
  if ((header->flags & CHUNK_FIRST && !begin_file (receiving, header, error)) ||
      !check_size (receiving, header, error))
    return false;
  if (header->flags & CHUNK_ABANDONED)
    {
      receiving->sink->n_abandoned++;
      if (receiving->part || header->flags & CHUNK_FIRST)
        record_failure (receiving, CONTROL_REASON_READ, true,
                        _ ("A file could not be read at the other side."));
      return true;
    }
  ledger_count_bytes (receiving->sink->ledger, header->length);
  return (!receiving->part || write_content (receiving, content, header->length, error)) &&
         (!receiving->part || !(header->flags & CHUNK_LAST) ||
          finish_file (receiving, content + header->length, error));
}

static bool
take_stream (Receiving *receiving, GError **error)
{
  const Sink *sink = receiving->sink;
  g_autoptr (RecordReader) reader = record_reader_new (sink->stream, offer_get_id (sink->offer),
                                                       sink->transfer_key, sink->cancellable);
  ChunkHeader header;
  const uint8_t *content = NULL;
  while (record_reader_next (reader, &header, &content, error))
    {
      if (content && !take_record (receiving, &header, content, error))
        return false;
      if (content)
        continue;
      if (receiving->files == offer_get_n_files (sink->offer))
        return true;
      g_set_error_literal (error, SINK_ERROR, SINK_ERROR_MISSING,
                           "the data ended before all files were there");
      return false;
    }
  return false;
}

bool
sink_receive (gpointer data, GError **error)
{
  Sink *sink = data;
  g_autoptr (Destination) destination = destination_new (sink->folder, error);
  if (!destination)
    return false;
  g_autoptr (PartBatch) batch = part_batch_new (destination);
  g_autoptr (FailedFolders) failed = failed_folders_new ();
  g_autofree uint8_t *seen = g_malloc0 (offer_get_n_entries (sink->offer) / 8 + 1);
  Receiving receiving = {
    .sink = sink, .destination = destination, .batch = batch, .failed = failed, .seen = seen
  };

  bool ok = make_folders (&receiving, error) && take_stream (&receiving, error) &&
            commit (&receiving, error);
  /* Temporary files go before their folders get modes that may not let them. */
  g_clear_pointer (&receiving.part, part_free);
  g_clear_pointer (&batch, part_batch_free);
  /* Also of a transfer that ends early: what has its name by then was told, and stays. */
  destination_close (destination);
  g_clear_error (&receiving.fatal);
  sink->notes = g_ptr_array_ref (disk_notes_get_sentences (destination_get_notes (destination)));
  return ok;
}

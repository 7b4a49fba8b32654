/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/source.h"

#include <blake3.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/transfer/record_writer.h"

/* One file being read. */
typedef struct
{
  int fd;
  OfferEntry entry;
  uint64_t offset;
  struct timespec changed; /* the file's ctime when it was opened */
  blake3_hasher hasher;
} Reading;

static ControlReason
reason_of_errno (int code)
{
  switch (code)
    {
    case ENOENT:
    case ENOTDIR:
      return CONTROL_REASON_VANISHED;
    case ELOOP:
    case EMEDIUMTYPE:
      return CONTROL_REASON_NOT_REGULAR;
    default:
      return CONTROL_REASON_READ;
    }
}

static void
record_failure (Source *source, const OfferEntry *entry, ControlReason reason)
{
  LedgerItem item = { .entry_id = entry->id, .reason = reason };
  ledger_add (source->ledger, &item);
}

/* Every file of the offer has its place in the stream: one that fails says so there, and why in the
 * ledger. */
static bool
abandon (Source *source, RecordWriter *writer, const Reading *reading, ControlReason reason,
         GError **error)
{
  ChunkHeader header = {
    .flags = CHUNK_ABANDONED | (reading->offset == 0 ? CHUNK_FIRST : 0),
    .entry_id = reading->entry.id,
    .offset = reading->offset,
  };
  uint8_t *content;
  if (!record_writer_reserve (writer, 0, &content, error))
    return false;
  record_writer_put (writer, &header, NULL);
  record_failure (source, &reading->entry, reason);
  return true;
}

/* Whether the open file is the one that was offered. */
static bool
is_as_offered (Reading *reading)
{
  struct stat status;
  if (fstat (reading->fd, &status) < 0)
    return false;
  OfferTime mtime = tree_mtime (&status);
  reading->changed = status.st_ctim;
  return (uint64_t) status.st_size == reading->entry.size &&
         mtime.seconds == reading->entry.mtime.seconds &&
         mtime.nanoseconds == reading->entry.mtime.nanoseconds;
}

/* Whether what was read is all of the file, and all of one time. Who sets the mtime back cannot set
 * the ctime, and a file that its file system calls empty may yet have content. */
static bool
is_unchanged (Reading *reading)
{
  struct timespec changed = reading->changed;
  uint8_t more;
  ssize_t n;
  while ((n = read (reading->fd, &more, 1)) < 0 && errno == EINTR)
    continue;
  return n == 0 && is_as_offered (reading) && reading->changed.tv_sec == changed.tv_sec &&
         reading->changed.tv_nsec == changed.tv_nsec;
}

static ssize_t
read_fully (int fd, uint8_t *buffer, size_t len)
{
  size_t got = 0;
  while (got < len)
    {
      ssize_t n = read (fd, buffer + got, len - got);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      got += n;
    }
  return (ssize_t) got;
}

/* Sends one record. @failed is set when the file, not the stream, is at fault. */
static bool
send_record (Source *source, RecordWriter *writer, Reading *reading, ControlReason *failed,
             GError **error)
{
  uint64_t left = reading->entry.size - reading->offset;
  size_t len = MIN (left, CHUNK_SIZE_DEFAULT);
  uint8_t *content;
  if (!record_writer_reserve (writer, len, &content, error))
    return false;
  ssize_t got = read_fully (reading->fd, content, len);
  if (got != (ssize_t) len || (len == left && !is_unchanged (reading)))
    {
      *failed = got < 0 ? CONTROL_REASON_READ : CONTROL_REASON_CHANGED;
      return true;
    }

  uint8_t digest[CHUNK_DIGEST_LEN];
  ChunkHeader header = {
    .flags = (reading->offset == 0 ? CHUNK_FIRST : 0) | (len == left ? CHUNK_LAST : 0),
    .entry_id = reading->entry.id,
    .offset = reading->offset,
    .length = (uint32_t) len,
  };
  blake3_hasher_update (&reading->hasher, content, len);
  if (len == left)
    blake3_hasher_finalize (&reading->hasher, digest, sizeof digest);
  record_writer_put (writer, &header, len == left ? digest : NULL);
  reading->offset += len;
  ledger_count_bytes (source->ledger, len);
  return true;
}

static bool
send_open_file (Source *source, RecordWriter *writer, Reading *reading, GError **error)
{
  ControlReason failed = is_as_offered (reading) ? CONTROL_REASON_OTHER : CONTROL_REASON_CHANGED;
  blake3_hasher_init (&reading->hasher);
  if (reading->entry.size > CHUNK_SIZE_DEFAULT)
    posix_fadvise (reading->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  while (failed == CONTROL_REASON_OTHER)
    {
      if (!send_record (source, writer, reading, &failed, error))
        return false;
      if (failed == CONTROL_REASON_OTHER && reading->offset == reading->entry.size)
        return true;
    }
  return abandon (source, writer, reading, failed, error);
}

static bool
send_file (Source *source, RecordWriter *writer, const OfferEntry *entry, GError **error)
{
  Reading reading = { .fd = tree_open (source->tree, entry), .entry = *entry };
  if (reading.fd < 0)
    return abandon (source, writer, &reading, reason_of_errno (errno), error);
  bool ok = send_open_file (source, writer, &reading, error);
  close (reading.fd);
  return ok;
}

bool
source_send (gpointer data, GError **error)
{
  Source *source = data;
  g_autoptr (RecordWriter) writer = record_writer_new (source->stream, offer_get_id (source->offer),
                                                       source->transfer_key, source->cancellable);
  /* The receiver waits for the stream, not for the first file, which may come from a disk that
   * sleeps. */
  if (!record_writer_flush (writer, error))
    return false;
  OfferEntry entry;
  for (uint32_t id = 0; offer_get_entry (source->offer, id, &entry); id++)
    {
      if (g_cancellable_set_error_if_cancelled (source->cancellable, error))
        return false;
      if (entry.kind == OFFER_FILE && !send_file (source, writer, &entry, error))
        return false;
    }
  if (!record_writer_flush (writer, error))
    return false;
  quic_stream_finish (source->stream);
  return true;
}

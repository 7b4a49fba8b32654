/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "net/store/state_writer.h"

#include "net/store/private_file.h"
#include "net/store/state_document.h"

struct StateWriter
{
  gatomicrefcount refs;
  const DataDir *dir;
  GMutex disk;    /* held while a text is written, taken first */
  GMutex waiting; /* guards what follows */
  char *text;     /* (owned) (nullable) */
  size_t len;
};

StateWriter *
state_writer_new (const DataDir *dir)
{
  StateWriter *writer = g_new0 (StateWriter, 1);
  g_atomic_ref_count_init (&writer->refs);
  writer->dir = dir;
  g_mutex_init (&writer->disk);
  g_mutex_init (&writer->waiting);
  return writer;
}

StateWriter *
state_writer_ref (StateWriter *writer)
{
  g_atomic_ref_count_inc (&writer->refs);
  return writer;
}

void
state_writer_unref (StateWriter *writer)
{
  if (!g_atomic_ref_count_dec (&writer->refs))
    return;
  g_free (writer->text);
  g_mutex_clear (&writer->disk);
  g_mutex_clear (&writer->waiting);
  g_free (writer);
}

void
state_writer_put (StateWriter *writer, char *text, size_t len)
{
  g_mutex_lock (&writer->waiting);
  g_free (writer->text);
  writer->text = text;
  writer->len = len;
  g_mutex_unlock (&writer->waiting);
}

static bool
write_text (StateWriter *writer, const char *text, size_t len, GError **error)
{
  g_autoptr (GError) local = NULL;
  if (len > STATE_DOCUMENT_SIZE_MAX)
    {
      g_set_error (error, STATE_ERROR, STATE_ERROR_FULL,
                   "“" STATE_DOCUMENT_FILE
                   "” would grow beyond %d bytes. Unpair devices you no longer use.",
                   STATE_DOCUMENT_SIZE_MAX);
      return false;
    }
  if (private_file_write (data_dir_get_fd (writer->dir), STATE_DOCUMENT_FILE, text, len,
                          PRIVATE_FILE_REPLACE, &local))
    return true;
  g_set_error (error, local->domain, local->code,
               "The change cannot be saved in “%s”: %s. Free some space or mend the permissions, "
               "then try again.",
               data_dir_get_path (writer->dir), local->message);
  return false;
}

bool
state_writer_flush (StateWriter *writer, GError **error)
{
  g_autoptr (GMutexLocker) disk = g_mutex_locker_new (&writer->disk);
  g_mutex_lock (&writer->waiting);
  g_autofree char *text = g_steal_pointer (&writer->text);
  size_t len = writer->len;
  g_mutex_unlock (&writer->waiting);
  if (!text || write_text (writer, text, len, error))
    return true;

  g_mutex_lock (&writer->waiting);
  if (!writer->text)
    {
      writer->text = g_steal_pointer (&text);
      writer->len = len;
    }
  g_mutex_unlock (&writer->waiting);
  return false;
}

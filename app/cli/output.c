/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAITING_MAX (512 * 1024) /* bytes that wait to be written */
#define PROGRESS_WAITING                                                                           \
  (WAITING_MAX / 2)                      /* so that progress leaves room for what matters more   \
                                            */
#define PATIENCE_US (5 * G_USEC_PER_SEC) /* at the end, for a reader that takes nothing */

#define CLEAR_LINE "\r\033[K"

typedef struct
{
  int fd;
  size_t length;
  char text[];
} Chunk;

/* One file, one thread: when both streams are the same terminal or pipe, what is told keeps its
 * order. */
typedef struct
{
  GMutex mutex;
  GCond changed;
  GQueue chunks;   /* (owned Chunk) */
  size_t waiting;  /* bytes, that which is being written included */
  guint missed[2]; /* of the standard output, of the standard error */
  gint64 written_at;
  int error; /* of the standard output; nothing is written after it */
} Writer;

static Writer writers[2];
static Writer *writer_of[3]; /* by file descriptor */
static bool json;
static gint progress_shown; /* atomic */
static OutputLost lost;
static gpointer lost_data;

static gboolean
lost_cb (gpointer error)
{
  if (lost)
    lost (GPOINTER_TO_INT (error), lost_data);
  return G_SOURCE_REMOVE;
}

static int
write_all (const Chunk *chunk)
{
  for (size_t at = 0; at < chunk->length;)
    {
      ssize_t n = write (chunk->fd, chunk->text + at, chunk->length - at);

      if (n >= 0)
        at += (size_t) n;
      else if (errno == EAGAIN) /* somebody who shares the file made it so */
        poll (&(struct pollfd) { .fd = chunk->fd, .events = POLLOUT }, 1, -1);
      else if (errno != EINTR)
        return errno;
    }
  return 0;
}

static Chunk *
chunk_new (int fd, const char *text)
{
  size_t length = strlen (text);
  Chunk *chunk = g_malloc (sizeof *chunk + length);

  chunk->fd = fd;
  chunk->length = length;
  memcpy (chunk->text, text, length);
  return chunk;
}

static void
push (Writer *writer, Chunk *chunk)
{
  g_queue_push_tail (&writer->chunks, chunk);
  writer->waiting += chunk->length;
}

/* Nothing has been queued since the first of them was left out, so the end of the queue is their
 * place. */
static void
tell_missed (Writer *writer, int fd)
{
  guint *missed = &writer->missed[fd == STDERR_FILENO];
  g_autofree char *text = NULL;

  if (*missed == 0)
    return;
  if (json && fd == STDOUT_FILENO)
    text = g_strdup_printf ("{\"event\":\"missed\",\"events\":%u}\n", *missed);
  else
    text = g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "(%u message was left out, because it was not read)\n",
                     "(%u messages were left out, because they were not read)\n", *missed),
        *missed);
  *missed = 0;
  push (writer, chunk_new (fd, text));
}

static void
tell_all_missed (Writer *writer)
{
  tell_missed (writer, STDOUT_FILENO);
  tell_missed (writer, STDERR_FILENO);
}

static gpointer
writer_thread (gpointer user_data)
{
  Writer *writer = user_data;

  g_mutex_lock (&writer->mutex);
  for (;;)
    {
      if (g_queue_is_empty (&writer->chunks))
        tell_all_missed (writer);
      Chunk *chunk = g_queue_pop_head (&writer->chunks);
      if (!chunk)
        {
          g_cond_wait (&writer->changed, &writer->mutex);
          continue;
        }
      bool skip = chunk->fd == STDOUT_FILENO && writer->error;
      g_mutex_unlock (&writer->mutex);
      int error = skip ? 0 : write_all (chunk);
      g_mutex_lock (&writer->mutex);
      writer->waiting -= chunk->length;
      writer->written_at = g_get_monotonic_time ();
      if (error && chunk->fd == STDOUT_FILENO)
        {
          writer->error = error;
          g_idle_add (lost_cb, GINT_TO_POINTER (error));
        }
      g_free (chunk);
      g_cond_broadcast (&writer->changed);
    }
  return NULL;
}

static void
start_writer (Writer *writer, const char *name)
{
  sigset_t all, before;

  /* Signals are the main thread's; a SIGPIPE of this one's own is told by EPIPE. */
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  g_thread_unref (g_thread_new (name, writer_thread, writer));
  pthread_sigmask (SIG_SETMASK, &before, NULL);
}

static void
put (int fd, const char *text, size_t limit)
{
  Writer *writer = writer_of[fd];

  g_mutex_lock (&writer->mutex);
  if (writer->waiting + strlen (text) > limit)
    writer->missed[fd == STDERR_FILENO]++;
  else
    {
      tell_all_missed (writer);
      push (writer, chunk_new (fd, text));
    }
  g_cond_broadcast (&writer->changed);
  g_mutex_unlock (&writer->mutex);
}

/* Critical messages are errors of the program, which may be told to end it. */
static GLogWriterOutput
write_log_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  const char *domain = NULL;

  if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    return g_log_writer_default (level, fields, n_fields, user_data);
  for (size_t i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "GLIB_DOMAIN"))
      domain = fields[i].value;
  if (g_log_writer_default_would_drop (level, domain))
    return G_LOG_WRITER_HANDLED;

  g_autofree char *text = g_log_writer_format_fields (level, fields, n_fields, FALSE);
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  put (STDERR_FILENO, line, WAITING_MAX);
  return G_LOG_WRITER_HANDLED;
}

/* A socket or a state file must not become our standard output; and writing to what was closed has
 * to fail. */
static void
open_missing_streams (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0)
      open ("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void
output_start (void)
{
  struct stat out, err;

  open_missing_streams ();
  bool same = fstat (STDOUT_FILENO, &out) == 0 && fstat (STDERR_FILENO, &err) == 0 &&
              out.st_dev == err.st_dev && out.st_ino == err.st_ino;
  writer_of[STDOUT_FILENO] = &writers[0];
  writer_of[STDERR_FILENO] = same ? &writers[0] : &writers[1];
  start_writer (&writers[0], "output");
  if (!same)
    start_writer (&writers[1], "messages");
  g_log_set_writer_func (write_log_cb, NULL, NULL);
}

void
output_set_json (void)
{
  json = true;
}

void
output_on_lost (OutputLost callback, gpointer user_data)
{
  lost = callback;
  lost_data = user_data;
}

static gboolean
reader_gone_cb (int fd, GIOCondition condition, gpointer user_data)
{
  Writer *writer = writer_of[STDOUT_FILENO];

  g_mutex_lock (&writer->mutex);
  if (!writer->error)
    writer->error = EPIPE;
  g_mutex_unlock (&writer->mutex);
  return lost_cb (GINT_TO_POINTER (EPIPE));
}

void
output_watch_reader (void)
{
  /* A pipe without a reader is an error, a terminal without its other end a hang-up; a file is
   * never either. */
  g_unix_fd_add (STDOUT_FILENO, G_IO_ERR | G_IO_HUP, reader_gone_cb, NULL);
}

static int
finish_writer (Writer *writer)
{
  g_mutex_lock (&writer->mutex);
  writer->written_at = g_get_monotonic_time ();
  while (writer->waiting > 0 || writer->missed[0] > 0 || writer->missed[1] > 0)
    if (!g_cond_wait_until (&writer->changed, &writer->mutex, writer->written_at + PATIENCE_US) &&
        g_get_monotonic_time () >= writer->written_at + PATIENCE_US)
      {
        if (!writer->error)
          writer->error = ETIMEDOUT;
        break;
      }
  int error = writer->error;
  g_mutex_unlock (&writer->mutex);
  return error;
}

int
output_finish (int fd)
{
  progress_clear ();
  return finish_writer (writer_of[fd]);
}

void
output_print (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  progress_clear ();
  put (STDOUT_FILENO, text, WAITING_MAX);
}

void
output_event (const char *line, bool is_progress)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);

  put (STDOUT_FILENO, text, is_progress ? PROGRESS_WAITING : WAITING_MAX);
}

void
output_complain (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  progress_clear ();
  put (STDERR_FILENO, text, WAITING_MAX);
}

void
progress_show (const char *format, ...)
{
  Writer *writer = writer_of[STDERR_FILENO];
  va_list arguments;

  if (json || !isatty (STDERR_FILENO))
    return;
  g_mutex_lock (&writer->mutex);
  bool busy = writer->waiting > 0;
  g_mutex_unlock (&writer->mutex);
  if (busy)
    return;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autofree char *printable = output_printable (text);
  g_autofree char *line = g_strconcat (CLEAR_LINE, printable, NULL);
  put (STDERR_FILENO, line, WAITING_MAX);
  g_atomic_int_set (&progress_shown, true);
}

void
progress_clear (void)
{
  if (g_atomic_int_compare_and_exchange (&progress_shown, true, false))
    put (STDERR_FILENO, CLEAR_LINE, WAITING_MAX);
}

char *
output_printable (const char *text)
{
  char *valid = g_utf8_make_valid (text, -1);

  for (char *p = valid; *p; p = g_utf8_next_char (p))
    if ((guchar) *p < 0x20 || *p == 0x7f)
      *p = '?';
    else if ((guchar) p[0] == 0xc2 && (guchar) p[1] < 0xa0)
      p[1] = (char) 0xa0; /* C1 control characters end up as a space that does not break */
  return valid;
}

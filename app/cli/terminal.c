/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person sees and answers: progress line, questions, QR code. */
#include "config.h"

#include "app/cli/cli.h"

#include <errno.h>
#include <glib-unix.h>
#include <qrencode.h>
#include <stdio.h>
#include <unistd.h>

#define QR_QUIET_ZONE 2 /* modules; the standard asks for 4, readers are content with less */

static bool progress_shown;

void
progress_show (Cli *cli, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list arguments;

  if (cli->json || !isatty (STDERR_FILENO))
    return;
  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fprintf (stderr, "\r\033[K%s", line);
  progress_shown = true;
}

void
progress_clear (void)
{
  if (progress_shown)
    fputs ("\r\033[K", stderr);
  progress_shown = false;
}

static char *
describe_duration (int64_t seconds)
{
  if (seconds >= 3600)
    return g_strdup_printf ("%d h %d min", (int) (seconds / 3600), (int) (seconds / 60 % 60));
  if (seconds >= 60)
    return g_strdup_printf ("%d min %d s", (int) (seconds / 60), (int) (seconds % 60));
  return g_strdup_printf ("%d s", (int) seconds);
}

char *
progress_describe (WherryTransfer *transfer)
{
  uint64_t done = wherry_transfer_get_bytes_done (transfer);
  uint64_t total = wherry_transfer_get_bytes_total (transfer);
  int64_t eta = wherry_transfer_get_eta (transfer);
  g_autofree char *done_text = g_format_size (done);
  g_autofree char *total_text = g_format_size (total);
  g_autofree char *rate = g_format_size ((guint64) wherry_transfer_get_rate (transfer));
  g_autofree char *left = eta >= 0 ? describe_duration (eta) : NULL;
  int percent = total > 0 ? (int) (done * 100.0 / total) : 0;

  return g_strdup_printf ("%3d %%, %s of %s, %s/s%s%s%s", percent, done_text, total_text, rate,
                          left ? ", " : "", left ? left : "", left ? " left" : "");
}

bool
cli_is_interactive (Cli *cli)
{
  return !cli->json && isatty (STDIN_FILENO) && isatty (STDERR_FILENO);
}

typedef struct
{
  Cli *cli;
  bool given, yes;
} Answer;

static gboolean
read_answer_cb (int fd, GIOCondition condition, gpointer user_data)
{
  Answer *answer = user_data;
  char line[256];
  ssize_t n = read (fd, line, sizeof line);

  if (n < 0 && errno == EINTR)
    return G_SOURCE_CONTINUE;
  /* The terminal hands over whole lines; its end (Ctrl-D) is a no. */
  answer->given = true;
  answer->yes = n > 0 && (line[0] == 'y' || line[0] == 'Y');
  cli_wake (answer->cli);
  return G_SOURCE_REMOVE;
}

bool
cli_ask (Cli *cli, const char *question, gpointer object, bool (*still_wanted) (gpointer object))
{
  Answer answer = { .cli = cli };
  guint source;

  progress_clear ();
  fprintf (stderr, "%s [y/N] ", question);
  source = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, read_answer_cb, &answer);
  while (!answer.given && !cli->interrupted && still_wanted (object))
    cli_sleep (cli, object, 0);
  if (!answer.given)
    {
      g_source_remove (source);
      fputc ('\n', stderr);
    }
  return answer.yes;
}

static bool
is_dark (const QRcode *code, int x, int y)
{
  if (x < 0 || y < 0 || x >= code->width || y >= code->width)
    return false;
  return code->data[y * code->width + x] & 1;
}

bool
qr_print (const char *text, bool colours, GError **error)
{
  /* Two modules to a character; without colours the light ones are drawn, for a dark terminal. */
  static const char *const blocks[2][2] = { { "█", "▀" }, { "▄", " " } };
  QRcode *code = QRcode_encodeString8bit (text, 0, QR_ECLEVEL_L);

  if (!code)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   "The QR code could not be made: %s", g_strerror (errno));
      return false;
    }
  for (int y = -QR_QUIET_ZONE; y < code->width + QR_QUIET_ZONE; y += 2)
    {
      if (colours)
        fputs ("\033[97;40m", stdout);
      for (int x = -QR_QUIET_ZONE; x < code->width + QR_QUIET_ZONE; x++)
        fputs (blocks[is_dark (code, x, y)][is_dark (code, x, y + 1)], stdout);
      puts (colours ? "\033[0m" : "");
    }
  fflush (stdout);
  QRcode_free (code);
  return true;
}

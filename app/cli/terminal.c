/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/cli/terminal.h"

#include <errno.h>
#include <glib-unix.h>
#include <qrencode.h>
#include <unistd.h>

#define QR_QUIET_ZONE 2 /* modules; the standard asks for 4, readers are content with less */

static char *
describe_duration (int64_t seconds)
{
  if (seconds >= 3600)
    return g_strdup_printf (_ ("%d h %d min"), (int) (seconds / 3600), (int) (seconds / 60 % 60));
  if (seconds >= 60)
    return g_strdup_printf (_ ("%d min %d s"), (int) (seconds / 60), (int) (seconds % 60));
  return g_strdup_printf (_ ("%d s"), (int) seconds);
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

  if (wherry_transfer_get_phase (transfer) == TRANSFER_PHASE_SILENT)
    return g_strdup_printf (_ ("%3d %%, %s of %s, waiting for “%s”"), percent, done_text,
                            total_text,
                            wherry_device_get_name (wherry_transfer_get_device (transfer)));
  if (left)
    return g_strdup_printf (_ ("%3d %%, %s of %s, %s/s, %s left"), percent, done_text, total_text,
                            rate, left);
  return g_strdup_printf (_ ("%3d %%, %s of %s, %s/s"), percent, done_text, total_text, rate);
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

static bool
is_yes (const char *line)
{
  /* Translators: the letter that says yes to [y/N]; y is understood in any case. */
  const char *yes = C_ ("yes", "y");

  return g_ascii_tolower (line[0]) == 'y' ||
         g_unichar_tolower (g_utf8_get_char_validated (line, -1)) ==
             g_unichar_tolower (g_utf8_get_char (yes));
}

static gboolean
read_answer_cb (int fd, GIOCondition condition, gpointer user_data)
{
  Answer *answer = user_data;
  char line[256];
  ssize_t n = read (fd, line, sizeof line - 1);

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  /* The terminal hands over whole lines; its end (Ctrl-D) is a no. */
  answer->given = true;
  line[MAX (n, 0)] = '\0';
  answer->yes = is_yes (line);
  cli_wake (answer->cli);
  return G_SOURCE_REMOVE;
}

bool
cli_ask (Cli *cli, const char *question, gpointer object, bool (*still_wanted) (gpointer object))
{
  Answer answer = { .cli = cli };
  guint source;

  g_autofree char *printable = output_printable (question);
  output_complain (_ ("%s [y/N] "), printable);
  source = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, read_answer_cb, &answer);
  while (!answer.given && !cli->interrupted && still_wanted (object))
    cli_sleep (cli, object, 0);
  if (!answer.given)
    {
      g_source_remove (source);
      output_complain ("\n");
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
                   _ ("The QR code could not be made: %s"), g_strerror (errno));
      return false;
    }
  g_autoptr (GString) drawn = g_string_new (NULL);
  for (int y = -QR_QUIET_ZONE; y < code->width + QR_QUIET_ZONE; y += 2)
    {
      g_string_append (drawn, colours ? "\033[97;40m" : "");
      for (int x = -QR_QUIET_ZONE; x < code->width + QR_QUIET_ZONE; x++)
        g_string_append (drawn, blocks[is_dark (code, x, y)][is_dark (code, x, y + 1)]);
      g_string_append (drawn, colours ? "\033[0m\n" : "\n");
    }
  output_print ("%s", drawn->str);
  QRcode_free (code);
  return true;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both sides of a pairing: without arguments this device shows a code; with words or a link it
 * enters one. */
#include "config.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cli/cli.h"
#include "app/cli/event.h"
#include "app/cli/terminal.h"
#include "net/client.h"

#define LOOK_MS 10000
#define POLL_MS 100

static gboolean qr_option;
static gboolean yes_option;
static char *device_option;
static char *address_option;

static const GOptionEntry pair_options[] = {
  { "qr", 0, 0, G_OPTION_ARG_NONE, &qr_option, N_ ("Show the link as a QR code too"), NULL },
  { "yes", 0, 0, G_OPTION_ARG_NONE, &yes_option,
    N_ ("Let in whoever opens the link, without asking"), NULL },
  { "device", 0, 0, G_OPTION_ARG_STRING, &device_option, N_ ("Which nearby device shows the words"),
    N_ ("NAME|ID") },
  { "address", 0, 0, G_OPTION_ARG_STRING, &address_option,
    N_ ("Where the device is that shows the words"), N_ ("HOST:PORT") },
  { NULL },
};

/* What was typed, in sodium memory is no use: it came through argv. Wiped all the same, where it is
 * ours. */
static char *code;

/* A link may come in several arguments or lines, as mail has broken it. */
static char *
read_code (Cli *cli)
{
  char text[WHERRY_CODE_MAX + 1];

  if (g_strcmp0 (cli->arguments[0], "-") != 0)
    {
      char *typed = g_strjoinv (" ", cli->arguments);
      char *found = wherry_code_find (typed);

      wherry_code_free (typed);
      return found;
    }
  /* Lines of a link, until it is whole; else one line. */
  char *found = g_strdup ("");
  for (size_t len = 0;
       len < WHERRY_CODE_MAX && fgets (text + len, (int) (sizeof text - len), stdin);)
    {
      len += strlen (text + len);
      wherry_code_free (found);
      found = wherry_code_find (text);
      if (!wherry_code_is_link (found) || wherry_code_check_link (found, NULL))
        break;
    }
  sodium_memzero (text, sizeof text);
  return found;
}

static CliStatus
pair_prepare (Cli *cli, ClientOptions *options)
{
  g_autoptr (GError) error = NULL;

  if (cli->n_arguments == 0)
    {
      if (!device_option && !address_option)
        return CLI_OK;
      cli_complain (_ (
          "--device and --address say where a code is entered; give the words or the link too."));
      return CLI_USAGE;
    }
  code = read_code (cli);
  /* A word that is not in the list costs no attempt, and no waiting. */
  if (!wherry_code_is_link (code) && !wherry_code_check (code, &error))
    return cli_fail (error, CLI_USAGE);
  return CLI_OK;
}

static CliStatus
status_of_reason (PairingReason reason, bool interrupted)
{
  switch (reason)
    {
    case PAIRING_REASON_NONE:
      return CLI_OK;
    case PAIRING_REASON_UNREACHABLE:
      return CLI_NOT_FOUND;
    case PAIRING_REASON_SELF:
      return CLI_USAGE;
    case PAIRING_REASON_STORAGE:
      return CLI_FILE;
    case PAIRING_REASON_CANCELLED:
      return interrupted ? CLI_INTERRUPTED : CLI_REFUSED;
    case PAIRING_REASON_WRONG_CODE:
    case PAIRING_REASON_EXPIRED:
    case PAIRING_REASON_DECLINED:
    case PAIRING_REASON_DECLINED_HERE:
    case PAIRING_REASON_NO_CODE:
    case PAIRING_REASON_TOO_MANY_ATTEMPTS:
    case PAIRING_REASON_VERSION:
    case PAIRING_REASON_BUSY:
    case PAIRING_REASON_PROTOCOL:
      break;
    }
  return CLI_REFUSED;
}

static void
print_failed (PairingReason reason, int attempts_left)
{
  Event *event = event_new ("failed");

  event_string (event, "reason", enum_nick (WHERRY_TYPE_PAIRING_REASON, (int) reason));
  event_uint (event, "attempts_left", (uint64_t) MAX (attempts_left, 0));
  event_print (event);
}

static CliStatus
report_end (Cli *cli, WherryPairingSession *session)
{
  PairingReason reason = wherry_pairing_session_get_reason (session);
  const char *message = wherry_pairing_session_get_message (session);

  progress_clear ();
  if (wherry_pairing_session_get_phase (session) == PAIRING_DONE)
    {
      WherryDevice *device = wherry_pairing_session_get_device (session);

      if (cli->json)
        {
          Event *event = event_new ("paired");

          event_device (event, "device", device);
          event_print (event);
        }
      else
        {
          g_autofree char *name = output_printable (wherry_device_get_name (device));

          output_print (_ ("Paired with “%s”.\n"), name);
        }
      return CLI_OK;
    }
  if (cli->json)
    print_failed (reason, wherry_pairing_session_get_attempts_left (session));
  cli_complain ("%s", message ? message : _ ("The pairing failed."));
  return status_of_reason (reason, cli->interrupted);
}

/* --- showing a code
 * --------------------------------------------------------------------------------------------- */

static bool
show_code (Cli *cli, WherryPairingSession *session, GError **error)
{
  const char *words = wherry_pairing_session_get_words (session);
  const char *link = wherry_pairing_session_get_link (session);

  if (cli->json)
    {
      Event *event = event_new ("code");

      event_string (event, "words", words);
      event_string (event, "link", link);
      event_uint (event, "expires_in",
                  (uint64_t) wherry_pairing_session_get_seconds_left (session));
      event_print (event);
    }
  else
    output_print (
        _ ("Enter these words on the other device:\n\n    %s\n\nor open this link there:\n\n    %s\n\n"),
        words, link);
  return cli->json || !qr_option || qr_print (link, isatty (STDOUT_FILENO), error);
}

static bool
is_confirming (gpointer session)
{
  return wherry_pairing_session_get_phase (session) == PAIRING_CONFIRMING;
}

/* Whoever opens the link proves that they saw it, not who they are: a person decides, by name. */
static void
confirm (Cli *cli, WherryPairingSession *session)
{
  g_autofree char *question = NULL;
  bool accept;

  if (!yes_option && !cli_is_interactive (cli))
    cli_complain (
        _ ("“%s” opened the link and is turned away, because nobody can be asked here; give --yes to let it in."),
        wherry_pairing_session_get_peer_name (session));
  question =
      g_strdup_printf (_ ("Pair with “%s”?"), wherry_pairing_session_get_peer_name (session));
  accept =
      yes_option || (cli_is_interactive (cli) && cli_ask (cli, question, session, is_confirming));
  if (is_confirming (session))
    wherry_pairing_session_confirm (session, accept);
}

static void
show_time_left (Cli *cli, WherryPairingSession *session)
{
  int left = wherry_pairing_session_get_seconds_left (session);

  progress_show (_ ("Waiting for the other device, %d:%02d left"), left / 60, left % 60);
}

static bool
is_final (WherryPairingSession *session)
{
  PairingPhase phase = wherry_pairing_session_get_phase (session);

  return phase == PAIRING_DONE || phase == PAIRING_FAILED;
}

/* Attempts are counted when a guess begins and given back when it was right, so a wrong one is told
 * once waiting begins again. */
static void
watch_host (Cli *cli, WherryPairingSession *session)
{
  int attempts = wherry_pairing_session_get_attempts_left (session);
  bool cancelled = false;

  while (!is_final (session))
    {
      PairingPhase phase = wherry_pairing_session_get_phase (session);
      int left = wherry_pairing_session_get_attempts_left (session);

      if (cli->interrupted && !cancelled)
        {
          cancelled = true;
          wherry_pairing_session_cancel (session);
          continue;
        }
      if (phase == PAIRING_WAITING && left < attempts)
        {
          if (cli->json)
            print_failed (PAIRING_REASON_WRONG_CODE, left);
          else
            cli_complain (
                g_dngettext (
                    GETTEXT_PACKAGE, "Somebody entered a wrong code. It can be tried %d more time.",
                    "Somebody entered a wrong code. It can be tried %d more times.", (gulong) left),
                left);
          attempts = left;
        }
      if (phase == PAIRING_CONFIRMING)
        confirm (cli, session);
      else if (phase == PAIRING_WAITING)
        show_time_left (cli, session);
      if (!is_final (session))
        cli_sleep (cli, session, 0);
    }
}

static CliStatus
host (Cli *cli)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WherryPairingSession) session = NULL;

  cli_print_listening (cli);
  session = wherry_client_host_pairing (cli->client, &error);
  if (!session || !show_code (cli, session, &error))
    return cli_fail (error, CLI_FILE);
  watch_host (cli, session);
  return report_end (cli, session);
}

/* --- entering one
 * -----------------------------------------------------------------------------------------------
 */

static bool
somebody_shows_a_code (Cli *cli)
{
  GListModel *devices = wherry_client_get_devices (cli->client);

  for (guint i = 0; i < g_list_model_get_n_items (devices); i++)
    {
      g_autoptr (WherryDevice) device = g_list_model_get_item (devices, i);

      if (wherry_device_get_pairing_open (device))
        return true;
    }
  return false;
}

/* Words do not say where the device is; discovery may, after a moment. */
static void
await_somebody (Cli *cli)
{
  gint64 deadline = g_get_monotonic_time () + LOOK_MS * 1000;

  progress_show (_ ("Looking for the device that shows these words"));
  while (cli->mdns && !cli->interrupted && !somebody_shows_a_code (cli) &&
         g_get_monotonic_time () < deadline)
    cli_sleep (cli, NULL, POLL_MS);
}

static CliStatus
fail_unreachable (Cli *cli, const GError *error)
{
  CliStatus status = cli_fail (error, CLI_NOT_FOUND);

  if (cli->json && status == CLI_NOT_FOUND)
    print_failed (PAIRING_REASON_UNREACHABLE, 0);
  return status;
}

static CliStatus
join (Cli *cli)
{
  g_autoptr (GPtrArray) address = NULL;
  g_autoptr (WherryDevice) device = NULL;
  g_autoptr (WherryPairingSession) session = NULL;
  g_autoptr (GError) error = NULL;
  bool cancelled = false;

  if ((address_option && !(address = cli_find_address (cli, address_option, &error))) ||
      (device_option && !(device = cli_find_device (cli, device_option, &error))))
    return fail_unreachable (cli, error);
  if (!address && !device && !wherry_code_is_link (code))
    await_somebody (cli);

  session = wherry_client_join_pairing (cli->client, code, device, address, &error);
  if (!session)
    return fail_unreachable (cli, error);
  while (!is_final (session))
    {
      if (cli->interrupted && !cancelled)
        {
          cancelled = true;
          wherry_pairing_session_cancel (session);
          continue;
        }
      progress_show ("%s", wherry_pairing_session_get_phase (session) == PAIRING_CONNECTING
                               ? _ ("Connecting")
                               : _ ("Pairing; the other device may ask for a confirmation"));
      cli_sleep (cli, session, 0);
    }
  return report_end (cli, session);
}

static CliStatus
pair_run (Cli *cli)
{
  CliStatus status = code ? join (cli) : host (cli);

  g_clear_pointer (&code, wherry_code_free);
  return status;
}

const Command pair_command = {
  .name = "pair",
  .arguments = N_ ("[WORDS|LINK|-]"),
  .summary = N_ ("Show a code for another device, or enter the one it shows"),
  .description = N_ (
      "Without arguments: shows three words and a link, good for five minutes and three guesses.\n"
      "With the words or the link that the other device shows, or - to read them from the standard input: pairs with it.\n"
      "When somebody opens the link, you are asked on the terminal; without a terminal, or with --json, they are turned\n"
      "away unless --yes was given. The words need no such question."),
  .options = pair_options,
  .max_arguments = WHERRY_CODE_WORDS,
  .prepare = pair_prepare,
  .run = pair_run,
};

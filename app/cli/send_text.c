/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/cli/cli.h"
#include "app/cli/event.h"

#define ANSWER_S 10 /* for a device that is there to take it */

static char *address_option;
static char *text; /* (owned) */

static const GOptionEntry send_text_options[] = {
  { "address", 0, 0, G_OPTION_ARG_STRING, &address_option, N_ ("Try this address first"),
    N_ ("HOST:PORT") },
  { NULL },
};

/* The standard input as far as a text may go, and a byte more, without the end of its last line;
 * NULL when it cannot be read. */
static char *
read_input (void)
{
  g_autoptr (GString) input = g_string_new (NULL);
  char buffer[4096];
  ssize_t n = 1;

  while (n != 0 && input->len <= CLIENT_TEXT_MAX + 1)
    {
      n = read (STDIN_FILENO, buffer, sizeof buffer);
      if (n < 0 && errno != EINTR)
        return NULL;
      if (n > 0)
        g_string_append_len (input, buffer, n);
    }
  if (input->len > 0 && input->str[input->len - 1] == '\n')
    g_string_truncate (input, input->len - 1);
  /* A NUL is no text: what is not UTF-8 is refused. */
  if (strlen (input->str) != input->len)
    g_string_assign (input, "\xff");
  return g_string_free (g_steal_pointer (&input), FALSE);
}

static CliStatus
send_text_prepare (Cli *cli, ClientOptions *options)
{
  const char *argument = cli->arguments[1];

  text = g_str_equal (argument, "-") ? read_input () : g_strdup (argument);
  if (text)
    return CLI_OK;
  cli_complain (_ ("The standard input cannot be read: %s."), g_strerror (errno));
  return CLI_FILE;
}

static void
tell (Cli *cli, WherryDevice *device, bool delivered)
{
  if (cli->json)
    {
      Event *event = event_new (delivered ? "text-delivered" : "text-queued");

      event_device (event, "device", device);
      event_print (event);
    }
  else if (delivered)
    {
      g_autofree char *name = output_printable (wherry_device_get_name (device));

      output_print (_ ("%s has the text.\n"), name);
    }
  if (!delivered)
    cli_complain (_ ("%s cannot be reached now. The text is kept, and sent as soon as Wherry runs "
                     "on both devices."),
                  wherry_device_get_name (device));
}

static CliStatus
send_text_run (Cli *cli)
{
  g_autofree char *kept = g_steal_pointer (&text);
  g_autoptr (GPtrArray) address = NULL;
  g_autoptr (WherryDevice) device = NULL;
  g_autoptr (GError) error = NULL;

  if ((address_option && !(address = cli_find_address (cli, address_option, &error))) ||
      !(device = cli_find_device (cli, cli->arguments[0], &error)))
    return cli_fail (error, CLI_NOT_FOUND);
  if (!address)
    cli_await_nearby (cli, device);
  DexFuture *taken =
      dex_future_first (wherry_client_share_text (cli->client, device, kept, address),
                        dex_timeout_new_seconds (ANSWER_S), NULL);
  bool delivered = cli_await (cli, taken, &error);
  if (!delivered && !g_error_matches (error, DEX_ERROR, DEX_ERROR_TIMED_OUT))
    return cli_fail (error, CLI_NOT_FOUND);
  tell (cli, device, delivered);
  return delivered ? CLI_OK : CLI_NOT_FOUND;
}

const Command send_text_command = {
  .name = "send-text",
  .arguments = N_ ("DEVICE TEXT|-"),
  .summary = N_ ("Send a text to a paired device"),
  .description =
      N_ ("With - the text is read from the standard input. One that cannot be delivered "
          "now is kept, and sent later."),
  .options = send_text_options,
  .min_arguments = 2,
  .max_arguments = 2,
  .prepare = send_text_prepare,
  .run = send_text_run,
};

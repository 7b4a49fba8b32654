/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/cli/cli.h"
#include "app/cli/event.h"

static char *address_option;

static const GOptionEntry ping_options[] = {
  { "address", 0, 0, G_OPTION_ARG_STRING, &address_option, N_ ("Try this address first"),
    N_ ("HOST:PORT") },
  { NULL },
};

static CliStatus
ping_run (Cli *cli)
{
  g_autoptr (GPtrArray) address = NULL;
  g_autoptr (WherryDevice) device = NULL;
  g_autoptr (GError) error = NULL;
  int64_t rtt_us;

  if ((address_option && !(address = cli_find_address (cli, address_option, &error))) ||
      !(device = cli_find_device (cli, cli->arguments[0], &error)))
    return cli_fail (error, CLI_NOT_FOUND);
  if (!address)
    cli_await_nearby (cli, device);
  if (!cli_await_int64 (cli, wherry_client_ping (cli->client, device, address), &rtt_us, &error))
    return cli_fail (error, CLI_NOT_FOUND);

  if (cli->json)
    {
      Event *event = event_new ("pong");

      event_device (event, "device", device);
      event_seconds (event, "rtt", rtt_us / 1e6);
      event_print (event);
    }
  else
    {
      g_autofree char *name = output_printable (wherry_device_get_name (device));

      output_print (_ ("%s answered in %.2f ms.\n"), name, rtt_us / 1e3);
    }
  return CLI_OK;
}

const Command ping_command = {
  .name = "ping",
  .arguments = N_ ("DEVICE"),
  .summary = N_ ("Measure the way to a paired device and back"),
  .options = ping_options,
  .min_arguments = 1,
  .max_arguments = 1,
  .run = ping_run,
};

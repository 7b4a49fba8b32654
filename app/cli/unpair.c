/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/cli/cli.h"
#include "app/cli/event.h"

static CliStatus
unpair_run (Cli *cli)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WherryDevice) device = cli_find_device (cli, cli->arguments[0], &error);
  g_autofree char *line = NULL;

  if (!device)
    return cli_fail (error, CLI_NOT_FOUND);
  if (!wherry_device_get_paired (device) && !wherry_device_get_needs_pairing (device))
    {
      cli_complain (_ ("“%s” is not paired with this device."), wherry_device_get_name (device));
      return CLI_NOT_FOUND;
    }
  if (cli->json)
    {
      Event *event = event_new ("unpaired");

      event_device (event, "device", device);
      line = event_finish (event);
    }
  else
    line = g_strdup_printf (_ ("“%s” is forgotten. To send to it again, pair again."),
                            wherry_device_get_name (device));

  if (!cli_await (cli, wherry_client_unpair (cli->client, device), &error))
    return cli_fail (error, CLI_FILE);
  if (cli->json)
    output_event (line, false);
  else
    {
      g_autofree char *printable = output_printable (line);

      output_print ("%s\n", printable);
    }
  return CLI_OK;
}

const Command unpair_command = {
  .name = "unpair",
  .arguments = N_ ("DEVICE"),
  .summary = N_ ("Forget a paired device, and tell it when it can be reached"),
  .min_arguments = 1,
  .max_arguments = 1,
  .run = unpair_run,
};

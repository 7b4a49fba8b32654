/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/cli/cli.h"
#include "app/cli/event.h"

static CliStatus
id_run (Cli *cli)
{
  const DeviceInfo *info = wherry_client_get_device_info (cli->client);
  g_autofree char *node_id = wherry_client_dup_id (cli->client);

  if (cli->json)
    {
      Event *event = event_new ("id");

      event_string (event, "node_id", node_id);
      event_string (event, "device_id", info->device_id);
      event_string (event, "name", info->name);
      event_string (event, "type", enum_nick (WHERRY_TYPE_DEVICE_TYPE, (int) info->type));
      event_print (event);
    }
  else
    {
      g_autofree char *name = output_printable (info->name);

      output_print (_ ("%s\nThis is “%s” (%s).\n"), node_id, name, cli_type_word (info->type));
    }
  return CLI_OK;
}

const Command id_command = {
  .name = "id",
  .arguments = "",
  .summary = N_ ("Print the id of this device"),
  .local = true,
  .run = id_run,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/cli/cli.h"
#include "app/cli/event.h"

#define LOOK_MS 2500 /* Avahi answers within a second or two */

static CliStatus
doctor_prepare (Cli *cli, ClientOptions *options)
{
  if (cli->n_arguments == 0 ||
      (cli->n_arguments == 2 && g_str_equal (cli->arguments[0], "connect")))
    return CLI_OK;
  g_autofree char *usage = g_strdup_printf ("doctor %s", _ ("[connect DEVICE|ADDRESS]"));
  cli_complain (_ ("Usage: wherry-cli %s"), usage);
  return CLI_USAGE;
}

static void
print_json (const Finding *finding)
{
  Event *event = event_new ("finding");

  event_string (event, "kind", enum_nick (WHERRY_TYPE_FINDING_KIND, (int) finding->kind));
  event_string (event, "severity",
                enum_nick (WHERRY_TYPE_FINDING_SEVERITY, (int) finding->severity));
  event_string (event, "cause", finding->cause);
  event_string (event, "remedy", finding->remedy);
  event_string (event, "command", finding->command);
  event_print (event);
}

static void
print_text (const Finding *finding)
{
  static const char *const marks[] = { "✓", "!", "✗" };
  g_autofree char *cause = output_printable (finding->cause);
  g_autofree char *remedy = finding->remedy ? output_printable (finding->remedy) : NULL;

  output_print ("%s %s\n", marks[finding->severity], cause);
  if (remedy)
    output_print ("  %s\n", remedy);
  if (finding->command)
    output_print ("      %s\n", finding->command);
}

static CliStatus
doctor_run (Cli *cli)
{
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;
  CliStatus status = CLI_OK;

  if (cli->mdns)
    cli_sleep (cli, NULL, LOOK_MS);
  findings = cli_await_list (
      cli, wherry_client_diagnose (cli->client, cli->arguments[0] ? cli->arguments[1] : NULL),
      &error);
  if (!findings)
    return cli_fail (error, CLI_NOT_FOUND);
  for (guint i = 0; i < findings->len; i++)
    {
      const Finding *finding = g_ptr_array_index (findings, i);

      if (cli->json)
        print_json (finding);
      else
        print_text (finding);
      if (finding->severity == FINDING_PROBLEM)
        status = CLI_NOT_FOUND;
    }
  return status;
}

const Command doctor_command = {
  .name = "doctor",
  .arguments = N_ ("[connect DEVICE|ADDRESS]"),
  .summary = N_ ("Find out what keeps devices from each other"),
  .description = N_ (
      "Looks at interfaces, port, firewall and Avahi of this computer, and whether the paired devices answer; with “connect” whether one does, at each of its addresses. Changes nothing."),
  .max_arguments = 2,
  .prepare = doctor_prepare,
  .run = doctor_run,
};

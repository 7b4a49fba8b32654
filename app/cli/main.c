/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wherry-cli: everything the window does, without one. Each subcommand is a file beside this one.
 */
#include "config.h"

#include <errno.h>
#include <locale.h>
#include <unistd.h>

#include "app/already_running.h"
#include "app/cli/command_line.h"
#include "app/cli/signals.h"
#include "app/path_argument.h"

static void
signal_cb (int number, gpointer user_data)
{
  Cli *cli = user_data;

  cli->asked_to_end = number == SIGINT || number == SIGTERM;
  cli_interrupt (cli);
}

static void
complain_of_output (int error)
{
  if (error == EPIPE)
    cli_complain (_ ("Nobody reads the output any more."));
  else if (error == ETIMEDOUT)
    cli_complain (_ ("The output was not read to its end."));
  else
    cli_complain (_ ("The output cannot be written: %s."), g_strerror (error));
}

/* A command without its reader ends, as others do by SIGPIPE; one whose output cannot be kept goes
 * on with what it is for. */
static void
output_lost_cb (int error, gpointer user_data)
{
  Cli *cli = user_data;

  complain_of_output (error);
  cli->output_error = error;
  if (error == EPIPE)
    cli_interrupt (cli);
}

/* What was told has been written, or that it was not is told. */
static CliStatus
finish_output (const Cli *cli, CliStatus status)
{
  int error = output_finish (STDOUT_FILENO);

  if (error && !cli->output_error)
    complain_of_output (error);
  output_finish (STDERR_FILENO);
  return error && status == CLI_OK ? CLI_FILE : status;
}

typedef struct
{
  Cli *cli;
  const Command *command;
  CliStatus status;
  GMainLoop *loop;
} Run;

static DexFuture *
run_fiber (gpointer user_data)
{
  Run *run = user_data;

  run->status = run->command->run (run->cli);
  progress_clear ();
  dex_await (wherry_client_close (run->cli->client), NULL);
  g_main_loop_quit (run->loop);
  return dex_future_new_true ();
}

static CliStatus
run_command (Cli *cli, const Command *command)
{
  g_autofree char *data_dir = cli->data_dir ? path_argument_resolve (cli->data_dir) : NULL;
  ClientOptions options = {
    .data_dir = data_dir,
    .sandboxed = wherry_client_is_sandboxed (),
    .port = command->local ? 0 : (uint16_t) cli->port,
    .mdns = cli->mdns,
    /* A data directory of its own stands on its own: it can be moved, and another one has another
       identity. */
    .secret_service = !data_dir,
    .accept = POLICY_DECLINE,
    .share = true,
  };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autofree char *warning = NULL;
  Run run = { cli, command, CLI_OK, loop };

  if (cli->data_dir && !data_dir)
    {
      cli_complain (_ ("--data-dir “%s”: %s. Give a folder."), cli->data_dir, g_strerror (errno));
      return CLI_USAGE;
    }
  if (command->prepare &&
      ((run.status = command->prepare (cli, &options)) != CLI_OK || cli->complete))
    return run.status;
  cli->client = wherry_client_open_sync (&options, &warning, &error);
  if (warning)
    cli_complain ("%s", warning);
  if (!cli->client && g_error_matches (error, CLIENT_ERROR, CLIENT_ERROR_LOCKED))
    {
      g_autofree char *holder = already_running_phrase (data_dir);

      cli_complain (_ ("%s Or be another device, with --data-dir."), holder);
      return CLI_NOT_FOUND;
    }
  if (!cli->client)
    return cli_fail (error, CLI_FILE);

  output_on_lost (output_lost_cb, cli);
  signals_watch (signal_cb, CLI_INTERRUPTED, cli);
  dex_future_disown (
      dex_scheduler_spawn (NULL, 0, run_fiber, &run, NULL)); /* it ends the loop itself */
  g_main_loop_run (loop);
  g_clear_object (&cli->client);
  return run.status;
}

static void
bind_language (void)
{
  const char *folder = WHERRY_DEVEL ? g_getenv ("WHERRY_LOCALEDIR") : NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, folder ? folder : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

int
main (int argc, char **argv)
{
  Cli cli = { 0 };
  CliStatus status;

  bind_language ();
  /* The standard output belongs to the command. */
  g_log_writer_default_set_use_stderr (TRUE);
  output_start ();
  const Command *command = command_line_parse (&cli, argv, &status);
  if (command)
    {
      if (cli.json)
        output_set_json ();
      if (cli.verbose)
        g_log_writer_default_set_debug_domains ((const char *const[]) { "all", NULL });
      dex_init ();
      cli.interrupt = dex_promise_new ();
      status = run_command (&cli, command);
      dex_unref (cli.interrupt);
    }
  g_strfreev (cli.arguments);
  return finish_output (&cli, status);
}

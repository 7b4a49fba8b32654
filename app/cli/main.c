/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wherry-cli: everything the window does, without one. Each subcommand is a file beside this one. */
#include "config.h"

#include "app/cli/cli.h"

#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const Command *const commands[] = {
  &id_command,    &devices_command, &pair_command, &unpair_command,
  &serve_command, &send_command,    &ping_command,
};

static char *data_dir_option;
static int port_option = QUIC_DEFAULT_PORT;
static gboolean no_mdns_option;
static gboolean json_option;
static gboolean verbose_option;
static gboolean version_option;
static char *relay_option;
static char **remaining_option;

static const GOptionEntry common_options[] = {
  { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &data_dir_option,
    "Identity and devices live here (default: the window's)", "DIR" },
  { "port", 0, 0, G_OPTION_ARG_INT, &port_option,
    "UDP port, 0 for any (default: 11204, or another when it is taken)", "N" },
  { "no-mdns", 0, 0, G_OPTION_ARG_NONE, &no_mdns_option,
    "Neither announce nor look for devices on the network", NULL },
  { "json", 0, 0, G_OPTION_ARG_NONE, &json_option, "One JSON object a line", NULL },
  { "verbose", 0, 0, G_OPTION_ARG_NONE, &verbose_option, "Log what happens to the standard error",
    NULL },
  { "relay", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &relay_option, NULL, NULL },
  { NULL },
};

static const GOptionEntry remaining_options[] = {
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &remaining_option, NULL, NULL },
  { NULL },
};

static const GOptionEntry version_options[] = {
  { "version", 0, 0, G_OPTION_ARG_NONE, &version_option, "Print the version", NULL },
  { NULL },
};

static const Command *
find_command (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_strcmp0 (commands[i]->name, name) == 0)
      return commands[i];
  return NULL;
}

static char *
describe_commands (void)
{
  GString *text = g_string_new ("Commands:\n");

  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *usage = g_strdup_printf ("%s %s", commands[i]->name, commands[i]->arguments);
      g_string_append_printf (text, "  %-32s %s\n", usage, commands[i]->summary);
    }
  g_string_append (
      text,
      "\n“wherry-cli COMMAND --help” says more. Exit status: 0 done and verified, 2 usage, 3 not found or offline,\n"
      "4 refused, 5 verification or file error, 6 interrupted.");
  return g_string_free_and_steal (text);
}

/* Options may stand before the command; the first pass ends at it. */
static GOptionContext *
overall_context (void)
{
  GOptionContext *context = g_option_context_new ("COMMAND [ARGUMENT…]");
  g_autofree char *summary = describe_commands ();

  g_option_context_set_summary (context, "Send files straight between your own devices.");
  g_option_context_set_description (context, summary);
  g_option_context_add_main_entries (context, common_options, NULL);
  g_option_context_add_main_entries (context, version_options, NULL);
  g_option_context_set_strict_posix (context, TRUE);
  return context;
}

static GOptionContext *
command_context (const Command *command)
{
  GOptionContext *context = g_option_context_new (command->arguments);
  g_autofree char *summary = g_strdup_printf ("%s.", command->summary);

  g_option_context_set_summary (context, summary);
  if (command->description)
    g_option_context_set_description (context, command->description);
  if (command->options)
    g_option_context_add_main_entries (context, command->options, NULL);
  g_option_context_add_main_entries (context, common_options, NULL);
  g_option_context_add_main_entries (context, remaining_options, NULL);
  return context;
}

/* The command, its arguments left in remaining_option; NULL when there is nothing to run, and then @status is set. */
static const Command *
parse_command_line (char **argv, CliStatus *status)
{
  g_autoptr (GOptionContext) overall = overall_context ();
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) rest = g_strdupv (argv);
  const Command *command;

  *status = CLI_USAGE;
  if (!g_option_context_parse_strv (overall, &rest, &error))
    {
      cli_complain ("%s. “wherry-cli --help” lists the options.", error->message);
      return NULL;
    }
  if (version_option)
    {
      puts ("wherry-cli " WHERRY_VERSION);
      *status = CLI_OK;
      return NULL;
    }
  if (!rest[0] || !rest[1] || g_str_equal (rest[1], "help"))
    {
      g_autofree char *help = g_option_context_get_help (overall, TRUE, NULL);
      fputs (help, rest[0] && rest[1] ? stdout : stderr);
      *status = rest[0] && rest[1] ? CLI_OK : CLI_USAGE;
      return NULL;
    }
  command = find_command (rest[1]);
  if (!command)
    {
      cli_complain ("There is no command “%s”. “wherry-cli --help” lists them.", rest[1]);
      return NULL;
    }

  g_autofree char *program = g_strdup_printf ("wherry-cli %s", command->name);
  g_set_prgname (program);
  context = command_context (command);
  /* The command's name takes the place of the program's. */
  g_auto (GStrv) own = g_strdupv (rest + 1);
  if (!g_option_context_parse_strv (context, &own, &error))
    {
      cli_complain ("%s. “wherry-cli %s --help” lists the options.", error->message, command->name);
      return NULL;
    }
  return command;
}

static bool
check_common_options (Cli *cli, const Command *command)
{
  cli->arguments = remaining_option ? g_steal_pointer (&remaining_option) : g_new0 (char *, 1);
  cli->n_arguments = g_strv_length (cli->arguments);
  cli->json = json_option;
  cli->verbose = verbose_option;
  cli->mdns = !no_mdns_option && !command->local;
  if (relay_option)
    cli_complain (
        "This version knows no relays yet; leave out --relay and use both devices on one network.");
  else if (port_option < 0 || port_option > G_MAXUINT16)
    cli_complain ("--port takes a number from 0 to 65535.");
  else if (cli->n_arguments < command->min_arguments || cli->n_arguments > command->max_arguments)
    cli_complain ("Usage: wherry-cli %s %s", command->name, command->arguments);
  else
    return true;
  return false;
}

static gboolean
interrupt_cb (gpointer user_data)
{
  Cli *cli = user_data;

  progress_clear ();
  if (cli->interrupted)
    _exit (CLI_INTERRUPTED);
  cli->interrupted = true;
  dex_promise_reject (cli->interrupt,
                      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Interrupted."));
  cli_wake (cli);
  return G_SOURCE_CONTINUE;
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
  dex_await (wherry_node_close (run->cli->node), NULL);
  g_main_loop_quit (run->loop);
  return dex_future_new_true ();
}

static CliStatus
run_command (Cli *cli, const Command *command)
{
  g_autofree char *data_dir =
      data_dir_option ? g_canonicalize_filename (data_dir_option, NULL) : NULL;
  NodeOptions options = {
    .data_dir = data_dir,
    .port = command->local ? 0 : (uint16_t) port_option,
    .mdns = cli->mdns,
    /* A data directory of its own stands on its own: it can be moved, and another one has another identity. */
    .secret_service = data_dir == NULL,
    .accept = NODE_ACCEPT_NONE,
  };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autofree char *warning = NULL;
  Run run = { cli, command, CLI_OK, loop };
  guint sigint, sigterm;

  if (command->prepare && (run.status = command->prepare (cli, &options)) != CLI_OK)
    return run.status;
  cli->node = wherry_node_new (&options, &warning, &error);
  if (warning)
    cli_complain ("%s", warning);
  if (!cli->node)
    return cli_fail (error, CLI_FILE);

  sigint = g_unix_signal_add (SIGINT, interrupt_cb, cli);
  sigterm = g_unix_signal_add (SIGTERM, interrupt_cb, cli);
  dex_future_disown (
      dex_scheduler_spawn (NULL, 0, run_fiber, &run, NULL)); /* it ends the loop itself */
  g_main_loop_run (loop);
  g_source_remove (sigint);
  g_source_remove (sigterm);
  g_clear_object (&cli->node);
  return run.status;
}

int
main (int argc, char **argv)
{
  Cli cli = { 0 };
  const Command *command;
  CliStatus status;

  setlocale (LC_ALL, "");
  /* The standard output belongs to the command. */
  g_log_writer_default_set_use_stderr (TRUE);
  command = parse_command_line (argv, &status);
  if (!command)
    return status;
  if (!check_common_options (&cli, command))
    {
      g_strfreev (cli.arguments);
      return CLI_USAGE;
    }
  if (cli.verbose)
    g_log_writer_default_set_debug_domains ((const char *const[]) { "all", NULL });

  dex_init ();
  cli.interrupt = dex_promise_new ();
  status = run_command (&cli, command);
  dex_unref (cli.interrupt);
  g_strfreev (cli.arguments);
  return status;
}

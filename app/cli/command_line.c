/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/cli/command_line.h"

static const Command *const commands[] = {
  &id_command,   &devices_command,   &pair_command, &unpair_command, &serve_command,
  &send_command, &send_text_command, &ping_command, &doctor_command,
};

static char *data_dir_option;
static int port_option = CLIENT_DEFAULT_PORT;
static gboolean no_mdns_option;
static gboolean json_option;
static gboolean verbose_option;
static gboolean version_option;
static gboolean help_option;
static char *relay_option;
static char **remaining_option;

static const GOptionEntry common_options[] = {
  { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &data_dir_option,
    N_ ("Identity and devices live here (default: the window's)"), N_ ("DIR") },
  { "port", 0, 0, G_OPTION_ARG_INT, &port_option,
    N_ ("UDP port, 0 for any (default: 11204, or another when it is taken)"), "N" },
  { "no-mdns", 0, 0, G_OPTION_ARG_NONE, &no_mdns_option,
    N_ ("Neither announce nor look for devices on the network"), NULL },
  { "json", 0, 0, G_OPTION_ARG_NONE, &json_option, N_ ("One JSON object a line"), NULL },
  { "verbose", 0, 0, G_OPTION_ARG_NONE, &verbose_option,
    N_ ("Log what happens to the standard error"), NULL },
  { "relay", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &relay_option, NULL, NULL },
  { NULL },
};

/* GLib's own prints and exits, whether that could be written or not. */
static const GOptionEntry help_options[] = {
  { "help", 'h', 0, G_OPTION_ARG_NONE, &help_option, N_ ("Show help options"), NULL },
  { NULL },
};

static const GOptionEntry remaining_options[] = {
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &remaining_option, NULL, NULL },
  { NULL },
};

static const GOptionEntry version_options[] = {
  { "version", 0, 0, G_OPTION_ARG_NONE, &version_option, N_ ("Print the version"), NULL },
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
usage_of (const Command *command)
{
  return g_strdup_printf ("%s %s", command->name,
                          command->arguments[0] ? _ (command->arguments) : "");
}

static char *
describe_commands (void)
{
  GString *text = g_string_new (_ ("Commands:"));

  g_string_append_c (text, '\n');
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *usage = usage_of (commands[i]);
      int padding = MAX (32 - (int) g_utf8_strlen (usage, -1), 0);
      g_string_append_printf (text, "  %s%*s %s\n", usage, padding, "", _ (commands[i]->summary));
    }
  g_string_append_c (text, '\n');
  g_string_append (
      text,
      _ ("“wherry-cli COMMAND --help” says more. Exit status: 0 done and verified, 2 usage, 3 not found or offline,\n"
         "4 refused, 5 verification or file error, 6 interrupted."));
  return g_string_free_and_steal (text);
}

/* Options may stand before the command; the first pass ends at it. */
static GOptionContext *
overall_context (void)
{
  GOptionContext *context = g_option_context_new (_ ("COMMAND [ARGUMENT…]"));
  g_autofree char *summary = describe_commands ();

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, N_ ("Send files straight between your own devices."));
  g_option_context_set_description (context, summary);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, help_options, NULL);
  g_option_context_add_main_entries (context, common_options, NULL);
  g_option_context_add_main_entries (context, version_options, NULL);
  g_option_context_set_strict_posix (context, TRUE);
  return context;
}

static GOptionContext *
command_context (const Command *command)
{
  GOptionContext *context =
      g_option_context_new (command->arguments[0] ? _ (command->arguments) : NULL);

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, command->summary);
  if (command->description)
    g_option_context_set_description (context, command->description);
  if (command->options)
    g_option_context_add_main_entries (context, command->options, NULL);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, help_options, NULL);
  g_option_context_add_main_entries (context, common_options, NULL);
  g_option_context_add_main_entries (context, remaining_options, NULL);
  return context;
}

/* Leaves the arguments of the command in remaining_option. */
static const Command *
parse (char **argv, CliStatus *status)
{
  g_autoptr (GOptionContext) overall = overall_context ();
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) rest = g_strdupv (argv);
  const Command *command;

  *status = CLI_USAGE;
  if (!g_option_context_parse_strv (overall, &rest, &error))
    {
      cli_complain (_ ("%s. “wherry-cli --help” lists the options."), error->message);
      return NULL;
    }
  if (version_option)
    {
      output_print ("wherry-cli %s\n", WHERRY_VERSION);
      *status = CLI_OK;
      return NULL;
    }
  if (help_option || !rest[0] || !rest[1] || g_str_equal (rest[1], "help"))
    {
      g_autofree char *help = g_option_context_get_help (overall, TRUE, NULL);
      if (help_option || (rest[0] && rest[1]))
        {
          output_print ("%s", help);
          *status = CLI_OK;
        }
      else
        output_complain ("%s", help);
      return NULL;
    }
  command = find_command (rest[1]);
  if (!command)
    {
      cli_complain (_ ("There is no command “%s”. “wherry-cli --help” lists them."), rest[1]);
      return NULL;
    }

  g_autofree char *program = g_strdup_printf ("wherry-cli %s", command->name);
  g_set_prgname (program);
  context = command_context (command);
  /* The command's name takes the place of the program's. */
  g_auto (GStrv) own = g_strdupv (rest + 1);
  if (!g_option_context_parse_strv (context, &own, &error))
    {
      cli_complain (_ ("%s. “wherry-cli %s --help” lists the options."), error->message,
                    command->name);
      return NULL;
    }
  if (help_option)
    {
      g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);
      output_print ("%s", help);
      *status = CLI_OK;
      return NULL;
    }
  return command;
}

static bool
take_common_options (Cli *cli, const Command *command)
{
  cli->arguments = remaining_option ? g_steal_pointer (&remaining_option) : g_new0 (char *, 1);
  cli->n_arguments = g_strv_length (cli->arguments);
  cli->data_dir = data_dir_option;
  cli->port = port_option;
  cli->json = json_option;
  cli->verbose = verbose_option;
  cli->mdns = !no_mdns_option && !command->local;
  if (relay_option)
    cli_complain (_ (
        "This version knows no relays yet; leave out --relay and use both devices on one network."));
  else if (port_option < 0 || port_option > G_MAXUINT16)
    cli_complain (_ ("--port takes a number from 0 to 65535."));
  else if (cli->n_arguments < command->min_arguments || cli->n_arguments > command->max_arguments)
    {
      g_autofree char *usage = usage_of (command);

      cli_complain (_ ("Usage: wherry-cli %s"), usage);
    }
  else
    return true;
  return false;
}

const Command *
command_line_parse (Cli *cli, char **argv, CliStatus *status)
{
  const Command *command = parse (argv, status);

  if (!command || take_common_options (cli, command))
    return command;
  *status = CLI_USAGE;
  return NULL;
}

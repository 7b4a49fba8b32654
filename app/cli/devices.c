/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "app/cli/cli.h"
#include "app/cli/event.h"

#define LOOK_MS  2500 /* Avahi answers within a second or two */
#define WATCH_MS 500

static gboolean watch_option;
static gboolean paired_option;

static const GOptionEntry devices_options[] = {
  { "watch", 0, 0, G_OPTION_ARG_NONE, &watch_option, N_ ("Go on, and print each change"), NULL },
  { "paired", 0, 0, G_OPTION_ARG_NONE, &paired_option,
    N_ ("Only name the paired devices, at once, and also while Wherry runs"), NULL },
  { NULL },
};

static char *
describe_json (WherryDevice *device)
{
  g_autoptr (GPtrArray) list = wherry_device_list_addresses (device);
  g_auto (GStrv) addresses = cli_list_addresses (list);
  Event *event = event_new ("device");

  event_device_members (event, device);
  event_string (event, "state",
                enum_nick (WHERRY_TYPE_DEVICE_STATE, (int) wherry_device_get_state (device)));
  event_bool (event, "paired", wherry_device_get_paired (device));
  event_bool (event, "needs_pairing", wherry_device_get_needs_pairing (device));
  event_bool (event, "nearby", wherry_device_get_nearby (device));
  event_bool (event, "pairing_open", wherry_device_get_pairing_open (device));
  event_strings (event, "addresses", (const char *const *) addresses);
  event_uint (event, "last_seen", (uint64_t) wherry_device_get_last_seen (device));
  return event_finish (event);
}

/* Cells of a terminal. */
static int
count_cells (const char *word)
{
  int cells = 0;
  for (; *word != '\0'; word = g_utf8_next_char (word))
    {
      gunichar c = g_utf8_get_char (word);
      cells += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
    }
  return cells;
}

/* A column with one of @words, which are as long as a language makes them. */
static void
append_word (GString *line, const char *const *words, int chosen, int n_words)
{
  int width = 0;
  for (int i = 0; i < n_words; i++)
    width = MAX (width, count_cells (words[i]));
  g_string_append_printf (line, " %s%*s", words[chosen], width - count_cells (words[chosen]), "");
}

static char *
describe_text (WherryDevice *device)
{
  g_autoptr (GPtrArray) list = wherry_device_list_addresses (device);
  g_auto (GStrv) addresses = cli_list_addresses (list);
  g_autofree char *joined = g_strjoinv (" ", addresses);
  const char *types[DEVICE_TYPES];
  const char *const known[] = { _ ("new"), _ ("pair again"), _ ("paired") };
  const char *const where[] = { _ ("away"), _ ("nearby") };
  for (int i = 0; i < DEVICE_TYPES; i++)
    types[i] = cli_type_word (i);

  GString *line = g_string_new (NULL);
  g_string_append_printf (line, "%.*s ", CLIENT_ID_SHORT, wherry_device_get_id (device));
  append_word (line, types, (int) wherry_device_get_device_type (device), G_N_ELEMENTS (types));
  append_word (line, known,
               wherry_device_get_paired (device) ? 2 : wherry_device_get_needs_pairing (device),
               G_N_ELEMENTS (known));
  append_word (line, where, wherry_device_get_nearby (device), G_N_ELEMENTS (where));
  g_string_append_printf (line, " %s  %s", wherry_device_get_name (device), joined);
  return g_string_free (line, false);
}

static void
print_gone (Cli *cli, const char *node_id)
{
  if (cli->json)
    {
      Event *event = event_new ("gone");

      event_string (event, "node_id", node_id);
      event_print (event);
    }
  else
    output_print (_ ("%.*s  gone\n"), CLIENT_ID_SHORT, node_id);
}

static void
print_line (Cli *cli, const char *line)
{
  g_autofree char *printable = NULL;

  if (cli->json)
    output_event (line, false);
  else
    output_print ("%s\n", printable = output_printable (line));
}

/* Prints the rows that differ from @shown, (owned) node id -> (owned) line, and brings it up to
 * date. */
static void
print_changes (Cli *cli, GHashTable *shown)
{
  GListModel *devices = wherry_client_get_devices (cli->client);
  g_autoptr (GHashTable) present = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer node_id;

  for (guint i = 0; i < g_list_model_get_n_items (devices); i++)
    {
      g_autoptr (WherryDevice) device = g_list_model_get_item (devices, i);
      const char *id = wherry_device_get_id (device);
      g_autofree char *line = cli->json ? describe_json (device) : describe_text (device);

      if (g_strcmp0 (line, g_hash_table_lookup (shown, id)) != 0)
        {
          print_line (cli, line);
          g_hash_table_replace (shown, g_strdup (id), g_steal_pointer (&line));
        }
      g_hash_table_add (present, g_strdup (id));
    }

  g_hash_table_iter_init (&iter, shown);
  while (g_hash_table_iter_next (&iter, &node_id, NULL))
    if (!g_hash_table_contains (present, node_id))
      {
        print_gone (cli, node_id);
        g_hash_table_iter_remove (&iter);
      }
}

/* Whether no other of @devices is called so, and it cannot be taken for the beginning of an id. */
static bool
is_enough (const char *name, GPtrArray *devices)
{
  guint n = 0;

  for (guint i = 0; i < devices->len; i++)
    n += g_str_equal (wherry_device_get_name (g_ptr_array_index (devices, i)), name);
  return n == 1 && name[strspn (name, "0123456789abcdefABCDEF")];
}

/* A line for each that can be given as DEVICE: shells complete with them. */
static void
print_paired (Cli *cli, WherryDevice *device, GPtrArray *devices)
{
  const char *name = wherry_device_get_name (device);

  if (cli->json)
    {
      Event *event = event_new ("paired");

      event_device (event, "device", device);
      event_print (event);
    }
  else if (is_enough (name, devices))
    print_line (cli, name);
  else
    output_print ("%.*s\n", CLIENT_ID_SHORT, wherry_device_get_id (device));
}

static CliStatus
devices_prepare (Cli *cli, ClientOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) devices = NULL;

  if (!paired_option)
    return CLI_OK;
  if (watch_option)
    {
      cli_complain (_ ("--paired and --watch exclude each other."));
      return CLI_USAGE;
    }
  cli->complete = true;
  if (!(devices = wherry_client_list_paired (options->data_dir, &error)))
    return cli_fail (error, CLI_FILE);
  for (guint i = 0; i < devices->len; i++)
    print_paired (cli, g_ptr_array_index (devices, i), devices);
  return CLI_OK;
}

static CliStatus
devices_run (Cli *cli)
{
  g_autoptr (GHashTable) shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  if (cli->mdns && !watch_option)
    cli_sleep (cli, NULL, LOOK_MS);
  print_changes (cli, shown);
  if (watch_option)
    output_watch_reader ();
  while (watch_option && !cli->interrupted)
    {
      cli_sleep (cli, NULL, WATCH_MS);
      print_changes (cli, shown);
    }
  if (!cli->json && !watch_option && g_hash_table_size (shown) == 0)
    output_complain (
        _ ("No device is paired or nearby. “wherry-cli pair” shows a code for another one.\n"));
  return cli_status_of_end (cli);
}

const Command devices_command = {
  .name = "devices",
  .arguments = N_ ("[--paired|--watch]"),
  .summary = N_ ("List the paired devices and those nearby"),
  .options = devices_options,
  .prepare = devices_prepare,
  .run = devices_run,
};

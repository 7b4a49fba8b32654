/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>

#include "app/cli/event.h"
#include "app/cli/terminal.h"
#include "app/dbus/service.h"
#include "app/path_argument.h"

#define GOODBYE_MS 3000 /* for a cancelled transfer to be told at both ends */

static char *receive_dir_option;
static char *receive_dir; /* (owned) absolute */
static char *accept_option;
static const char *data_dir; /* (nullable) as in ClientOptions */

static const GOptionEntry serve_options[] = {
  { "receive-dir", 0, 0, G_OPTION_ARG_FILENAME, &receive_dir_option,
    N_ ("Where files go (default: the folder of the preferences, else Downloads)"), N_ ("DIR") },
  { "accept", 0, 0, G_OPTION_ARG_STRING, &accept_option,
    N_ ("What to do with an offer from a paired device (default: ask)"), "ask|paired|none" },
  { NULL },
};

typedef struct
{
  Cli *cli;
  GQueue waiting;      /* (owned WherryTransfer) offers that a person has yet to answer */
  GHashTable *watched; /* (owned WherryTransfer) incoming transfers whose end was not told yet */
  GSList *told;        /* (owned WherryReceivedText) */
} Serve;

static CliStatus
serve_prepare (Cli *cli, ClientOptions *options)
{
  const char *accept = accept_option ? accept_option : "ask";

  /* Two that answer the same offers would be one too many. */
  options->share = false;
  options->stay_connected = true;
  data_dir = options->data_dir;
  if (g_str_equal (accept, "ask"))
    options->accept = POLICY_ASK;
  else if (g_str_equal (accept, "paired"))
    options->accept = POLICY_ACCEPT;
  else if (g_str_equal (accept, "none"))
    options->accept = POLICY_DECLINE;
  else
    {
      cli_complain (_ ("--accept takes ask, paired or none, not “%s”."), accept);
      return CLI_USAGE;
    }
  if (!receive_dir_option)
    return CLI_OK;
  receive_dir = path_argument_resolve (receive_dir_option);
  if (!receive_dir || g_mkdir_with_parents (receive_dir, 0755) < 0)
    {
      cli_complain (_ ("The folder “%s” cannot be made: %s. Choose another with --receive-dir."),
                    receive_dir_option, g_strerror (errno));
      return receive_dir_option[0] ? CLI_FILE : CLI_USAGE;
    }
  options->receive_dir = receive_dir;
  return CLI_OK;
}

/* --- what is told
 * -----------------------------------------------------------------------------------------------
 */

static void
tell_offer (Serve *serve, WherryTransfer *transfer)
{
  const char *const *names = wherry_transfer_get_names (transfer);
  uint64_t files = wherry_transfer_get_files_total (transfer);
  uint64_t bytes = wherry_transfer_get_bytes_total (transfer);

  if (serve->cli->json)
    {
      Event *event = event_new ("offer");

      event_string (event, "transfer_id", wherry_transfer_get_protocol_id (transfer));
      event_device (event, "device", wherry_transfer_get_device (transfer));
      event_uint (event, "files", files);
      event_uint (event, "bytes", bytes);
      event_strings (event, "names", names);
      event_print (event);
    }
  else
    {
      g_autofree char *joined = names ? g_strjoinv (", ", (char **) names) : g_strdup ("");
      g_autofree char *shown = output_printable (joined);
      g_autofree char *name =
          output_printable (wherry_device_get_name (wherry_transfer_get_device (transfer)));
      g_autofree char *size = g_format_size (bytes);

      output_print (g_dngettext (GETTEXT_PACKAGE, "“%s” offers %u file, %s: %s\n",
                                 "“%s” offers %u files, %s: %s\n", files),
                    name, (guint) files, size, shown);
    }
}

static void
entry_received_cb (WherryTransfer *transfer, const char *path, guint64 size, const char *blake3,
                   gpointer user_data)
{
  Serve *serve = user_data;

  if (serve->cli->json)
    {
      Event *event = event_new ("received");

      event_string (event, "path", path);
      event_uint (event, "bytes", size);
      event_string (event, "blake3", blake3);
      event_print (event);
    }
}

/* The contract knows four ends. */
static const char *
name_of_end (TransferState state)
{
  switch (state)
    {
    case TRANSFER_DONE:
      return "done";
    case TRANSFER_DECLINED:
    case TRANSFER_CANCELLED:
      return "cancelled";
    case TRANSFER_INTERRUPTED:
      return "interrupted";
    case TRANSFER_PREPARING:
    case TRANSFER_OFFERED:
    case TRANSFER_ACTIVE:
    case TRANSFER_FAILED:
    case TRANSFER_EXPIRED:
      break;
    }
  return "failed";
}

static void
tell_end (Serve *serve, WherryTransfer *transfer)
{
  TransferState state = wherry_transfer_get_state (transfer);
  const char *message = wherry_transfer_get_message (transfer);
  const char *name = wherry_device_get_name (wherry_transfer_get_device (transfer));

  cli_print_notes (transfer);
  if (serve->cli->json)
    {
      Event *event = event_new ("transfer");

      event_string (event, "transfer_id", wherry_transfer_get_protocol_id (transfer));
      event_string (event, "state", name_of_end (state));
      event_string (event, "reason",
                    state == TRANSFER_DONE
                        ? NULL
                        : transfer_reason_name (wherry_transfer_get_reason (transfer)));
      event_print (event);
    }
  else if (state == TRANSFER_DONE)
    {
      GFile *folder = wherry_transfer_get_destination (transfer);
      uint64_t files = wherry_transfer_get_files_done (transfer);

      g_autofree char *shown = output_printable (name);
      g_autofree char *path = folder ? output_printable (g_file_peek_path (folder))
                                     : g_strdup (_ ("the receive folder"));

      output_print (g_dngettext (GETTEXT_PACKAGE, "Received %u file from “%s”, verified, in %s\n",
                                 "Received %u files from “%s”, verified, in %s\n", files),
                    (guint) files, shown, path);
    }
  else
    cli_complain (_ ("From “%s”: %s"), name, message ? message : _ ("The transfer failed."));
}

static void
transfer_changed_cb (WherryTransfer *transfer, GParamSpec *pspec, gpointer user_data)
{
  Serve *serve = user_data;

  if (wherry_transfer_get_state (transfer) == TRANSFER_ACTIVE)
    {
      g_autofree char *text = progress_describe (transfer);

      progress_show ("%s", text);
    }
  else if (transfer_state_is_final (wherry_transfer_get_state (transfer)) &&
           g_hash_table_contains (serve->watched, transfer))
    {
      tell_end (serve, transfer);
      g_signal_handlers_disconnect_by_data (transfer, serve);
      g_hash_table_remove (serve->watched, transfer);
      cli_wake (serve->cli);
    }
}

static void
watch_transfer (Serve *serve, WherryTransfer *transfer)
{
  if (wherry_transfer_get_direction (transfer) != TRANSFER_RECEIVING ||
      g_hash_table_contains (serve->watched, transfer))
    return;
  g_hash_table_add (serve->watched, g_object_ref (transfer));
  tell_offer (serve, transfer);
  g_signal_connect (transfer, "entry-received", G_CALLBACK (entry_received_cb), serve);
  g_signal_connect (transfer, "notify", G_CALLBACK (transfer_changed_cb), serve);
  transfer_changed_cb (transfer, NULL, serve);
}

static void
transfers_changed_cb (GListModel *transfers, guint position, guint removed, guint added,
                      gpointer user_data)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (WherryTransfer) transfer = g_list_model_get_item (transfers, i);

      watch_transfer (user_data, transfer);
    }
}

static void
tell_text (WherryReceivedText *received)
{
  g_autofree char *name =
      output_printable (wherry_device_get_name (wherry_received_text_get_device (received)));
  g_auto (GStrv) lines = g_strsplit (wherry_received_text_get_text (received), "\n", -1);

  output_print (_ ("Text from “%s”:\n"), name);
  for (char **line = lines; *line; line++)
    {
      g_autofree char *shown = output_printable (*line);

      output_print ("%s\n", shown);
    }
}

/* Once told, it is seen. */
static void
texts_changed_cb (GListModel *texts, guint position, guint removed, guint added, gpointer user_data)
{
  Serve *serve = user_data;

  for (guint i = 0; i < added; i++)
    {
      g_autoptr (WherryReceivedText) received = g_list_model_get_item (texts, position + i);

      if (serve->cli->json)
        {
          Event *event = event_new ("text");

          event_device (event, "device", wherry_received_text_get_device (received));
          event_string (event, "text", wherry_received_text_get_text (received));
          event_print (event);
        }
      else
        tell_text (received);
      serve->told = g_slist_prepend (serve->told, g_steal_pointer (&received));
    }
  cli_wake (serve->cli);
}

/* Not while the list tells of its change. */
static void
dismiss_told (Serve *serve)
{
  GSList *told = g_steal_pointer (&serve->told);

  for (GSList *l = told; l; l = l->next)
    wherry_client_dismiss_text (serve->cli->client, l->data);
  g_slist_free_full (told, g_object_unref);
}

/* --- what is answered
 * ------------------------------------------------------------------------------------------- */

static void
offer_cb (WherryClient *client, WherryTransfer *transfer, gpointer user_data)
{
  Serve *serve = user_data;

  watch_transfer (serve, transfer);
  g_queue_push_tail (&serve->waiting, g_object_ref (transfer));
  cli_wake (serve->cli);
}

static bool
is_offered (gpointer transfer)
{
  return wherry_transfer_get_state (transfer) == TRANSFER_OFFERED;
}

static void
answer (Serve *serve, WherryTransfer *transfer)
{
  const char *name = wherry_device_get_name (wherry_transfer_get_device (transfer));
  g_autofree char *question = g_strdup_printf (_ ("Accept from “%s”?"), name);
  bool accept = false;

  if (cli_is_interactive (serve->cli))
    accept = cli_ask (serve->cli, question, transfer, is_offered);
  else
    cli_complain (
        _ ("The offer of “%s” is declined, because nobody can be asked here; give --accept paired to take what paired devices send."),
        name);
  if (!is_offered (transfer))
    return;
  if (accept)
    wherry_transfer_accept (transfer, NULL);
  else
    wherry_transfer_decline (transfer);
}

static void
unwatch_cb (gpointer key, gpointer value, gpointer user_data)
{
  g_signal_handlers_disconnect_by_data (key, user_data);
}

/* Both sides are told; a second Ctrl-C does not wait for that. */
static void
cancel_all (Serve *serve)
{
  gint64 deadline = g_get_monotonic_time () + GOODBYE_MS * 1000;

  for (GList *l = g_hash_table_get_keys (serve->watched); l; l = g_list_delete_link (l, l))
    wherry_transfer_cancel (l->data);
  while (g_hash_table_size (serve->watched) > 0 && g_get_monotonic_time () < deadline)
    cli_sleep (serve->cli, NULL, GOODBYE_MS);
}

static CliStatus
serve_run (Cli *cli)
{
  GListModel *transfers = wherry_client_get_transfers (cli->client);
  Serve serve = { .cli = cli, .waiting = G_QUEUE_INIT };

  if (!wherry_client_get_receive_dir (cli->client) &&
      wherry_client_get_policy (cli->client, NULL)->rule != POLICY_DECLINE)
    {
      cli_complain (_ ("In a sandbox there is no folder for received files yet. Choose one in the "
                       "preferences of the window, or give the sandbox one with flatpak run "
                       "--filesystem=DIR and name it with --receive-dir DIR."));
      return CLI_USAGE;
    }
  serve.watched = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  g_signal_connect (transfers, "items-changed", G_CALLBACK (transfers_changed_cb), &serve);
  g_signal_connect (cli->client, "offer", G_CALLBACK (offer_cb), &serve);
  GListModel *texts = wherry_client_get_texts (cli->client);
  g_signal_connect (texts, "items-changed", G_CALLBACK (texts_changed_cb), &serve);
  DbusService *service = dbus_service_new_on_session_bus (cli->client, data_dir);
  cli_print_listening (cli);
  output_watch_reader ();
  texts_changed_cb (texts, 0, 0, g_list_model_get_n_items (texts), &serve);
  while (!cli->interrupted)
    {
      dismiss_told (&serve);
      g_autoptr (WherryTransfer) transfer = g_queue_pop_head (&serve.waiting);

      if (transfer)
        answer (&serve, transfer);
      else
        cli_sleep (cli, NULL, 0);
    }

  dbus_service_free (service);
  g_signal_handlers_disconnect_by_data (cli->client, &serve);
  g_signal_handlers_disconnect_by_data (transfers, &serve);
  g_signal_handlers_disconnect_by_data (texts, &serve);
  dismiss_told (&serve);
  cancel_all (&serve);
  g_hash_table_foreach (serve.watched, unwatch_cb, &serve);
  g_hash_table_unref (serve.watched);
  g_queue_clear_full (&serve.waiting, g_object_unref);
  g_clear_pointer (&receive_dir, g_free);
  return cli_status_of_end (cli);
}

const Command serve_command = {
  .name = "serve",
  .arguments = "",
  .summary = N_ ("Receive files until interrupted"),
  .description = N_ ("--accept ask   asks on the terminal; without one, or with --json, declines\n"
                     "--accept paired   accepts what paired devices offer\n"
                     "--accept none   declines everything"),
  .options = serve_options,
  .prepare = serve_prepare,
  .run = serve_run,
};

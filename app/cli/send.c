/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/cli/event.h"
#include "app/cli/terminal.h"
#include "app/path_argument.h"

#define PROGRESS_US (G_USEC_PER_SEC / 10)

static char *to_option;
static char *address_option;
static GPtrArray *files; /* (owned GFile) */

static const GOptionEntry send_options[] = {
  { "to", 0, 0, G_OPTION_ARG_STRING, &to_option, N_ ("The paired device to send to"),
    N_ ("NAME|ID") },
  { "address", 0, 0, G_OPTION_ARG_STRING, &address_option, N_ ("Try this address first"),
    N_ ("HOST:PORT") },
  { NULL },
};

static void
print_failed (const char *reason, const char *message)
{
  Event *event = event_new ("failed");

  event_string (event, "reason", reason);
  event_string (event, "message", message);
  /* Sending again starts anew so far. */
  event_bool (event, "resumable", false);
  event_print (event);
}

static CliStatus
fail_early (Cli *cli, const GError *error, CliStatus otherwise)
{
  CliStatus status = cli_fail (error, otherwise);

  if (cli->json)
    print_failed (status == CLI_REFUSED     ? "not-paired"
                  : status == CLI_NOT_FOUND ? "not-found"
                                            : "local-file",
                  error->message);
  return status;
}

static CliStatus
send_prepare (Cli *cli, ClientOptions *options)
{
  if (!to_option)
    {
      cli_complain (_ ("Say whom to send to: wherry-cli send --to DEVICE PATH…"));
      return CLI_USAGE;
    }
  files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GString) sentences = g_string_new (NULL);
  for (size_t i = 0; i < cli->n_arguments; i++)
    {
      g_autoptr (GError) error = NULL;
      GFile *file = path_argument_to_file (cli->arguments[i], &error);

      if (file)
        {
          g_ptr_array_add (files, file);
          continue;
        }
      cli_complain ("%s", error->message);
      g_string_append_printf (sentences, "%s%s", sentences->len > 0 ? "\n" : "", error->message);
    }
  if (sentences->len == 0)
    return CLI_OK;
  if (cli->json)
    print_failed ("local-file", sentences->str);
  return CLI_FILE;
}

static CliStatus
status_of_reason (TransferReason reason)
{
  switch (reason)
    {
    case TRANSFER_REASON_NONE:
      return CLI_OK;
    case TRANSFER_REASON_OFFLINE:
      return CLI_NOT_FOUND;
    case TRANSFER_REASON_NOT_PAIRED:
    case TRANSFER_REASON_DECLINED:
    case TRANSFER_REASON_BUSY:
    case TRANSFER_REASON_EXPIRED:
    case TRANSFER_REASON_CANCELLED_THERE:
    case TRANSFER_REASON_NO_SPACE:
      return CLI_REFUSED;
    case TRANSFER_REASON_CANCELLED_HERE:
    case TRANSFER_REASON_CONNECTION:
      return CLI_INTERRUPTED;
    case TRANSFER_REASON_LOCAL_FILE:
    case TRANSFER_REASON_REMOTE_FILE:
    case TRANSFER_REASON_CHECKSUM:
    case TRANSFER_REASON_PROTOCOL:
      break;
    }
  return CLI_FILE;
}

static void
print_offered (Cli *cli, WherryTransfer *transfer)
{
  if (cli->json)
    {
      Event *event = event_new ("offered");

      event_string (event, "transfer_id", wherry_transfer_get_protocol_id (transfer));
      event_uint (event, "files", wherry_transfer_get_files_total (transfer));
      event_uint (event, "bytes", wherry_transfer_get_bytes_total (transfer));
      event_print (event);
    }
  else
    progress_show (_ ("Waiting for “%s” to accept"),
                   wherry_device_get_name (wherry_transfer_get_device (transfer)));
}

static void
event_eta (Event *event, int64_t eta)
{
  if (eta >= 0)
    event_uint (event, "eta", (uint64_t) eta);
  else
    event_string (event, "eta", NULL);
}

static void
print_progress (Cli *cli, WherryTransfer *transfer)
{
  if (cli->json)
    {
      Event *event = event_new ("progress");

      event_uint (event, "bytes", wherry_transfer_get_bytes_done (transfer));
      event_uint (event, "total", wherry_transfer_get_bytes_total (transfer));
      event_uint (event, "files_done", wherry_transfer_get_files_done (transfer));
      event_uint (event, "rate", (uint64_t) MAX (wherry_transfer_get_rate (transfer), 0));
      event_eta (event, wherry_transfer_get_eta (transfer));
      event_string (
          event, "phase",
          enum_nick (WHERRY_TYPE_TRANSFER_PHASE, (int) wherry_transfer_get_phase (transfer)));
      /* Beyond the network at hand there is only the direct way so far. */
      event_string (event, "path",
                    wherry_device_get_nearby (wherry_transfer_get_device (transfer)) ? "lan"
                                                                                     : "direct");
      event_print_progress (event);
    }
  else
    {
      g_autofree char *text = progress_describe (transfer);

      progress_show ("%s", text);
    }
}

/* Follows @transfer to its end. */
static void
follow (Cli *cli, WherryTransfer *transfer)
{
  bool offered = false, cancelled = false;
  gint64 next_progress = 0;

  while (!transfer_state_is_final (wherry_transfer_get_state (transfer)))
    {
      TransferState state = wherry_transfer_get_state (transfer);

      if (cli->interrupted && !cancelled)
        {
          cancelled = true;
          wherry_transfer_cancel (transfer);
          continue;
        }
      if (state == TRANSFER_PREPARING)
        progress_show (_ ("Looking through the files and connecting"));
      if (!offered && state != TRANSFER_PREPARING)
        {
          offered = true;
          print_offered (cli, transfer);
        }
      if (state == TRANSFER_ACTIVE && g_get_monotonic_time () >= next_progress)
        {
          next_progress = g_get_monotonic_time () + PROGRESS_US;
          print_progress (cli, transfer);
        }
      cli_sleep (cli, transfer, 0);
    }
  progress_clear ();
}

static CliStatus
report_end (Cli *cli, WherryTransfer *transfer)
{
  TransferState state = wherry_transfer_get_state (transfer);
  TransferReason reason = wherry_transfer_get_reason (transfer);
  const char *message = wherry_transfer_get_message (transfer);
  uint64_t sent = wherry_transfer_get_files_done (transfer);
  uint64_t bytes = wherry_transfer_get_bytes_total (transfer);
  double seconds = wherry_transfer_get_elapsed (transfer);

  cli_print_notes (transfer);
  if (state != TRANSFER_DONE)
    {
      if (cli->json)
        print_failed (transfer_reason_name (reason), message);
      cli_complain ("%s", message ? message : _ ("The transfer failed."));
      return status_of_reason (reason);
    }
  if (cli->json)
    {
      Event *event = event_new ("done");

      event_uint (event, "files", sent);
      event_uint (event, "bytes", bytes);
      event_seconds (event, "seconds", seconds);
      event_print (event);
    }
  else
    {
      g_autofree char *size = g_format_size (bytes);
      g_autofree char *rate = g_format_size (seconds > 0 ? (guint64) (bytes / seconds) : 0);

      output_print (g_dngettext (GETTEXT_PACKAGE, "Sent %u file, %s, verified, in %.1f s (%s/s).\n",
                                 "Sent %u files, %s, verified, in %.1f s (%s/s).\n", sent),
                    (guint) sent, size, seconds, rate);
    }
  return CLI_OK;
}

static CliStatus
send_run (Cli *cli)
{
  g_autoptr (GPtrArray) address = NULL;
  g_autoptr (WherryDevice) device = NULL;
  g_autoptr (WherryTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;

  if ((address_option && !(address = cli_find_address (cli, address_option, &error))) ||
      !(device = cli_find_device (cli, to_option, &error)))
    return fail_early (cli, error, CLI_NOT_FOUND);
  if (!address)
    cli_await_nearby (cli, device);

  transfer = wherry_client_send (cli->client, device, files, address, &error);
  g_clear_pointer (&files, g_ptr_array_unref);
  if (!transfer)
    return fail_early (cli, error, CLI_FILE);
  g_object_ref (transfer); /* the node's row is borrowed */
  follow (cli, transfer);
  return report_end (cli, transfer);
}

const Command send_command = {
  .name = "send",
  .arguments = N_ ("--to DEVICE PATH…"),
  .summary = N_ ("Send files and folders to a paired device"),
  .options = send_options,
  .min_arguments = 1,
  .max_arguments = G_MAXSIZE,
  .prepare = send_prepare,
  .run = send_run,
};

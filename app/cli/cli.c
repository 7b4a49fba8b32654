/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/cli/cli.h"
#include "app/cli/event.h"
#include "net/client.h"

#define DISCOVERY_WAIT_MS 5000
#define DISCOVERY_POLL_MS 100

static void
wake_cb (gpointer cli)
{
  cli_wake (cli);
}

void
cli_wake (Cli *cli)
{
  if (cli->wake && dex_future_is_pending (DEX_FUTURE (cli->wake)))
    dex_promise_resolve_boolean (cli->wake, TRUE);
}

void
cli_interrupt (Cli *cli)
{
  if (cli->interrupted)
    return;
  cli->interrupted = true;
  dex_promise_reject (cli->interrupt,
                      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Interrupted.")));
  cli_wake (cli);
}

CliStatus
cli_status_of_end (const Cli *cli)
{
  /* What is wrong with the output becomes the status at the end of main(). */
  return !cli->interrupted || cli->asked_to_end || cli->output_error ? CLI_OK : CLI_INTERRUPTED;
}

void
cli_sleep (Cli *cli, gpointer object, int msec)
{
  DexPromise *wake = dex_promise_new ();
  DexFuture *waking = dex_ref (wake);
  gulong handler = 0;

  if (object)
    handler = g_signal_connect_swapped (object, "notify", G_CALLBACK (wake_cb), cli);
  if (msec > 0)
    waking = dex_future_first (waking, dex_timeout_new_msec (msec), NULL);
  cli->wake = wake;
  dex_await (waking, NULL);
  cli->wake = NULL;
  if (handler)
    g_signal_handler_disconnect (object, handler);
  dex_unref (wake);
}

/* The first of the two; whether it was @future. */
static DexFuture *
unless_interrupted (Cli *cli, DexFuture *future)
{
  return dex_future_first (future, dex_ref (cli->interrupt), NULL);
}

bool
cli_await_int64 (Cli *cli, DexFuture *future, int64_t *value, GError **error)
{
  g_autoptr (GError) failure = NULL;

  *value = dex_await_int64 (unless_interrupted (cli, future), &failure);
  if (failure)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    return true;
  return false;
}

bool
cli_await (Cli *cli, DexFuture *future, GError **error)
{
  return dex_await (unless_interrupted (cli, future), error);
}

GPtrArray *
cli_await_list (Cli *cli, DexFuture *future, GError **error)
{
  return dex_await_boxed (unless_interrupted (cli, future), error);
}

void
cli_complain (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autofree char *printable = output_printable (message);
  output_complain ("wherry-cli: %s\n", printable);
}

CliStatus
cli_fail (const GError *error, CliStatus otherwise)
{
  cli_complain ("%s", error->message);
  if (g_error_matches (error, CLIENT_ERROR, CLIENT_ERROR_INVALID))
    return CLI_USAGE;
  if (g_error_matches (error, CLIENT_ERROR, CLIENT_ERROR_NOT_PAIRED))
    return CLI_REFUSED;
  if (g_error_matches (error, CLIENT_ERROR, CLIENT_ERROR_STORAGE))
    return CLI_FILE;
  if (error->domain == CLIENT_ERROR)
    return CLI_NOT_FOUND;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return CLI_INTERRUPTED;
  return otherwise;
}

WherryDevice *
cli_find_device (Cli *cli, const char *text, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + DISCOVERY_WAIT_MS * 1000;

  for (;;)
    {
      g_autoptr (GError) missing = NULL;
      WherryDevice *device = wherry_client_find_device (cli->client, text, &missing);

      if (device)
        return g_object_ref (device);
      /* A device that is not paired is known only once discovery has seen it. */
      if (!cli->mdns || cli->interrupted || g_get_monotonic_time () >= deadline)
        {
          g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_NOT_FOUND,
                       _ ("%s “wherry-cli devices” lists those that are known."), missing->message);
          return NULL;
        }
      cli_sleep (cli, NULL, DISCOVERY_POLL_MS);
    }
}

void
cli_await_nearby (Cli *cli, WherryDevice *device)
{
  gint64 deadline = g_get_monotonic_time () + DISCOVERY_WAIT_MS * 1000;

  while (cli->mdns && !wherry_device_get_nearby (device) && !cli->interrupted &&
         g_get_monotonic_time () < deadline)
    cli_sleep (cli, device, DISCOVERY_POLL_MS);
}

GPtrArray *
cli_find_address (Cli *cli, const char *text, GError **error)
{
  g_autoptr (GError) failure = NULL;
  GPtrArray *addresses = cli_await_list (cli, wherry_client_resolve_address (text), &failure);

  if (addresses)
    return addresses;
  if (failure->domain != CLIENT_ERROR)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    g_set_error (
        error, CLIENT_ERROR, CLIENT_ERROR_NOT_FOUND,
        _ ("“%s” is not an address that can be found (%s). Give HOST:PORT as “serve” or “pair” shows it on the other device."),
        text, failure->message);
  return NULL;
}

char **
cli_list_addresses (GPtrArray *addresses)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < addresses->len; i++)
    g_strv_builder_take (builder, wherry_client_format_address (g_ptr_array_index (addresses, i)));
  return g_strv_builder_end (builder);
}

void
cli_print_notes (WherryTransfer *transfer)
{
  for (const char *const *note = wherry_transfer_get_notes (transfer); note && *note; note++)
    cli_complain ("%s", *note);
}

void
cli_print_listening (Cli *cli)
{
  g_autoptr (GPtrArray) list = wherry_client_list_addresses (cli->client);
  g_auto (GStrv) addresses = cli_list_addresses (list);
  g_autofree char *node_id = wherry_client_dup_id (cli->client);
  g_autofree char *joined = g_strjoinv (", ", addresses);

  if (cli->json)
    {
      Event *event = event_new ("listening");

      event_string (event, "node_id", node_id);
      event_uint (event, "port", wherry_client_get_port (cli->client));
      event_strings (event, "addresses", (const char *const *) addresses);
      event_print (event);
    }
  else
    {
      g_autofree char *name = output_printable (wherry_client_get_name (cli->client));

      if (joined[0])
        output_print (_ ("“%s” listens on port %u: %s.\n"), name,
                      wherry_client_get_port (cli->client), joined);
      else
        output_print (_ ("“%s” listens on port %u.\n"), name, wherry_client_get_port (cli->client));
    }
}

const char *
cli_type_word (DeviceType type)
{
  switch (type)
    {
    case DEVICE_LAPTOP:
      return _ ("laptop");
    case DEVICE_PHONE:
      return _ ("phone");
    case DEVICE_TABLET:
      return _ ("tablet");
    case DEVICE_SERVER:
      return _ ("server");
    case DEVICE_DESKTOP:
      break;
    }
  return _ ("desktop");
}

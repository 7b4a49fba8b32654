/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/application.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>

#include "app/about.h"
#include "app/already_running.h"
#include "app/dbus/service.h"
#include "app/offer_notifications.h"
#include "app/open_arguments.h"
#include "app/path_argument.h"
#include "net/client.h"
#include "ui/transfer_list.h"
#include "ui/window.h"

struct _WherryApplication
{
  AdwApplication parent_instance;

  char *data_dir;    /* (nullable) as given */
  char *receive_dir; /* (nullable) as given */
  char **arguments;  /* (nullable) as given: files and links */
  int port;
  gboolean no_mdns;

  WherryClient *client; /* (owned) (nullable) */
  DbusService *service; /* (owned) (nullable) while there is a node and a session bus */
  DexFuture *opening;   /* (owned) (nullable) */
  GPtrArray *files;     /* (owned) (element-type GFile) to be opened when there is a node */
  GString *left_out;    /* (owned) what was given beside them and cannot be: a line each */
};

G_DEFINE_FINAL_TYPE (WherryApplication, wherry_application, ADW_TYPE_APPLICATION)

static WherryWindow *
get_window (WherryApplication *self)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));
  for (GList *l = windows; l; l = l->next)
    if (WHERRY_IS_WINDOW (l->data))
      return l->data;
  return NULL;
}

/* The node */

static void
show_failure (WherryApplication *self, WherryWindow *window, const GError *error)
{
  bool locked = g_error_matches (error, CLIENT_ERROR, CLIENT_ERROR_LOCKED);
  g_autofree char *sentence =
      locked ? already_running_phrase (self->data_dir) : g_strdup (error->message);
  wherry_window_set_problem (
      window, locked ? _ ("Wherry Is Already Running") : _ ("Wherry Could Not Start"), sentence);
}

static void
warn_cb (WherryClient *client, const char *sentence, WherryWindow *window)
{
  wherry_window_warn (window, sentence);
}

static void
use_node (WherryApplication *self, WherryWindow *window)
{
  const char *warning = wherry_client_get_warning (self->client);
  wherry_window_set_client (window, self->client);
  offer_notifications_watch (GTK_APPLICATION (self), self->client);
  g_signal_connect_object (self->client, "warning", G_CALLBACK (warn_cb), window, 0);
  if (warning)
    wherry_window_warn (window, warning);
}

static void
tell_left_out (WherryWindow *window, const char *sentences)
{
  AdwDialog *dialog = adw_alert_dialog_new (_ ("Not Everything Can Be Sent"), sentences);
  adw_alert_dialog_add_response (ADW_ALERT_DIALOG (dialog), "close", _ ("_Close"));
  adw_dialog_present (dialog, GTK_WIDGET (window));
}

/* What the person opened with Wherry: a link, files to send, and what is neither. */
static void
open_files (WherryApplication *self, WherryWindow *window)
{
  g_autoptr (GPtrArray) local = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *link = NULL;
  for (guint i = 0; i < self->files->len; i++)
    {
      GFile *file = g_ptr_array_index (self->files, i);
      g_autofree char *uri = g_file_get_uri (file);
      if (!link && g_file_has_uri_scheme (file, "wherry"))
        link = g_steal_pointer (&uri);
      else if (g_file_peek_path (file))
        g_ptr_array_add (local, g_object_ref (file));
      else
        {
          g_string_append (self->left_out, self->left_out->len > 0 ? "\n" : "");
          g_string_append_printf (self->left_out, _ ("“%s” is not a file on this computer."), uri);
        }
    }
  g_ptr_array_set_size (self->files, 0);

  if (local->len > 0)
    wherry_window_send_files (window, local);
  if (link)
    wherry_window_enter_link (window, link);
  if (self->left_out->len > 0)
    tell_left_out (window, self->left_out->str);
  g_string_truncate (self->left_out, 0);
}

static DexFuture *
opened_cb (DexFuture *future, gpointer user_data)
{
  WherryApplication *self = user_data;
  WherryWindow *window = get_window (self);
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (future, &error);
  if (value)
    {
      GDBusConnection *bus = g_application_get_dbus_connection (G_APPLICATION (self));
      self->client = g_value_dup_object (value);
      self->service = bus ? dbus_service_new (bus, self->client, self->data_dir) : NULL;
    }
  if (window && value)
    use_node (self, window);
  else if (window)
    show_failure (self, window, error);
  if (window && self->client)
    open_files (self, window);
  return dex_ref (future);
}

/* Without waiting here: the keyring may take its time, or ask the person something. */
static void
start_node (WherryApplication *self)
{
  ClientOptions options = {
    .data_dir = self->data_dir,
    .receive_dir = self->receive_dir,
    .sandboxed = wherry_client_is_sandboxed (),
    .port = self->port,
    .mdns = !self->no_mdns,
    .stay_connected = true,
    /* A data folder of its own is for trying things out; it keeps its secrets to itself. */
    .secret_service = !self->data_dir,
    .accept = POLICY_ASK,
  };

  if (self->opening && dex_future_is_pending (self->opening))
    return;
  dex_clear (&self->opening);
  self->opening = dex_future_finally (wherry_client_open (&options), opened_cb, self, NULL);
}

/* Longer than the node's own patience with peers that do not answer. */
#define CLOSE_PATIENCE_S 15

/* Peers are told that we leave, and no thread outlives the program. */
static void
close_node (WherryApplication *self)
{
  g_autoptr (GError) error = NULL;

  /* Its thread ends by itself, at the keyring's deadline at the latest. */
  while (self->opening && dex_future_is_pending (self->opening))
    g_main_context_iteration (NULL, TRUE);
  dex_clear (&self->opening);
  g_clear_pointer (&self->service, dbus_service_free);
  g_autoptr (WherryClient) client = g_steal_pointer (&self->client);
  if (!client)
    return;

  g_autoptr (DexFuture) closed = dex_future_first (
      wherry_client_close (client), dex_timeout_new_seconds (CLOSE_PATIENCE_S), NULL);
  while (dex_future_is_pending (closed))
    g_main_context_iteration (NULL, TRUE);
  if (dex_future_get_value (closed, &error))
    return;

  g_warning ("The node did not close cleanly: %s", error->message);
  g_steal_pointer (&client); /* something still uses it, and the program ends anyway */
}

/* Actions */

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  WherryWindow *window = get_window (user_data);
  AdwDialog *dialog;

  if (!window)
    {
      g_application_quit (user_data);
      return;
    }
  /* A window with a dialog closes that one only. */
  while ((dialog = adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (window))))
    adw_dialog_force_close (dialog);
  /* It asks before it stops a transfer. */
  gtk_window_close (GTK_WINDOW (window));
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  WherryApplication *self = user_data;
  adw_dialog_present (about_dialog_new (self->client), GTK_WIDGET (get_window (self)));
}

static void
start_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  WherryApplication *self = user_data;
  if (!get_window (self))
    g_application_activate (user_data);
  else if (!self->client)
    start_node (self);
}

static WherryTransfer *
lookup_offer (WherryApplication *self, GVariant *parameter)
{
  WherryTransfer *transfer = self->client
                                 ? transfer_list_lookup (wherry_client_get_transfers (self->client),
                                                         g_variant_get_string (parameter, NULL))
                                 : NULL;
  return transfer && wherry_transfer_get_state (transfer) == TRANSFER_OFFERED ? transfer : NULL;
}

static void
accept_offer_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  WherryTransfer *transfer = lookup_offer (user_data, parameter);
  /* A folder is asked for in the window. The offer of a program that has ended can be made again
   * where this one is to be found. */
  if (!transfer || !wherry_client_get_receive_dir (WHERRY_APPLICATION (user_data)->client))
    g_application_activate (user_data);
  if (transfer)
    wherry_window_accept (get_window (user_data), transfer);
}

static void
decline_offer_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  WherryTransfer *transfer = lookup_offer (user_data, parameter);
  if (transfer)
    wherry_transfer_decline (transfer);
}

static void
show_offer_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  WherryTransfer *transfer = lookup_offer (user_data, parameter);
  g_application_activate (user_data);
  if (transfer)
    wherry_window_show_device (get_window (user_data), wherry_transfer_get_device (transfer));
}

static const GActionEntry actions[] = {
  { .name = "quit", .activate = quit_action },
  { .name = "about", .activate = about_action },
  { .name = "start", .activate = start_action },
  { .name = "accept-offer", .activate = accept_offer_action, .parameter_type = "s" },
  { .name = "decline-offer", .activate = decline_offer_action, .parameter_type = "s" },
  { .name = "show-offer", .activate = show_offer_action, .parameter_type = "s" },
};

static void
set_accels (WherryApplication *self)
{
  static const struct
  {
    const char *action;
    const char *accels[3];
  } table[] = {
    { "app.quit", { "<Control>q" } },
    { "window.close", { "<Control>w" } },
    { "win.preferences", { "<Control>comma" } },
    { "win.show-help-overlay", { "<Control>question" } },
    { "win.add-device", { "<Control>n" } },
    { "win.enter-code", { "<Control>e" } },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), table[i].action,
                                           table[i].accels);
}

/* The session ends, or somebody pressed Ctrl+C in a terminal: the other devices are told, as by
 * Quit. */
static gboolean
signal_cb (gpointer application)
{
  g_application_quit (application);
  return G_SOURCE_CONTINUE;
}

/* GApplication */

static void
wherry_application_startup (GApplication *application)
{
  G_APPLICATION_CLASS (wherry_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (APP_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  set_accels (WHERRY_APPLICATION (application));
  g_unix_signal_add (SIGTERM, signal_cb, application);
  g_unix_signal_add (SIGINT, signal_cb, application);
  /* Ignored, it was asked to live on (nohup). */
  struct sigaction hang_up;
  sigaction (SIGHUP, NULL, &hang_up);
  if (hang_up.sa_handler != SIG_IGN)
    g_unix_signal_add (SIGHUP, signal_cb, application);
}

static void
wherry_application_activate (GApplication *application)
{
  WherryApplication *self = WHERRY_APPLICATION (application);
  WherryWindow *window = get_window (self);
  if (!window)
    {
      window = wherry_window_new (GTK_APPLICATION (self));
      if (WHERRY_DEVEL)
        gtk_widget_add_css_class (GTK_WIDGET (window), "devel");
      start_node (self);
    }
  gtk_window_present (GTK_WINDOW (window));
}

/* @hint: what was given beside @files and cannot be opened, in sentences. */
static void
wherry_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  WherryApplication *self = WHERRY_APPLICATION (application);
  wherry_application_activate (application);
  for (int i = 0; i < n_files; i++)
    g_ptr_array_add (self->files, g_object_ref (files[i]));
  if (*hint)
    g_string_append_printf (self->left_out, "%s%s", self->left_out->len > 0 ? "\n" : "", hint);
  if (self->client)
    open_files (self, get_window (self));
}

/* Opens what was given here, or in the window that runs already. */
static int
open_arguments (WherryApplication *self)
{
  GApplication *application = G_APPLICATION (self);
  g_autofree char *left_out = NULL;
  g_autoptr (GPtrArray) files =
      open_arguments_find ((const char *const *) self->arguments, &left_out);
  g_autoptr (GError) error = NULL;

  if (left_out)
    g_printerr ("wherry: %s\n", left_out);
  if (!g_application_register (application, NULL, &error))
    {
      g_printerr ("wherry: %s\n", error->message);
      return EXIT_FAILURE;
    }
  g_application_open (application, (GFile **) files->pdata, (int) files->len,
                      left_out ? left_out : "");
  return left_out ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* @dir as the kernel finds it; false, and told, when it cannot be. */
static bool
resolve_dir (const char *option, char **dir)
{
  if (!*dir)
    return true;

  g_autofree char *given = g_steal_pointer (dir);
  *dir = path_argument_resolve (given);
  if (!*dir)
    g_printerr (_ ("wherry: %s “%s”: %s. Give a folder.\n"), option, given, g_strerror (errno));
  return *dir;
}

static int
wherry_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  WherryApplication *self = WHERRY_APPLICATION (application);
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("Wherry %s\n", WHERRY_VERSION);
      return EXIT_SUCCESS;
    }
  if (self->port < 0 || self->port > G_MAXUINT16)
    {
      g_printerr (_ ("wherry: --port wants a number from 0 to 65535, not %d\n"), self->port);
      return 2;
    }
  if (!resolve_dir ("--data-dir", &self->data_dir) ||
      !resolve_dir ("--receive-dir", &self->receive_dir))
    return 2;
  /* Another data folder is another device: it must not become a guest of the running one. */
  if (self->data_dir)
    g_application_set_flags (application,
                             g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  return self->arguments ? open_arguments (self) : -1;
}

static void
wherry_application_shutdown (GApplication *application)
{
  close_node (WHERRY_APPLICATION (application));
  G_APPLICATION_CLASS (wherry_application_parent_class)->shutdown (application);
}

static void
wherry_application_finalize (GObject *object)
{
  WherryApplication *self = WHERRY_APPLICATION (object);
  g_clear_pointer (&self->data_dir, g_free);
  g_clear_pointer (&self->receive_dir, g_free);
  g_clear_pointer (&self->arguments, g_strfreev);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_string_free (self->left_out, true);
  G_OBJECT_CLASS (wherry_application_parent_class)->finalize (object);
}

static void
wherry_application_class_init (WherryApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);
  G_OBJECT_CLASS (klass)->finalize = wherry_application_finalize;
  application_class->startup = wherry_application_startup;
  application_class->activate = wherry_application_activate;
  application_class->open = wherry_application_open;
  application_class->handle_local_options = wherry_application_handle_local_options;
  application_class->shutdown = wherry_application_shutdown;
}

static void
wherry_application_init (WherryApplication *self)
{
  self->port = CLIENT_DEFAULT_PORT;
  self->files = g_ptr_array_new_with_free_func (g_object_unref);
  self->left_out = g_string_new (NULL);

  const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Show the version and exit"), NULL },
    { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->data_dir,
      N_ ("Keep identity and devices in DIR, apart from every other Wherry"), N_ ("DIR") },
    { "receive-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->receive_dir,
      N_ ("Put received files into DIR"), N_ ("DIR") },
    { "port", 0, 0, G_OPTION_ARG_INT, &self->port, N_ ("Use UDP port N; 0 takes any"), "N" },
    { "no-mdns", 0, 0, G_OPTION_ARG_NONE, &self->no_mdns,
      N_ ("Neither look for devices nearby nor be seen by them"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->arguments, NULL, NULL },
    { NULL },
  };
  g_application_add_main_option_entries (G_APPLICATION (self), entries);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[FILE|LINK…]"));
}

WherryApplication *
wherry_application_new (void)
{
  return g_object_new (WHERRY_TYPE_APPLICATION, "application-id", APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path", "/io/github/wherry/Wherry",
                       NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "app/application.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include "app/about.h"
#include "app/offer_notifications.h"
#include "ui/transfer_list.h"
#include "ui/window.h"

struct _WherryApplication
{
  AdwApplication parent_instance;

  char *data_dir;    /* (nullable) as given */
  char *receive_dir; /* (nullable) as given */
  int port;
  gboolean no_mdns;

  WherryNode *node; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (WherryApplication, wherry_application, ADW_TYPE_APPLICATION)

static WherryWindow *
get_window (WherryApplication *self)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));

  for (GList *l = windows; l != NULL; l = l->next)
    if (WHERRY_IS_WINDOW (l->data))
      return l->data;
  return NULL;
}

/* The node */

static WherryNode *
node_new (WherryApplication *self, char **warning, GError **error)
{
  NodeOptions options = {
    .data_dir = self->data_dir,
    .receive_dir = self->receive_dir,
    .port = self->port,
    .mdns = !self->no_mdns,
    /* A data folder of its own is for trying things out; it keeps its secrets to itself. */
    .secret_service = self->data_dir == NULL,
    .accept = NODE_ACCEPT_ASK,
  };

  return wherry_node_new (&options, warning, error);
}

static void
start_node (WherryApplication *self, WherryWindow *window)
{
  g_autofree char *warning = NULL;
  g_autoptr (GError) error = NULL;

  self->node = node_new (self, &warning, &error);
  if (self->node == NULL)
    {
      wherry_window_set_problem (window,
                                 g_error_matches (error, NODE_ERROR, NODE_ERROR_LOCKED)
                                     ? _ ("Wherry Is Already Running")
                                     : _ ("Wherry Could Not Start"),
                                 error->message);
      return;
    }

  wherry_window_set_node (window, self->node);
  offer_notifications_watch (GTK_APPLICATION (self), self->node);
  if (warning != NULL)
    wherry_window_warn (window, warning);
}

/* Longer than the node's own patience with peers that do not answer. */
#define CLOSE_PATIENCE_S 15

/* Peers are told that we leave, and no thread outlives the program. */
static void
close_node (WherryApplication *self)
{
  g_autoptr (WherryNode) node = g_steal_pointer (&self->node);
  g_autoptr (GError) error = NULL;

  if (node == NULL)
    return;

  g_autoptr (DexFuture) closed =
      dex_future_first (wherry_node_close (node), dex_timeout_new_seconds (CLOSE_PATIENCE_S), NULL);
  while (dex_future_is_pending (closed))
    g_main_context_iteration (NULL, TRUE);
  if (dex_future_get_value (closed, &error) != NULL)
    return;

  g_warning ("The node did not close cleanly: %s", error->message);
  g_steal_pointer (&node); /* something still uses it, and the program ends anyway */
}

/* Actions */

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  WherryWindow *window = get_window (user_data);

  /* The window asks before it stops a transfer. */
  if (window != NULL)
    gtk_window_close (GTK_WINDOW (window));
  else
    g_application_quit (user_data);
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  WherryApplication *self = user_data;

  adw_dialog_present (about_dialog_new (self->node), GTK_WIDGET (get_window (self)));
}

static void
start_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  WherryApplication *self = user_data;

  if (self->node == NULL)
    start_node (self, get_window (self));
}

static WherryTransfer *
lookup_offer (WherryApplication *self, GVariant *parameter)
{
  WherryTransfer *transfer = self->node != NULL
                                 ? transfer_list_lookup (wherry_node_get_transfers (self->node),
                                                         g_variant_get_string (parameter, NULL))
                                 : NULL;

  return transfer != NULL && wherry_transfer_get_state (transfer) == TRANSFER_OFFERED ? transfer
                                                                                      : NULL;
}

static void
accept_offer_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  WherryTransfer *transfer = lookup_offer (user_data, parameter);

  if (transfer != NULL)
    wherry_transfer_accept (transfer, NULL);
}

static void
decline_offer_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  WherryTransfer *transfer = lookup_offer (user_data, parameter);

  if (transfer != NULL)
    wherry_transfer_decline (transfer);
}

static void
show_offer_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  WherryTransfer *transfer = lookup_offer (user_data, parameter);

  g_application_activate (user_data);
  if (transfer != NULL)
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

/* The session ends, or somebody pressed Ctrl+C in a terminal: the other devices are told, as by Quit. */
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
}

static void
wherry_application_activate (GApplication *application)
{
  WherryApplication *self = WHERRY_APPLICATION (application);
  WherryWindow *window = get_window (self);

  if (window == NULL)
    {
      window = wherry_window_new (GTK_APPLICATION (self));
      start_node (self, window);
    }
  gtk_window_present (GTK_WINDOW (window));
}

static void
wherry_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  g_autoptr (GPtrArray) chosen = g_ptr_array_new_with_free_func (g_object_unref);

  wherry_application_activate (application);
  WherryWindow *window = get_window (WHERRY_APPLICATION (application));
  for (int i = 0; i < n_files; i++)
    {
      if (g_file_has_uri_scheme (files[i], "wherry"))
        {
          g_autofree char *link = g_file_get_uri (files[i]);
          wherry_window_enter_link (window, link);
          return;
        }
      g_ptr_array_add (chosen, g_object_ref (files[i]));
    }
  wherry_window_send_files (window, chosen);
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
  /* Another data folder is another device: it must not become a guest of the running one. */
  if (self->data_dir != NULL)
    g_application_set_flags (application,
                             g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  return -1;
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
  self->port = QUIC_DEFAULT_PORT;

  const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Show the version and exit"), NULL },
    { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->data_dir,
      N_ ("Keep identity and devices in DIR, apart from every other Wherry"), N_ ("DIR") },
    { "receive-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->receive_dir,
      N_ ("Put received files into DIR"), N_ ("DIR") },
    { "port", 0, 0, G_OPTION_ARG_INT, &self->port, N_ ("Use UDP port N; 0 takes any"), "N" },
    { "no-mdns", 0, 0, G_OPTION_ARG_NONE, &self->no_mdns,
      N_ ("Neither look for devices nearby nor be seen by them"), NULL },
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

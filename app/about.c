/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/about.h"

#include <glib/gi18n.h>
#include <sys/utsname.h>

static char *
debug_info (WherryClient *client)
{
  struct utsname system = { 0 };
  g_autoptr (GString) info = g_string_new (NULL);
  uname (&system);
  g_string_append_printf (info, "Wherry %s\n", WHERRY_VERSION);
  g_string_append_printf (info, "GTK %u.%u.%u, libadwaita %u.%u.%u, GLib %u.%u.%u\n",
                          gtk_get_major_version (), gtk_get_minor_version (),
                          gtk_get_micro_version (), adw_get_major_version (),
                          adw_get_minor_version (), adw_get_micro_version (), glib_major_version,
                          glib_minor_version, glib_micro_version);
  g_string_append_printf (info, "%s %s %s\n", system.sysname, system.release, system.machine);
  if (client)
    {
      g_autofree char *id = wherry_client_dup_id (client);
      g_string_append_printf (info, "Device %.*s, UDP port %u\n", CLIENT_ID_SHORT, id,
                              wherry_client_get_port (client));
    }
  return g_string_free (g_steal_pointer (&info), FALSE);
}

AdwDialog *
about_dialog_new (WherryClient *client)
{
  AdwDialog *dialog = adw_about_dialog_new ();
  AdwAboutDialog *about = ADW_ABOUT_DIALOG (dialog);
  g_autofree char *info = debug_info (client);
  adw_about_dialog_set_application_icon (about, APP_ID);
  adw_about_dialog_set_application_name (about, _ ("Wherry"));
  adw_about_dialog_set_version (about, WHERRY_VERSION);
  adw_about_dialog_set_developer_name (about, _ ("The Wherry authors"));
  adw_about_dialog_set_comments (
      about, _ ("Send files straight between your own devices: verified, whole, without an "
                "account and without a cloud."));
  adw_about_dialog_set_license_type (about, GTK_LICENSE_GPL_3_0);
  /* Translators: your name, one on each line */
  adw_about_dialog_set_translator_credits (about, _ ("translator-credits"));
  adw_about_dialog_set_debug_info (about, info);
  adw_about_dialog_set_debug_info_filename (about, "wherry-debug.txt");
  return dialog;
}

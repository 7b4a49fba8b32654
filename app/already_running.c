/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/already_running.h"

#include <glib/gi18n-lib.h>

#include "net/client.h"

/* The name of the process, as in ps; NULL when there is none that can be seen from here. */
static char *
name_of_process (int64_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/comm", pid);
  char *name = NULL;
  return g_file_get_contents (path, &name, NULL, NULL) ? g_strchomp (name) : NULL;
}

char *
already_running_phrase (const char *data_dir)
{
  int64_t pid = wherry_client_find_holder (data_dir);
  g_autofree char *name = pid > 0 ? name_of_process (pid) : NULL;
  if (g_strcmp0 (name, "wherry-cli") == 0)
    return g_strdup_printf (
        _ ("“wherry-cli” runs as this device, in a terminal or in the background (process %ld). "
           "Press Ctrl+C in its terminal, or stop the service, then try again."),
        (long) pid);
  if (g_strcmp0 (name, "wherry") == 0)
    return g_strdup (
        _ ("The window of Wherry is open as this device. Use it, or close it and try again."));
  return g_strdup (
      _ ("Another program of Wherry runs as this device. Use it, or end it and try again."));
}

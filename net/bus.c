/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/bus.h"

#include <glib/gi18n-lib.h>

#include "net/client.h"
#include "net/socket_address.h"
#include "net/store/data_dir.h"

/* Digits that keep two folders apart. */
#define FOLDER_DIGITS 16

static const GDBusErrorEntry errors[] = {
  { CLIENT_ERROR_LOCKED, WHERRY_BUS_INTERFACE ".Error.Locked" },
  { CLIENT_ERROR_NOT_PAIRED, WHERRY_BUS_INTERFACE ".Error.NotPaired" },
  { CLIENT_ERROR_NOT_FOUND, WHERRY_BUS_INTERFACE ".Error.NotFound" },
  { CLIENT_ERROR_OFFLINE, WHERRY_BUS_INTERFACE ".Error.Offline" },
  { CLIENT_ERROR_INVALID, WHERRY_BUS_INTERFACE ".Error.Invalid" },
};

/* A sandbox lets a program own what begins with its id. An element must not begin with a digit. */
char *
wherry_bus_dup_name (const char *data_dir)
{
  for (size_t i = 0; i < G_N_ELEMENTS (errors); i++)
    g_dbus_error_register_error (CLIENT_ERROR, errors[i].error_code, errors[i].dbus_error_name);
  g_autofree char *path = data_dir_resolve (data_dir);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);
  return g_strdup_printf ("%s.Folder.x%.*s", APP_ID, FOLDER_DIGITS, digest);
}

char *
wherry_bus_dup_folder (const char *data_dir)
{
  return data_dir_resolve (data_dir);
}

GPtrArray *
wherry_bus_parse_addresses (const char *const *texts, GError **error)
{
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_object_unref);
  for (; *texts; texts++)
    {
      GInetSocketAddress *address = socket_address_from_text (*texts, ADDRESS_TEXT_SCOPED);
      if (!address)
        {
          g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_INVALID,
                       _ ("“%s” is not an address of the form HOST:PORT."), *texts);
          return NULL;
        }
      g_ptr_array_add (addresses, address);
    }
  return g_steal_pointer (&addresses);
}

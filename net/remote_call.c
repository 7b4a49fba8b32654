/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/remote_private.h"

#include <glib/gi18n-lib.h>

/* CLIENT_ERROR comes as it was; what else GDBus knows by name has a sentence, too, unless the bus
 * itself says it. */
static GError *
explain (GError *error)
{
  g_dbus_error_strip_remote_error (error);
  if (error->domain != G_DBUS_ERROR)
    return error;
  g_info ("%s", error->message);
  g_error_free (error);
  return g_error_new_literal (
      CLIENT_ERROR, CLIENT_ERROR_OFFLINE,
      _ ("The Wherry that runs as this device did not answer. Try again; if that does not help, "
         "end it and start it anew."));
}

GVariant *
remote_call_sync (WherryRemote *self, const char *path, const char *interface, const char *method,
                  GVariant *arguments, const char *result, GError **error)
{
  GError *local = NULL;
  GVariant *reply = g_dbus_connection_call_sync (
      g_dbus_proxy_get_connection (self->manager), g_dbus_proxy_get_name (self->manager), path,
      interface, method, arguments, G_VARIANT_TYPE (result), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
      NULL, &local);
  if (!reply)
    g_propagate_error (error, explain (local));
  return reply;
}

static DexFuture *
explain_cb (DexFuture *future, gpointer user_data)
{
  GError *error = NULL;
  dex_future_get_value (future, &error);
  return dex_future_new_for_error (explain (error));
}

DexFuture *
remote_call (WherryRemote *self, const char *path, const char *interface, const char *method,
             GVariant *arguments, const char *result)
{
  DexFuture *calling = dex_dbus_connection_call (
      g_dbus_proxy_get_connection (self->manager), g_dbus_proxy_get_name (self->manager), path,
      interface, method, arguments, G_VARIANT_TYPE (result), G_DBUS_CALL_FLAGS_NO_AUTO_START,
      G_MAXINT);
  return dex_future_catch (calling, explain_cb, NULL, NULL);
}

void
remote_tell (WherryRemote *self, const char *path, const char *interface, const char *method,
             GVariant *arguments)
{
  g_dbus_connection_call (g_dbus_proxy_get_connection (self->manager),
                          g_dbus_proxy_get_name (self->manager), path, interface, method, arguments,
                          NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
}

void
remote_read (GDBusProxy *proxy, const char *name, const char *format, ...)
{
  g_autoptr (GVariant) value = g_dbus_proxy_get_cached_property (proxy, name);
  if (!value || !g_variant_check_format_string (value, format, FALSE))
    return;
  va_list arguments;
  va_start (arguments, format);
  g_variant_get_va (value, format, NULL, &arguments);
  va_end (arguments);
}

int
remote_read_enum (GDBusProxy *proxy, const char *name, GType type, int otherwise)
{
  g_autofree char *nick = remote_read_text (proxy, name);
  const GEnumValue *found = nick ? g_enum_get_value_by_nick (g_type_class_get (type), nick) : NULL;
  return found ? found->value : otherwise;
}

char *
remote_read_text (GDBusProxy *proxy, const char *name)
{
  g_autofree char *text = NULL;
  remote_read (proxy, name, "s", &text);
  return text && *text ? g_steal_pointer (&text) : NULL;
}

GFile *
remote_file_of_bytes (const char *path)
{
  return path && *path ? g_file_new_for_path (path) : NULL;
}

GVariant *
remote_pack_addresses (GPtrArray *addresses)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; addresses && i < addresses->len; i++)
    g_strv_builder_take (builder, wherry_client_format_address (g_ptr_array_index (addresses, i)));
  g_auto (GStrv) texts = g_strv_builder_end (builder);
  return g_variant_new_strv ((const char *const *) texts, -1);
}

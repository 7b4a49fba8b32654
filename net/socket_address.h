/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What GInetSocketAddress lacks, for the folders that know gio. */
#pragma once

#include <stdbool.h>
#include <gio/gio.h>

#include "net/core/address_text.h"

/** "192.0.2.7:11204" or "[2001:db8::7]:11204" with a port, @allowed as in core/address_text but no
 * names; NULL for anything else. (transfer full) */
static inline GInetSocketAddress *
socket_address_from_text (const char *text, AddressTextFlags allowed)
{
  AddressText parsed;
  if (!address_text_parse (&parsed, text, allowed & ~ADDRESS_TEXT_NAMES, 0))
    return NULL;
  return (GInetSocketAddress *) g_inet_socket_address_new_from_string (parsed.host, parsed.port);
}

/** GEqualFunc over GInetSocketAddress: address, port and scope. */
static inline gboolean
socket_address_equal (gconstpointer a, gconstpointer b)
{
  GInetSocketAddress *x = (GInetSocketAddress *) a;
  GInetSocketAddress *y = (GInetSocketAddress *) b;
  GInetAddress *host = g_inet_socket_address_get_address (x);
  return g_inet_socket_address_get_port (x) == g_inet_socket_address_get_port (y) &&
         g_inet_address_equal (host, g_inet_socket_address_get_address (y)) &&
         (g_inet_address_get_family (host) == G_SOCKET_FAMILY_IPV4 ||
          g_inet_socket_address_get_scope_id (x) == g_inet_socket_address_get_scope_id (y));
}

/** Adds those of @from (element-type GInetSocketAddress) that @list has not yet, up to @max
 * elements. */
static inline void
socket_address_list_merge (GPtrArray *list, GPtrArray *from, guint max)
{
  for (guint i = 0; i < from->len && list->len < max; i++)
    {
      GInetSocketAddress *address = (GInetSocketAddress *) g_ptr_array_index (from, i);
      if (!g_ptr_array_find_with_equal_func (list, address, socket_address_equal, NULL))
        g_ptr_array_add (list, g_object_ref (address));
    }
}

/** Same addresses in the same order. */
static inline bool
socket_address_list_equal (GPtrArray *a, GPtrArray *b)
{
  if (a->len != b->len)
    return false;
  for (guint i = 0; i < a->len; i++)
    if (!socket_address_equal (g_ptr_array_index (a, i), g_ptr_array_index (b, i)))
      return false;
  return true;
}

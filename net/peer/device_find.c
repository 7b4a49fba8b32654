/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/peer/device_find.h"

#include <glib/gi18n-lib.h>
#include <string.h>

G_DEFINE_QUARK (wherry-device-find-error-quark, device_find_error)

/* What @text can be taken for. A name counts only when it cannot be mistaken for an id: names are
 * what peers say of themselves. */
typedef struct
{
  const char *text;
  NodeId id;
  bool is_id;      /* a whole node id */
  bool is_uuid;    /* a device id */
  bool may_prefix; /* hexadecimal digits, enough of them to be the beginning of a node id */
  bool may_name;
} Wanted;

static void
wanted_init (Wanted *wanted, const char *text)
{
  size_t len = strlen (text);
  bool is_hex = strspn (text, "0123456789abcdefABCDEF") == len;
  g_autofree char *lower = g_ascii_strdown (text, -1);
  *wanted = (Wanted) { .text = text, .is_uuid = device_id_is_valid (lower) };
  wanted->is_id = node_id_parse (&wanted->id, text);
  wanted->may_prefix = is_hex && len >= DEVICE_FIND_PREFIX_MIN;
  wanted->may_name =
      !wanted->is_id && !wanted->is_uuid && !(is_hex && len >= DEVICE_FIND_HEX_NAME_MIN);
}

static bool
is_id_of (WherryDevice *device, const Wanted *wanted)
{
  const NodeId *id = wherry_device_get_node_id (device);
  if (wanted->is_id && node_id_equal (&wanted->id, id))
    return true;
  if (wanted->is_uuid)
    {
      const char *device_id = wherry_device_get_device_id (device);
      return device_id && g_ascii_strcasecmp (device_id, wanted->text) == 0;
    }
  g_autofree char *hex = node_id_to_hex (id);
  return wanted->may_prefix && g_ascii_strncasecmp (hex, wanted->text, strlen (wanted->text)) == 0;
}

static bool
is_name_of (WherryDevice *device, const Wanted *wanted)
{
  return wanted->may_name && g_str_equal (wherry_device_get_name (device), wanted->text);
}

static bool
is_folded_name_of (WherryDevice *device, const Wanted *wanted)
{
  g_autofree char *name = g_utf8_casefold (wherry_device_get_name (device), -1);
  g_autofree char *folded = g_utf8_casefold (wanted->text, -1);
  return wanted->may_name && g_str_equal (name, folded);
}

typedef bool (*Matches) (WherryDevice *device, const Wanted *wanted);

static void
add_matches (GPtrArray *devices, const Wanted *wanted, bool paired, Matches matches,
             GPtrArray *found)
{
  for (guint i = 0; i < devices->len; i++)
    {
      WherryDevice *device = g_ptr_array_index (devices, i);
      if (wherry_device_get_paired (device) == paired && matches (device, wanted) &&
          !g_ptr_array_find (found, device, NULL))
        g_ptr_array_add (found, device);
    }
}

static void
set_ambiguous_error (GError **error, const char *text, const GPtrArray *found)
{
  WherryDevice *one = g_ptr_array_index (found, 0), *two = g_ptr_array_index (found, 1);
  g_autofree char *one_id = node_id_to_short (wherry_device_get_node_id (one));
  g_autofree char *two_id = node_id_to_short (wherry_device_get_node_id (two));
  const char *sentence =
      found->len > 2
          ? _ ("“%s” could be “%s” (%s), “%s” (%s) or others. Give more digits of the node id.")
          : _ ("“%s” could be “%s” (%s) or “%s” (%s). Give more digits of the node id.");
  g_set_error (error, DEVICE_FIND_ERROR, DEVICE_FIND_ERROR_AMBIGUOUS, sentence, text,
               wherry_device_get_name (one), one_id, wherry_device_get_name (two), two_id);
}

WherryDevice *
device_find (GPtrArray *devices, const char *text, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  Wanted wanted;
  wanted_init (&wanted, text);
  for (int paired = 1; paired >= 0 && found->len == 0; paired--)
    {
      add_matches (devices, &wanted, paired, is_id_of, found);
      guint n_ids = found->len;
      add_matches (devices, &wanted, paired, is_name_of, found);
      if (found->len == n_ids)
        add_matches (devices, &wanted, paired, is_folded_name_of, found);
    }
  if (found->len == 1)
    return g_ptr_array_index (found, 0);
  if (found->len > 1)
    set_ambiguous_error (error, text, found);
  else
    g_set_error (error, DEVICE_FIND_ERROR, DEVICE_FIND_ERROR_NOT_FOUND,
                 _ ("No device is known as “%s”. Check the name, or pair with it first."), text);
  return NULL;
}

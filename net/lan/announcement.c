/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/lan/announcement.h"

#include <string.h>
#include <avahi-common/malloc.h>

typedef struct
{
  const char *text; /* NUL-terminated by Avahi, but may have NULs inside */
  size_t len;
} Value;

/* Keys are ASCII and without case (RFC 6763, 6.4). Of a repeated key any may count: nobody honest
 * repeats one. */
static bool
find_value (AvahiStringList *txt, const char *key, Value *value)
{
  size_t key_len = strlen (key);
  for (AvahiStringList *item = txt; item; item = avahi_string_list_get_next (item))
    {
      const char *text = (const char *) avahi_string_list_get_text (item);
      size_t len = avahi_string_list_get_size (item);
      if (len > key_len && text[key_len] == '=' && g_ascii_strncasecmp (text, key, key_len) == 0)
        {
          *value = (Value) { text + key_len + 1, len - key_len - 1 };
          return true;
        }
    }
  return false;
}

/* As a C string, unless it has NULs inside or is longer than @max. */
static const char *
find_text (AvahiStringList *txt, const char *key, size_t max)
{
  Value value;
  return find_value (txt, key, &value) && value.len <= max && strlen (value.text) == value.len
             ? value.text
             : NULL;
}

bool
announcement_parse (Announcement *announcement, AvahiStringList *txt)
{
  *announcement = (Announcement) { .type = DEVICE_DESKTOP };
  if (avahi_string_list_serialize (txt, NULL, 0) > ANNOUNCEMENT_SIZE_MAX)
    return false;

  const char *id = find_text (txt, "id", NODE_ID_HEX_LEN);
  const char *version = find_text (txt, "v", DEVICE_VERSION_MAX);
  if (!id || !node_id_parse (&announcement->node_id, id) || !version ||
      !device_version_is_valid (version))
    return false;
  g_strlcpy (announcement->version, version, sizeof announcement->version);

  Value name;
  if (find_value (txt, "n", &name))
    device_name_sanitize (announcement->name, name.text, name.len);
  else
    device_name_sanitize (announcement->name, "", 0);
  const char *type = find_text (txt, "t", DEVICE_VERSION_MAX);
  if (!type || !device_type_parse (&announcement->type, type))
    announcement->type = DEVICE_DESKTOP;
  const char *pairing = find_text (txt, "p", 1);
  announcement->pairing_open = pairing && *pairing == '1';
  return true;
}

AvahiStringList *
announcement_to_txt (const Announcement *announcement)
{
  g_autofree char *id = node_id_to_base32 (&announcement->node_id);
  AvahiStringList *txt = NULL;
  if (announcement->pairing_open)
    txt = avahi_string_list_add_pair (txt, "p", "1");
  txt = avahi_string_list_add_pair (txt, "v", announcement->version);
  txt = avahi_string_list_add_pair (txt, "t", device_type_name (announcement->type));
  txt = avahi_string_list_add_pair (txt, "n", announcement->name);
  return avahi_string_list_add_pair (txt, "id", id);
}

bool
announcement_equal (const Announcement *a, const Announcement *b)
{
  return node_id_equal (&a->node_id, &b->node_id) && strcmp (a->name, b->name) == 0 &&
         a->type == b->type && strcmp (a->version, b->version) == 0 &&
         a->pairing_open == b->pairing_open;
}

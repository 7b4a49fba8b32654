/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/device_info.h"

#include <sodium.h>
#include <string.h>

/* More than any name of ours; a longer text is cut here before it costs time. */
#define NAME_INPUT_MAX 1024

static const char *const type_names[DEVICE_TYPES] = {
  [DEVICE_DESKTOP] = "desktop", [DEVICE_LAPTOP] = "laptop", [DEVICE_PHONE] = "phone",
  [DEVICE_TABLET] = "tablet",   [DEVICE_SERVER] = "server",
};

const char *
device_type_name (DeviceType type)
{
  return type_names[type];
}

bool
device_type_parse (DeviceType *type, const char *name)
{
  for (int i = 0; i < DEVICE_TYPES; i++)
    if (strcmp (type_names[i], name) == 0)
      {
        *type = (DeviceType) i;
        return true;
      }
  return false;
}

/* Letters by category that nevertheless show nothing, so that two names could look the same
 * (Unicode's Default_Ignorable_Code_Point outside of category Cf). */
static bool
is_invisible (gunichar c)
{
  return c == 0x034f || c == 0x115f || c == 0x1160 || c == 0x17b4 || c == 0x17b5 || c == 0x3164 ||
         c == 0xffa0 || (c >= 0x180b && c <= 0x180f) || (c >= 0xfe00 && c <= 0xfe0f) ||
         (c >= 0xe0100 && c <= 0xe01ef);
}

static bool
is_space (gunichar c)
{
  return g_unichar_isspace (c) || c == 0x2800; /* the empty Braille pattern */
}

static bool
is_shown (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT && type != G_UNICODE_UNASSIGNED &&
         type != G_UNICODE_PRIVATE_USE && type != G_UNICODE_SURROGATE && !is_invisible (c);
}

void
device_name_sanitize (char name[static DEVICE_NAME_MAX + 1], const char *text, gssize len)
{
  size_t input_len = len < 0 ? strnlen (text, NAME_INPUT_MAX) : MIN ((size_t) len, NAME_INPUT_MAX);
  g_autofree char *valid = g_utf8_make_valid (text, (gssize) input_len);
  size_t used = 0;
  bool space = false;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      size_t size = (size_t) (g_utf8_next_char (p) - p);

      if (is_space (c))
        {
          space = used > 0;
          continue;
        }
      if (!is_shown (c))
        continue;
      if (used + space + size > DEVICE_NAME_MAX)
        break;
      if (space)
        name[used++] = ' ';
      memcpy (name + used, p, size);
      used += size;
      space = false;
    }
  name[used] = '\0';

  if (used == 0)
    g_strlcpy (name, "Unnamed device", DEVICE_NAME_MAX + 1);
}

void
device_id_generate (char device_id[static DEVICE_ID_LEN + 1])
{
  uint8_t bytes[16];
  char *p = device_id;

  randombytes_buf (bytes, sizeof bytes);
  bytes[6] = (bytes[6] & 0x0f) | 0x40; /* version 4: random */
  bytes[8] = (bytes[8] & 0x3f) | 0x80; /* variant: RFC 9562 */

  for (size_t i = 0; i < sizeof bytes; i++)
    {
      if (i == 4 || i == 6 || i == 8 || i == 10)
        *p++ = '-';
      *p++ = "0123456789abcdef"[bytes[i] >> 4];
      *p++ = "0123456789abcdef"[bytes[i] & 15];
    }
  *p = '\0';
}

bool
device_id_is_valid (const char *text)
{
  if (strnlen (text, DEVICE_ID_LEN + 1) != DEVICE_ID_LEN)
    return false;

  for (size_t i = 0; i < DEVICE_ID_LEN; i++)
    if (i == 8 || i == 13 || i == 18 || i == 23
            ? text[i] != '-'
            : !g_ascii_isxdigit (text[i]) || g_ascii_isupper (text[i]))
      return false;
  return true;
}

bool
device_version_is_valid (const char *text)
{
  size_t len = strnlen (text, DEVICE_VERSION_MAX + 1);

  for (size_t i = 0; i < len; i++)
    if (!g_ascii_isgraph (text[i]))
      return false;
  return len > 0 && len <= DEVICE_VERSION_MAX;
}

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

#define ZWNJ 0x200c
#define ZWJ  0x200d

static bool
is_joiner (gunichar c)
{
  return c == ZWNJ || c == ZWJ;
}

/* Those that are spelled with joiners: letters that connect, and consonants that form clusters. */
static const GUnicodeScript joined_scripts[] = {
  G_UNICODE_SCRIPT_ARABIC,          G_UNICODE_SCRIPT_SYRIAC,     G_UNICODE_SCRIPT_NKO,
  G_UNICODE_SCRIPT_MANDAIC,         G_UNICODE_SCRIPT_MONGOLIAN,  G_UNICODE_SCRIPT_ADLAM,
  G_UNICODE_SCRIPT_HANIFI_ROHINGYA, G_UNICODE_SCRIPT_DEVANAGARI, G_UNICODE_SCRIPT_BENGALI,
  G_UNICODE_SCRIPT_GURMUKHI,        G_UNICODE_SCRIPT_GUJARATI,   G_UNICODE_SCRIPT_ORIYA,
  G_UNICODE_SCRIPT_TAMIL,           G_UNICODE_SCRIPT_TELUGU,     G_UNICODE_SCRIPT_KANNADA,
  G_UNICODE_SCRIPT_MALAYALAM,       G_UNICODE_SCRIPT_SINHALA,    G_UNICODE_SCRIPT_KHMER,
  G_UNICODE_SCRIPT_MYANMAR,         G_UNICODE_SCRIPT_TIBETAN,    G_UNICODE_SCRIPT_BALINESE,
  G_UNICODE_SCRIPT_JAVANESE,        G_UNICODE_SCRIPT_SUNDANESE,  G_UNICODE_SCRIPT_TAI_THAM,
};

static bool
is_joined_script (gunichar c)
{
  GUnicodeScript script = g_unichar_get_script (c);
  if (!g_unichar_isalpha (c) && !g_unichar_ismark (c))
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS (joined_scripts); i++)
    if (joined_scripts[i] == script)
      return true;
  return false;
}

static bool
is_skin_tone (gunichar c)
{
  return c >= 0x1f3fb && c <= 0x1f3ff;
}

static bool
is_emoji (gunichar c)
{
  return g_unichar_type (c) == G_UNICODE_OTHER_SYMBOL || is_skin_tone (c);
}

/* Whether @joiner does something between the two (RFC 5892, appendix A, without its joining types;
 * Unicode TR 51 for emoji). */
static bool
joins (gunichar before, gunichar joiner, gunichar after)
{
  return (is_joined_script (before) && is_joined_script (after)) ||
         (joiner == ZWJ && is_emoji (before) && is_emoji (after));
}

static bool
is_flag_letter (gunichar c)
{
  return c >= 0x1f1e6 && c <= 0x1f1ff;
}

/* Whether people see @c as a part of the character that @before ends (Unicode TR 29, extended
 * grapheme clusters). @n_flag_letters: how many of them in a row @before ends. */
static bool
continues_grapheme (gunichar before, gunichar c, unsigned n_flag_letters)
{
  GUnicodeBreakType type = g_unichar_break_type (c);
  return g_unichar_ismark (c) || is_joiner (before) || is_skin_tone (c) ||
         type == G_UNICODE_BREAK_HANGUL_V_JAMO || type == G_UNICODE_BREAK_HANGUL_T_JAMO ||
         (g_unichar_combining_class (before) == 9 && is_joined_script (c)) || /* after a virama */
         (is_flag_letter (c) && n_flag_letters % 2 == 1);
}

/* The name as far as it is written. */
typedef struct
{
  char *name;
  size_t used;
  size_t grapheme; /* where the last grapheme begins */
  gunichar last;   /* 0 at the beginning */
  gunichar base;   /* the last but marks of any script */
  unsigned n_flag_letters;
  bool space;      /* wanted in front of what comes next */
  gunichar joiner; /* likewise; 0 for none */
} Writer;

/* False when it does not fit: then the name ends in front of its grapheme. */
static bool
write_character (Writer *w, gunichar c)
{
  gunichar joiner = w->joiner && !w->space && joins (w->base, w->joiner, c) ? w->joiner : 0;
  bool continues = w->used > 0 && !w->space &&
                   continues_grapheme (joiner ? joiner : w->last, c, w->n_flag_letters);
  size_t size = (size_t) g_unichar_to_utf8 (c, NULL) + w->space +
                (joiner ? (size_t) g_unichar_to_utf8 (joiner, NULL) : 0);

  if (w->used + size > DEVICE_NAME_MAX)
    {
      if (continues && w->grapheme > 0)
        w->used = w->grapheme;
      return false;
    }
  if (!continues)
    w->grapheme = w->used;
  if (w->space)
    w->name[w->used++] = ' ';
  if (joiner)
    w->used += (size_t) g_unichar_to_utf8 (joiner, w->name + w->used);
  w->used += (size_t) g_unichar_to_utf8 (c, w->name + w->used);
  w->last = c;
  if (g_unichar_get_script (c) != G_UNICODE_SCRIPT_INHERITED)
    w->base = c;
  w->n_flag_letters = is_flag_letter (c) ? w->n_flag_letters + 1 : 0;
  w->space = false;
  w->joiner = 0;
  return true;
}

void
device_name_sanitize (char name[static DEVICE_NAME_MAX + 1], const char *text, gssize len)
{
  size_t input_len = len < 0 ? strnlen (text, NAME_INPUT_MAX) : MIN ((size_t) len, NAME_INPUT_MAX);
  g_autofree char *valid = g_utf8_make_valid (text, (gssize) input_len);
  Writer writer = { .name = name };
  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (is_space (c))
        writer.space = writer.used > 0;
      else if (is_joiner (c))
        writer.joiner = writer.joiner ? writer.joiner : c;
      else if (is_shown (c) && !write_character (&writer, c))
        break;
    }
  name[writer.used] = '\0';

  if (writer.used == 0)
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
  return strnlen (text, DEVICE_ID_LEN + 1) == DEVICE_ID_LEN && !strpbrk (text, "ABCDEF") &&
         g_uuid_string_is_valid (text);
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

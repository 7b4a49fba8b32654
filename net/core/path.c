/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/path.h"

#include <string.h>

#define TEMP_RANDOM_LEN 16 /* hex digits */
#define TEMP_STEM_MAX   64 /* bytes of the name that are kept */
#define EXTENSION_MAX   16 /* bytes with the dot; longer ones are part of the name */
#define DISPLAY_MAX     80 /* bytes */

G_DEFINE_QUARK (wherry-path-error-quark, path_error)

static bool
is_direction (gunichar c)
{
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

static bool
is_control (gunichar c)
{
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
}

char *
path_display (const char *text, size_t len)
{
  GString *out = g_string_new (NULL);
  const char *end = text + len;
  while (text < end && out->len < DISPLAY_MAX)
    {
      gunichar c = g_utf8_get_char_validated (text, end - text);
      if (c == (gunichar) -1 || c == (gunichar) -2)
        g_string_append_printf (out, "\\x%02x", (unsigned char) *text++);
      else if (is_control (c) || is_direction (c))
        {
          g_string_append_printf (out, "\\u%04x", c);
          text += g_unichar_to_utf8 (c, NULL);
        }
      else
        {
          g_string_append_unichar (out, c);
          text += g_unichar_to_utf8 (c, NULL);
        }
    }
  if (text < end)
    g_string_append (out, "…");
  return g_string_free_and_steal (out);
}

static bool G_GNUC_PRINTF (5, 6)
    refuse (GError **error, PathError code, const char *path, size_t len, const char *format, ...)
{
  g_autofree char *shown = path_display (path, len);
  va_list args;
  va_start (args, format);
  g_autofree char *why = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, PATH_ERROR, code, "The name “%s” is refused: %s.", shown, why);
  return false;
}

static bool
check_characters (const char *path, size_t len, GError **error)
{
  if (memchr (path, '\0', len))
    return refuse (error, PATH_ERROR_CHARACTER, path, len, "it holds a NUL byte");
  if (!g_utf8_validate_len (path, len, NULL))
    return refuse (error, PATH_ERROR_ENCODING, path, len, "it is not UTF-8 text");
  for (const char *p = path; p < path + len; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (is_control (c) || is_direction (c))
        return refuse (error, PATH_ERROR_CHARACTER, path, len,
                       "it holds the invisible character U+%04X", c);
    }
  return true;
}

static bool
has_temp_shape (const char *name, size_t len)
{
  const size_t suffix_len = strlen (PATH_TEMP_SUFFIX);
  if (len < 1 + 1 + TEMP_RANDOM_LEN + suffix_len || name[0] != '.')
    return false;
  if (memcmp (name + len - suffix_len, PATH_TEMP_SUFFIX, suffix_len) != 0)
    return false;
  const char *random = name + len - suffix_len - TEMP_RANDOM_LEN;
  if (random[-1] != '.')
    return false;
  for (int i = 0; i < TEMP_RANDOM_LEN; i++)
    if (!g_ascii_isdigit (random[i]) && !(random[i] >= 'a' && random[i] <= 'f'))
      return false;
  return true;
}

static bool
check_one (const char *name, size_t len, GError **error)
{
  if (len == 0)
    return refuse (error, PATH_ERROR_EMPTY, name, len, "a part of it is empty");
  if ((len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.'))
    return refuse (error, PATH_ERROR_ESCAPE, name, len, "it does not name a file or folder");
  if (len > PATH_COMPONENT_MAX)
    return refuse (error, PATH_ERROR_LENGTH, name, len, "it is longer than %d bytes",
                   PATH_COMPONENT_MAX);
  if (has_temp_shape (name, len))
    return refuse (error, PATH_ERROR_RESERVED, name, len,
                   "such names are kept for files that are still arriving");
  return true;
}

bool
path_check_entry_len (const char *path, size_t len, GError **error)
{
  if (len == 0)
    return refuse (error, PATH_ERROR_EMPTY, path, len, "it is empty");
  if (len > PATH_MAX_BYTES)
    return refuse (error, PATH_ERROR_LENGTH, path, len, "it is longer than %d bytes",
                   PATH_MAX_BYTES);
  if (path[0] == '/')
    return refuse (error, PATH_ERROR_ESCAPE, path, len, "it does not stay in the chosen folder");
  if (!check_characters (path, len, error))
    return false;

  const char *end = path + len;
  for (int depth = 1;; depth++)
    {
      if (depth > PATH_MAX_DEPTH)
        return refuse (error, PATH_ERROR_DEPTH, path, len, "it is deeper than %d folders",
                       PATH_MAX_DEPTH);
      const char *slash = memchr (path, '/', end - path);
      if (!check_one (path, (slash ? slash : end) - path, error))
        return false;
      if (!slash)
        return true;
      path = slash + 1;
      len = end - path;
    }
}

bool
path_check_entry (const char *path, GError **error)
{
  return path_check_entry_len (path, strlen (path), error);
}

bool
path_check_component (const char *name, GError **error)
{
  size_t len = strlen (name);
  if (strchr (name, '/'))
    return refuse (error, PATH_ERROR_ESCAPE, name, len, "it holds a “/”");
  return path_check_entry_len (name, len, error);
}

/* Where the extension begins: at the last dot, or at ".tar" before it. The end of the name when
 * there is none. */
static size_t
extension_start (const char *name)
{
  size_t len = strlen (name);
  const char *dot = strrchr (name, '.');
  if (!dot || dot == name || dot[1] == '\0' || strlen (dot) > EXTENSION_MAX || strchr (dot, ' '))
    return len;
  size_t start = dot - name;
  if (start > 4 && memcmp (dot - 4, ".tar", 4) == 0)
    start -= 4;
  return start;
}

/* At most @max bytes of @text, whole characters only. */
static size_t
cut_length (const char *text, size_t len, size_t max)
{
  if (len <= max)
    return len;
  while (max > 0 && ((unsigned char) text[max] & 0xC0) == 0x80)
    max--;
  return max;
}

/* The first @stem_len bytes of @name, shortened so that @insert and the rest of @name fit behind
 * them in @max bytes. */
static char *
join_within (size_t max, const char *name, size_t stem_len, const char *insert)
{
  const char *rest = name + stem_len;
  size_t room = max - strlen (insert) - strlen (rest);
  return g_strdup_printf ("%.*s%s%s", (int) cut_length (name, stem_len, room), name, insert, rest);
}

const char *
path_last_component (const char *path)
{
  const char *slash = strrchr (path, '/');
  return slash ? slash + 1 : path;
}

char *
path_clean_component (const char *name)
{
  g_autoptr (GString) out = g_string_new (NULL);
  const char *end = name + strlen (name);
  while (name < end)
    {
      gunichar c = g_utf8_get_char_validated (name, end - name);
      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          g_string_append_c (out, '_');
          name++;
          continue;
        }
      if (is_control (c) || c == '/')
        g_string_append_c (out, '_');
      else if (!is_direction (c))
        g_string_append_unichar (out, c);
      name += g_unichar_to_utf8 (c, NULL);
    }
  if (out->len == 0 || strcmp (out->str, ".") == 0 || strcmp (out->str, "..") == 0)
    return g_strdup ("_");
  char *clean = join_within (PATH_COMPONENT_MAX, out->str, extension_start (out->str), "");
  if (has_temp_shape (clean, strlen (clean)))
    clean[0] = '_';
  return clean;
}

/* Whether Windows takes @name for a device, whatever its extension. */
static bool
names_a_device (const char *name)
{
  static const char *const devices[] = { "con", "prn", "aux", "nul" };
  size_t len = strcspn (name, ".");
  if (len == 4 &&
      (g_ascii_strncasecmp (name, "com", 3) == 0 || g_ascii_strncasecmp (name, "lpt", 3) == 0))
    return g_ascii_isdigit (name[3]);
  for (size_t i = 0; i < G_N_ELEMENTS (devices); i++)
    if (len == 3 && g_ascii_strncasecmp (name, devices[i], 3) == 0)
      return true;
  return false;
}

char *
path_portable_component (const char *name, size_t max, bool ascii)
{
  g_autoptr (GString) out = g_string_new (names_a_device (name) ? "_" : NULL);
  for (; *name; name = g_utf8_next_char (name))
    {
      gunichar c = g_utf8_get_char (name);
      if ((c < 0x80 && strchr ("<>:\"|?*\\", (int) c)) || (c >= 0x80 && ascii))
        g_string_append_c (out, '_');
      else
        g_string_append_unichar (out, c);
    }
  for (size_t i = out->len; i > 0 && (out->str[i - 1] == '.' || out->str[i - 1] == ' '); i--)
    out->str[i - 1] = '_';
  return join_within (max, out->str, extension_start (out->str), "");
}

char *
path_conflict_name (const char *name, unsigned n)
{
  char insert[16];
  g_snprintf (insert, sizeof insert, " (%u)", n);
  return join_within (PATH_COMPONENT_MAX, name, extension_start (name), insert);
}

char *
path_temp_name (const char *name, uint64_t random)
{
  g_autofree char *stem = path_portable_component (name, TEMP_STEM_MAX, true);
  return g_strdup_printf (".%s.%016" G_GINT64_MODIFIER "x" PATH_TEMP_SUFFIX, stem, random);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/invite.h"

#include <sodium.h>
#include <string.h>

#include "net/core/address_text.h"
#include "net/core/base32.h"

#define PREFIX         "wherry://pair?"
#define VERSION        "1"
#define SECRET_CHARS   BASE32_LEN (INVITE_SECRET_LEN)
#define MAX_PARAMETERS 32

G_DEFINE_QUARK (wherry-invite-error-quark, invite_error)

void
invite_clear (Invite *invite)
{
  sodium_memzero (invite, sizeof *invite);
}

/* "IP:PORT" or "[IP]:PORT" with an IP that means the same to everybody. */
static bool
is_address (const char *text)
{
  AddressText address;
  return strlen (text) <= INVITE_ADDRESS_MAX &&
         address_text_parse (&address, text, ADDRESS_TEXT_GLOBAL, 0);
}

bool
invite_add_address (Invite *invite, const char *address)
{
  if (invite->n_addresses == INVITE_MAX_ADDRESSES || !is_address (address))
    return false;
  for (size_t i = 0; i < invite->n_addresses; i++)
    if (g_ascii_strcasecmp (invite->addresses[i], address) == 0)
      return false;

  g_autofree char *lower = g_ascii_strdown (address, -1);
  g_strlcpy (invite->addresses[invite->n_addresses++], lower, INVITE_ADDRESS_MAX + 1);
  return true;
}

char *
invite_format (const Invite *invite)
{
  g_autofree char *id = node_id_to_base32 (&invite->node_id);
  char secret[SECRET_CHARS + 1];
  /* As large as a link can be, so that growing leaves no copies of the secret behind. */
  GString *link = g_string_sized_new (INVITE_LINK_MAX);

  base32_encode (secret, invite->secret, INVITE_SECRET_LEN);
  g_string_printf (link, PREFIX "v=" VERSION "&id=%s&k=%s", id, secret);
  sodium_memzero (secret, sizeof secret);

  for (size_t i = 0; i < invite->n_addresses; i++)
    {
      g_string_append (link, "&a=");
      g_string_append_uri_escaped (link, invite->addresses[i], ":[]", FALSE);
    }
  return g_string_free_and_steal (link);
}

bool
invite_is_link (const char *text)
{
  while (g_ascii_isspace (*text))
    text++;
  return g_ascii_strncasecmp (text, "wherry:", strlen ("wherry:")) == 0;
}

/* Decodes %XX in place; false for a broken escape, a control character or text that is not
 * UTF-8. */
static bool
percent_decode (char *text)
{
  char *out = text;
  for (const char *p = text; *p != '\0'; p++)
    {
      int c = (uint8_t) *p;
      if (c == '%')
        {
          int high = g_ascii_xdigit_value (p[1]), low = high < 0 ? -1 : g_ascii_xdigit_value (p[2]);
          if (low < 0)
            return false;
          c = high << 4 | low;
          p += 2;
        }
      if (c < 0x20 || c == 0x7f)
        return false;
      *out++ = (char) c;
    }
  *out = '\0';
  return g_utf8_validate (text, out - text, NULL);
}

typedef enum
{
  PARAMETER_VERSION = 1 << 0,
  PARAMETER_ID = 1 << 1,
  PARAMETER_SECRET = 1 << 2,
} Parameter;

/* One "name=value", decoded. @seen: which of those that may come once did. Returns NULL or what
 * is wrong with it. */
static const char *
read_parameter (Invite *invite, const char *name, const char *value, unsigned *seen)
{
  unsigned parameter = strcmp (name, "v") == 0    ? PARAMETER_VERSION
                       : strcmp (name, "id") == 0 ? PARAMETER_ID
                       : strcmp (name, "k") == 0  ? PARAMETER_SECRET
                                                  : 0;

  if (*seen & parameter)
    return "says something twice";
  *seen |= parameter;

  if (parameter == PARAMETER_ID && !node_id_parse (&invite->node_id, value))
    return "names no valid device";
  if (parameter == PARAMETER_SECRET &&
      !base32_decode (invite->secret, INVITE_SECRET_LEN, value, strlen (value)))
    return "has a damaged secret";
  if (strcmp (name, "a") == 0 && !invite_add_address (invite, value))
    return "has an unusable address";
  return NULL;
}

static bool
fail (GError **error, const char *what)
{
  g_set_error (error, INVITE_ERROR, INVITE_ERROR_INVALID,
               "This pairing link %s; copy it again, whole", what);
  return false;
}

/* @query is taken apart in place. */
static bool
parse_query (Invite *invite, char *query, GError **error)
{
  unsigned seen = 0, n_parameters = 0;
  for (char *next = query; next;)
    {
      char *name = next;
      next = strchr (name, '&');
      if (next)
        *next++ = '\0';
      char *value = strchr (name, '=');
      if (!value || ++n_parameters > MAX_PARAMETERS)
        return fail (error, "is damaged");
      *value++ = '\0';
      if (!percent_decode (value))
        return fail (error, "is damaged");

      /* At once: a later version's other parameters may mean something else. */
      if (strcmp (name, "v") == 0 && strcmp (value, VERSION) != 0)
        {
          g_set_error (error, INVITE_ERROR, INVITE_ERROR_VERSION,
                       "This pairing link was made by another version of Wherry; install the "
                       "same version on both devices");
          return false;
        }
      const char *wrong = read_parameter (invite, name, value, &seen);
      if (wrong)
        return fail (error, wrong);
    }
  if ((~seen & (PARAMETER_VERSION | PARAMETER_ID | PARAMETER_SECRET)) != 0)
    return fail (error, "is not complete");
  return true;
}

/* RFC 3986: all else is percent-encoded in a URI. */
static bool
is_uri_text (const char *text)
{
  for (; *text != '\0'; text++)
    if (!g_ascii_isgraph (*text) || strchr ("<>\"{}|\\^`", *text))
      return false;
  return true;
}

bool
invite_parse (Invite *invite, const char *link, GError **error)
{
  size_t len = strnlen (link, INVITE_LINK_MAX + 1);
  g_auto (Invite) parsed = { 0 };
  if (!invite_is_link (link))
    {
      g_set_error (error, INVITE_ERROR, INVITE_ERROR_NOT_LINK,
                   "This is not a pairing link; one starts with " PREFIX);
      return false;
    }
  if (len > INVITE_LINK_MAX)
    return fail (error, "is too long");

  char text[INVITE_LINK_MAX + 1];
  memcpy (text, link, len + 1);
  g_strstrip (text);
  if (g_ascii_strncasecmp (text, PREFIX, strlen (PREFIX)) != 0)
    {
      sodium_memzero (text, sizeof text);
      g_set_error (error, INVITE_ERROR, INVITE_ERROR_NOT_LINK,
                   "This link is not for pairing; one that is starts with " PREFIX);
      return false;
    }

  bool valid = is_uri_text (text) ? parse_query (&parsed, text + strlen (PREFIX), error)
                                  : fail (error, "is damaged");
  sodium_memzero (text, sizeof text);
  if (valid)
    *invite = parsed;
  return valid;
}

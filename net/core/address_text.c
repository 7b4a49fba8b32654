/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/address_text.h"

#include <string.h>

#define INTERFACE_NAME_MAX 15

/* 1 to 65535, without sign, spaces or leading zeros. */
static bool
parse_port (uint16_t *port, const char *text)
{
  size_t len = strspn (text, "0123456789");
  if (len < 1 || len > 5 || text[len] != '\0' || text[0] == '0')
    return false;
  uint64_t number = g_ascii_strtoull (text, NULL, 10);
  *port = (uint16_t) number;
  return number <= G_MAXUINT16;
}

static bool
is_link_local (const char *ip)
{
  return g_str_has_prefix (ip, "169.254.") ||
         (g_ascii_strncasecmp (ip, "fe", 2) == 0 && strchr ("89abAB", ip[2]));
}

/* A name of an interface, as Linux limits it, or its number. */
static bool
is_interface (const char *scope)
{
  size_t len = strlen (scope);
  for (const char *p = scope; *p; p++)
    if (!g_ascii_isgraph (*p) || strchr ("[]/%:", *p))
      return false;
  return len > 0 && len <= INTERFACE_NAME_MAX;
}

/* An interface is needed for a link-local IPv6 address and allowed for no other. */
static bool
is_ip (const char *host, bool v6, AddressTextFlags allowed)
{
  size_t len = strcspn (host, "%");
  bool scoped = host[len] == '%';
  g_autofree char *ip = g_strndup (host, len);
  if (!g_hostname_is_ip_address (ip) || v6 == !strchr (ip, ':'))
    return false;
  if (!is_link_local (ip))
    return !scoped;
  return (allowed & ADDRESS_TEXT_SCOPED) && scoped == v6 &&
         (!scoped || is_interface (host + len + 1));
}

/* What looks like a number is a mistyped address. */
static bool
is_name (const char *host)
{
  bool has_letter = false;
  for (const unsigned char *p = (const unsigned char *) host; *p; p++)
    {
      bool letter = g_ascii_isalpha (*p) || *p >= 0x80;
      if (!letter && !g_ascii_isdigit (*p) && !strchr ("-._", *p))
        return false;
      has_letter |= letter;
    }
  return has_letter && host[0] != '.' && host[0] != '-' && !strstr (host, "..") &&
         g_utf8_validate (host, -1, NULL);
}

bool
address_text_parse (AddressText *address, const char *text, AddressTextFlags allowed,
                    uint16_t default_port)
{
  bool bracketed = text[0] == '[';
  const char *first = strchr (text, ':');
  bool bare_v6 = !bracketed && first && strchr (first + 1, ':');
  const char *host = bracketed ? text + 1 : text;
  size_t len = bracketed ? strcspn (host, "]") : bare_v6 ? strlen (host) : strcspn (host, ":");
  const char *rest = host + len;

  *address = (AddressText) { .port = default_port };
  if (len == 0 || len > ADDRESS_TEXT_HOST_MAX || (bracketed && *rest++ != ']') ||
      (*rest == ':' ? !parse_port (&address->port, rest + 1) : *rest || default_port == 0))
    return false;
  memcpy (address->host, host, len);
  if (is_ip (address->host, bracketed || bare_v6, allowed))
    return true;
  address->is_name = true;
  return (allowed & ADDRESS_TEXT_NAMES) && !bracketed && is_name (address->host);
}

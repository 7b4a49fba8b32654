/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "host:port": what is accepted is written out and read again the same; what fewer kinds of
 * addresses allow, more do too. The first byte says what is allowed and whether there is a default
 * port. */
#include "net/core/address_text.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
  if (len == 0)
    return 0;
  AddressTextFlags allowed = data[0] & (ADDRESS_TEXT_SCOPED | ADDRESS_TEXT_NAMES);
  uint16_t default_port = data[0] & 4 ? 11204 : 0;
  g_autofree char *text = g_strndup ((const char *) data + 1, len - 1);
  AddressText address, again;
  if (!address_text_parse (&address, text, allowed, default_port))
    return 0;

  g_assert_cmpuint (address.port, >, 0);
  g_assert_cmpuint (strlen (address.host), >, 0);
  g_assert_cmpuint (strlen (address.host), <=, ADDRESS_TEXT_HOST_MAX);
  g_assert_null (strpbrk (address.host, "[]/ \n"));
  g_assert_true (!address.is_name || allowed & ADDRESS_TEXT_NAMES);
  g_assert_true (!strchr (address.host, '%') || allowed & ADDRESS_TEXT_SCOPED);

  bool bracketed = strchr (address.host, ':');
  g_autofree char *written =
      g_strdup_printf (bracketed ? "[%s]:%u" : "%s:%u", address.host, address.port);
  g_assert_true (address_text_parse (&again, written, allowed, 0));
  g_assert_cmpstr (again.host, ==, address.host);
  g_assert_cmpuint (again.port, ==, address.port);
  g_assert_true (again.is_name == address.is_name);
  g_assert_true (
      address_text_parse (&again, text, ADDRESS_TEXT_SCOPED | ADDRESS_TEXT_NAMES, default_port));
  return 0;
}

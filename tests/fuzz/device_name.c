/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A name that a device gave itself: from any bytes comes one that is safe to show, and that stays
 * as it is. */
#include "net/core/device_info.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
  char name[DEVICE_NAME_MAX + 1], again[DEVICE_NAME_MAX + 1];
  g_autofree char *exact = g_memdup2 (data, len); /* a byte too far is seen */
  device_name_sanitize (name, exact ? exact : "", (gssize) len);
  size_t used = strlen (name);
  g_assert_cmpuint (used, >, 0);
  g_assert_cmpuint (used, <=, DEVICE_NAME_MAX);
  g_assert_true (g_utf8_validate (name, -1, NULL));
  for (const char *at = name; *at; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      g_assert_true (g_unichar_type (c) != G_UNICODE_CONTROL);
      g_assert_false ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069));
    }
  device_name_sanitize (again, name, -1);
  g_assert_cmpstr (again, ==, name);
  return 0;
}

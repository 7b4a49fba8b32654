/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What parses can be written again, and then parses to the same. */
#include "net/core/message.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_auto (Message) first = { 0 };
  g_auto (Message) second = { 0 };
  g_autoptr (GError) error = NULL;
  if (!message_parse (&first, data, size, &error))
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  g_autoptr (GString) json = g_string_new (NULL);
  g_assert_true (message_encode (&first, json, NULL));
  g_assert_true (message_parse (&second, (const uint8_t *) json->str, json->len, NULL));
  g_autoptr (GString) again = g_string_new (NULL);
  g_assert_true (message_encode (&second, again, NULL));
  g_assert_true (g_string_equal (json, again));
  return 0;
}

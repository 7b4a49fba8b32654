/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pairing code in what was pasted: what is found is found again in itself, and a link as Wherry
 * writes it is found in a sentence around it. */
#include "net/core/code_text.h"

#include <string.h>

#include "net/core/invite.h"
#include "net/core/secret.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
  g_autofree char *text = g_strndup ((const char *) data, len);
  g_auto (Invite) before = { 0 };
  g_auto (Invite) after = { 0 };
  char *code = code_text_find (text);
  char *again = code_text_find (code);
  g_assert_cmpstr (code, ==, again);
  g_assert_true (g_utf8_validate (code, -1, NULL));
  if (invite_parse (&before, text, NULL))
    {
      char *link = invite_format (&before);
      g_autofree char *sentence = g_strconcat ("“", link, "”, (", text, ")", NULL);
      char *found = code_text_find (sentence);
      g_assert_cmpstr (found, ==, link);
      g_assert_true (invite_parse (&after, found, NULL));
      g_assert_cmpmem (&before, sizeof before, &after, sizeof after);
      secret_text_free (found);
      secret_text_free (link);
    }
  secret_text_free (again);
  secret_text_free (code);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pasted pairing link, or words: what is accepted is written back and read again the same. */
#include "net/core/invite.h"

#include <string.h>

#include "net/core/secret.h"
#include "net/core/words.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
  g_autofree char *text = g_strndup ((const char *) data, len);
  g_auto (Invite) invite = { 0 };
  g_auto (Invite) again = { 0 };
  g_autoptr (GError) link_error = NULL;
  g_autoptr (GError) words_error = NULL;

  if (invite_parse (&invite, text, &link_error))
    {
      char *link = invite_format (&invite);
      g_assert_true (invite_parse (&again, link, NULL));
      g_assert_cmpmem (&again, sizeof again, &invite, sizeof invite);
      secret_text_free (link);
    }
  else
    g_assert_true (g_utf8_validate (link_error->message, -1, NULL));

  char words[WORDS_TEXT_MAX + 1];
  if (words_parse (words, NULL, text, &words_error))
    {
      char words_again[WORDS_TEXT_MAX + 1];
      g_assert_true (words_parse (words_again, NULL, words, NULL));
      g_assert_cmpstr (words, ==, words_again);
    }
  else
    g_assert_true (g_utf8_validate (words_error->message, -1, NULL));
  return 0;
}

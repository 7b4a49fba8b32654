/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/code.h"

#include <sodium.h>

#include "net/client.h"
#include "net/core/code_text.h"
#include "net/core/invite.h"
#include "net/core/pairing_code.h"
#include "net/core/secret.h"
#include "net/core/words.h"
#include "net/peer/sentences.h"

G_STATIC_ASSERT (WHERRY_CODE_WORDS == WORDS_COUNT);
G_STATIC_ASSERT (WHERRY_CODE_GUESSES == PAIRING_CODE_GUESSES);
G_STATIC_ASSERT (WHERRY_CODE_MAX == CODE_TEXT_MAX);

char *
wherry_code_find (const char *text)
{
  return code_text_find (text);
}

void
wherry_code_free (char *code)
{
  secret_text_free (code);
}

bool
wherry_code_is_link (const char *code)
{
  return invite_is_link (code);
}

static bool
explain (const GError *failure, GError **error)
{
  g_autofree char *sentence = sentence_for_error (failure);
  g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_INVALID, sentence);
  return false;
}

bool
wherry_code_check_link (const char *code, GError **error)
{
  g_auto (Invite) invite = { 0 };
  g_autoptr (GError) failure = NULL;
  return invite_parse (&invite, code, &failure) || explain (failure, error);
}

bool
wherry_code_check (const char *code, GError **error)
{
  if (invite_is_link (code))
    return wherry_code_check_link (code, error);
  char words[WORDS_TEXT_MAX + 1];
  g_autoptr (GError) failure = NULL;
  bool valid = words_parse (words, NULL, code, &failure);
  sodium_memzero (words, sizeof words);
  return valid || explain (failure, error);
}

const char *const *
wherry_code_complete_word (const char *prefix, size_t *n_words)
{
  return words_complete (prefix, n_words);
}

/* The parser names the unknown word and the nearest known one; the rest of the code is made valid,
 * so that it is this one. */
char *
wherry_code_explain_word (const char *word)
{
  const char *filler = words_list ()[0];
  g_autofree char *code = g_strjoin ("-", word, filler, filler, NULL);
  char text[WORDS_TEXT_MAX + 1];
  g_autoptr (GError) error = NULL;
  return words_parse (text, NULL, code, &error) ? NULL : sentence_for_error (error);
}

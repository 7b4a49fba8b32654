/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pairing code while a person enters it: part of net/client.h. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define WHERRY_CODE_WORDS   3
#define WHERRY_CODE_GUESSES 3     /* that a code that is shown allows */
#define WHERRY_CODE_MAX     65536 /* bytes of a text that are looked at */

/** The code in @text, which may be a sentence or a mail around it: a link or words; without either,
 * the text as it is. A secret. (transfer full) */
char *wherry_code_find (const char *text);
/** Wipes it. (nullable) */
void wherry_code_free (char *code);
/** A link rather than words, be it whole or not. */
bool wherry_code_is_link (const char *code);
/** Whether it is a whole link, or three words that there are. CLIENT_ERROR_INVALID: a sentence says
 * what is wrong with it. */
bool wherry_code_check (const char *code, GError **error);
/** The same where only a link will do. */
bool wherry_code_check_link (const char *code, GError **error);
/** The words that begin with @prefix (any case): a run of @n_words; NULL when there are none. */
const char *const *wherry_code_complete_word (const char *prefix, size_t *n_words);
/** That @word is none of the words, and which might be meant; NULL when it is one. (transfer
 * full) */
char *wherry_code_explain_word (const char *word);

G_END_DECLS

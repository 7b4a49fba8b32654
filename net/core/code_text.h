/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pairing code in what a person typed or pasted: a link or words, as mail, chat and terminals
 * pass them on. */
#pragma once

/* Bytes of a text that are looked at. */
#define CODE_TEXT_MAX 65536

/** The code in @text, for invite_is_link() and then invite_parse() or words_parse(). A secret: free
 * with secret_text_free().
 *
 * A link is found behind and before anything, in brackets or quotes, with a scheme in any case, and
 * across the line breaks, indents and quote marks that mail puts in. Of several the first whole one
 * counts; without a whole one, the first, so that invite_parse() says what is wrong with it.
 * Without a link, three words joined by hyphens are found in a sentence when they are the only
 * ones. Else the text is returned as it is. (transfer full) */
char *code_text_find (const char *text);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three words of the BIP39 English list: 33 bits that people can read to each other, such as
 * "brave-lion-sunset". */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

#define WORDS_COUNT    3
#define WORDS_LIST_LEN 2048
#define WORDS_BITS     33
#define WORDS_WORD_MAX 8 /* letters of the longest word */
#define WORDS_TEXT_MAX                                                                             \
  (WORDS_COUNT * (WORDS_WORD_MAX + 1) - 1) /* letters of the longest canonical form */

typedef enum
{
  WORDS_ERROR_COUNT,   /* not three words */
  WORDS_ERROR_UNKNOWN, /* no word of the list: the message names it and the nearest one */
} WordsError;

/** What a sentence about the error needs. */
typedef struct
{
  int n_words;            /* COUNT: so many were there */
  char *word;             /* (owned) UNKNOWN: as entered, shortened; to be quoted */
  const char *suggestion; /* (nullable) UNKNOWN: the nearest word of the list */
} WordsErrorPrivate;

#define WORDS_ERROR (words_error_quark ())
GQuark words_error_quark (void);
/** For an error of this domain. (transfer none) */
const WordsErrorPrivate *words_error_get_data (const GError *error);

/** The canonical form ("brave-lion-sunset", lower case, NUL-terminated) of the low 33 bits of
 * @bits. */
void words_from_bits (char text[static WORDS_TEXT_MAX + 1], uint64_t bits);
/** A fresh random code. It is a secret: wipe it with sodium_memzero(). */
void words_generate (char text[static WORDS_TEXT_MAX + 1]);
/** Reads three words in any case, separated by anything but letters, into the canonical form;
 * all or nothing. @bits may be NULL. */
bool words_parse (char text[static WORDS_TEXT_MAX + 1], uint64_t *bits, const char *input,
                  GError **error);

/** The words that start with @prefix (any case): a run of @n_words entries of the sorted list;
 * NULL when there are none. */
const char *const *words_complete (const char *prefix, size_t *n_words);
/** The whole list, WORDS_LIST_LEN entries, sorted. */
const char *const *words_list (void);

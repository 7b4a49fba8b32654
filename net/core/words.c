/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/words.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "net/core/secret.h"

#define WORD_BITS 11

/* A typing error is not further from its word than this; words of three letters are too close
 * to each other to guess at. */
#define SUGGESTION_DISTANCE 2
/* Letters of a wrong word that an error repeats. */
#define QUOTED_MAX 24

/* words.txt is english.txt of BIP-0039
 * (https://github.com/bitcoin/bips/blob/master/bip-0039/english.txt), unchanged, published
 * under the MIT licence. Its first four letters tell any word from all others. */
static const char *const list[WORDS_LIST_LEN] = {
#include "words_list.inc"
};

static void
words_error_private_init (WordsErrorPrivate *data)
{
}

static void
words_error_private_copy (const WordsErrorPrivate *from, WordsErrorPrivate *to)
{
  *to = *from;
  to->word = g_strdup (from->word);
}

static void
words_error_private_clear (WordsErrorPrivate *data)
{
  secret_text_free (data->word);
}

G_DEFINE_EXTENDED_ERROR (WordsError, words_error)

const WordsErrorPrivate *
words_error_get_data (const GError *error)
{
  return words_error_get_private (error);
}

const char *const *
words_list (void)
{
  return list;
}

void
words_from_bits (char text[static WORDS_TEXT_MAX + 1], uint64_t bits)
{
  g_snprintf (text, WORDS_TEXT_MAX + 1, "%s-%s-%s",
              list[(bits >> (2 * WORD_BITS)) % WORDS_LIST_LEN],
              list[(bits >> WORD_BITS) % WORDS_LIST_LEN], list[bits % WORDS_LIST_LEN]);
}

void
words_generate (char text[static WORDS_TEXT_MAX + 1])
{
  uint64_t bits;
  randombytes_buf (&bits, sizeof bits);
  words_from_bits (text, bits);
  sodium_memzero (&bits, sizeof bits);
}

static int
compare_words (gconstpointer key, gconstpointer entry)
{
  return strcmp (key, *(const char *const *) entry);
}

static const char *const *
find_word (const char *word)
{
  return bsearch (word, list, WORDS_LIST_LEN, sizeof *list, compare_words);
}

/* How many letters to insert, delete, replace or swap with their neighbour make @word into
 * @entry. */
static unsigned
distance (const char *word, size_t word_len, const char *entry)
{
  enum
  {
    WIDTH = WORDS_WORD_MAX + 1
  };
  unsigned rows[3][WIDTH] = { 0 };
  size_t entry_len = strlen (entry);

  for (unsigned j = 0; j <= entry_len; j++)
    rows[0][j] = j;

  for (size_t i = 1; i <= word_len; i++)
    {
      unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
      row[0] = (unsigned) i;
      for (size_t j = 1; j <= entry_len; j++)
        {
          unsigned cost = above[j - 1] + (word[i - 1] != entry[j - 1]);
          cost = MIN (cost, MIN (above[j], row[j - 1]) + 1);
          if (i > 1 && j > 1 && word[i - 1] == entry[j - 2] && word[i - 2] == entry[j - 1])
            cost = MIN (cost, two_above[j - 2] + 1);
          row[j] = cost;
        }
    }
  return rows[word_len % 3][entry_len];
}

static size_t
common_prefix (const char *a, const char *b)
{
  size_t len = 0;
  while (a[len] != '\0' && a[len] == b[len])
    len++;
  return len;
}

/* The nearest word of the list, of equally near ones that which begins most alike; NULL when
 * none is near. */
static const char *
suggest (const char *word)
{
  size_t word_len = strlen (word);
  unsigned max_distance = word_len <= 3 ? 1 : SUGGESTION_DISTANCE;
  unsigned best = max_distance;
  const char *nearest = NULL;
  for (size_t i = 0; i < WORDS_LIST_LEN; i++)
    {
      size_t len = strlen (list[i]);
      /* The lengths alone already make that many steps. */
      bool near = MAX (len, word_len) - MIN (len, word_len) <= best;
      unsigned d = near ? distance (word, word_len, list[i]) : best + 1;

      if (d < best || (d == best &&
                       (!nearest || common_prefix (word, list[i]) > common_prefix (word, nearest))))
        {
          best = d;
          nearest = list[i];
        }
    }
  if (nearest || word_len < 4)
    return nearest;

  /* "sunsetting": four letters already name the word. */
  g_autofree char *prefix = g_strndup (word, 4);
  size_t n_words;
  const char *const *found = words_complete (prefix, &n_words);
  return found ? found[0] : NULL;
}

static void
set_unknown_error (GError **error, const char *word)
{
  /* The search for a suggestion compares all of the list: thousands of lines of a pasted text are
   * parsed by callers who only ask whether they are words. */
  if (!error)
    return;
  const char *nearest = suggest (word);
  bool cut = g_utf8_strlen (word, -1) > QUOTED_MAX;
  g_autofree char *start = cut ? g_utf8_substring (word, 0, QUOTED_MAX) : g_strdup (word);
  g_autofree char *shown = g_strconcat (start, cut ? "…" : "", NULL);
  if (nearest)
    g_set_error (error, WORDS_ERROR, WORDS_ERROR_UNKNOWN,
                 "“%s” is not one of the code words; did you mean “%s”?", shown, nearest);
  else
    g_set_error (error, WORDS_ERROR, WORDS_ERROR_UNKNOWN,
                 "“%s” is not one of the code words; compare it with the other screen", shown);
  WordsErrorPrivate *data = words_error_get_private (*error);
  data->word = g_steal_pointer (&shown);
  data->suggestion = nearest;
}

/* The next run of letters from *@input, lower-cased; NULL when there is none. */
static char *
take_word (const char **input)
{
  const char *start = *input;
  while (*start != '\0' && !g_unichar_isalpha (g_utf8_get_char (start)))
    start = g_utf8_next_char (start);

  const char *end = start;
  while (*end != '\0' && g_unichar_isalpha (g_utf8_get_char (end)))
    end = g_utf8_next_char (end);

  *input = end;
  return end > start ? g_utf8_strdown (start, end - start) : NULL;
}

static bool
parse_words (const char *const *found[static WORDS_COUNT], const char *input, GError **error)
{
  int n_words = 0;
  for (char *word; (word = take_word (&input)); n_words++)
    {
      /* Of a sentence, count the words and leave it at that. */
      bool known = n_words >= WORDS_COUNT || (found[n_words] = find_word (word));

      if (!known)
        set_unknown_error (error, word);
      secret_text_free (word);
      if (!known)
        return false;
    }
  if (n_words != WORDS_COUNT)
    {
      g_set_error (error, WORDS_ERROR, WORDS_ERROR_COUNT,
                   "The code has three words, but %d %s entered", n_words,
                   n_words == 1 ? "was" : "were");
      if (error)
        words_error_get_private (*error)->n_words = n_words;
      return false;
    }
  return true;
}

bool
words_parse (char text[static WORDS_TEXT_MAX + 1], uint64_t *bits, const char *input,
             GError **error)
{
  const char *const *found[WORDS_COUNT];
  g_autofree char *valid = g_utf8_make_valid (input, -1);
  bool parsed = parse_words (found, valid, error);
  if (parsed)
    {
      uint64_t value = 0;
      for (int i = 0; i < WORDS_COUNT; i++)
        value = value << WORD_BITS | (uint64_t) (found[i] - list);
      words_from_bits (text, value);
      if (bits)
        *bits = value;
      sodium_memzero (&value, sizeof value);
    }
  sodium_memzero (valid, strlen (valid));
  return parsed;
}

const char *const *
words_complete (const char *prefix, size_t *n_words)
{
  g_autofree char *lower = g_ascii_strdown (prefix, -1);
  size_t len = strlen (lower), low = 0, high = WORDS_LIST_LEN;
  while (low < high)
    {
      size_t middle = (low + high) / 2;
      if (strcmp (list[middle], lower) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  for (high = low; high < WORDS_LIST_LEN && strncmp (list[high], lower, len) == 0;)
    high++;

  *n_words = high - low;
  return high > low ? &list[low] : NULL;
}

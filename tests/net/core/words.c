/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/words.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

static void
test_list (void)
{
  /* SHA-256 of BIP-0039's english.txt: one word in a line. */
  g_autoptr (GString) text = g_string_new (NULL);

  for (size_t i = 0; i < WORDS_LIST_LEN; i++)
    {
      g_string_append_printf (text, "%s\n", words_list ()[i]);
      g_assert_cmpuint (strlen (words_list ()[i]), <=, WORDS_WORD_MAX);
      if (i > 0)
        g_assert_cmpstr (words_list ()[i - 1], <, words_list ()[i]);
    }
  uint8_t hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256 (hash, (const uint8_t *) text->str, text->len);
  char hex[2 * sizeof hash + 1];
  sodium_bin2hex (hex, sizeof hex, hash, sizeof hash);
  g_assert_cmpstr (hex, ==, "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
}

static void
test_bits (void)
{
  char text[WORDS_TEXT_MAX + 1];
  words_from_bits (text, 0);
  g_assert_cmpstr (text, ==, "abandon-abandon-abandon");
  words_from_bits (text, (1ull << WORDS_BITS) - 1);
  g_assert_cmpstr (text, ==, "zoo-zoo-zoo");
  words_from_bits (text, 1);
  g_assert_cmpstr (text, ==, "abandon-abandon-ability");
  words_from_bits (text, 1ull << 22);
  g_assert_cmpstr (text, ==, "ability-abandon-abandon");
  words_from_bits (text, UINT64_MAX);
  g_assert_cmpstr (text, ==, "zoo-zoo-zoo");

  for (int i = 0; i < 5000; i++)
    {
      uint64_t bits = ((uint64_t) (uint32_t) g_test_rand_int () << 1 | (uint64_t) (i & 1));
      words_from_bits (text, bits);
      uint64_t back;
      char again[WORDS_TEXT_MAX + 1];
      g_assert_true (words_parse (again, &back, text, NULL));
      g_assert_cmpuint (back, ==, bits);
      g_assert_cmpstr (again, ==, text);
    }
}

static void
test_generate (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (int i = 0; i < 1000; i++)
    {
      char text[WORDS_TEXT_MAX + 1], again[WORDS_TEXT_MAX + 1];
      words_generate (text);
      g_assert_true (words_parse (again, NULL, text, NULL));
      g_hash_table_add (seen, g_strdup (text));
    }
  /* One pair among 1000 draws of 33 bits is a chance of 1 in 17000; two are none. */
  g_assert_cmpuint (g_hash_table_size (seen), >=, 999);
}

static void
test_parse (void)
{
  static const char *const same[] = {
    "brave-lion-sunset",        "BRAVE LION SUNSET",         "  Brave,  lion;\tsunset\n",
    "brave1lion2sunset",        "brave_lion_sunset",         "brave—lion—sunset",
    "(brave) \"lion\" sunset!", "\377brave\376-lion sunset",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (same); i++)
    {
      char text[WORDS_TEXT_MAX + 1];
      g_autoptr (GError) error = NULL;
      g_assert_true (words_parse (text, NULL, same[i], &error));
      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, "brave-lion-sunset");
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *input;
    int code;
    const char *message;
  } cases[] = {
    { "", WORDS_ERROR_COUNT, "The code has three words, but 0 were entered" },
    { "---", WORDS_ERROR_COUNT, "The code has three words, but 0 were entered" },
    { "brave", WORDS_ERROR_COUNT, "The code has three words, but 1 was entered" },
    { "brave lion", WORDS_ERROR_COUNT, "The code has three words, but 2 were entered" },
    { "brave lion sunset zoo", WORDS_ERROR_COUNT, "The code has three words, but 4 were entered" },
    { "brvae lion sunset", WORDS_ERROR_UNKNOWN,
      "“brvae” is not one of the code words; did you mean “brave”?" },
    { "brave lioon sunset", WORDS_ERROR_UNKNOWN,
      "“lioon” is not one of the code words; did you mean “lion”?" },
    { "brave lion sunsets", WORDS_ERROR_UNKNOWN,
      "“sunsets” is not one of the code words; did you mean “sunset”?" },
    { "brave lion sunsetting", WORDS_ERROR_UNKNOWN,
      "“sunsetting” is not one of the code words; did you mean “sunset”?" },
    { "brave löwe sunset", WORDS_ERROR_UNKNOWN,
      "“löwe” is not one of the code words; compare it with the other screen" },
    { "brave qqqqqqqq sunset", WORDS_ERROR_UNKNOWN,
      "“qqqqqqqq” is not one of the code words; compare it with the other screen" },
    { "xqxqxqxqxqxqxqxqxqxqxqxqxqxqxqxqx", WORDS_ERROR_UNKNOWN,
      "“xqxqxqxqxqxqxqxqxqxqxqxq…” is not one of the code words; compare it with the other screen" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char text[WORDS_TEXT_MAX + 1] = "kept";
      g_autoptr (GError) error = NULL;
      g_assert_false (words_parse (text, NULL, cases[i].input, &error));
      g_assert_error (error, WORDS_ERROR, cases[i].code);
      g_assert_cmpstr (error->message, ==, cases[i].message);
      g_assert_cmpstr (text, ==, "kept");
    }
}

static void
test_complete (void)
{
  size_t n_words;
  const char *const *words = words_complete ("zo", &n_words);
  g_assert_cmpuint (n_words, ==, 2);
  g_assert_cmpstr (words[0], ==, "zone");
  g_assert_cmpstr (words[1], ==, "zoo");

  words = words_complete ("ABAN", &n_words);
  g_assert_cmpuint (n_words, ==, 1);
  g_assert_cmpstr (words[0], ==, "abandon");

  words = words_complete ("", &n_words);
  g_assert_cmpuint (n_words, ==, WORDS_LIST_LEN);
  g_assert_true (words == words_list ());

  g_assert_null (words_complete ("zzz", &n_words));
  g_assert_cmpuint (n_words, ==, 0);
  g_assert_null (words_complete ("abandoned", &n_words));
  g_assert_null (words_complete ("\xff", &n_words));

  /* Four letters are enough for any word. */
  for (size_t i = 0; i < WORDS_LIST_LEN; i++)
    {
      g_autofree char *prefix = g_strndup (words_list ()[i], 4);
      words = words_complete (prefix, &n_words);
      g_assert_cmpuint (n_words, >=, 1);
      g_assert_true (strlen (prefix) < 4 || n_words == 1);
      g_assert_cmpstr (words[0], ==, words_list ()[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/words/list", test_list);
  g_test_add_func ("/words/bits", test_bits);
  g_test_add_func ("/words/generate", test_generate);
  g_test_add_func ("/words/parse", test_parse);
  g_test_add_func ("/words/refused", test_refused);
  g_test_add_func ("/words/complete", test_complete);
  return g_test_run ();
}

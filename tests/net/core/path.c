/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/path.h"

#include <string.h>

#define TEN(s)     s s s s s s s s s s
#define HUNDRED(s) TEN (TEN (s))
#define OK         (-1)

typedef struct
{
  const char *path;
  int error;
} EntryCase;

static const EntryCase entries[] = {
  { "a", OK },
  { "a/b/c.txt", OK },
  { "Grüße aus Köln/日本語 ファイル.txt", OK },
  { "…", OK },
  { "...", OK },
  { "a/.../b", OK },
  { " leading and trailing ", OK },
  { "trailing dot.", OK },
  { "-rf", OK },
  { ".bashrc", OK },
  { "~", OK },
  { "~root/x", OK },
  { "%2e%2e%2fx", OK },
  { "<b>bold</b>", OK },
  { "file:///etc/passwd", PATH_ERROR_EMPTY },
  { "file:", OK },
  { "a\\b", OK },
  { "..\\x", OK },
  { "C:", OK },
  { "evil.desktop", OK },
  { "x.wherry-part", OK },
  { "👩‍👩‍👧", OK }, /* zero-width joiners make one picture */

  { "", PATH_ERROR_EMPTY },
  { "a//b", PATH_ERROR_EMPTY },
  { "a/", PATH_ERROR_EMPTY },
  { "/", PATH_ERROR_ESCAPE },
  { "/etc/passwd", PATH_ERROR_ESCAPE },
  { "//a", PATH_ERROR_ESCAPE },
  { ".", PATH_ERROR_ESCAPE },
  { "..", PATH_ERROR_ESCAPE },
  { "../x", PATH_ERROR_ESCAPE },
  { "./x", PATH_ERROR_ESCAPE },
  { "a/../../x", PATH_ERROR_ESCAPE },
  { "a/..", PATH_ERROR_ESCAPE },
  { "a/./b", PATH_ERROR_ESCAPE },
  { "a\nb", PATH_ERROR_CHARACTER },
  { "a\tb", PATH_ERROR_CHARACTER },
  { "\x1b[31mred", PATH_ERROR_CHARACTER },
  { "del\x7f", PATH_ERROR_CHARACTER },
  { "c1\xc2\x9b", PATH_ERROR_CHARACTER },
  { "line\xe2\x80\xa8", PATH_ERROR_CHARACTER },
  { "photo\xe2\x80\xaegpj.exe", PATH_ERROR_CHARACTER },
  { "isolate\xe2\x81\xa6", PATH_ERROR_CHARACTER },
  { "mark\xe2\x80\x8f", PATH_ERROR_CHARACTER },
  { "\xef\xbb\xbf"
    "bom",
    PATH_ERROR_CHARACTER },
  { "\xff", PATH_ERROR_ENCODING },
  { "a/\xc3", PATH_ERROR_ENCODING },
  { "overlong\xc0\xaf", PATH_ERROR_ENCODING },
  { "surrogate\xed\xa0\x80", PATH_ERROR_ENCODING },
  { ".a.0123456789abcdef.wherry-part", PATH_ERROR_RESERVED },
  { "d/.a.0123456789abcdef.wherry-part/x", PATH_ERROR_RESERVED },
  { HUNDRED ("ab") TEN ("abcde") "abcde", OK },                   /* 255 bytes */
  { HUNDRED ("ab") TEN ("abcde") "abcdef", PATH_ERROR_LENGTH },   /* 256 */
  { "d/" HUNDRED ("abc"), PATH_ERROR_LENGTH },                    /* 300 */
  { HUNDRED ("d/") TEN ("d/") TEN ("d/") "d/d/d/d/d/d/d/d", OK }, /* 128 levels */
  { HUNDRED ("d/") TEN ("d/") TEN ("d/") "d/d/d/d/d/d/d/d/d", PATH_ERROR_DEPTH },
};

static void
entry_table (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      g_autoptr (GError) error = NULL;
      bool passed = path_check_entry (entries[i].path, &error);
      if (entries[i].error == OK)
        g_assert_no_error (error);
      else
        g_assert_error (error, PATH_ERROR, entries[i].error);
      g_assert_cmpint (passed, ==, !error);
    }
}

static void
whole_length (void)
{
  g_autoptr (GString) path = g_string_new (NULL);
  while (path->len < PATH_MAX_BYTES - 200)
    g_string_append (path, HUNDRED ("x") "/");
  while (path->len < PATH_MAX_BYTES)
    g_string_append_c (path, 'y');
  g_autoptr (GError) error = NULL;
  g_assert_true (path_check_entry (path->str, &error));
  g_assert_no_error (error);
  g_string_append_c (path, 'y');
  g_assert_false (path_check_entry (path->str, &error));
  g_assert_error (error, PATH_ERROR, PATH_ERROR_LENGTH);
}

static void
nul_inside (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (path_check_entry_len ("a\0b", 3, &error));
  g_assert_error (error, PATH_ERROR, PATH_ERROR_CHARACTER);
}

/* What a peer sends ends up in messages: it must not write to the terminal or turn the sentence
 * round. */
static void
messages_are_safe (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (path_check_entry ("\x1b[2J\xe2\x80\xae\xff/" HUNDRED ("0123456789"), &error));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strchr (error->message, '\x1b'));
  g_assert_null (strstr (error->message, "\xe2\x80\xae"));
  g_assert_cmpuint (strlen (error->message), <, 300);

  g_autofree char *shown = path_display ("a\nb\xff", 4);
  g_assert_cmpstr (shown, ==, "a\\u000ab\\xff");
}

/* Twins stay two names: the disk they go to decides whether there is room for both. */
static void
twins (void)
{
  const char *nfc = "caf\xc3\xa9", *nfd = "cafe\xcc\x81";
  g_autofree char *a = path_clean_component (nfc);
  g_autofree char *b = path_clean_component (nfd);
  g_assert_cmpstr (a, ==, nfc);
  g_assert_cmpstr (b, ==, nfd);
  g_assert_true (path_check_entry ("README", NULL) && path_check_entry ("readme", NULL));
}

static void
clean_table (void)
{
  static const struct
  {
    const char *name, *clean;
  } cases[] = {
    { "good name.txt", "good name.txt" },
    { ".bashrc", ".bashrc" },
    { "", "_" },
    { ".", "_" },
    { "..", "_" },
    { "a/b", "a_b" },
    { "a\nb\x1b", "a_b_" },
    { "photo\xe2\x80\xaegpj.exe", "photogpj.exe" },
    { "\xe2\x80\x8f", "_" },
    { ".\xe2\x80\x8f.", "_" },
    { "bad\xff\xfe", "bad__" },
    { ".a.0123456789abcdef.wherry-part", "_a.0123456789abcdef.wherry-part" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *clean = path_clean_component (cases[i].name);
      g_assert_cmpstr (clean, ==, cases[i].clean);
    }
}

/* Whatever went in, the gate lets pass what comes out; and cleaning again changes nothing. */
static void
clean_passes_the_gate (void)
{
  static const char *const pieces[] = { "a",
                                        ".",
                                        "/",
                                        "\n",
                                        "\xff",
                                        "é",
                                        "\xe2\x80\xae",
                                        "日本",
                                        ".tar",
                                        ".gz",
                                        " ",
                                        HUNDRED ("é"),
                                        HUNDRED ("x"),
                                        ".x.0123456789abcdef",
                                        PATH_TEMP_SUFFIX };
  const size_t n = G_N_ELEMENTS (pieces);
  for (size_t i = 0; i < n * n * n * n; i++)
    {
      g_autofree char *name = g_strconcat (pieces[i % n], pieces[i / n % n], pieces[i / n / n % n],
                                           pieces[i / n / n / n], NULL);
      g_autofree char *clean = path_clean_component (name);
      g_autoptr (GError) error = NULL;
      path_check_component (clean, &error);
      g_assert_no_error (error);
      g_autofree char *again = path_clean_component (clean);
      g_assert_cmpstr (again, ==, clean);
    }
}

static void
clean_keeps_the_extension (void)
{
  g_autofree char *clean = path_clean_component (HUNDRED ("日") ".tar.gz");
  g_assert_cmpuint (strlen (clean), <=, PATH_COMPONENT_MAX);
  g_assert_cmpuint (strlen (clean), >, PATH_COMPONENT_MAX - 3);
  g_assert_true (g_utf8_validate (clean, -1, NULL));
  g_assert_true (g_str_has_suffix (clean, "日.tar.gz"));
}

/* Whether @name is one that only we make. */
static bool
is_temp (const char *name)
{
  g_autoptr (GError) error = NULL;
  return !path_check_component (name, &error) &&
         g_error_matches (error, PATH_ERROR, PATH_ERROR_RESERVED);
}

/* A name must not become one of ours by being cut. */
static void
clean_cannot_make_a_temp_name (void)
{
  g_autofree char *name = g_strconcat (".", HUNDRED ("ab"), TEN ("cd"),
                                       "efghi.0123456789abcdefTAIL" PATH_TEMP_SUFFIX, NULL);
  g_autofree char *clean = path_clean_component (name);
  g_assert_cmpuint (strlen (clean), ==, PATH_COMPONENT_MAX);
  g_assert_true (g_str_has_suffix (clean, ".0123456789abcdef" PATH_TEMP_SUFFIX));
  g_assert_false (is_temp (clean));
}

static void
conflict_table (void)
{
  static const struct
  {
    const char *name;
    unsigned n;
    const char *expected;
  } cases[] = {
    { "name.txt", 1, "name (1).txt" },
    { "name.tar.gz", 1, "name (1).tar.gz" },
    { "name", 12, "name (12)" },
    { ".profile", 2, ".profile (2)" },
    { ".config.bak", 1, ".config (1).bak" },
    { "a.b c", 1, "a.b c (1)" },
    { "v1.2.3 notes.txt", 1, "v1.2.3 notes (1).txt" },
    { "end.", 1, "end. (1)" },
    { ".tar.gz", 1, ".tar (1).gz" },
    { "name (1).txt", 1, "name (1) (1).txt" },
    { "a.averyveryverylongend", 1, "a.averyveryverylongend (1)" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = path_conflict_name (cases[i].name, cases[i].n);
      g_assert_cmpstr (name, ==, cases[i].expected);
    }
}

static void
conflict_stays_short (void)
{
  g_autofree char *full = g_strdup (HUNDRED ("é") TEN ("é") TEN ("é") "ééééé.jpeg"); /* 255 bytes */
  g_assert_cmpuint (strlen (full), ==, PATH_COMPONENT_MAX);
  g_autofree char *name = path_conflict_name (full, G_MAXUINT);
  g_assert_true (path_check_component (name, NULL));
  g_assert_true (g_str_has_suffix (name, "é (4294967295).jpeg"));
}

static void
portable_table (void)
{
  static const struct
  {
    const char *name;
    bool ascii;
    const char *expected;
  } cases[] = {
    { "plain name.txt", false, "plain name.txt" },
    { "a:b?c*d|e<f>g\"h\\i", false, "a_b_c_d_e_f_g_h_i" },
    { "dots...", false, "dots___" },
    { "blanks. .", false, "blanks___" },
    { "con", false, "_con" },
    { "Aux.tar.gz", false, "_Aux.tar.gz" },
    { "COM7.txt", false, "_COM7.txt" },
    { "com", false, "com" },
    { "comX", false, "comX" },
    { "console", false, "console" },
    { ".profile", false, ".profile" },
    { "Zwölf 日.txt", false, "Zwölf 日.txt" },
    { "Zwölf 日.txt", true, "Zw_lf _.txt" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = path_portable_component (cases[i].name, 143, cases[i].ascii);
      g_assert_cmpstr (name, ==, cases[i].expected);
    }
  g_autofree char *cut = path_portable_component (HUNDRED ("é") ".jpeg", 143, false);
  g_assert_cmpuint (strlen (cut), ==, 143);
  g_assert_true (g_str_has_suffix (cut, "é.jpeg"));
}

static void
temp_names (void)
{
  g_autofree char *temp = path_temp_name ("a.txt", 0xABC);
  g_assert_cmpstr (temp, ==, ".a.txt.0000000000000abc.wherry-part");
  g_assert_true (is_temp (temp));
  g_assert_false (is_temp ("a.txt"));
  g_assert_false (is_temp (".a.txt.wherry-part"));
  g_assert_false (is_temp (".a.txt.0000000000000ABC.wherry-part"));
  g_assert_false (is_temp ("a.txt.0000000000000abc.wherry-part"));

  g_autofree char *portable = path_temp_name ("a:b?.t*", 0xABC);
  g_assert_cmpstr (portable, ==, ".a_b_.t_.0000000000000abc.wherry-part");

  g_autofree char *longest = path_temp_name (HUNDRED ("日"), UINT64_MAX);
  g_assert_cmpuint (strlen (longest), <=, 143); /* eCryptfs takes no more */
  g_assert_true (g_utf8_validate (longest, -1, NULL));
  g_assert_true (is_temp (longest));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/path/entry-table", entry_table);
  g_test_add_func ("/path/whole-length", whole_length);
  g_test_add_func ("/path/nul-inside", nul_inside);
  g_test_add_func ("/path/messages-are-safe", messages_are_safe);
  g_test_add_func ("/path/twins", twins);
  g_test_add_func ("/path/clean-table", clean_table);
  g_test_add_func ("/path/clean-passes-the-gate", clean_passes_the_gate);
  g_test_add_func ("/path/clean-keeps-the-extension", clean_keeps_the_extension);
  g_test_add_func ("/path/clean-cannot-make-a-temp-name", clean_cannot_make_a_temp_name);
  g_test_add_func ("/path/conflict-table", conflict_table);
  g_test_add_func ("/path/conflict-stays-short", conflict_stays_short);
  g_test_add_func ("/path/portable-table", portable_table);
  g_test_add_func ("/path/temp-names", temp_names);
  return g_test_run ();
}

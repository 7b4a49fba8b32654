/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/code_text.h"

#include <string.h>
#include <glib.h>

#include "net/core/invite.h"
#include "net/core/secret.h"

#define ID      "25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkena"
#define SECRET  "aaaqeayeaudaocajbifqydiob4"
#define BARE    "wherry://pair?v=1&id=" ID "&k=" SECRET
#define ADDRESS "&a=192.0.2.7:11204&a=[2001:db8::7]:11204"
#define LINK    BARE ADDRESS
#define WORDS   "brave-lion-sunset"

static void
assert_found (const char *text, const char *code)
{
  char *found = code_text_find (text);
  g_assert_cmpstr (found, ==, code);
  secret_text_free (found);
}

static void
test_link (void)
{
  static const char *const frames[] = {
    "%s",
    "<%s>",
    "\"<%s>\"",
    "“%s”",
    "„%s“",
    "«%s»",
    "'%s'",
    "`%s`",
    "(%s)",
    "[%s]",
    "{%s}",
    "<URL:%s>",
    "<a href=\"%s\">",
    "[pair](%s)",
    "  \t%s \r\n",
    "\ufeff%s",
    "\u200e%s\u200f",
    "%s.",
    "%s,",
    "Open %s, then wait!",
    "Is it %s?",
    "**%s**",
    "Pair with me:\n%s\n",
    "%s\n\nThanks, Anna",
    "%s\nThanks",
    "> %s\n> Thanks",
    "wherry: it is %s",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      g_auto (GStrv) parts = g_strsplit (frames[i], "%s", 2);
      g_autofree char *bare = g_strconcat (parts[0], BARE, parts[1], NULL);
      g_autofree char *full = g_strconcat (parts[0], LINK, parts[1], NULL);
      assert_found (bare, BARE);
      assert_found (full, LINK);
    }
}

/* Some programs write it in capitals, others for a web page. */
static void
test_rewritten (void)
{
  g_auto (Invite) invite = { 0 };
  g_autofree char *upper = g_ascii_strup (BARE, -1);
  g_autofree char *framed = g_strconcat ("<WHERRY://Pair?v=1&id=", ID, "&k=", SECRET, ">", NULL);
  char *found = code_text_find (framed);
  g_assert_true (invite_parse (&invite, found, NULL));
  secret_text_free (found);
  assert_found ("wherry://pair?v=1&amp;id=" ID "&amp;k=" SECRET "&amp;a=192.0.2.7:11204",
                BARE "&a=192.0.2.7:11204");
  assert_found ("wherry://pair?v=1&amp;id=" ID "&amp;amp;k=" SECRET "&amp;amp;a=192.0.2.7:11204",
                BARE "&a=192.0.2.7:11204");
  found = code_text_find (upper);
  g_assert_true (invite_is_link (found));
  secret_text_free (found);
}

/* Broken anywhere, by anything that breaks lines. */
static void
test_broken_lines (void)
{
  static const char *const breaks[] = { "\n", "\r\n", "\n  ", "\n> ", "\r\n> > ", "\u200b", " " };
  const size_t len = strlen (LINK);
  for (size_t i = 0; i < G_N_ELEMENTS (breaks); i++)
    for (size_t at = strlen ("wherry:"); at < len; at++)
      {
        g_autofree char *text =
            g_strdup_printf ("Open this:\n<%.*s%s%s>\nBye", (int) at, LINK, breaks[i], LINK + at);
        assert_found (text, LINK);
      }
  for (int width = 10; width < 80; width++)
    {
      g_autoptr (GString) text = g_string_new ("Open\n");
      for (size_t at = 0; at < len; at += (size_t) width)
        g_string_append_printf (text, "%.*s\n", width, LINK + at);
      assert_found (text->str, LINK);
    }
}

static void
test_several (void)
{
  assert_found ("wherry://pair?v=1&id=x or " BARE, BARE);
  assert_found (BARE " " LINK, BARE);
  /* None is whole: the first, for the error to be about. */
  assert_found ("see <wherry://pair?v=1&id=x> and <wherry://y>", "wherry://pair?v=1&id=x");
  assert_found ("notwherry://pair", "notwherry://pair");
}

static void
test_words (void)
{
  assert_found (WORDS, WORDS);
  assert_found ("“" WORDS "”", WORDS);
  assert_found ("Enter Brave-Lion-Sunset on the other device.", WORDS);
  assert_found ("brave lion sunset", "brave lion sunset");
  assert_found (WORDS " or sunset-lion-brave", WORDS " or sunset-lion-brave");
  assert_found ("", "");
  assert_found ("brave-lyon-sunset", "brave-lyon-sunset");
}

/* Whatever is pasted: it ends, soon, with valid text. */
static void
test_anything (void)
{
  static const char *const parts[] = { "wherry:", "//pair?", "v=1&", "\n", ">",
                                       "\xff",    "é",       ID,     "k=", "&amp;" };
  for (int round = 0; round < 500; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      for (int i = g_test_rand_int_range (0, 60); i > 0; i--)
        g_string_append (text, parts[g_test_rand_int_range (0, G_N_ELEMENTS (parts))]);
      char *found = code_text_find (text->str);
      g_assert_true (g_utf8_validate (found, -1, NULL));
      secret_text_free (found);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/code-text/link", test_link);
  g_test_add_func ("/code-text/rewritten", test_rewritten);
  g_test_add_func ("/code-text/broken-lines", test_broken_lines);
  g_test_add_func ("/code-text/several", test_several);
  g_test_add_func ("/code-text/words", test_words);
  g_test_add_func ("/code-text/anything", test_anything);
  return g_test_run ();
}

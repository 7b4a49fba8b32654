/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/code_text.h"

#include <stdbool.h>
#include <string.h>
#include <sodium.h>

#include "net/core/invite.h"
#include "net/core/secret.h"
#include "net/core/words.h"

#define SCHEME "wherry:"

/* Lines that a mail program has made of one link. */
#define PIECES_MAX 64
/* What begins like a link, and is tried. */
#define LINKS_MAX 16

/* What may stand in a link as invite_format() or a person's mail program writes it. */
static bool
is_link_char (const char *p)
{
  return g_ascii_isgraph (*p) && !strchr ("<>\"'()`{|}\\^", *p) && !g_str_has_prefix (p, "](");
}

/* Over what a mail or chat program puts where it breaks a long word; NULL when the word ends
 * here. */
static const char *
skip_break (const char *p)
{
  const char *start = p;
  while (*p != '\0')
    {
      gunichar c = g_utf8_get_char (p);

      /* “> ” and “| ” quote a mail, at the start of a line. */
      bool quotes = (c == '>' || c == '|') && p > start && p[-1] == '\n';
      bool quotes_again = (c == '>' || c == '|') && p > start + 1 && strchr ("> |", p[-1]) &&
                          memchr (start, '\n', (size_t) (p - start));
      if (!g_unichar_isspace (c) && c != 0x00ad && c != 0x200b && c != 0x2060 && c != 0xfeff &&
          !quotes && !quotes_again)
        break;
      p = g_utf8_next_char (p);
    }
  return p > start && *p != '\0' && is_link_char (p) ? p : NULL;
}

/* Punctuation of the sentence around it, which no link ends with. */
static void
trim_punctuation (GString *link)
{
  while (link->len > 0 && strchr (".,;:!?*_~]", link->str[link->len - 1]))
    g_string_truncate (link, link->len - 1);
}

/* More than once: each program that it came through may have escaped it. */
static void
unescape_ampersands (GString *link)
{
  while (g_string_replace (link, "&amp;", "&", 0) > 0)
    ;
}

static void
link_free (GString *link)
{
  sodium_memzero (link->str, link->allocated_len);
  g_string_free (link, TRUE);
}

/* The text of the link from @start on, put together from @n_pieces; (transfer full) */
static char *
join_pieces (const char *start, size_t n_pieces, size_t *n_found)
{
  /* As large as it may become, so that growing leaves no copies behind. */
  GString *link = g_string_sized_new (INVITE_LINK_MAX * 2);
  const char *p = start;

  for (*n_found = 0; p && *n_found < n_pieces && link->len <= INVITE_LINK_MAX; ++*n_found)
    {
      if (*n_found > 0 && !(p = skip_break (p)))
        break;
      const char *end = p;
      while (is_link_char (end))
        end++;
      g_string_append_len (link, p, MIN (end - p, INVITE_LINK_MAX));
      p = end;
    }
  unescape_ampersands (link);
  trim_punctuation (link);
  char *joined = g_strdup (link->str);
  link_free (link);
  return joined;
}

static bool
is_whole (const char *link)
{
  g_auto (Invite) invite = { 0 };
  return invite_parse (&invite, link, NULL);
}

/* The longest that is whole: a break may have cut off an address, and what is left would still be a
 * link. NULL when none is. */
static char *
whole_link (const char *start)
{
  size_t n_pieces;
  char *link = join_pieces (start, PIECES_MAX, &n_pieces);
  while (!is_whole (link) && n_pieces > 1)
    {
      secret_text_free (link);
      size_t n_found;
      link = join_pieces (start, --n_pieces, &n_found);
    }
  if (is_whole (link))
    return link;
  secret_text_free (link);
  return NULL;
}

/* The next scheme at or after @p that begins a word; NULL when there is none. */
static const char *
next_scheme (const char *text, const char *p)
{
  for (; *p != '\0'; p++)
    if (g_ascii_strncasecmp (p, SCHEME, strlen (SCHEME)) == 0 &&
        (p == text || !g_ascii_isalnum (p[-1])))
      return p;
  return NULL;
}

static char *
find_link (const char *text)
{
  const char *first = next_scheme (text, text);
  size_t n_links = 0;
  for (const char *p = first; p && n_links++ < LINKS_MAX; p = next_scheme (text, p + 1))
    {
      char *link = whole_link (p);
      if (link)
        return link;
    }
  size_t n_pieces;
  return first ? join_pieces (first, 1, &n_pieces) : NULL;
}

/* "brave-lion-sunset" in a sentence; NULL when there is none, or two that differ. */
static char *
find_words (const char *text)
{
  g_auto (GStrv) parts = g_strsplit_set (text, " \t\r\n", -1);
  char found[WORDS_TEXT_MAX + 1] = "";
  bool several = false;
  for (char **part = parts; *part; part++)
    {
      char words[WORDS_TEXT_MAX + 1];
      if (strchr (*part, '-') && words_parse (words, NULL, *part, NULL))
        {
          several |= *found != '\0' && strcmp (found, words) != 0;
          g_strlcpy (found, words, sizeof found);
        }
      sodium_memzero (*part, strlen (*part));
    }
  char *result = *found != '\0' && !several ? g_strdup (found) : NULL;
  sodium_memzero (found, sizeof found);
  return result;
}

char *
code_text_find (const char *text)
{
  size_t len = strnlen (text, CODE_TEXT_MAX);
  char *valid = g_utf8_make_valid (text, (gssize) len);
  char *found = find_link (valid);
  if (!found)
    found = find_words (valid);
  if (!found)
    return valid;
  secret_text_free (valid);
  return found;
}

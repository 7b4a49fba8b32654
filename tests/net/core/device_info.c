/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/device_info.h"

#include <glib.h>
#include <string.h>

static void
test_types (void)
{
  for (int i = 0; i < DEVICE_TYPES; i++)
    {
      DeviceType type;
      g_assert_true (device_type_parse (&type, device_type_name ((DeviceType) i)));
      g_assert_cmpint (type, ==, i);
    }

  DeviceType type = DEVICE_PHONE;
  g_assert_false (device_type_parse (&type, "toaster"));
  g_assert_false (device_type_parse (&type, "Laptop"));
  g_assert_false (device_type_parse (&type, ""));
  g_assert_cmpint (type, ==, DEVICE_PHONE);
}

static void
test_name (void)
{
  static const struct
  {
    const char *text;
    const char *name;
  } cases[] = {
    { "Anna's Laptop", "Anna's Laptop" },
    { "  Küche \t\n  \xe5\x8e\xa8\xe6\x88\xbf  ", "Küche \xe5\x8e\xa8\xe6\x88\xbf" },
    { "a\u00a0\u2003\u2028b", "a b" },      /* no-break, em space, line separator */
    { "evil\u202egnp.exe", "evilgnp.exe" }, /* right-to-left override */
    { "\u2066x\u2069\u200b\u200d\ufeffy\u00ad",
      "xy" }, /* isolates, zero widths, BOM, soft hyphen */
    { "a\x01\x1b[31mb\x7f", "a[31mb" },
    { "\u3164\u115f\u034f\ufe0f", "Unnamed device" }, /* fillers and joiners that show nothing */
    { "\u2800 \u2800", "Unnamed device" },
    { "\ue000\U000f0000x", "x" }, /* private use */
    { "bad\xff\xc3", "bad\ufffd\ufffd" },
    { "\xed\xa0\x80", "\ufffd\ufffd\ufffd" }, /* a surrogate */
    { "<b>&amp;</b>", "<b>&amp;</b>" },       /* markup is the view's business */
    { "", "Unnamed device" },
    { " \n ", "Unnamed device" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char name[DEVICE_NAME_MAX + 1];
      device_name_sanitize (name, cases[i].text, -1);
      g_assert_cmpstr (name, ==, cases[i].name);
    }
}

#define ZWNJ "\u200c"
#define ZWJ  "\u200d"

/* Joiners belong to the spelling of some scripts and to composed emoji, and show nothing anywhere
 * else. */
static void
test_name_joiners (void)
{
  static const char *const kept[] = {
    "می" ZWNJ "خواهم",            /* Persian */
    "लैपटॉप क्" ZWJ "ष",            /* Hindi, half form */
    "ক্" ZWNJ "ষ",                 /* Bengali, explicit virama */
    "ශ්" ZWJ "රී",                  /* Sinhala */
    "👩" ZWJ "👩" ZWJ "👧 phone", /* a family */
    "👩🏽" ZWJ "💻",              /* a skin tone before the joiner */
  };
  static const struct
  {
    const char *text;
    const char *name;
  } dropped[] = {
    { ZWJ, "Unnamed device" },
    { ZWNJ ZWJ ZWNJ, "Unnamed device" },
    { " " ZWNJ " ", "Unnamed device" },
    { ZWNJ "می", "می" },
    { "می" ZWNJ, "می" },
    { "می" ZWNJ " خواهم", "می خواهم" },
    { "می " ZWNJ "خواهم", "می خواهم" },
    { "می" ZWNJ ZWNJ ZWJ "خواهم", "می" ZWNJ "خواهم" },
    { "می" ZWNJ "\u202e" ZWNJ "خواهم", "می" ZWNJ "خواهم" },
    { "An" ZWJ "na", "Anna" },
    { "An" ZWNJ "na", "Anna" },
    { "1" ZWJ "2", "12" },
    { "a" ZWNJ "می", "aمی" },
    { "👩" ZWNJ "👧", "👩👧" },
    { "👩" ZWJ "a", "👩a" },
  };
  char name[DEVICE_NAME_MAX + 1];

  for (size_t i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      device_name_sanitize (name, kept[i], -1);
      g_assert_cmpstr (name, ==, kept[i]);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (dropped); i++)
    {
      device_name_sanitize (name, dropped[i].text, -1);
      g_assert_cmpstr (name, ==, dropped[i].name);
    }
}

/* What people see as one character is there whole or not at all. */
static void
test_name_cut_between_graphemes (void)
{
  static const char *const graphemes[] = {
    "👩" ZWJ "👩" ZWJ "👧" ZWJ "👦",
    "👩🏽" ZWJ "💻",
    "🇩🇪",
    "e\u0301\u0323",
    "क्षि",
    "क्" ZWJ "ष",
    "각",
    "ü",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (graphemes); i++)
    for (int padding = 0; padding < 32; padding++)
      {
        const char *grapheme = graphemes[i];
        g_autofree char *before = g_strnfill (padding, 'x');
        g_autoptr (GString) text = g_string_new (before);
        while (text->len <= DEVICE_NAME_MAX)
          g_string_append (text, grapheme);
        char name[DEVICE_NAME_MAX + 1];
        device_name_sanitize (name, text->str, -1);
        g_assert_true (g_str_has_prefix (text->str, name));
        g_assert_cmpuint ((strlen (name) - padding) % strlen (grapheme), ==, 0);
        g_assert_cmpuint (strlen (name) + strlen (grapheme), >, DEVICE_NAME_MAX);
      }
}

/* One that is longer than a name may be is cut between its characters, not thrown away. */
static void
test_name_endless_grapheme (void)
{
  g_autoptr (GString) text = g_string_new ("e");
  for (int i = 0; i < 100; i++)
    g_string_append (text, "\u0301");
  char name[DEVICE_NAME_MAX + 1];
  device_name_sanitize (name, text->str, -1);
  g_assert_cmpuint (strlen (name), ==, DEVICE_NAME_MAX - 1);
  g_assert_true (g_utf8_validate (name, -1, NULL));
}

/* Any mixture of what joins and what does not: no joiner alone, at an end or beside another, and
 * nothing left to clean. */
static void
test_name_any_joiners (void)
{
  static const char *const parts[] = { ZWNJ, ZWJ,  " ",  "a",      "م",      "क",
                                       "्",   "👩", "🏽", "\u0301", "\u202e", "1" };
  for (int round = 0; round < 20000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      for (int i = g_test_rand_int_range (1, 40); i > 0; i--)
        g_string_append (text, parts[g_test_rand_int_range (0, G_N_ELEMENTS (parts))]);
      char name[DEVICE_NAME_MAX + 1];
      device_name_sanitize (name, text->str, -1);
      char again[DEVICE_NAME_MAX + 1];
      device_name_sanitize (again, name, -1);
      g_assert_cmpstr (again, ==, name);
      g_assert_true (g_utf8_validate (name, -1, NULL));
      bool joined = true; /* as if one stood before the name */
      for (const char *p = name; *p; p = g_utf8_next_char (p))
        {
          bool joiner = g_str_has_prefix (p, ZWNJ) || g_str_has_prefix (p, ZWJ);
          g_assert_false (joiner && joined);
          g_assert_false (joined && p > name && *p == ' ');
          joined = joiner || *p == ' ';
        }
      g_assert_false (joined && *name && name[strlen (name) - 1] != ' ');
    }
}

static void
test_name_with_nul (void)
{
  char name[DEVICE_NAME_MAX + 1];
  device_name_sanitize (name, "a\0b", 3);
  g_assert_cmpstr (name, ==, "a\ufffdb");
  device_name_sanitize (name, "abc", 2);
  g_assert_cmpstr (name, ==, "ab");
}

static void
test_name_cap (void)
{
  g_autofree char *long_text = g_strnfill (5000, 'x');
  g_autoptr (GString) umlauts = g_string_new ("x");
  char name[DEVICE_NAME_MAX + 1];
  device_name_sanitize (name, long_text, -1);
  g_assert_cmpuint (strlen (name), ==, DEVICE_NAME_MAX);

  /* One byte, then characters of two: the cap falls inside the 32nd of them. */
  for (int i = 0; i < 100; i++)
    g_string_append (umlauts, "ü");
  device_name_sanitize (name, umlauts->str, -1);
  g_assert_cmpuint (strlen (name), ==, DEVICE_NAME_MAX - 1);
  g_assert_true (g_utf8_validate (name, -1, NULL));

  /* No space at the end when the word after it does not fit. */
  long_text[DEVICE_NAME_MAX - 1] = ' ';
  device_name_sanitize (name, long_text, -1);
  g_assert_cmpuint (strlen (name), ==, DEVICE_NAME_MAX - 1);
  g_assert_true (g_str_has_suffix (name, "x"));
}

/* Whatever the bytes: valid, within the cap, not empty, and sanitising again changes nothing. */
static void
test_name_any_bytes (void)
{
  for (int round = 0; round < 20000; round++)
    {
      char text[200], name[DEVICE_NAME_MAX + 1], again[DEVICE_NAME_MAX + 1];
      int len = g_test_rand_int_range (0, sizeof text);
      for (int i = 0; i < len; i++)
        text[i] = (char) g_test_rand_int_range (0, 256);
      device_name_sanitize (name, text, len);
      g_assert_true (g_utf8_validate (name, -1, NULL));
      g_assert_cmpuint (strlen (name), >, 0);
      g_assert_cmpuint (strlen (name), <=, DEVICE_NAME_MAX);
      device_name_sanitize (again, name, -1);
      g_assert_cmpstr (again, ==, name);
    }
}

static void
test_device_id (void)
{
  char a[DEVICE_ID_LEN + 1], b[DEVICE_ID_LEN + 1];
  device_id_generate (a);
  device_id_generate (b);
  g_assert_true (device_id_is_valid (a));
  g_assert_true (g_uuid_string_is_valid (a));
  g_assert_cmpint (a[14], ==, '4');
  g_assert_nonnull (strchr ("89ab", a[19]));
  g_assert_cmpstr (a, !=, b);

  g_assert_true (device_id_is_valid ("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"));
  g_assert_false (device_id_is_valid ("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"));
  g_assert_false (device_id_is_valid ("f81d4fae-7dec-11d0-a765-00a0c91e6bf"));
  g_assert_false (device_id_is_valid ("f81d4fae-7dec-11d0-a765-00a0c91e6bf6 "));
  g_assert_false (device_id_is_valid ("f81d4fae07dec-11d0-a765-00a0c91e6bf6"));
  g_assert_false (device_id_is_valid (""));
}

static void
test_version (void)
{
  g_assert_true (device_version_is_valid ("0.1.0"));
  g_assert_true (device_version_is_valid ("1.0~beta+git20261123.abcdef12345"));
  g_assert_false (device_version_is_valid ("1.0~beta+git20261123.abcdef123456"));
  g_assert_false (device_version_is_valid (""));
  g_assert_false (device_version_is_valid ("1 0"));
  g_assert_false (device_version_is_valid ("1\n"));
  g_assert_false (device_version_is_valid ("1\xc3\xbc"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device-info/types", test_types);
  g_test_add_func ("/device-info/name", test_name);
  g_test_add_func ("/device-info/name-joiners", test_name_joiners);
  g_test_add_func ("/device-info/name-cut-between-graphemes", test_name_cut_between_graphemes);
  g_test_add_func ("/device-info/name-endless-grapheme", test_name_endless_grapheme);
  g_test_add_func ("/device-info/name-any-joiners", test_name_any_joiners);
  g_test_add_func ("/device-info/name-with-nul", test_name_with_nul);
  g_test_add_func ("/device-info/name-cap", test_name_cap);
  g_test_add_func ("/device-info/name-any-bytes", test_name_any_bytes);
  g_test_add_func ("/device-info/device-id", test_device_id);
  g_test_add_func ("/device-info/version", test_version);
  return g_test_run ();
}

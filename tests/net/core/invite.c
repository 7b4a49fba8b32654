/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/invite.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

/* The key of RFC 8032's first test, and the bytes 0 to 15. */
#define ID     "25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkena"
#define SECRET "aaaqeayeaudaocajbifqydiob4"
#define LINK   "wherry://pair?v=1&id=" ID "&k=" SECRET

static void
test_format (void)
{
  g_auto (Invite) invite = { 0 };
  g_assert_true (node_id_parse (&invite.node_id, ID));
  for (uint8_t i = 0; i < INVITE_SECRET_LEN; i++)
    invite.secret[i] = i;

  g_autofree char *bare = invite_format (&invite);
  g_assert_cmpstr (bare, ==, LINK);

  g_assert_true (invite_add_address (&invite, "192.0.2.7:11204"));
  g_assert_true (invite_add_address (&invite, "[2001:DB8::7]:11204"));

  g_autofree char *full = invite_format (&invite);
  g_assert_cmpstr (full, ==, LINK "&a=192.0.2.7:11204&a=[2001:db8::7]:11204");

  g_auto (Invite) parsed = { 0 };
  g_autoptr (GError) error = NULL;
  g_assert_true (invite_parse (&parsed, full, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (&parsed, sizeof parsed, &invite, sizeof invite);
}

static void
test_largest_fits (void)
{
  g_auto (Invite) invite = { 0 };
  g_auto (Invite) parsed = { 0 };
  g_assert_true (node_id_parse (&invite.node_id, ID));
  for (int i = 0; i < INVITE_MAX_ADDRESSES; i++)
    {
      g_autofree char *address =
          g_strdup_printf ("[1111:2222:3333:4444:5555:6666:7777:888%d]:65535", i);
      g_assert_true (invite_add_address (&invite, address));
    }
  g_assert_false (invite_add_address (&invite, "192.0.2.7:11204"));

  g_autofree char *link = invite_format (&invite);
  g_assert_cmpuint (strlen (link), <=, INVITE_LINK_MAX);
  g_assert_true (invite_parse (&parsed, link, NULL));
  g_assert_cmpmem (&parsed, sizeof parsed, &invite, sizeof invite);
}

static void
test_accepted (void)
{
  static const char *const accepted[] = {
    LINK,
    "  " LINK "\n",
    "WHERRY://Pair?v=1&id=" ID "&k=" SECRET,
    "wherry://pair?k=" SECRET "&id=" ID "&v=1",
    LINK "&future=%E2%9C%93&a2=",
    LINK "&r=https://relay.example/a%3Fb%3D1",
    "wherry://pair?v=1&id=d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a&k=" SECRET,
  };

  for (size_t i = 0; i < G_N_ELEMENTS (accepted); i++)
    {
      g_auto (Invite) invite = { 0 };
      g_autoptr (GError) error = NULL;
      g_assert_true (invite_is_link (accepted[i]));
      g_assert_true (invite_parse (&invite, accepted[i], &error));
      g_assert_no_error (error);
      g_assert_cmpint (invite.secret[15], ==, 15);
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *link;
    int code;
  } cases[] = {
    { "", INVITE_ERROR_NOT_LINK },
    { "brave-lion-sunset", INVITE_ERROR_NOT_LINK },
    { "https://pair?v=1", INVITE_ERROR_NOT_LINK },
    { "wherry://send?v=1", INVITE_ERROR_NOT_LINK },
    { "wherry:pair?v=1", INVITE_ERROR_NOT_LINK },
    { "wherry://pair?v=2&id=" ID "&k=" SECRET, INVITE_ERROR_VERSION },
    { "wherry://pair?v=2", INVITE_ERROR_VERSION },
    { "wherry://pair?", INVITE_ERROR_INVALID },
    { "wherry://pair?v=1", INVITE_ERROR_INVALID },
    { "wherry://pair?v=1&id=" ID, INVITE_ERROR_INVALID },
    { "wherry://pair?id=" ID "&k=" SECRET, INVITE_ERROR_INVALID },
    { LINK "&", INVITE_ERROR_INVALID },
    { LINK "&v=1", INVITE_ERROR_INVALID },
    { LINK "&k=" SECRET, INVITE_ERROR_INVALID },
    { LINK "a", INVITE_ERROR_INVALID },
    { "wherry://pair?v=1&id=" ID "&k=aaaqeayeaudaocajbifqydiob", INVITE_ERROR_INVALID },
    { "wherry://pair?v=1&id=" ID "&k=aaaqeayeaudaocajbifqydiob5", INVITE_ERROR_INVALID },
    { "wherry://pair?v=1&id=" ID "&k=aaaqeayeaudaocajbifqydiob!", INVITE_ERROR_INVALID },
    /* a point of small order */
    { "wherry://pair?v=1&id=0100000000000000000000000000000000000000000000000000000000000000&k=" SECRET,
      INVITE_ERROR_INVALID },
    { LINK "&x=%", INVITE_ERROR_INVALID },
    { LINK "&x=%4", INVITE_ERROR_INVALID },
    { LINK "&x=%zz", INVITE_ERROR_INVALID },
    { LINK "&x=%00", INVITE_ERROR_INVALID },
    { LINK "&x=%0a", INVITE_ERROR_INVALID },
    { LINK "&x=%ff", INVITE_ERROR_INVALID },
    { LINK "&x=\x01", INVITE_ERROR_INVALID },
    { LINK "&x=\xc3\xa4", INVITE_ERROR_INVALID },
    { LINK "&x=\"", INVITE_ERROR_INVALID },
    { LINK "&a=192.0.2.7", INVITE_ERROR_INVALID },
    { LINK "&a=192.0.2.7:11204&a=192.0.2.7:11204", INVITE_ERROR_INVALID },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Invite) invite = { .n_addresses = 7 };
      g_autoptr (GError) error = NULL;
      g_assert_false (invite_parse (&invite, cases[i].link, &error));
      g_assert_error (error, INVITE_ERROR, cases[i].code);
      g_assert_cmpuint (invite.n_addresses, ==, 7);
    }
}

static void
test_limits (void)
{
  g_auto (Invite) invite = { 0 };
  g_autoptr (GString) link = g_string_new (LINK);
  g_autoptr (GError) error = NULL;
  g_string_append (link, "&x=");
  while (link->len < INVITE_LINK_MAX)
    g_string_append_c (link, 'x');
  g_assert_true (invite_parse (&invite, link->str, NULL));
  g_string_append_c (link, 'x');
  g_assert_false (invite_parse (&invite, link->str, &error));
  g_assert_error (error, INVITE_ERROR, INVITE_ERROR_INVALID);

  g_string_assign (link, LINK);
  for (int i = 0; i <= INVITE_MAX_ADDRESSES; i++)
    {
      g_assert_true (invite_parse (&invite, link->str, NULL));
      g_assert_cmpuint (invite.n_addresses, ==, i);
      g_string_append_printf (link, "&a=192.0.2.%d:1", i);
    }
  g_assert_false (invite_parse (&invite, link->str, NULL));

  g_string_assign (link, LINK);
  for (int i = 0; i < 100; i++)
    g_string_append (link, "&x=");
  g_assert_false (invite_parse (&invite, link->str, NULL));
}

static void
test_addresses (void)
{
  static const char *const good[] = { "127.0.0.1:1", "10.0.0.1:65535", "[::1]:11204",
                                      "[::ffff:192.0.2.1]:80" };
  static const char *const bad[] = {
    "",
    ":",
    ":1",
    "[]:1",
    "]:1",
    "[:1",
    "192.0.2.7:",
    "192.0.2.7:0",
    "192.0.2.7:011",
    "192.0.2.7:65536",
    "192.0.2.7:99999999999999999999",
    "192.0.2.7:+1",
    "192.0.2.7: 1",
    "192.0.2.7:1 ",
    "192.0.2.256:1",
    "192.0.2:1",
    "[192.0.2.7]:1",
    "2001:db8::7:1",
    "[2001:db8::7:1",
    "[2001:db8::g]:1",
    "[2001:db8::7%eth0]:1",
    "host.example:1",
    "169.254.3.4:1",
    "[fe80::1]:1",
    "[FEBF::1]:1",
    "[2001:db8::7]:1]:1",
    "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:1",
  };
  g_auto (Invite) invite = { 0 };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (invite_add_address (&invite, bad[i]));
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (invite_add_address (&invite, good[i]));
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_false (invite_add_address (&invite, good[i]));
  g_assert_cmpuint (invite.n_addresses, ==, G_N_ELEMENTS (good));
}

/* Any change of one byte is refused or gives a link that means something else or the same,
 * never a half. */
static void
test_mutations (void)
{
  static const char link[] = LINK "&a=192.0.2.7:11204&r=https://relay.example/";
  for (size_t i = 0; i < sizeof link - 1; i++)
    for (int c = 1; c < 256; c++)
      {
        g_auto (Invite) invite = { 0 };
        g_auto (Invite) again = { 0 };
        char changed[sizeof link];
        memcpy (changed, link, sizeof link);
        changed[i] = (char) c;
        if (invite_parse (&invite, changed, NULL))
          {
            g_autofree char *formatted = invite_format (&invite);
            g_assert_true (invite_parse (&again, formatted, NULL));
            g_assert_cmpmem (&again, sizeof again, &invite, sizeof invite);
          }
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/invite/format", test_format);
  g_test_add_func ("/invite/largest-fits", test_largest_fits);
  g_test_add_func ("/invite/accepted", test_accepted);
  g_test_add_func ("/invite/refused", test_refused);
  g_test_add_func ("/invite/limits", test_limits);
  g_test_add_func ("/invite/addresses", test_addresses);
  g_test_add_func ("/invite/mutations", test_mutations);
  return g_test_run ();
}

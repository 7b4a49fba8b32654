/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/lan/announcement.h"

#include <string.h>

static const uint8_t seed[NODE_SEED_LEN] = { 7 };

static Announcement
ours (void)
{
  g_autoptr (NodeIdentity) identity = node_identity_from_seed (seed);
  Announcement announcement = { .type = DEVICE_PHONE, .pairing_open = true };
  announcement.node_id = *node_identity_get_id (identity);
  g_strlcpy (announcement.name, "Zoë’s phone", sizeof announcement.name);
  g_strlcpy (announcement.version, "1.2", sizeof announcement.version);
  return announcement;
}

/* Takes @txt. */
static bool
parse (Announcement *announcement, AvahiStringList *txt)
{
  bool good = announcement_parse (announcement, txt);
  avahi_string_list_free (txt);
  return good;
}

static void
test_round_trip (void)
{
  Announcement before = ours (), after;
  g_assert_true (parse (&after, announcement_to_txt (&before)));
  g_assert_true (announcement_equal (&before, &after));
  before.pairing_open = false;
  g_assert_false (announcement_equal (&before, &after));
  g_assert_true (parse (&after, announcement_to_txt (&before)));
  g_assert_false (after.pairing_open);
}

static bool
has_item (AvahiStringList *txt, const char *item)
{
  for (; txt; txt = avahi_string_list_get_next (txt))
    if (strcmp ((const char *) avahi_string_list_get_text (txt), item) == 0)
      return true;
  return false;
}

/* What other implementations would have to read and write. */
static void
test_format (void)
{
  Announcement announcement = ours ();
  AvahiStringList *txt = announcement_to_txt (&announcement);
  g_autofree char *base32 = node_id_to_base32 (&announcement.node_id);
  g_autofree char *id = g_strconcat ("id=", base32, NULL);
  g_assert_cmpuint (avahi_string_list_length (txt), ==, 5);
  g_assert_true (has_item (txt, id));
  g_assert_true (has_item (txt, "n=Zoë’s phone"));
  g_assert_true (has_item (txt, "t=phone"));
  g_assert_true (has_item (txt, "v=1.2"));
  g_assert_true (has_item (txt, "p=1"));
  avahi_string_list_free (txt);
}

static void
test_refused (void)
{
  Announcement announcement = ours ();
  g_autofree char *id = node_id_to_base32 (&announcement.node_id);
  g_autofree char *good = g_strdup_printf ("id=%s", id);
  g_autofree char *huge = g_strnfill (ANNOUNCEMENT_SIZE_MAX / 7, 'x');
  g_assert_true (parse (&announcement, avahi_string_list_new (good, "v=1", NULL)));
  g_assert_cmpstr (announcement.name, ==, "Unnamed device");
  g_assert_cmpint (announcement.type, ==, DEVICE_DESKTOP);

  g_assert_false (parse (&announcement, NULL));
  g_assert_false (parse (&announcement, avahi_string_list_new (good, NULL)));
  g_assert_false (parse (&announcement, avahi_string_list_new (good, "v=", NULL)));
  g_assert_false (parse (&announcement, avahi_string_list_new (good, "v=\x1b[31m", NULL)));
  g_assert_false (parse (&announcement, avahi_string_list_new ("v=1", NULL)));
  g_assert_false (parse (&announcement, avahi_string_list_new ("id=", "v=1", NULL)));
  g_assert_false (parse (&announcement, avahi_string_list_new ("id=zz", "v=1", NULL)));
  /* The identity element, of small order. */
  g_assert_false (parse (
      &announcement,
      avahi_string_list_new ("id=0100000000000000000000000000000000000000000000000000000000000000",
                             "v=1", NULL)));

  AvahiStringList *txt = avahi_string_list_new (good, "v=1", NULL);
  for (int i = 0; i < 8; i++)
    txt = avahi_string_list_add (txt, huge);
  g_assert_false (parse (&announcement, txt));
}

static void
test_odd_but_harmless (void)
{
  Announcement announcement = ours ();
  g_autofree char *id = node_id_to_base32 (&announcement.node_id);
  g_autofree char *good = g_strdup_printf ("ID=%s", id);
  AvahiStringList *txt = avahi_string_list_new ("v=2", "t=toaster", "p=yes", "future=1", NULL);
  txt = avahi_string_list_add_pair_arbitrary (txt, "n", (const uint8_t *) "a\0\n\xff<b>", 7);
  txt = avahi_string_list_add (txt, good);
  g_assert_true (parse (&announcement, txt));
  g_assert_true (g_utf8_validate (announcement.name, -1, NULL));
  g_assert_null (strchr (announcement.name, '\n'));
  g_assert_cmpint (announcement.type, ==, DEVICE_DESKTOP);
  g_assert_false (announcement.pairing_open);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/announcement/round-trip", test_round_trip);
  g_test_add_func ("/announcement/format", test_format);
  g_test_add_func ("/announcement/refused", test_refused);
  g_test_add_func ("/announcement/odd-but-harmless", test_odd_but_harmless);
  return g_test_run ();
}

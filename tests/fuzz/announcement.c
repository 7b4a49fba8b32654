/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A TXT record in wire format: what passes is safe to show, and survives being announced again. */
#include "net/lan/announcement.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  AvahiStringList *txt = NULL;
  Announcement announcement, again;
  if (avahi_string_list_parse (data, size, &txt) == 0 && announcement_parse (&announcement, txt))
    {
      AvahiStringList *ours = announcement_to_txt (&announcement);
      g_assert_true (g_utf8_validate (announcement.name, -1, NULL));
      g_assert_true (announcement_parse (&again, ours));
      g_assert_true (announcement_equal (&announcement, &again));
      avahi_string_list_free (ours);
    }
  avahi_string_list_free (txt);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One frame per line: an offer that is complete holds only paths that pass the gate, and can be
 * sent on as it is. */
#include "net/core/offer.h"

#include <string.h>

#include "net/core/path.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static bool
take (Offer *offer, const uint8_t *text, size_t len)
{
  g_autoptr (WireJson) json = wire_json_parse (text, len, NULL);
  return json && offer_take_frame (offer, wire_json_root (json), NULL);
}

static void
check_complete (const Offer *offer)
{
  g_autoptr (Offer) again = offer_new_incoming ();
  uint32_t next = 0;
  for (bool last = false; !last;)
    {
      g_autoptr (GString) json = g_string_new (NULL);
      offer_encode_frame (offer, &next, &last, json);
      g_assert_true (take (again, (const uint8_t *) json->str, json->len));
    }
  g_assert_true (offer_is_complete (again));

  uint64_t total = 0;
  OfferEntry entry;
  for (uint32_t id = 0; offer_get_entry (offer, id, &entry); id++)
    {
      g_autofree char *path = offer_entry_dup_path (&entry);
      g_assert_true (path_check_entry (path, NULL) && entry.mode <= 0777);
      total += entry.size;
    }
  g_assert_cmpuint (total, ==, offer_get_total_bytes (again));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (Offer) offer = offer_new_incoming ();
  const uint8_t *end = data + size;
  bool ok = true;
  while (ok && data < end)
    {
      const uint8_t *line_end = memchr (data, '\n', end - data);
      if (!line_end)
        line_end = end;
      ok = take (offer, data, line_end - data);
      data = line_end + 1;
    }
  if (offer_is_complete (offer))
    check_complete (offer);
  return 0;
}

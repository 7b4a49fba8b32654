/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/offer_private.h"

#include <string.h>

#include "net/core/wire_json_writer.h"

#define KIND_NAME_MAX 16

static const char *const kind_names[] = {
  [OFFER_FILE] = "file",
  [OFFER_FOLDER] = "folder",
};

static void
encode_entry (WireJsonWriter *writer, const OfferEntry *entry)
{
  g_autofree char *path = offer_entry_dup_path (entry);
  wire_json_begin_object (writer, NULL);
  wire_json_put_uint (writer, "id", entry->id);
  wire_json_put_string (writer, "path", path);
  wire_json_put_string (writer, "kind", kind_names[entry->kind]);
  if (entry->kind == OFFER_FILE)
    wire_json_put_uint (writer, "size", entry->size);
  wire_json_put_int (writer, "mtime", entry->mtime.seconds);
  wire_json_put_uint (writer, "mtime_ns", entry->mtime.nanoseconds);
  wire_json_put_uint (writer, "mode", entry->mode);
  wire_json_end_object (writer);
}

static void
encode_announcement (WireJsonWriter *writer, const Offer *offer)
{
  wire_json_put_hex (writer, "transfer_id", offer->id.bytes, TRANSFER_ID_LEN);
  wire_json_put_uint (writer, "entries_total", offer->records->len);
  wire_json_put_uint (writer, "bytes_total", offer->total_bytes);
  wire_json_begin_object (writer, "options");
  wire_json_put_bool (writer, "compress", offer->options.compress);
  wire_json_put_bool (writer, "encrypt", offer->options.encrypt);
  wire_json_end_object (writer);
}

void
offer_encode_frame (const Offer *offer, uint32_t *next, bool *last, GString *json)
{
  const uint32_t first = *next;
  const size_t start = json->len;
  WireJsonWriter writer;
  wire_json_writer_init (&writer, json);
  wire_json_begin_object (&writer, NULL);
  wire_json_put_string (&writer, "type", first == 0 ? "offer" : "offer-entries");
  if (first == 0)
    encode_announcement (&writer, offer);

  wire_json_begin_array (&writer, "entries");
  OfferEntry entry;
  while (*next - first < OFFER_FRAME_ENTRIES_MAX && json->len - start < OFFER_FRAME_JSON_MAX &&
         offer_get_entry (offer, *next, &entry))
    {
      encode_entry (&writer, &entry);
      ++*next;
    }
  wire_json_end_array (&writer);
  *last = *next == offer->records->len;
  wire_json_put_bool (&writer, "last", *last);
  wire_json_end_object (&writer);
}

static bool
parse_kind (OfferKind *kind, const WireJsonNode *node, GError **error)
{
  const char *name;
  if (!wire_json_get_string (node, "kind", KIND_NAME_MAX, &name, error))
    return false;
  for (int i = 0; i < (int) G_N_ELEMENTS (kind_names); i++)
    if (strcmp (name, kind_names[i]) == 0)
      {
        *kind = i;
        return true;
      }
  return offer_fail (error, OFFER_ERROR_INVALID, "An entry is neither a file nor a folder.");
}

static bool
take_entry (Offer *offer, const WireJsonNode *node, GError **error)
{
  const char *path;
  OfferKind kind = OFFER_FILE;
  uint32_t id, mode;
  uint64_t size = 0;
  OfferTime mtime;
  if (!wire_json_get_uint32 (node, "id", OFFER_ENTRIES_MAX, &id, error) ||
      !wire_json_get_string (node, "path", PATH_MAX_BYTES, &path, error) ||
      !parse_kind (&kind, node, error) ||
      !wire_json_get_int (node, "mtime", &mtime.seconds, error) ||
      !wire_json_get_uint32 (node, "mtime_ns", OFFER_NANOSECONDS_MAX, &mtime.nanoseconds, error) ||
      !wire_json_get_uint32 (node, "mode", 07777, &mode, error))
    return false;
  if (kind == OFFER_FILE && !wire_json_get_uint (node, "size", OFFER_BYTES_MAX, &size, error))
    return false;
  if (id != offer->records->len)
    return offer_fail (error, OFFER_ERROR_INVALID, "Entry %u came where %u was expected.", id,
                       offer->records->len);
  if (id >= offer->announced_entries || size > offer->announced_bytes - offer->total_bytes)
    return offer_fail (error, OFFER_ERROR_INVALID, "There is more in the offer than it announced.");
  return offer_add (offer, path, kind, size, mtime, mode, error);
}

static bool
take_announcement (Offer *offer, const WireJsonNode *frame, GError **error)
{
  const WireJsonNode *options;
  if (!wire_json_get_hex (frame, "transfer_id", offer->id.bytes, TRANSFER_ID_LEN, error) ||
      !wire_json_get_uint32 (frame, "entries_total", OFFER_ENTRIES_MAX, &offer->announced_entries,
                             error) ||
      !wire_json_get_uint (frame, "bytes_total", OFFER_BYTES_MAX, &offer->announced_bytes, error) ||
      !wire_json_get_object (frame, "options", &options, error) ||
      !wire_json_get_bool (options, "compress", &offer->options.compress, error) ||
      !wire_json_get_bool (options, "encrypt", &offer->options.encrypt, error))
    return false;
  offer->begun = true;
  return true;
}

static bool
take_entries (Offer *offer, const WireJsonNode *frame, GError **error)
{
  const WireJsonNode *entries;
  bool last;
  if (!wire_json_get_array (frame, "entries", OFFER_FRAME_ENTRIES_MAX, &entries, error) ||
      !wire_json_get_bool (frame, "last", &last, error))
    return false;
  if (!last && wire_json_count (entries) == 0)
    return offer_fail (error, OFFER_ERROR_INVALID, "A part of the offer is empty.");
  for (const WireJsonNode *n = wire_json_first (entries); n; n = wire_json_next (entries, n))
    if (!take_entry (offer, n, error))
      return false;
  if (!last)
    return true;
  if (offer->records->len != offer->announced_entries ||
      offer->total_bytes != offer->announced_bytes)
    return offer_fail (error, OFFER_ERROR_INVALID, "There is less in the offer than it announced.");
  if (!path_set_is_tree (offer->paths))
    return offer_fail (error, OFFER_ERROR_DUPLICATE, "The offer names something twice.");
  g_clear_pointer (&offer->paths, path_set_free);
  offer->complete = true;
  return true;
}

bool
offer_take_frame (Offer *offer, const WireJsonNode *frame, GError **error)
{
  const char *type;
  g_autoptr (GError) why = NULL;
  bool ok = wire_json_get_string (frame, "type", KIND_NAME_MAX, &type, &why);
  if (ok && (offer->complete || strcmp (type, offer->begun ? "offer-entries" : "offer") != 0))
    ok = offer_fail (&why, OFFER_ERROR_INVALID, "A part of the offer came out of order.");
  ok = ok && (offer->begun || take_announcement (offer, frame, &why)) &&
       take_entries (offer, frame, &why);
  if (!ok && why->domain == WIRE_JSON_ERROR)
    offer_fail (error, OFFER_ERROR_INVALID,
                "The other device sent an offer that cannot be read: %s", why->message);
  else if (!ok)
    g_propagate_error (error, g_steal_pointer (&why));
  return ok;
}

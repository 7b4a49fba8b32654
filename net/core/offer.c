/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/offer.h"

#include <string.h>

#include "net/core/path.h"
#include "net/core/path_set.h"
#include "net/core/wire_json_writer.h"

#define NAME_BLOCK_LEN (64 * 1024) /* larger than any path, so that each fits one block */
#define MODE_MASK      0777
#define KIND_NAME_MAX  16

/* One entry as it is kept: 40 bytes. */
typedef struct
{
  const char *folder;
  const char *name;
  int64_t seconds;
  uint64_t size : 53;
  uint64_t mode : 9;
  uint64_t is_folder : 1;
  uint32_t nanoseconds;
} Record;

/* A folder that has entries in the offer. */
typedef struct
{
  const char *path;
  PathDigest digest;
} KeptFolder;

struct Offer
{
  TransferId id;
  OfferOptions options;
  GArray *records; /* (owned) of Record */
  uint32_t n_files;
  uint64_t total_bytes;

  KeptFolder last_folders[PATH_MAX_DEPTH]; /* by depth: the last one kept */
  uint32_t n_folders;                      /* kept */
  PathSet *paths;    /* (owned) incoming: each once; NULL else and in the end */
  GPtrArray *blocks; /* (owned) of char[NAME_BLOCK_LEN] (owned) */
  size_t block_used; /* bytes of the last block */

  /* Incoming: what the first frame announced. */
  bool begun;
  bool complete;
  uint32_t announced_entries;
  uint64_t announced_bytes;
};

static const char *const kind_names[] = {
  [OFFER_FILE] = "file",
  [OFFER_FOLDER] = "folder",
};

G_DEFINE_QUARK (wherry-offer-error-quark, offer_error)

static Offer *
new_empty (void)
{
  Offer *offer = g_new0 (Offer, 1);
  offer->records = g_array_new (false, false, sizeof (Record));
  offer->blocks = g_ptr_array_new_with_free_func (g_free);
  offer->block_used = NAME_BLOCK_LEN;
  return offer;
}

Offer *
offer_new_incoming (void)
{
  Offer *offer = new_empty ();
  offer->paths = path_set_new ();
  return offer;
}

Offer *
offer_new (const TransferId *id, const OfferOptions *options)
{
  Offer *offer = new_empty ();
  offer->id = *id;
  offer->options = *options;
  return offer;
}

void
offer_free (Offer *offer)
{
  if (!offer)
    return;
  g_array_unref (offer->records);
  g_ptr_array_unref (offer->blocks);
  g_clear_pointer (&offer->paths, path_set_free);
  g_free (offer);
}

static bool G_GNUC_PRINTF (3, 4) fail (GError **error, OfferError code, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *why = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, OFFER_ERROR, code, "%s", why);
  return false;
}

static const char *
keep_name (Offer *offer, const char *name, size_t len)
{
  if (NAME_BLOCK_LEN - offer->block_used < len + 1)
    {
      g_ptr_array_add (offer->blocks, g_malloc (NAME_BLOCK_LEN));
      offer->block_used = 0;
    }
  char *kept =
      (char *) g_ptr_array_index (offer->blocks, offer->blocks->len - 1) + offer->block_used;
  memcpy (kept, name, len);
  kept[len] = '\0';
  offer->block_used += len + 1;
  return kept;
}

/* A tree that is walked in order comes back only to folders that are still the last of their depth.
 * A hash table would find the others too, but a peer could choose names that collide. Parents are
 * kept too, which costs nothing where they have entries of their own, and counts against
 * OFFER_PATH_BYTES_MAX where a peer invents them. */
static const KeptFolder *
keep_folder (Offer *offer, const char *path, size_t len, unsigned depth)
{
  KeptFolder *last = &offer->last_folders[depth];
  if (last->path && strncmp (last->path, path, len) == 0 && last->path[len] == '\0')
    return last;
  if (depth > 0)
    {
      const char *slash = memrchr (path, '/', len);
      size_t parent_len = slash ? slash - path : 0;
      const KeptFolder *parent = keep_folder (offer, path, parent_len, depth - 1);
      const char *name = slash ? slash + 1 : path;
      path_digest_below (&parent->digest, name, path + len - name, &last->digest);
      if (offer->paths)
        path_set_add_parent (offer->paths, &last->digest);
    }
  last->path = keep_name (offer, path, len);
  offer->n_folders++;
  return last;
}

static unsigned
count_depth (const char *path)
{
  unsigned depth = 0;
  for (; *path; path++)
    depth += *path == '/';
  return depth;
}

static bool
check_limits (const Offer *offer, uint64_t size, GError **error)
{
  if (offer->records->len == OFFER_ENTRIES_MAX)
    return fail (error, OFFER_ERROR_LIMIT,
                 "There are more than %d files and folders. Send them in parts.",
                 OFFER_ENTRIES_MAX);
  if (offer_get_name_bytes (offer) > OFFER_PATH_BYTES_MAX || offer->n_folders > OFFER_FOLDERS_MAX)
    return fail (error, OFFER_ERROR_LIMIT,
                 "The names of the files are too long together. Send them in parts.");
  if (size > OFFER_BYTES_MAX - offer->total_bytes)
    return fail (error, OFFER_ERROR_LIMIT, "The files are too large to be counted together.");
  return true;
}

bool
offer_add (Offer *offer, const char *path, OfferKind kind, uint64_t size, OfferTime mtime,
           uint32_t mode, GError **error)
{
  g_return_val_if_fail (!offer->complete && mtime.nanoseconds <= OFFER_NANOSECONDS_MAX, false);
  g_autoptr (GError) refused = NULL;
  if (!path_check_entry (path, &refused))
    return fail (error, OFFER_ERROR_PATH, "%s", refused->message);
  if (kind == OFFER_FOLDER)
    size = 0;
  if (!check_limits (offer, size, error))
    return false;

  const char *slash = strrchr (path, '/');
  const char *name = slash ? slash + 1 : path;
  const KeptFolder *folder =
      keep_folder (offer, path, slash ? slash - path : 0, count_depth (path));
  Record record = {
    .folder = folder->path,
    .name = keep_name (offer, name, strlen (name)),
    .seconds = mtime.seconds,
    .nanoseconds = mtime.nanoseconds,
    .size = size,
    .mode = mode & MODE_MASK,
    .is_folder = kind == OFFER_FOLDER,
  };
  if (offer->paths)
    {
      PathDigest digest;
      path_digest_below (&folder->digest, name, strlen (name), &digest);
      path_set_add (offer->paths, &digest, kind == OFFER_FOLDER);
    }
  g_array_append_val (offer->records, record);
  offer->total_bytes += size;
  offer->n_files += kind == OFFER_FILE;
  return true;
}

const TransferId *
offer_get_id (const Offer *offer)
{
  return &offer->id;
}

const OfferOptions *
offer_get_options (const Offer *offer)
{
  return &offer->options;
}

uint32_t
offer_get_n_entries (const Offer *offer)
{
  return offer->records->len;
}

uint32_t
offer_get_n_files (const Offer *offer)
{
  return offer->n_files;
}

size_t
offer_get_name_bytes (const Offer *offer)
{
  return (size_t) offer->blocks->len * NAME_BLOCK_LEN;
}

uint64_t
offer_get_total_bytes (const Offer *offer)
{
  return offer->total_bytes;
}

bool
offer_get_entry (const Offer *offer, uint32_t id, OfferEntry *entry)
{
  if (id >= offer->records->len)
    return false;
  const Record *record = &g_array_index (offer->records, Record, id);
  *entry = (OfferEntry) {
    .id = id,
    .kind = record->is_folder ? OFFER_FOLDER : OFFER_FILE,
    .mode = record->mode,
    .size = record->size,
    .mtime = { record->seconds, record->nanoseconds },
    .folder = record->folder,
    .name = record->name,
  };
  return true;
}

char *
offer_entry_dup_path (const OfferEntry *entry)
{
  return *entry->folder == '\0' ? g_strdup (entry->name)
                                : g_strconcat (entry->folder, "/", entry->name, NULL);
}

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
  return fail (error, OFFER_ERROR_INVALID, "An entry is neither a file nor a folder.");
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
    return fail (error, OFFER_ERROR_INVALID, "Entry %u came where %u was expected.", id,
                 offer->records->len);
  if (id >= offer->announced_entries || size > offer->announced_bytes - offer->total_bytes)
    return fail (error, OFFER_ERROR_INVALID, "There is more in the offer than it announced.");
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
    return fail (error, OFFER_ERROR_INVALID, "A part of the offer is empty.");
  for (const WireJsonNode *n = wire_json_first (entries); n; n = wire_json_next (entries, n))
    if (!take_entry (offer, n, error))
      return false;
  if (!last)
    return true;
  if (offer->records->len != offer->announced_entries ||
      offer->total_bytes != offer->announced_bytes)
    return fail (error, OFFER_ERROR_INVALID, "There is less in the offer than it announced.");
  if (!path_set_is_tree (offer->paths))
    return fail (error, OFFER_ERROR_DUPLICATE, "The offer names something twice.");
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
    ok = fail (&why, OFFER_ERROR_INVALID, "A part of the offer came out of order.");
  ok = ok && (offer->begun || take_announcement (offer, frame, &why)) &&
       take_entries (offer, frame, &why);
  if (!ok && why->domain == WIRE_JSON_ERROR)
    fail (error, OFFER_ERROR_INVALID, "The other device sent an offer that cannot be read: %s",
          why->message);
  else if (!ok)
    g_propagate_error (error, g_steal_pointer (&why));
  return ok;
}

bool
offer_is_complete (const Offer *offer)
{
  return offer->complete;
}

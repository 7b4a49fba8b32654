/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/offer_private.h"

#include <string.h>

#define MODE_MASK 0777

G_DEFINE_QUARK (wherry-offer-error-quark, offer_error)

static Offer *
new_empty (void)
{
  Offer *offer = g_new0 (Offer, 1);
  offer->records = g_array_new (false, false, sizeof (Record));
  offer->blocks = g_ptr_array_new_with_free_func (g_free);
  offer->block_used = OFFER_NAME_BLOCK_LEN;
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

bool
offer_fail (GError **error, OfferError code, const char *format, ...)
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
  if (OFFER_NAME_BLOCK_LEN - offer->block_used < len + 1)
    {
      g_ptr_array_add (offer->blocks, g_malloc (OFFER_NAME_BLOCK_LEN));
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
    return offer_fail (error, OFFER_ERROR_LIMIT,
                       "There are more than %d files and folders. Send them in parts.",
                       OFFER_ENTRIES_MAX);
  if (offer_get_name_bytes (offer) > OFFER_PATH_BYTES_MAX || offer->n_folders > OFFER_FOLDERS_MAX)
    return offer_fail (error, OFFER_ERROR_LIMIT,
                       "The names of the files are too long together. Send them in parts.");
  if (size > OFFER_BYTES_MAX - offer->total_bytes)
    return offer_fail (error, OFFER_ERROR_LIMIT, "The files are too large to be counted together.");
  return true;
}

bool
offer_add (Offer *offer, const char *path, OfferKind kind, uint64_t size, OfferTime mtime,
           uint32_t mode, GError **error)
{
  g_return_val_if_fail (!offer->complete && mtime.nanoseconds <= OFFER_NANOSECONDS_MAX, false);
  g_autoptr (GError) refused = NULL;
  if (!path_check_entry (path, &refused))
    return offer_fail (error, OFFER_ERROR_PATH, "%s", refused->message);
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
  return (size_t) offer->blocks->len * OFFER_NAME_BLOCK_LEN;
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

bool
offer_is_complete (const Offer *offer)
{
  return offer->complete;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one device offers to send: files and folders with their relative paths, kept compactly
 * (about 40 bytes and the last path component each; folder names are shared).
 *
 * On the control stream an offer is one frame or several, so a million files are fine;
 * docs/protocol.md has their fields.
 *
 * Entry ids are 0, 1, 2 … in order. An offer is complete with its last frame, when count and sum
 * agree with the totals of the first: what is shown to the person is what can be written. No path
 * occurs twice, and none leads through a file. */
#pragma once

#include "net/core/transfer_id.h"
#include "net/core/wire_json.h"

#define OFFER_ENTRIES_MAX (1024 * 1024)
#define OFFER_FOLDERS_MAX                                                                          \
  (2 * OFFER_ENTRIES_MAX) /* each time that entries come back to one counts */
#define OFFER_BYTES_MAX         ((UINT64_C (1) << 53) - 1) /* of all files together */
#define OFFER_FRAME_ENTRIES_MAX 8192
#define OFFER_FRAME_JSON_MAX    (512 * 1024)       /* the encoder then starts another frame */
#define OFFER_PATH_BYTES_MAX    (31 * 1024 * 1024) /* of all names as they are kept */

typedef enum
{
  OFFER_ERROR_INVALID,   /* malformed, out of order, totals that do not agree */
  OFFER_ERROR_PATH,      /* a path that net/core/path refuses; the message shows it escaped */
  OFFER_ERROR_DUPLICATE, /* a path occurs twice, or a file has entries below it */
  OFFER_ERROR_LIMIT,     /* more entries or names than an offer may have */
} OfferError;

#define OFFER_ERROR (offer_error_quark ())
GQuark offer_error_quark (void);

typedef enum
{
  OFFER_FILE,
  OFFER_FOLDER,
} OfferKind;

typedef struct
{
  bool compress; /* chunks may be gzip if the receiver consents; false in this version */
  bool encrypt;  /* chunks are sealed */
} OfferOptions;

#define OFFER_NANOSECONDS_MAX 999999999

/** Unix time, before and after 1970: the second, and the nanoseconds since it began. */
typedef struct
{
  int64_t seconds;
  uint32_t nanoseconds; /* at most OFFER_NANOSECONDS_MAX */
} OfferTime;

/** A view of one entry; strings are borrowed from the offer and live as long as it. */
typedef struct
{
  uint32_t id;
  OfferKind kind;
  uint32_t mode; /* permission bits, at most 0777: set-id and sticky bits are dropped */
  uint64_t size; /* bytes; 0 for folders */
  OfferTime mtime;
  const char *folder; /* "" for a top-level entry; mostly one pointer for all in a folder */
  const char *name;   /* last component */
} OfferEntry;

typedef struct Offer Offer;

/** Sender: an empty offer. */
Offer *offer_new (const TransferId *id, const OfferOptions *options);
/** Receiver: to be filled by control_parse() until offer_is_complete(). */
Offer *offer_new_incoming (void);
void offer_free (Offer *offer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Offer, offer_free)

/** Sender: appends an entry; its id is the count before. The path is checked as the receiver will
 * check it. */
bool offer_add (Offer *offer, const char *path, OfferKind kind, uint64_t size, OfferTime mtime,
                uint32_t mode, GError **error);

const TransferId *offer_get_id (const Offer *offer);
const OfferOptions *offer_get_options (const Offer *offer);
uint32_t offer_get_n_entries (const Offer *offer);
uint32_t offer_get_n_files (const Offer *offer);
/** What the names take in memory. */
size_t offer_get_name_bytes (const Offer *offer);
/** The sum of all sizes. */
uint64_t offer_get_total_bytes (const Offer *offer);
/** False when there is no such @id. */
bool offer_get_entry (const Offer *offer, uint32_t id, OfferEntry *entry);
/** folder/name. (transfer full) */
char *offer_entry_dup_path (const OfferEntry *entry);

/** Sender: appends the frame that begins with entry *@next to @json and moves *@next behind what
 * it holds. Start with *@next = 0; the offer is out when this returned true with *@last set.
 * Always true at least once (an empty offer). */
void offer_encode_frame (const Offer *offer, uint32_t *next, bool *last, GString *json);

/** Receiver: takes one "offer" or "offer-entries" object. After a failure the offer is of no
 * use. */
bool offer_take_frame (Offer *offer, const WireJsonNode *frame, GError **error);
bool offer_is_complete (const Offer *offer);

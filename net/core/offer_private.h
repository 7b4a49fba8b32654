/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How an offer is kept, for offer.c, and for offer_codec.c, which writes and reads its frames. */
#pragma once

#include "net/core/offer.h"
#include "net/core/path.h"
#include "net/core/path_set.h"

#define OFFER_NAME_BLOCK_LEN (64 * 1024) /* larger than any path, so that each fits one block */

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
  GPtrArray *blocks; /* (owned) of char[OFFER_NAME_BLOCK_LEN] (owned) */
  size_t block_used; /* bytes of the last block */

  /* Incoming: what the first frame announced. */
  bool begun;
  bool complete;
  uint32_t announced_entries;
  uint64_t announced_bytes;
};

/** False, with an OFFER_ERROR. */
bool offer_fail (GError **error, OfferError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

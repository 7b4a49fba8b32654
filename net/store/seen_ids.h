/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last messages of each device that were taken, so that none is taken twice by a program that
 * has started again. Blocking calls, for any thread; one at a time for a device. */
#pragma once

#include "net/core/message.h"
#include "net/store/data_dir.h"

G_BEGIN_DECLS

#define SEEN_IDS_MAX 256 /* of one device */

typedef struct
{
  guint n;
  MessageId ids[SEEN_IDS_MAX]; /* in the order in which they were taken */
} SeenIds;

/** Nothing was seen when there is no file, or a damaged one, which the log tells.
 * G_FILE_ERROR_*. */
bool seen_ids_read (const DataDir *dir, const NodeId *device, SeenIds *seen, GError **error);
bool seen_ids_write (const DataDir *dir, const NodeId *device, const SeenIds *seen, GError **error);
bool seen_ids_remove (const DataDir *dir, const NodeId *device, GError **error);

bool seen_ids_has (const SeenIds *seen, const MessageId *id);
/** The oldest goes when there are too many. */
void seen_ids_add (SeenIds *seen, const MessageId *id);

G_END_DECLS

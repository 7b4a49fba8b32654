/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are complete and verified, named together.
 *
 * part_batch_commit() first makes the bytes of all its parts durable, then gives each its name
 * without ever replacing what is there ("name (1).ext"). So a name never stands for bytes that a
 * power cut could take away; the names themselves are made durable by destination_close(). One
 * thread at a time. */
#pragma once

#include "net/disk/part.h"

G_BEGIN_DECLS

typedef struct PartBatch PartBatch;

PartBatch *part_batch_new (Destination *destination);
/** Discards what was not committed. */
void part_batch_free (PartBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PartBatch, part_batch_free)

/** The part is complete: sets permission bits (as file_attributes_mode() has it) and time. @tag
 * (g_malloc) comes back from the commit. (transfer full) @part and @tag, also on failure. */
bool part_batch_add (PartBatch *batch, Part *part, uint32_t mode, OfferTime mtime, gpointer tag,
                     GError **error);
/** Whether so much waits that it should be committed now. */
bool part_batch_is_ripe (const PartBatch *batch);

/** @path: the name the file got, relative to the destination; or NULL, and @error says why it got
 * none. */
typedef void (*PartNamed) (gpointer tag, const char *path, const GError *error, gpointer user_data);
/** Calls @named for each part, in order. Fails only when cancelled: parts that have no name then
 * are discarded. */
bool part_batch_commit (PartBatch *batch, GCancellable *cancellable, PartNamed named,
                        gpointer user_data, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network_state.json on its way to the disk: whole texts, in order, the latest replacing those that
 * still wait. */
#pragma once

#include <stdbool.h>

#include "net/store/data_dir.h"

G_BEGIN_DECLS

/** Counted by references, for any thread. */
typedef struct StateWriter StateWriter;

/** @dir is borrowed: nothing may be put or flushed after data_dir_close(). */
StateWriter *state_writer_new (const DataDir *dir);
StateWriter *state_writer_ref (StateWriter *writer);
void state_writer_unref (StateWriter *writer);

/** Takes @text (transfer full); does not block. One thread puts. */
void state_writer_put (StateWriter *writer, char *text, size_t len);
/** Blocks until everything put before the call is on the disk. On failure the text waits on, for
 * the next flush; the old file is as it was. Errors: STATE_ERROR_FULL, G_FILE_ERROR_*, sentences
 * that say what to do. */
bool state_writer_flush (StateWriter *writer, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network_state.json as it is found at the start. Blocking calls. */
#pragma once

#include "net/store/data_dir.h"
#include "net/store/state_document.h"

G_BEGIN_DECLS

/** Reads the state of @dir. *@document is NULL when there is none, or when it was corrupt: then the
 * file is renamed and @warning (nullable) says so. Errors: STATE_ERROR_NEWER, G_FILE_ERROR_*. */
bool state_file_read (const DataDir *dir, StateDocument **document, GError **warning,
                      GError **error);
/** The same without the lock of @path (as for data_dir_open()), and without moving anything there:
 * a corrupt one is an error too, STATE_ERROR_CORRUPT. */
bool state_file_peek (const char *path, StateDocument **document, GError **error);
/** Puts @told (transfer full), of STATE_ERROR and about @dir, into @warning; without one, into the
 * log. */
void state_file_warn (const DataDir *dir, GError *told, GError **warning);

G_END_DECLS

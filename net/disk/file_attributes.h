/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Permission bits and time of a received file or folder. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/core/offer.h"
#include "net/disk/disk_notes.h"

G_BEGIN_DECLS

/** The umask of this process, read without changing it. */
mode_t file_attributes_get_umask (void);
/** The permission bits for what was offered with @offered: as under this umask, for others never to
 * write, and for the owner always to read and write (and to search a folder). */
mode_t file_attributes_mode (uint32_t offered, bool is_folder, mode_t mask);
/** Sets @mode and @mtime of what is open as @fd and called @path, and looks whether they are kept;
 * adds to @notes when not. */
void file_attributes_set (DiskNotes *notes, int fd, const char *path, mode_t mode, OfferTime mtime);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much a folder can take. */
#pragma once

#include <gio/gio.h>
#include <stdint.h>
#include <sys/types.h>

G_BEGIN_DECLS

/** What is left for everybody else: FREE_SPACE_RESERVE_MAX bytes, or a hundredth of a smaller
 * disk. */
#define FREE_SPACE_RESERVE_MAX (256ull * 1024 * 1024)
/** Bytes that can be accepted into @folder, or into the nearest parent that exists, with the
 * reserve taken off. UINT64_MAX when it cannot be told. *@disk (nullable): the st_dev of that one,
 * 0 when it cannot be told. */
uint64_t free_space_measure (GFile *folder, dev_t *disk);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room for transfers that come in: what is free in a folder, and what of it is promised to running
 * transfers already. Main thread only; the disk is asked in a thread, because one that does not
 * answer must not stop anything else. */
#pragma once

#include <gio/gio.h>
#include <libdex.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

G_BEGIN_DECLS

typedef struct
{
  uint64_t available; /* as free_space_measure() counts */
  dev_t disk;
} Space;

#define SPACE_TYPE_SPACE (space_get_type ())
GType space_get_type (void);

/** Resolves to a Space of @folder, or of the nearest parent that exists. Discarding it leaves the
 * thread to itself. */
DexFuture *space_ask (GFile *folder) G_GNUC_WARN_UNUSED_RESULT;

/** The table of promises. */
typedef struct SpaceTable SpaceTable;
typedef struct SpaceShare SpaceShare;

SpaceTable *space_table_new (void);
/** Every share must have been given back. */
void space_table_free (SpaceTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpaceTable, space_table_free)

/** What of @space is not promised. */
uint64_t space_table_left (const SpaceTable *self, const Space *space);
/** Promises @bytes of @space. NULL when fewer are left. */
SpaceShare *space_share_new (SpaceTable *table, const Space *space, uint64_t bytes);
/** @bytes of it are on the disk, so the disk counts them itself. */
void space_share_used (SpaceShare *self, uint64_t bytes);
/** Gives back what was not used. */
void space_share_free (SpaceShare *self);

G_END_DECLS

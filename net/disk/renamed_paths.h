/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which offered paths have another name on this disk. One thread at a time. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct RenamedPaths RenamedPaths;

RenamedPaths *renamed_paths_new (void);
void renamed_paths_free (RenamedPaths *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RenamedPaths, renamed_paths_free)

void renamed_paths_add (RenamedPaths *self, const char *offered, const char *actual);
/** Whether each path is what it is offered as. */
bool renamed_paths_is_empty (const RenamedPaths *self);
/** The path on disk of the offered one: what it was renamed to itself, or the last folder above
 * that was. (transfer full) */
char *renamed_paths_resolve (const RenamedPaths *self, const char *offered);

G_END_DECLS

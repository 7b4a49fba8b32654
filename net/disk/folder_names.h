/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names in a folder that is sent, and what each is offered as. One thread at a time. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct FolderNames FolderNames;

/** Reads the folder @dir. @code: 0, or the errno that ended the reading; what came before it is
 * kept. */
FolderNames *folder_names_new (int dir, int *code);
void folder_names_free (FolderNames *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FolderNames, folder_names_free)

/** Sorted, so that an offer reads the same each time. (transfer none) (element-type utf8) */
GPtrArray *folder_names_get (const FolderNames *self);
/** The name to offer for @name, one of them: itself as a rule. One that has to be cleaned must not
 * meet another of its folder. (transfer full) */
char *folder_names_offer (FolderNames *self, const char *name);
/** @cleaned, or one like it that is not in @taken. (transfer full) */
char *folder_names_find_free (const char *cleaned, GHashTable *taken);

G_END_DECLS

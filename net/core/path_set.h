/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether many paths make a tree: none occurs twice, and no file has anything below it.
 *
 * Paths are told apart by digests, made component by component, and the digests are sorted: the
 * work does not depend on the names. Letters are not folded: twins by case are different names
 * (core/path). */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** Of a whole path. All zero: the path of the folder that everything is in. */
typedef struct
{
  uint8_t bytes[16];
} PathDigest;

/** The digest of what is called @name, one component of @len bytes, in @parent. */
void path_digest_below (const PathDigest *parent, const char *name, size_t len, PathDigest *digest);

typedef struct PathSet PathSet;

PathSet *path_set_new (void);
void path_set_free (PathSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PathSet, path_set_free)

void path_set_add (PathSet *set, const PathDigest *path, bool is_folder);
/** Something is in @folder, which need not be in the set itself. */
void path_set_add_parent (PathSet *set, const PathDigest *folder);
/** Sorts the set. */
bool path_set_is_tree (PathSet *set);

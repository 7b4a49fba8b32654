/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person chose to send: walked once into an offer, and opened again entry by entry while it
 * is sent.
 *
 * A chosen item that is itself a link is followed, because it was chosen; links inside a chosen
 * folder are not, and nothing outside it is ever opened, whatever changes on disk in between.
 * Links, FIFOs, sockets and devices are skipped with a note. What cannot be read is skipped and
 * counted. Names that a receiver would refuse are offered cleaned (core/path); two items or names
 * that would end up the same are told apart as "name (1)".
 *
 * One thread at a time. */
#pragma once

#include <gio/gio.h>
#include <sys/stat.h>

#include "net/disk/left_out.h"

G_BEGIN_DECLS

typedef struct Tree Tree;

/** Walks @files (element-type GFile) into @offer. For a worker thread: it may take long. Fails when
 * cancelled or when the offer would have too many entries; G_IO_ERROR_NOT_FOUND when there is
 * nothing to offer, with the sentence about the first item that was left out. */
Tree *tree_new (GPtrArray *files, Offer *offer, GCancellable *cancellable,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void tree_free (Tree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Tree, tree_free)

/** (transfer none) */
const LeftOut *tree_get_left_out (const Tree *tree);

/** What is offered under another name than it has here, as a sentence about the first; NULL when
 * there is none. (transfer full) */
char *tree_dup_other_names (const Tree *tree);

/** Opens a file of the offer for reading: without blocking, following no link, and only if it is a
 * regular file. Returns -1 with errno; ELOOP for a link, EMEDIUMTYPE for anything else that is no
 * regular file. */
int tree_open (Tree *tree, const OfferEntry *entry);

/** The time of a file as it is offered. */
OfferTime tree_mtime (const struct stat *status);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is sent, in a few words: the top-level names. */
#pragma once

#include "net/core/offer.h"

G_BEGIN_DECLS

/** So many names are kept; the others are counted. */
#define OUTLINE_NAMES_MAX 10

typedef struct Outline Outline;

/** Of what is offered; it need not have entries for the folders that its files are in. */
Outline *outline_of_offer (const Offer *offer);
/** Of what was chosen, before it was looked into. (element-type GFile) */
Outline *outline_of_files (GPtrArray *files);
void outline_free (Outline *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Outline, outline_free)

/** The first OUTLINE_NAMES_MAX, NULL-terminated. (transfer none) */
const char *const *outline_get_names (const Outline *self);
uint64_t outline_get_n_names (const Outline *self);

/** "first", or "first and 3 more", translated. @names may be empty. (transfer full) */
char *outline_title (const char *const *names, uint64_t n_names);

G_END_DECLS

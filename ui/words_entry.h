/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three entries for the three words of a pairing code. It completes words, goes on to the next
 * entry by itself, takes a pasted code apart, and names a word that is not in the list while it is
 * typed. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define WHERRY_TYPE_WORDS_ENTRY (wherry_words_entry_get_type ())
G_DECLARE_FINAL_TYPE (WherryWordsEntry, wherry_words_entry, WHERRY, WORDS_ENTRY, GtkBox)

/* Properties: "complete" boolean, read-only: all three are words of the list.
 * Signals: "activate" (Enter in the last entry, complete or not);
 *          "link" (const char *): a pairing link was pasted here; the entries are empty again. */

gboolean wherry_words_entry_get_complete (WherryWordsEntry *self);
/** "brave-lion-sunset"; NULL unless complete. A secret. (transfer full) */
char *wherry_words_entry_dup_words (WherryWordsEntry *self);
/** What the cursor should be in first. (transfer none) */
GtkWidget *wherry_words_entry_get_first (WherryWordsEntry *self);
/** Shows @sentence as the problem until something is typed. */
void wherry_words_entry_set_problem (WherryWordsEntry *self, const char *sentence);

G_END_DECLS

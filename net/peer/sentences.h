/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the errors of net/core and net/store mean to a person, in their language. Their own messages
 * are for logs. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/** A sentence, or two; of a domain that is not known here, the message itself. (transfer full) */
char *sentence_for_error (const GError *error);
/** Its message becomes that sentence. */
void error_take_sentence (GError *error);
/** That a setting could not be written. (transfer full) */
char *sentence_for_unsaved (const GError *error);

G_END_DECLS

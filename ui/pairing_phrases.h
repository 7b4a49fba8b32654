/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences about pairings, translated. No widget in here, so the words are tested
 * without a display. All char * results are (transfer full); const char * are static. */
#pragma once

#include "net/client.h"

G_BEGIN_DECLS

/** "4:59" */
char *countdown_phrase (int seconds);

/** What went wrong, as a heading, and what to do, as a sentence. */
const char *pairing_reason_title (PairingReason reason);
const char *pairing_reason_advice (PairingReason reason);
/** Both for PAIRING_REASON_NO_CODE. @peer: the name of the other device (nullable) */
char *no_code_title (const char *peer);
char *no_code_advice (const char *peer);
/** "2 attempts left" */
char *attempts_phrase (int attempts_left);

G_END_DECLS

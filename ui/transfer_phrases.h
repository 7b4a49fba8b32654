/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences about transfers, translated. No widget in here, so the words are tested
 * without a display. All char * results are (transfer full); const char * are static. */
#pragma once

#include "net/client.h"

G_BEGIN_DECLS

/** "About 2 minutes left". */
char *time_left_phrase (int64_t seconds);

/** Who sends what: "Grace wants to send you 3 files (45.0 MB)". */
char *offer_phrase (WherryTransfer *transfer);
/** "a.txt, b.txt and 3 more" */
char *names_phrase (WherryTransfer *transfer);
/** "To Downloads · 12.0 GB free there", or that there is not enough. */
char *destination_phrase (WherryTransfer *transfer);
/** The line below the title of a transfer, in every state. */
char *transfer_phrase (WherryTransfer *transfer);
/** The short form for a row of the sidebar: "Sending · 42 %". */
char *activity_phrase (WherryTransfer *transfer);
/** "Received photo.jpg from Grace", for a toast; NULL when the transfer did not end well. */
char *finished_phrase (WherryTransfer *transfer);
const char *transfer_icon_name (WherryTransfer *transfer);

/** Whether something was left out, or arrived with something amiss. */
bool transfer_is_partial (WherryTransfer *transfer);
/** "2 items are not on this computer and were left out." */
char *left_out_phrase (unsigned n);
/** Of @n files that a sandbox hides. (transfer full) */
char *outside_phrase (unsigned n);

G_END_DECLS

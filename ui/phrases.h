/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences of the window: what devices, transfers and pairings are told as, translated. No
 * widget in here, so the words are tested without a display. */
#pragma once

#include "net/client.h"

G_BEGIN_DECLS

/* All char * results are (transfer full); const char * are static. */

/** "On this network · 0.4 ms", "Offline, seen 2 hours ago", "Wants to pair". @now: Unix seconds. */
char *device_phrase (WherryDevice *device, int64_t now);
const char *device_icon_name (DeviceType type);

/** Why devices nearby cannot be seen, and what the command is for; NULL when all is well. */
const char *discovery_advice (DiscoveryState state);
/** The command that mends or explains it; not translated. */
const char *discovery_command (DiscoveryState state);

/** "About 2 minutes left". */
char *time_left_phrase (int64_t seconds);
/** "4:59" */
char *countdown_phrase (int seconds);

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

/** What went wrong, as a heading, and what to do, as a sentence. */
const char *pairing_reason_title (PairingReason reason);
const char *pairing_reason_advice (PairingReason reason);
/** Both for PAIRING_REASON_NO_CODE. @peer: the name of the other device (nullable) */
char *no_code_title (const char *peer);
char *no_code_advice (const char *peer);
/** "2 attempts left" */
char *attempts_phrase (int attempts_left);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person at a terminal is asked and shown. */
#pragma once

#include "app/cli/cli.h"

/** Whether there is a person to ask: a terminal at stdin and stderr, and no --json. */
bool cli_is_interactive (Cli *cli);
/** Asks "QUESTION [y/N]" on the terminal. Gives up, with false, when @still_wanted (@object) is no
 * longer true or the person interrupts. */
bool cli_ask (Cli *cli, const char *question, gpointer object,
              bool (*still_wanted) (gpointer object));

/** "45 %, 1.2 GB of 3 GB, 110 MB/s, 12 s left". (transfer full) */
char *progress_describe (WherryTransfer *transfer);

/** A QR code of half-block characters; @colours: dark on light whatever the terminal's own. */
bool qr_print (const char *text, bool colours, GError **error);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happened to one entry of a transfer, for the person: a whole sentence for each reason. All
 * are (transfer full). @path is shown escaped and shortened. */
#pragma once

#include "net/core/control.h"

/** At the sender: it could not be read here. */
char *entry_sentence_not_sent (const char *path, ControlReason reason);
/** At the sender: the receiver says that it could not write it. */
char *entry_sentence_not_written (const char *path, ControlReason reason);
/** At the receiver: the sender says that it left it out of the offer. */
char *entry_sentence_left_out (const char *path, ControlReason reason);
/** At the receiver: it did not arrive as it was sent. */
char *entry_sentence_damaged (const char *path);

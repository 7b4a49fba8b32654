/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a pairing did not come about: for scripts as a registered enumeration, for people as a
 * sentence. */
#pragma once

#include <glib-object.h>

#include "net/core/pairing_message.h"

G_BEGIN_DECLS

/** Its nicks are those of pairing_reason_name(). */
#define WHERRY_TYPE_PAIRING_REASON (wherry_pairing_reason_get_type ())
GType wherry_pairing_reason_get_type (void);

/** For a person, with the remedy; NULL for PAIRING_REASON_NONE. @hosting: this device shows the
 * code. @attempts_left: guesses that a code has left after a wrong one. */
char *pairing_reason_sentence (PairingReason reason, bool hosting, int attempts_left);

G_END_DECLS

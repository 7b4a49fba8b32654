/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The code that one device shows: three words and a link secret, good for five minutes, three
 * guesses and one success. A guess is counted when our Challenge leaves, because that is when
 * it can be tested; it is given back only when the joiner proves that it was right. So an
 * attacker who hangs up after each guess gains nothing. */
#pragma once

#include "net/core/invite.h"
#include "net/core/pairing_message.h"
#include "net/core/words.h"

#define PAIRING_CODE_LIFETIME_US (5 * 60 * G_USEC_PER_SEC)
#define PAIRING_CODE_GUESSES     3

/** Reference-counted, in sodium memory, single thread. */
typedef struct PairingCode PairingCode;

/** A fresh random code that lives from @now_us (monotonic). */
PairingCode *pairing_code_generate (int64_t now_us);
PairingCode *pairing_code_ref (PairingCode *code);
void pairing_code_unref (PairingCode *code);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PairingCode, pairing_code_unref)

/** The canonical three words; borrowed sodium memory. */
const char *pairing_code_get_words (const PairingCode *code);
/** INVITE_SECRET_LEN bytes for the link; borrowed sodium memory. */
const uint8_t *pairing_code_get_secret (const PairingCode *code);

/** NONE while the code can be used; else why it is dead: EXPIRED (also after a success),
 * CANCELLED, DECLINED, TOO_MANY_ATTEMPTS. A guess still under way may yet win after the last
 * one was spent; then it is dead for everyone else only. */
PairingReason pairing_code_get_reason (const PairingCode *code, int64_t now_us);
int pairing_code_get_attempts_left (const PairingCode *code);
/** When it expires, on the monotonic clock. */
int64_t pairing_code_get_expiry_us (const PairingCode *code);
/** The person closed it. Running attempts fail at their next step; end them with
 * pairing_cancel() to tell the others at once. */
void pairing_code_cancel (PairingCode *code);

/* What a Pairing tells its code, in this order. */

/** @peer sent a request. Returns NONE, or why not: BUSY when it already has an attempt running
 * on this code. */
PairingReason pairing_code_begin (PairingCode *code, const NodeId *peer, int64_t now_us);
/** Our Challenge to @peer leaves. */
void pairing_code_spend (PairingCode *code, const NodeId *peer);
/** @peer proved the code: gives the guess back and claims the code, so that nobody else can.
 * Returns NONE, or why not: BUSY when it is claimed already. */
PairingReason pairing_code_claim (PairingCode *code, const NodeId *peer, int64_t now_us);
/** The attempt is over; @outcome NONE is success. Anything but success and DECLINED lets the
 * next one try; a spent guess stays spent. */
void pairing_code_end (PairingCode *code, const NodeId *peer, PairingReason outcome);

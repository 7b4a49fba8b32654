/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What pair_host, pair_join and pair_conversation tell a pairing session, and ask its person. Main
 * thread only. */
#pragma once

#include "net/async/flow.h"
#include "net/pairing/pairing_session.h"

G_BEGIN_DECLS

/** Microseconds, such as g_get_monotonic_time(); what tests of expiry turn. */
typedef int64_t (*PairingClock) (void);

/** A pairing that ended without result; the code is the PairingReason. */
#define PAIRING_SESSION_ERROR (pairing_session_error_quark ())
GQuark pairing_session_error_quark (void);

/** We show a code: phase WAITING, counting down to @deadline_us of @now_us and then, unless
 * somebody is just trying, failing as EXPIRED by itself. @words and @link are copied into sodium
 * memory. */
WherryPairingSession *pairing_session_new_host (const char *words, const char *link, int attempts,
                                                int64_t deadline_us, PairingClock now_us);
/** We enter a code: phase CONNECTING; fails as expired at @deadline_us. */
WherryPairingSession *pairing_session_new_joiner (int64_t deadline_us, PairingClock now_us);

/** A step forward; a session that has ended stays as it is. */
void pairing_session_advance (WherryPairingSession *self, PairingPhase phase);
void pairing_session_set_peer_name (WherryPairingSession *self, const char *name);
/** Host: a guest came to try the code; WAITING becomes EXCHANGING. */
void pairing_session_guest_came (WherryPairingSession *self);
/** Host: one left. How many are still there. */
int pairing_session_guest_left (WherryPairingSession *self);
/** Host: the last guest is gone, the code still stands with @attempts_left guesses. */
void pairing_session_wait_again (WherryPairingSession *self, PairingReason reason,
                                 int attempts_left);
/** Ends it. @attempts_left is what the code has left, -1 when unknown. */
void pairing_session_fail (WherryPairingSession *self, PairingReason reason, int attempts_left);
/** The same with a more exact sentence. */
void pairing_session_fail_because (WherryPairingSession *self, PairingReason reason,
                                   const char *message);
void pairing_session_succeed (WherryPairingSession *self, WherryDevice *device);

bool pairing_session_has_ended (WherryPairingSession *self);

/** Rejects with PAIRING_SESSION_ERROR when the session fails; never resolves. Any number of
 * waiters. */
DexFuture *pairing_session_failure (WherryPairingSession *self) G_GNUC_WARN_UNUSED_RESULT;
/** Host: enters CONFIRMING; resolves to the person's answer. Asking again while there is none joins
 * the same question. */
DexFuture *pairing_session_ask (WherryPairingSession *self) G_GNUC_WARN_UNUSED_RESULT;
/** Host: whom the question was about is gone. */
void pairing_session_withdraw_question (WherryPairingSession *self);

G_END_DECLS

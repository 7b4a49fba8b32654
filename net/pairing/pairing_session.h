/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pairing as the window and the command line see it: either we show a code, or we enter one.
 * Main thread only; the protocol itself is core/pairing, carried out by pair_conversation. */
#pragma once

#include "net/pairing/pairing_reason.h"
#include "net/peer/device.h"

G_BEGIN_DECLS

typedef enum
{
  PAIRING_WAITING,    /* initiator: code shown, nobody came yet (also again after a wrong guess) */
  PAIRING_CONNECTING, /* joiner: finding and dialling the other device */
  PAIRING_EXCHANGING, /* proofs are on their way */
  PAIRING_CONFIRMING, /* initiator, link or QR: "pair with NAME?" wants an answer */
  PAIRING_DONE,
  PAIRING_FAILED,
} PairingPhase;

#define WHERRY_TYPE_PAIRING_PHASE (wherry_pairing_phase_get_type ())
GType wherry_pairing_phase_get_type (void);

#define WHERRY_TYPE_PAIRING_SESSION (wherry_pairing_session_get_type ())
G_DECLARE_FINAL_TYPE (WherryPairingSession, wherry_pairing_session, WHERRY, PAIRING_SESSION,
                      GObject)

/* Properties, readable, notified on change:
 *   "phase" PairingPhase, "reason" PairingReason, "message" string (a sentence,
 *   translated) "attempts-left" int, "seconds-left" int (initiator; changes once a second)
 *   "peer-name" string: who is at the other end, once known
 */
/** Initiator: the three words joined by "-", and the link for the QR code; NULL for a joiner.
 * Secret: never log them. */
const char *wherry_pairing_session_get_words (WherryPairingSession *self);
const char *wherry_pairing_session_get_link (WherryPairingSession *self);
PairingPhase wherry_pairing_session_get_phase (WherryPairingSession *self);
PairingReason wherry_pairing_session_get_reason (WherryPairingSession *self);
const char *wherry_pairing_session_get_message (WherryPairingSession *self);
int wherry_pairing_session_get_attempts_left (WherryPairingSession *self);
int wherry_pairing_session_get_seconds_left (WherryPairingSession *self);
const char *wherry_pairing_session_get_peer_name (WherryPairingSession *self);
/** Once DONE. (transfer none) (nullable) */
WherryDevice *wherry_pairing_session_get_device (WherryPairingSession *self);

/** Initiator, phase CONFIRMING. */
void wherry_pairing_session_confirm (WherryPairingSession *self, bool accept);
/** Both sides learn of it; the code is dead. */
void wherry_pairing_session_cancel (WherryPairingSession *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pairing protocol, without any I/O: one conversation over one bidirectional stream that the
 * joiner opens. docs/protocol.md, "Pairing", has the messages and what the proofs cover. The
 * initiator shows the code, the joiner enters it.
 *
 * Use: feed each frame to pairing_receive(), send what is in @out, look at the state. In
 * CONFIRMING ask the person and call pairing_confirm(); in STORING store the peer and its root
 * and call pairing_stored(). Whoever stored and then fails (see pairing_must_forget()) takes
 * the peer out of the store again, so both sides end with the same. */
#pragma once

#include "net/core/pairing_code.h"
#include "net/core/session.h"

#define PAIRING_EXCHANGE_US (30 * G_USEC_PER_SEC) /* for each step between machines */
#define PAIRING_CONFIRM_US  (60 * G_USEC_PER_SEC) /* for the person asked "pair with NAME?" */

typedef enum
{
  PAIRING_ROLE_INITIATOR,
  PAIRING_ROLE_JOINER,
} PairingRole;

typedef enum
{
  PAIRING_STATE_AWAIT_REQUEST,   /* initiator */
  PAIRING_STATE_AWAIT_CHALLENGE, /* joiner */
  PAIRING_STATE_AWAIT_RESPONSE,  /* initiator */
  PAIRING_STATE_CONFIRMING,      /* initiator, link: wants pairing_confirm() */
  PAIRING_STATE_AWAIT_COMPLETE,  /* joiner: proved; the initiator stores, maybe asks its person */
  PAIRING_STATE_STORING,         /* both checks passed: wants pairing_stored() */
  PAIRING_STATE_AWAIT_END,       /* initiator: Complete sent; wants pairing_receive_end() */
  PAIRING_STATE_DONE,
  PAIRING_STATE_FAILED,
} PairingState;

/** What ties the exchange to its connection; copied, except for @identity and @info, which must
 * outlive the exchange. */
typedef struct
{
  const NodeIdentity *identity; /* ours */
  const DeviceInfo *info;       /* ours; its node_id is the identity's */
  NodeId peer;                  /* the connection's proved node id */
  uint8_t exporter[SESSION_EXPORTER_LEN];
} PairingChannel;

/** One exchange. Secrets in sodium memory. Single thread. */
typedef struct Pairing Pairing;

/** For a stream that came in while @code is shown. Every function below that can say something
 * appends it to @out. */
Pairing *pairing_new_initiator (PairingCode *code, const PairingChannel *channel, int64_t now_us);
/** @secret: the canonical words' bytes without NUL (WORDS), or INVITE_SECRET_LEN bytes (LINK).
 * Fails at once with SELF when the peer is this device. */
Pairing *pairing_new_joiner (PairingMode mode, const uint8_t *secret, size_t len,
                             const PairingChannel *channel, int64_t now_us, GByteArray *out);
/** Ends it first, if need be, as pairing_receive_end() would. NULL is allowed. */
void pairing_free (Pairing *pairing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pairing, pairing_free)

/** One whole frame arrived. Anything unexpected, malformed or late ends the exchange with its
 * reason. */
PairingState pairing_receive (Pairing *pairing, const uint8_t *frame, size_t len, int64_t now_us,
                              GByteArray *out);
/** The peer ended the stream cleanly (@clean), or it or the connection broke. Success only in
 * AWAIT_END. */
PairingState pairing_receive_end (Pairing *pairing, bool clean);
/** CONFIRMING: what the person said. */
PairingState pairing_confirm (Pairing *pairing, bool accept, int64_t now_us, GByteArray *out);
/** STORING: whether the peer is in the store. The joiner is DONE then: end our side of the
 * stream, that is the acknowledgement. */
PairingState pairing_stored (Pairing *pairing, bool stored, int64_t now_us, GByteArray *out);
/** Our person cancelled (for an initiator, call pairing_code_cancel() too). */
PairingState pairing_cancel (Pairing *pairing, GByteArray *out);
/** Looks at the clock: EXPIRED or UNREACHABLE once pairing_get_deadline_us() has passed. */
PairingState pairing_tick (Pairing *pairing, int64_t now_us, GByteArray *out);
/** When to call pairing_tick(); INT64_MAX for never. */
int64_t pairing_get_deadline_us (const Pairing *pairing);

PairingState pairing_get_state (const Pairing *pairing);
PairingRole pairing_get_role (const Pairing *pairing);
/** Why it FAILED. */
PairingReason pairing_get_reason (const Pairing *pairing);
/** The joiner's view of the guesses left, told by the initiator and unproved; -1 before the
 * Challenge. */
int pairing_get_attempts_left (const Pairing *pairing);
/** The peer's description; NULL before it came. Unproved before CONFIRMING or STORING. */
const DeviceInfo *pairing_get_peer (const Pairing *pairing);
/** PAIRING_ROOT_LEN bytes of borrowed sodium memory; NULL before both checks passed. */
const uint8_t *pairing_get_root (const Pairing *pairing);
/** The exchange FAILED after pairing_stored (…, true, …): the other side has not stored us,
 * forget it. */
bool pairing_must_forget (const Pairing *pairing);

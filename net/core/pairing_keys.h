/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cryptography of core/pairing: transcript, confirmations, signatures, root. No state, no
 * order of messages. */
#pragma once

#include "net/core/cpace.h"
#include "net/core/pairing_message.h"
#include "net/core/session.h"

#define PAIRING_TRANSCRIPT_LEN      32
#define PAIRING_ROLE_NAME_INITIATOR "initiator"
#define PAIRING_ROLE_NAME_JOINER    "joiner"

/** Who pairs over what; borrowed pointers. */
typedef struct
{
  const NodeId *joiner;
  const NodeId *initiator;
  const uint8_t *exporter; /* SESSION_EXPORTER_LEN bytes */
  PairingMode mode;
} PairingParties;

/** Keep it in sodium memory. */
typedef struct
{
  uint8_t isk[CPACE_ISK_LEN];
  uint8_t confirm[PAIRING_CONFIRM_LEN]; /* the key of both confirmations */
  uint8_t transcript[PAIRING_TRANSCRIPT_LEN];
  uint8_t root[PAIRING_ROOT_LEN];
} PairingKeys;

/** Our half of CPace: the code's secret is the password, the TLS exporter the session id, so a
 * relayed handshake ends in another generator. */
Cpace *pairing_keys_cpace (const PairingParties *parties, const uint8_t *secret, size_t len);
/** Completes CPace and fixes the transcript: @request is the whole frame, @challenge the frame
 * without its confirmation. False when @peer_share is not a valid point. */
bool pairing_keys_agree (PairingKeys *keys, const PairingParties *parties, const Cpace *cpace,
                         bool joiner, const uint8_t peer_share[static PAIRING_SHARE_LEN],
                         const GByteArray *request, const uint8_t *challenge, size_t challenge_len);
/** The proof that @role knows the code. */
void pairing_keys_confirm (const PairingKeys *keys, const char *role,
                           uint8_t confirm[static PAIRING_CONFIRM_LEN]);
bool pairing_keys_check (const PairingKeys *keys, const char *role,
                         const uint8_t confirm[static PAIRING_CONFIRM_LEN]);
/** The proof that @role's device key stands behind the transcript. */
void pairing_keys_sign (const PairingKeys *keys, const char *role, const NodeIdentity *identity,
                        uint8_t signature[static NODE_SIGNATURE_LEN]);
bool pairing_keys_verify (const PairingKeys *keys, const char *role, const NodeId *id,
                          const uint8_t signature[static NODE_SIGNATURE_LEN]);
/** KDF (CPace key, X25519 of both identities, transcript). False when @peer has no usable
 * Montgomery form. */
bool pairing_keys_make_root (PairingKeys *keys, const NodeIdentity *identity, const NodeId *peer);
void pairing_keys_wipe (PairingKeys *keys);

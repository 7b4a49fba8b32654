/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/pairing_keys.h"

#include <blake3.h>
#include <sodium.h>
#include <string.h>

G_STATIC_ASSERT (PAIRING_CONFIRM_LEN == BLAKE3_KEY_LEN);
G_STATIC_ASSERT (PAIRING_TRANSCRIPT_LEN == BLAKE3_OUT_LEN);

#define SIGNED_LABEL "wherry pairing 1 signature"
#define ROLE_MAX     (sizeof PAIRING_ROLE_NAME_INITIATOR)

static CpaceBytes
node_bytes (const NodeId *id)
{
  return (CpaceBytes) { id->bytes, NODE_ID_LEN };
}

Cpace *
pairing_keys_cpace (const PairingParties *parties, const uint8_t *secret, size_t len)
{
  /* Both kinds of code are passwords of the same exchange, but never of each other. */
  char channel[sizeof PAIRING_ALPN " words"];
  int channel_len = g_snprintf (channel, sizeof channel, "%s %s", PAIRING_ALPN,
                                parties->mode == PAIRING_MODE_LINK ? "link" : "words");

  return cpace_new ((CpaceBytes) { secret, len },
                    (CpaceBytes) { (const uint8_t *) channel, (size_t) channel_len },
                    (CpaceBytes) { parties->exporter, SESSION_EXPORTER_LEN });
}

static void
hash_field (blake3_hasher *hasher, const void *data, size_t len)
{
  uint32_t prefix = GUINT32_TO_BE ((uint32_t) len);
  blake3_hasher_update (hasher, &prefix, sizeof prefix);
  blake3_hasher_update (hasher, data, len);
}

static void
hash_text (blake3_hasher *hasher, const char *text)
{
  hash_field (hasher, text, strlen (text));
}

static void
make_transcript (PairingKeys *keys, const PairingParties *parties, const GByteArray *request,
                 const uint8_t *challenge, size_t challenge_len)
{
  blake3_hasher hasher;
  blake3_hasher_init (&hasher);
  hash_text (&hasher, "wherry pairing 1 transcript");
  hash_text (&hasher, PAIRING_ALPN);
  hash_field (&hasher, parties->exporter, SESSION_EXPORTER_LEN);
  hash_text (&hasher, PAIRING_ROLE_NAME_JOINER);
  hash_field (&hasher, parties->joiner->bytes, NODE_ID_LEN);
  hash_text (&hasher, PAIRING_ROLE_NAME_INITIATOR);
  hash_field (&hasher, parties->initiator->bytes, NODE_ID_LEN);
  hash_field (&hasher, request->data, request->len);
  hash_field (&hasher, challenge, challenge_len);
  blake3_hasher_finalize (&hasher, keys->transcript, PAIRING_TRANSCRIPT_LEN);
}

bool
pairing_keys_agree (PairingKeys *keys, const PairingParties *parties, const Cpace *cpace,
                    bool joiner, const uint8_t peer_share[static PAIRING_SHARE_LEN],
                    const GByteArray *request, const uint8_t *challenge, size_t challenge_len)
{
  CpaceBytes ours = node_bytes (joiner ? parties->joiner : parties->initiator);
  CpaceBytes theirs = node_bytes (joiner ? parties->initiator : parties->joiner);
  if (!cpace_finish (cpace, joiner, ours, peer_share, theirs, keys->isk))
    return false;
  make_transcript (keys, parties, request, challenge, challenge_len);

  blake3_hasher hasher;
  blake3_hasher_init_derive_key (&hasher, "wherry 2026-11 pairing confirmation 1");
  blake3_hasher_update (&hasher, keys->isk, sizeof keys->isk);
  blake3_hasher_update (&hasher, keys->transcript, sizeof keys->transcript);
  blake3_hasher_finalize (&hasher, keys->confirm, sizeof keys->confirm);
  sodium_memzero (&hasher, sizeof hasher);
  return true;
}

void
pairing_keys_confirm (const PairingKeys *keys, const char *role,
                      uint8_t confirm[static PAIRING_CONFIRM_LEN])
{
  blake3_hasher hasher;
  blake3_hasher_init_keyed (&hasher, keys->confirm);
  hash_text (&hasher, role);
  hash_field (&hasher, keys->transcript, sizeof keys->transcript);
  blake3_hasher_finalize (&hasher, confirm, PAIRING_CONFIRM_LEN);
  sodium_memzero (&hasher, sizeof hasher);
}

bool
pairing_keys_check (const PairingKeys *keys, const char *role,
                    const uint8_t confirm[static PAIRING_CONFIRM_LEN])
{
  uint8_t expected[PAIRING_CONFIRM_LEN];
  pairing_keys_confirm (keys, role, expected);
  return sodium_memcmp (expected, confirm, sizeof expected) == 0;
}

typedef struct
{
  char label[sizeof SIGNED_LABEL];
  char role[ROLE_MAX]; /* padded with NULs */
  uint8_t transcript[PAIRING_TRANSCRIPT_LEN];
} Signed;

static Signed
signed_bytes (const PairingKeys *keys, const char *role)
{
  Signed bytes = { .label = SIGNED_LABEL };
  g_strlcpy (bytes.role, role, sizeof bytes.role);
  memcpy (bytes.transcript, keys->transcript, sizeof bytes.transcript);
  return bytes;
}

void
pairing_keys_sign (const PairingKeys *keys, const char *role, const NodeIdentity *identity,
                   uint8_t signature[static NODE_SIGNATURE_LEN])
{
  Signed bytes = signed_bytes (keys, role);
  node_identity_sign (identity, (const uint8_t *) &bytes, sizeof bytes, signature);
}

bool
pairing_keys_verify (const PairingKeys *keys, const char *role, const NodeId *id,
                     const uint8_t signature[static NODE_SIGNATURE_LEN])
{
  Signed bytes = signed_bytes (keys, role);
  return node_id_verify (id, (const uint8_t *) &bytes, sizeof bytes, signature);
}

bool
pairing_keys_make_root (PairingKeys *keys, const NodeIdentity *identity, const NodeId *peer)
{
  uint8_t shared[NODE_SHARED_SECRET_LEN];
  bool agreed = node_identity_shared_secret (identity, peer, shared);
  if (agreed)
    {
      blake3_hasher hasher;
      blake3_hasher_init_derive_key (&hasher, "wherry 2026-11 pairing root 1");
      blake3_hasher_update (&hasher, keys->isk, sizeof keys->isk);
      blake3_hasher_update (&hasher, shared, sizeof shared);
      blake3_hasher_update (&hasher, keys->transcript, sizeof keys->transcript);
      blake3_hasher_finalize (&hasher, keys->root, sizeof keys->root);
      sodium_memzero (&hasher, sizeof hasher);
    }
  sodium_memzero (shared, sizeof shared);
  return agreed;
}

void
pairing_keys_wipe (PairingKeys *keys)
{
  sodium_memzero (keys, sizeof *keys);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/identity.h"

#include <sodium.h>
#include <string.h>

#include "net/core/base32.h"
#include "net/core/secret.h"

G_STATIC_ASSERT (NODE_ID_LEN == crypto_sign_PUBLICKEYBYTES);
G_STATIC_ASSERT (NODE_SEED_LEN == crypto_sign_SEEDBYTES);
G_STATIC_ASSERT (NODE_SIGNATURE_LEN == crypto_sign_BYTES);
G_STATIC_ASSERT (NODE_SHARED_SECRET_LEN == crypto_scalarmult_curve25519_BYTES);
G_STATIC_ASSERT (NODE_ID_BASE32_LEN == BASE32_LEN (NODE_ID_LEN));

/* libsodium's secret key is the seed followed by the public key. */
struct NodeIdentity
{
  uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
  NodeId id;
};

bool
node_id_equal (const NodeId *a, const NodeId *b)
{
  return memcmp (a->bytes, b->bytes, NODE_ID_LEN) == 0;
}

bool
node_id_is_less (const NodeId *a, const NodeId *b)
{
  return memcmp (a->bytes, b->bytes, sizeof a->bytes) < 0;
}

guint
node_id_hash (gconstpointer id)
{
  guint hash;

  /* Bytes of a public key are distributed evenly. */
  memcpy (&hash, ((const NodeId *) id)->bytes, sizeof hash);
  return hash;
}

gboolean
node_id_equal_cb (gconstpointer a, gconstpointer b)
{
  return node_id_equal (a, b);
}

char *
node_id_to_hex (const NodeId *id)
{
  char *hex = g_malloc (NODE_ID_HEX_LEN + 1);
  return sodium_bin2hex (hex, NODE_ID_HEX_LEN + 1, id->bytes, NODE_ID_LEN);
}

char *
node_id_to_base32 (const NodeId *id)
{
  char *text = g_malloc (NODE_ID_BASE32_LEN + 1);
  base32_encode (text, id->bytes, NODE_ID_LEN);
  return text;
}

char *
node_id_to_short (const NodeId *id)
{
  char *hex = node_id_to_hex (id);
  hex[NODE_ID_SHORT_LEN] = '\0';
  return hex;
}

static bool
decode_hex (NodeId *id, const char *text)
{
  size_t n_bytes = 0;
  return sodium_hex2bin (id->bytes, NODE_ID_LEN, text, NODE_ID_HEX_LEN, NULL, &n_bytes, NULL) ==
             0 &&
         n_bytes == NODE_ID_LEN;
}

bool
node_id_parse (NodeId *id, const char *text)
{
  size_t len = strnlen (text, NODE_ID_HEX_LEN + 1);
  NodeId parsed;
  if (!(len == NODE_ID_HEX_LEN ? decode_hex (&parsed, text)
                               : base32_decode (parsed.bytes, NODE_ID_LEN, text, len)))
    return false;

  /* Canonical, on the curve, in the main subgroup: nothing else is anybody's public key, and a
   * point of small order would verify signatures that nobody made. */
  if (!crypto_core_ed25519_is_valid_point (parsed.bytes))
    return false;

  *id = parsed;
  return true;
}

NodeIdentity *
node_identity_generate (void)
{
  NodeIdentity *identity = secret_new (sizeof *identity);
  crypto_sign_keypair (identity->id.bytes, identity->secret_key);
  return identity;
}

NodeIdentity *
node_identity_from_seed (const uint8_t seed[static NODE_SEED_LEN])
{
  NodeIdentity *identity = secret_new (sizeof *identity);
  crypto_sign_seed_keypair (identity->id.bytes, identity->secret_key, seed);
  return identity;
}

void
node_identity_free (NodeIdentity *identity)
{
  sodium_free (identity);
}

const NodeId *
node_identity_get_id (const NodeIdentity *identity)
{
  return &identity->id;
}

const uint8_t *
node_identity_get_seed (const NodeIdentity *identity)
{
  return identity->secret_key;
}

void
node_identity_sign (const NodeIdentity *identity, const uint8_t *data, size_t len,
                    uint8_t signature[static NODE_SIGNATURE_LEN])
{
  crypto_sign_detached (signature, NULL, data, len, identity->secret_key);
}

bool
node_id_verify (const NodeId *id, const uint8_t *data, size_t len,
                const uint8_t signature[static NODE_SIGNATURE_LEN])
{
  return crypto_sign_verify_detached (signature, data, len, id->bytes) == 0;
}

bool
node_identity_shared_secret (const NodeIdentity *identity, const NodeId *peer,
                             uint8_t secret[static NODE_SHARED_SECRET_LEN])
{
  uint8_t scalar[crypto_scalarmult_curve25519_SCALARBYTES];
  uint8_t point[crypto_scalarmult_curve25519_BYTES];
  bool agreed = crypto_sign_ed25519_pk_to_curve25519 (point, peer->bytes) == 0 &&
                crypto_sign_ed25519_sk_to_curve25519 (scalar, identity->secret_key) == 0 &&
                crypto_scalarmult_curve25519 (secret, scalar, point) == 0;

  sodium_memzero (scalar, sizeof scalar);
  return agreed;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/cpace.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

#include "net/core/cpace_testing.h"
#include "net/core/secret.h"

#define DSI            "CPaceRistretto255"
#define DSI_ISK        DSI "_ISK"
#define HASH_BLOCK_LEN 128 /* SHA-512's input block */
#define SID_MAX        64

G_STATIC_ASSERT (CPACE_POINT_LEN == crypto_core_ristretto255_BYTES);
G_STATIC_ASSERT (CPACE_SCALAR_LEN == crypto_core_ristretto255_SCALARBYTES);
G_STATIC_ASSERT (CPACE_ISK_LEN == crypto_hash_sha512_BYTES);

struct Cpace
{
  uint8_t scalar[CPACE_SCALAR_LEN];
  uint8_t share[CPACE_SHARE_LEN];
  uint8_t sid[SID_MAX];
  size_t sid_len;
};

/* prepend_len: LEB128 of the length. */
static size_t
encode_length (uint8_t encoded[static 10], size_t len)
{
  size_t n = 0;
  for (; len >= 0x80; len >>= 7)
    encoded[n++] = (uint8_t) (len | 0x80);
  encoded[n++] = (uint8_t) len;
  return n;
}

static void
hash_prefixed (crypto_hash_sha512_state *hash, CpaceBytes bytes)
{
  uint8_t encoded[10];
  crypto_hash_sha512_update (hash, encoded, encode_length (encoded, bytes.len));
  crypto_hash_sha512_update (hash, bytes.data, bytes.len);
}

static void
hash_prefixed_text (crypto_hash_sha512_state *hash, const char *text)
{
  hash_prefixed (hash, (CpaceBytes) { (const uint8_t *) text, strlen (text) });
}

/* Fills the first hash block, so that the password is compressed alone: what else goes in
 * cannot show in its timing. */
static void
hash_padding (crypto_hash_sha512_state *hash, size_t password_len)
{
  static const uint8_t zeros[HASH_BLOCK_LEN];
  uint8_t encoded[10];
  size_t used = 1 + strlen (DSI) + encode_length (encoded, password_len) + password_len;
  size_t pad_len = used < HASH_BLOCK_LEN - 1 ? HASH_BLOCK_LEN - 1 - used : 0;
  hash_prefixed (hash, (CpaceBytes) { zeros, pad_len });
}

void
cpace_generator (uint8_t point[static CPACE_POINT_LEN], CpaceBytes password, CpaceBytes channel,
                 CpaceBytes session)
{
  crypto_hash_sha512_state hash;
  crypto_hash_sha512_init (&hash);
  hash_prefixed_text (&hash, DSI);
  hash_prefixed (&hash, password);
  hash_padding (&hash, password.len);
  hash_prefixed (&hash, channel);
  hash_prefixed (&hash, session);
  uint8_t digest[crypto_hash_sha512_BYTES];
  crypto_hash_sha512_final (&hash, digest);
  crypto_core_ristretto255_from_hash (point, digest);

  sodium_memzero (&hash, sizeof hash);
  sodium_memzero (digest, sizeof digest);
}

bool
cpace_scalar_mult (uint8_t result[static CPACE_POINT_LEN],
                   const uint8_t scalar[static CPACE_SCALAR_LEN],
                   const uint8_t point[static CPACE_POINT_LEN])
{
  /* Refuses a point that does not decode, and the neutral element as the result. */
  return crypto_scalarmult_ristretto255 (result, scalar, point) == 0;
}

Cpace *
cpace_new_with_scalar (CpaceBytes password, CpaceBytes channel, CpaceBytes session,
                       const uint8_t scalar[static CPACE_SCALAR_LEN])
{
  Cpace *cpace = secret_new (sizeof *cpace);
  g_assert (session.len <= SID_MAX);
  memcpy (cpace->scalar, scalar, CPACE_SCALAR_LEN);
  memcpy (cpace->sid, session.data, session.len);
  cpace->sid_len = session.len;

  uint8_t generator[CPACE_POINT_LEN];
  cpace_generator (generator, password, channel, session);
  bool made = cpace_scalar_mult (cpace->share, cpace->scalar, generator);
  sodium_memzero (generator, sizeof generator);

  if (!made)
    g_clear_pointer (&cpace, cpace_free);
  return cpace;
}

Cpace *
cpace_new (CpaceBytes password, CpaceBytes channel, CpaceBytes session)
{
  uint8_t scalar[CPACE_SCALAR_LEN];
  Cpace *cpace;

  /* NULL only for a zero scalar, or a zero generator (once in 2^252). */
  do
    {
      crypto_core_ristretto255_scalar_random (scalar);
      cpace = cpace_new_with_scalar (password, channel, session, scalar);
    }
  while (!cpace);

  sodium_memzero (scalar, sizeof scalar);
  return cpace;
}

void
cpace_free (Cpace *cpace)
{
  sodium_free (cpace);
}

const uint8_t *
cpace_get_share (const Cpace *cpace)
{
  return cpace->share;
}

/* lv_cat (share, associated data): one half of transcript_ir. */
static void
hash_half (crypto_hash_sha512_state *hash, const uint8_t share[static CPACE_SHARE_LEN],
           CpaceBytes data)
{
  hash_prefixed (hash, (CpaceBytes) { share, CPACE_SHARE_LEN });
  hash_prefixed (hash, data);
}

bool
cpace_finish (const Cpace *cpace, bool initiator, CpaceBytes our_data,
              const uint8_t peer_share[static CPACE_SHARE_LEN], CpaceBytes peer_data,
              uint8_t isk[static CPACE_ISK_LEN])
{
  uint8_t secret_point[CPACE_POINT_LEN];
  bool agreed = cpace_scalar_mult (secret_point, cpace->scalar, peer_share);
  if (agreed)
    {
      crypto_hash_sha512_state hash;
      crypto_hash_sha512_init (&hash);
      hash_prefixed_text (&hash, DSI_ISK);
      hash_prefixed (&hash, (CpaceBytes) { cpace->sid, cpace->sid_len });
      hash_prefixed (&hash, (CpaceBytes) { secret_point, CPACE_POINT_LEN });
      if (initiator)
        hash_half (&hash, cpace->share, our_data);
      hash_half (&hash, peer_share, peer_data);
      if (!initiator)
        hash_half (&hash, cpace->share, our_data);
      crypto_hash_sha512_final (&hash, isk);
      sodium_memzero (&hash, sizeof hash);
    }
  sodium_memzero (secret_point, sizeof secret_point);
  return agreed;
}

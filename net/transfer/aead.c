/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/aead.h"

#include <sodium.h>
#include <string.h>
#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/chacha20_poly1305.h>

#include "net/quic/tls_prefers_aes.h"

G_STATIC_ASSERT (AEAD_TAG_LEN == CHACHA20_POLY1305_AEAD_AUTHTAG_SIZE);

struct Aead
{
  AeadAlgorithm algorithm;
  Aes aes;
  uint8_t key[AEAD_KEY_LEN]; /* ChaCha20-Poly1305 has no key schedule worth keeping */
};

AeadAlgorithm
aead_preferred (void)
{
  return tls_prefers_aes () ? AEAD_AES_256_GCM : AEAD_CHACHA20_POLY1305;
}

Aead *
aead_new (AeadAlgorithm algorithm, const uint8_t key[static AEAD_KEY_LEN])
{
  Aead *self = sodium_malloc (sizeof *self);
  if (!self)
    g_error ("no locked memory for a key");
  memset (self, 0, sizeof *self);
  self->algorithm = algorithm;
  if (algorithm == AEAD_AES_256_GCM)
    {
      int failed = wc_AesInit (&self->aes, NULL, INVALID_DEVID);
      g_assert (failed == 0);
    }
  aead_rekey (self, key);
  return self;
}

void
aead_rekey (Aead *self, const uint8_t key[static AEAD_KEY_LEN])
{
  if (self->algorithm == AEAD_AES_256_GCM)
    {
      int failed = wc_AesGcmSetKey (&self->aes, key, AEAD_KEY_LEN);
      g_assert (failed == 0);
    }
  else
    memcpy (self->key, key, AEAD_KEY_LEN);
}

void
aead_free (Aead *self)
{
  if (self->algorithm == AEAD_AES_256_GCM)
    wc_AesFree (&self->aes);
  sodium_free (self);
}

void
aead_seal (Aead *self, const uint8_t nonce[static AEAD_NONCE_LEN], const uint8_t *aad,
           size_t aad_len, const uint8_t *plain, size_t len, uint8_t *cipher,
           uint8_t tag[static AEAD_TAG_LEN])
{
  uint8_t empty = 0; /* wolfCrypt takes no NULL, not even for nothing */
  int result;

  if (self->algorithm == AEAD_AES_256_GCM)
    result = wc_AesGcmEncrypt (&self->aes, cipher, plain, len, nonce, AEAD_NONCE_LEN, tag,
                               AEAD_TAG_LEN, aad, aad_len);
  else
    result = wc_ChaCha20Poly1305_Encrypt (self->key, nonce, aad, aad_len, len > 0 ? plain : &empty,
                                          len, len > 0 ? cipher : &empty, tag);
  /* only an argument that breaks the contract, such as 4 GiB at once, can make it fail; sending
   * what was not encrypted would be the one unforgivable outcome */
  if (result != 0)
    g_error ("encryption failed: %d", result);
}

bool
aead_open (Aead *self, const uint8_t nonce[static AEAD_NONCE_LEN], const uint8_t *aad,
           size_t aad_len, const uint8_t *cipher, size_t len,
           const uint8_t tag[static AEAD_TAG_LEN], uint8_t *plain)
{
  uint8_t empty = 0;
  int result;
  if (self->algorithm == AEAD_AES_256_GCM)
    result = wc_AesGcmDecrypt (&self->aes, plain, cipher, len, nonce, AEAD_NONCE_LEN, tag,
                               AEAD_TAG_LEN, aad, aad_len);
  else
    result = wc_ChaCha20Poly1305_Decrypt (self->key, nonce, aad, aad_len, len > 0 ? cipher : &empty,
                                          len, tag, len > 0 ? plain : &empty);
  if (result != 0 && len > 0)
    memset (plain, 0, len);
  return result == 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Authenticated encryption of bulk data: AES-256-GCM (NIST SP 800-38D) or ChaCha20-Poly1305 (RFC
 * 8439), by wolfCrypt.
 *
 * A context holds one key at a time and is confined to one thread at a time. The caller never
 * uses a nonce twice with a key. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

#define AEAD_KEY_LEN   32
#define AEAD_NONCE_LEN 12
#define AEAD_TAG_LEN   16

typedef enum
{
  AEAD_AES_256_GCM,
  AEAD_CHACHA20_POLY1305,
} AeadAlgorithm;

typedef struct Aead Aead;

/** What this CPU does fastest: AES-256-GCM when it has AES instructions. Both ends of a stream must
 * use the same one. */
AeadAlgorithm aead_preferred (void);

/** @key is copied into memory that aead_free() wipes. */
Aead *aead_new (AeadAlgorithm algorithm,
                const uint8_t key[static AEAD_KEY_LEN]) G_GNUC_WARN_UNUSED_RESULT;
/** Another key in the same memory. */
void aead_rekey (Aead *aead, const uint8_t key[static AEAD_KEY_LEN]);
void aead_free (Aead *aead);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Aead, aead_free)

/** Encrypts @len bytes of @plain to @cipher (the same length; may be the same buffer) and writes
 * @tag. */
void aead_seal (Aead *aead, const uint8_t nonce[static AEAD_NONCE_LEN], const uint8_t *aad,
                size_t aad_len, const uint8_t *plain, size_t len, uint8_t *cipher,
                uint8_t tag[static AEAD_TAG_LEN]);

/** Returns false, with @plain zeroed, when @tag does not prove @cipher and @aad. */
bool aead_open (Aead *aead, const uint8_t nonce[static AEAD_NONCE_LEN], const uint8_t *aad,
                size_t aad_len, const uint8_t *cipher, size_t len,
                const uint8_t tag[static AEAD_TAG_LEN], uint8_t *plain) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

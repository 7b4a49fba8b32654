/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/session.h"

#include <blake3.h>
#include <sodium.h>
#include <string.h>

#include "net/core/secret.h"

G_STATIC_ASSERT (SESSION_KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
G_STATIC_ASSERT (SESSION_OVERHEAD == crypto_aead_xchacha20poly1305_ietf_ABYTES);

typedef struct
{
  uint8_t client[SESSION_KEY_LEN]; /* seals what the client sends */
  uint8_t server[SESSION_KEY_LEN];
  uint8_t derive[BLAKE3_KEY_LEN]; /* the parent of session_derive() */
} SessionKeys;

struct Session
{
  SessionKeys keys;
  bool client;
};

Session *
session_new (const uint8_t root[static PAIRING_ROOT_LEN],
             const uint8_t exporter[static SESSION_EXPORTER_LEN], bool client)
{
  Session *session = secret_new (sizeof *session);
  blake3_hasher hasher;
  blake3_hasher_init_derive_key (&hasher, "wherry 2026-11 session keys 1");
  blake3_hasher_update (&hasher, root, PAIRING_ROOT_LEN);
  blake3_hasher_update (&hasher, exporter, SESSION_EXPORTER_LEN);
  blake3_hasher_finalize (&hasher, (uint8_t *) &session->keys, sizeof session->keys);
  sodium_memzero (&hasher, sizeof hasher);

  session->client = client;
  return session;
}

void
session_free (Session *session)
{
  sodium_free (session);
}

static const uint8_t *
direction_key (const Session *session, bool from_client)
{
  return from_client ? session->keys.client : session->keys.server;
}

static void
write_nonce (uint8_t nonce[static crypto_aead_xchacha20poly1305_ietf_NPUBBYTES], uint64_t stream,
             uint64_t sequence)
{
  uint64_t numbers[] = { GUINT64_TO_BE (stream), GUINT64_TO_BE (sequence), 0 };
  G_STATIC_ASSERT (sizeof numbers == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  memcpy (nonce, numbers, sizeof numbers);
}

void
session_seal (const Session *session, uint64_t stream, uint64_t sequence, const uint8_t *ad,
              size_t ad_len, const uint8_t *plain, size_t len, uint8_t *sealed)
{
  uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
  write_nonce (nonce, stream, sequence);
  crypto_aead_xchacha20poly1305_ietf_encrypt (sealed, NULL, plain, len, ad, ad_len, NULL, nonce,
                                              direction_key (session, session->client));
}

bool
session_open (const Session *session, uint64_t stream, uint64_t sequence, const uint8_t *ad,
              size_t ad_len, const uint8_t *sealed, size_t len, uint8_t *plain)
{
  uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
  write_nonce (nonce, stream, sequence);
  return crypto_aead_xchacha20poly1305_ietf_decrypt (
             plain, NULL, NULL, sealed, len, ad, ad_len, nonce,
             direction_key (session, !session->client)) == 0;
}

void
session_derive (const Session *session, const char *label, const uint8_t *context,
                size_t context_len, uint8_t *key, size_t key_len)
{
  size_t label_len = strlen (label);
  uint8_t label_len_byte = (uint8_t) label_len;
  g_return_if_fail (label_len <= UINT8_MAX);

  /* The length keeps ("ab", "c") and ("a", "bc") apart. */
  blake3_hasher hasher;
  blake3_hasher_init_keyed (&hasher, session->keys.derive);
  blake3_hasher_update (&hasher, &label_len_byte, 1);
  blake3_hasher_update (&hasher, label, label_len);
  blake3_hasher_update (&hasher, context, context_len);
  blake3_hasher_finalize (&hasher, key, key_len);
  sodium_memzero (&hasher, sizeof hasher);
}

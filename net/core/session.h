/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of one connection between paired devices: KDF(pairing root, TLS exporter of this
 * connection, role). Fresh for each connection, useless without both the TLS identities and the
 * pairing root. XChaCha20-Poly1305, one key for each direction. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

#define PAIRING_ROOT_LEN                                                                           \
  32 /* what pairing leaves behind; lives in sodium memory and in the secret store */
#define SESSION_EXPORTER_LEN 32
#define SESSION_KEY_LEN      32
#define SESSION_OVERHEAD     16 /* bytes a sealed message is longer than the plain one */

/** Lives in sodium memory; immutable, so any thread may use it. */
typedef struct Session Session;

/** @client: whether we dialled the connection. */
Session *session_new (const uint8_t root[static PAIRING_ROOT_LEN],
                      const uint8_t exporter[static SESSION_EXPORTER_LEN], bool client);
/** NULL is allowed. */
void session_free (Session *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Session, session_free)

/** Encrypts what we send. (@stream, @sequence) is the nonce: the QUIC stream id and the number
 * of the message on that stream in our direction (0 for a stream with a single message). Never
 * seal two messages with the same pair. @sealed: @len + SESSION_OVERHEAD bytes, may be @plain.
 * @ad: authenticated, not sent; may be NULL. */
void session_seal (const Session *session, uint64_t stream, uint64_t sequence, const uint8_t *ad,
                   size_t ad_len, const uint8_t *plain, size_t len, uint8_t *sealed);
/** Decrypts what the peer sealed under the same numbers; false when it was changed, cut, moved
 * or is another peer's. @plain: @len - SESSION_OVERHEAD bytes, may be @sealed. */
bool session_open (const Session *session, uint64_t stream, uint64_t sequence, const uint8_t *ad,
                   size_t ad_len, const uint8_t *sealed, size_t len, uint8_t *plain);
/** A further key that both ends agree on, for @label (a constant of ours, such as "transfer")
 * and @context (such as an id). @key: sodium memory. */
void session_derive (const Session *session, const char *label, const uint8_t *context,
                     size_t context_len, uint8_t *key, size_t key_len);

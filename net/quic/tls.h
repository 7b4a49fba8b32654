/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS 1.3 with raw Ed25519 public keys both ways (RFC 7250, RFC 8410) by wolfSSL: a context for an
 * endpoint and a session for each connection. Net thread only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "net/core/identity.h"

G_BEGIN_DECLS

#define TLS_EXPORTER_LEN 32

typedef struct TlsContext TlsContext;
typedef struct TlsSession TlsSession;

TlsContext *tls_context_new (const NodeIdentity *identity, GError **error);
void tls_context_free (TlsContext *context);

/** @alpns: one name for a client, a comma-separated list in order of preference for a server.
 * @expected: whom a client dials; NULL lets any key in, as a server does. @conn_ref is kept and
 * must outlive the session. */
TlsSession *tls_session_new (TlsContext *context, bool server, const char *alpns,
                             const NodeId *expected, ngtcp2_crypto_conn_ref *conn_ref);
void tls_session_free (TlsSession *session);

/** What ngtcp2_conn_set_tls_native_handle() wants. */
void *tls_session_get_native (TlsSession *session);

typedef struct
{
  NodeId peer;
  char *alpn; /* owned */
  uint8_t exporter[TLS_EXPORTER_LEN];
} TlsResult;

/** To be called once, when the handshake is complete: only then has the peer proved to own its key.
 * False when anything about it is not as it must be. Gives back the memory that only the handshake
 * needed. */
bool tls_session_complete (TlsSession *session, TlsResult *result);

/** Whether the handshake failed because the peer's key was not @expected, or not proved. */
bool tls_session_doubts_peer (TlsSession *session, uint8_t alert);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/tls.h"

#include <sodium.h>
#include <string.h>
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <ngtcp2/ngtcp2_crypto_wolfssl.h>

#include "net/quic/tls_prefers_aes.h"

#define EXPORTER_LABEL "EXPORTER-wherry"
/* The hybrid first: what is recorded today must not be readable by tomorrow's quantum computers. A
 * peer without it asks again for X25519 (HelloRetryRequest), one more round trip. */
#define GROUPS          "X25519MLKEM768:X25519"
#define QUIC_TLS_PARAMS 0x39 /* extension quic_transport_parameters, RFC 9001, section 8.2 */
#define ALERT_BAD_CERT  42
#define ALERT_DECRYPT   51
#define SPKI_LEN        44
#define PKCS8_LEN       128

/* SEQUENCE { SEQUENCE { OID 1.3.101.112 } BIT STRING }, RFC 8410, section 4 */
static const uint8_t spki_prefix[SPKI_LEN - NODE_ID_LEN] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                             0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };

struct TlsContext
{
  NodeIdentity *identity;
  WOLFSSL_CTX *client;
  WOLFSSL_CTX *server;
};

struct TlsSession
{
  WOLFSSL *ssl;
  bool any_peer;
  NodeId expected;
  bool has_peer; /* a key was presented; proved only when the handshake completes */
  NodeId peer;
};

/* For raw keys wolfSSL has no notion of trust: this callback is the only check of who the peer
 * claims to be. */
static int
verify_peer_cb (int ok, WOLFSSL_X509_STORE_CTX *store)
{
  TlsSession *self = store->userCtx;
  const WOLFSSL_BUFFER_INFO *key = store->certs;
  if (ok != 1 || store->totalCerts != 1 || key->length != SPKI_LEN ||
      memcmp (key->buffer, spki_prefix, sizeof spki_prefix) != 0)
    return 0;
  memcpy (self->peer.bytes, key->buffer + sizeof spki_prefix, NODE_ID_LEN);
  self->has_peer = true;
  return self->any_peer || node_id_equal (&self->peer, &self->expected);
}

/* wolfSSL signs through this, so that the secret half stays in locked memory. */
static int
sign_cb (WOLFSSL *ssl, const unsigned char *data, unsigned int len, unsigned char *signature,
         unsigned int *signature_len, const unsigned char *key, unsigned int key_len,
         void *identity)
{
  if (*signature_len < NODE_SIGNATURE_LEN)
    return BUFFER_E;
  node_identity_sign (identity, data, len, signature);
  *signature_len = NODE_SIGNATURE_LEN;
  return 0;
}

/* wolfSSL does not sign at all without a private key: it gets one that everybody knows and that
 * sign_cb() ignores. */
static bool
use_stand_in_key (WOLFSSL_CTX *ctx)
{
  static const uint8_t no_secret[crypto_sign_SEEDBYTES];
  uint8_t public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
  int len = -1;
  crypto_sign_seed_keypair (public, secret, no_secret);
  uint8_t pkcs8[PKCS8_LEN];
  ed25519_key key;
  if (wc_ed25519_init (&key) == 0)
    {
      if (wc_ed25519_import_private_key (no_secret, sizeof no_secret, public, sizeof public,
                                         &key) == 0)
        len = wc_Ed25519KeyToDer (&key, pkcs8, sizeof pkcs8);
      wc_ed25519_free (&key);
    }
  return len > 0 && wolfSSL_CTX_use_PrivateKey_buffer (ctx, pkcs8, len, WOLFSSL_FILETYPE_ASN1) ==
                        WOLFSSL_SUCCESS;
}

static bool
use_public_key (WOLFSSL_CTX *ctx, const NodeId *id)
{
  uint8_t spki[SPKI_LEN];
  memcpy (spki, spki_prefix, sizeof spki_prefix);
  memcpy (spki + sizeof spki_prefix, id->bytes, NODE_ID_LEN);
  return wolfSSL_CTX_use_certificate_buffer (ctx, spki, sizeof spki, WOLFSSL_FILETYPE_ASN1) ==
         WOLFSSL_SUCCESS;
}

static WOLFSSL_CTX *
context_new (bool server, const NodeId *id)
{
  const char rpk = WOLFSSL_CERT_TYPE_RPK;
  const char *ciphers =
      tls_prefers_aes ()
          ? "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
          : "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384";
  WOLFSSL_CTX *ctx =
      wolfSSL_CTX_new (server ? wolfTLSv1_3_server_method () : wolfTLSv1_3_client_method ());

  if (!ctx)
    return NULL;
  if ((server ? ngtcp2_crypto_wolfssl_configure_server_context (ctx)
              : ngtcp2_crypto_wolfssl_configure_client_context (ctx)) != 0 ||
      wolfSSL_CTX_set_client_cert_type (ctx, &rpk, 1) != WOLFSSL_SUCCESS ||
      wolfSSL_CTX_set_server_cert_type (ctx, &rpk, 1) != WOLFSSL_SUCCESS ||
      !use_public_key (ctx, id) || !use_stand_in_key (ctx) ||
      wolfSSL_CTX_set_cipher_list (ctx, ciphers) != WOLFSSL_SUCCESS ||
      wolfSSL_CTX_set1_groups_list (ctx, GROUPS) != WOLFSSL_SUCCESS)
    {
      wolfSSL_CTX_free (ctx);
      return NULL;
    }
  wolfSSL_CTX_set_verify (ctx, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                          verify_peer_cb);
  wolfSSL_CTX_SetEd25519SignCb (ctx, sign_cb);
  /* a resumed session would bring no key, and so no identity */
  wolfSSL_CTX_no_ticket_TLSv13 (ctx);
  wolfSSL_CTX_set_session_cache_mode (ctx, WOLFSSL_SESS_CACHE_OFF);
  return ctx;
}

TlsContext *
tls_context_new (const NodeIdentity *identity, GError **error)
{
  static gsize initialized;
  TlsContext *self = g_new0 (TlsContext, 1);
  if (g_once_init_enter (&initialized))
    {
      wolfSSL_Init ();
      g_once_init_leave (&initialized, 1);
    }
  self->identity = node_identity_from_seed (node_identity_get_seed (identity));
  self->client = context_new (false, node_identity_get_id (identity));
  self->server = context_new (true, node_identity_get_id (identity));
  if (self->client && self->server)
    return self;
  g_set_error_literal (error, QUIC_ERROR, QUIC_ERROR_PROTOCOL,
                       "The TLS library does not accept this device's key. Reinstall Wherry.");
  tls_context_free (self);
  return NULL;
}

void
tls_context_free (TlsContext *self)
{
  wolfSSL_CTX_free (self->client);
  wolfSSL_CTX_free (self->server);
  g_clear_pointer (&self->identity, node_identity_free);
  g_free (self);
}

TlsSession *
tls_session_new (TlsContext *context, bool server, const char *alpns, const NodeId *expected,
                 ngtcp2_crypto_conn_ref *conn_ref)
{
  TlsSession *self = g_new0 (TlsSession, 1);
  self->ssl = wolfSSL_new (server ? context->server : context->client);
  if (!self->ssl)
    g_error ("out of memory");
  self->any_peer = !expected;
  if (expected)
    self->expected = *expected;
  wolfSSL_SetCertCbCtx (self->ssl, self);
  wolfSSL_SetEd25519SignCtx (self->ssl, context->identity);
  wolfSSL_set_app_data (self->ssl, conn_ref);
  wolfSSL_set_quic_transport_version (self->ssl, QUIC_TLS_PARAMS);
  wolfSSL_KeepArrays (self->ssl); /* for the exporter */
  if (server)
    wolfSSL_set_accept_state (self->ssl);
  else
    wolfSSL_set_connect_state (self->ssl);
  wolfSSL_UseALPN (self->ssl, (char *) alpns, strlen (alpns), WOLFSSL_ALPN_FAILED_ON_MISMATCH);
  return self;
}

void
tls_session_free (TlsSession *self)
{
  wolfSSL_free (self->ssl);
  g_free (self);
}

void *
tls_session_get_native (TlsSession *self)
{
  return self->ssl;
}

bool
tls_session_complete (TlsSession *self, TlsResult *result)
{
  int client_type = -1, server_type = -1;
  char *alpn = NULL;
  unsigned short alpn_len = 0;
  if (!self->has_peer ||
      wolfSSL_get_negotiated_client_cert_type (self->ssl, &client_type) != WOLFSSL_SUCCESS ||
      wolfSSL_get_negotiated_server_cert_type (self->ssl, &server_type) != WOLFSSL_SUCCESS ||
      client_type != WOLFSSL_CERT_TYPE_RPK || server_type != WOLFSSL_CERT_TYPE_RPK ||
      wolfSSL_session_reused (self->ssl) ||
      wolfSSL_ALPN_GetProtocol (self->ssl, &alpn, &alpn_len) != WOLFSSL_SUCCESS || alpn_len == 0 ||
      wolfSSL_export_keying_material (self->ssl, result->exporter, sizeof result->exporter,
                                      EXPORTER_LABEL, strlen (EXPORTER_LABEL), NULL, 0,
                                      0) != WOLFSSL_SUCCESS)
    return false;
  g_debug ("handshake: %s, %s", wolfSSL_get_cipher_name (self->ssl),
           wolfSSL_get_curve_name (self->ssl));
  result->peer = self->peer;
  result->alpn = g_strndup (alpn, alpn_len);
  wolfSSL_FreeArrays (self->ssl);
  return true;
}

bool
tls_session_doubts_peer (TlsSession *self, uint8_t alert)
{
  return alert == ALERT_BAD_CERT || alert == ALERT_DECRYPT;
}

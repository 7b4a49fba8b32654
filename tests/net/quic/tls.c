/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What TLS refuses, either side by itself. The linker puts the functions below before those of
 * wolfSSL: one end of a pair shows what it should not, or hears what cannot be. */
#include <sodium.h>
#include <string.h>
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include "tests/net/quic/pair.h"

/* A self-signed X.509 certificate of the Ed25519 key whose seed is 1, 2, 3, … 32. */
static const char x509_hex[] =
    "3081d4308187021449eaf21a784ef575147d1e15d1b7adfa82559197300506032b6570300c310a30"
    "0806035504030c01783020170d3236313132363031353134365a180f323132363131303230313531"
    "34365a300c310a300806035504030c0178302a300506032b657003210079b5562e8fe654f94078b1"
    "12e8a98ba7901f853ae695bed7e0e3910bad049664300506032b6570034100182e2f4d8bc17e9541"
    "861933e9b8cd890630c3fa9076dde8d656129ef7e7e94e57ba548e1fb08492c39fa96fa0c2333d2d"
    "66083fa12d49bfeb4bcd427d626604";

typedef enum
{
  NOTHING,
  /* shown by the end whose contexts are made meanwhile */
  SHOWS_NO_CERTIFICATE,
  SHOWS_X509,
  /* heard by the end of that side when the handshake is complete */
  HEARS_X509_OF_CLIENT,
  HEARS_X509_OF_SERVER,
  HEARS_RESUMPTION,
  HEARS_NO_ALPN,
  HAS_NO_EXPORTER,
} Deviation;

static struct
{
  Deviation deviation;
  int side;       /* 0 dials, 1 is dialled */
  int making;     /* whose contexts are made */
  unsigned times; /* how often it had its effect */
} fault;

static bool
deviates (Deviation deviation, int side)
{
  if (fault.deviation != deviation || fault.side != side)
    return false;
  fault.times++;
  return true;
}

int __real_wolfSSL_CTX_use_certificate_buffer (WOLFSSL_CTX *ctx, const unsigned char *in, long len,
                                               int format);
int __wrap_wolfSSL_CTX_use_certificate_buffer (WOLFSSL_CTX *ctx, const unsigned char *in, long len,
                                               int format);
int __real_wolfSSL_CTX_use_PrivateKey_buffer (WOLFSSL_CTX *ctx, const unsigned char *in, long len,
                                              int format);
int __wrap_wolfSSL_CTX_use_PrivateKey_buffer (WOLFSSL_CTX *ctx, const unsigned char *in, long len,
                                              int format);
int __real_wolfSSL_CTX_set_client_cert_type (WOLFSSL_CTX *ctx, const char *types, int n);
int __wrap_wolfSSL_CTX_set_client_cert_type (WOLFSSL_CTX *ctx, const char *types, int n);
int __real_wolfSSL_CTX_set_server_cert_type (WOLFSSL_CTX *ctx, const char *types, int n);
int __wrap_wolfSSL_CTX_set_server_cert_type (WOLFSSL_CTX *ctx, const char *types, int n);
int __real_wolfSSL_get_negotiated_client_cert_type (WOLFSSL *ssl, int *type);
int __wrap_wolfSSL_get_negotiated_client_cert_type (WOLFSSL *ssl, int *type);
int __real_wolfSSL_get_negotiated_server_cert_type (WOLFSSL *ssl, int *type);
int __wrap_wolfSSL_get_negotiated_server_cert_type (WOLFSSL *ssl, int *type);
int __real_wolfSSL_session_reused (WOLFSSL *ssl);
int __wrap_wolfSSL_session_reused (WOLFSSL *ssl);
int __real_wolfSSL_ALPN_GetProtocol (WOLFSSL *ssl, char **name, unsigned short *len);
int __wrap_wolfSSL_ALPN_GetProtocol (WOLFSSL *ssl, char **name, unsigned short *len);
int __real_wolfSSL_export_keying_material (WOLFSSL *ssl, unsigned char *out, size_t len,
                                           const char *label, size_t label_len,
                                           const unsigned char *context, size_t context_len,
                                           int use_context);
int __wrap_wolfSSL_export_keying_material (WOLFSSL *ssl, unsigned char *out, size_t len,
                                           const char *label, size_t label_len,
                                           const unsigned char *context, size_t context_len,
                                           int use_context);

int
__wrap_wolfSSL_CTX_use_certificate_buffer (WOLFSSL_CTX *ctx, const unsigned char *in, long len,
                                           int format)
{
  if (deviates (SHOWS_NO_CERTIFICATE, fault.making))
    return WOLFSSL_SUCCESS;
  uint8_t x509[sizeof x509_hex / 2];
  if (deviates (SHOWS_X509, fault.making))
    {
      g_assert_cmpint (
          sodium_hex2bin (x509, sizeof x509, x509_hex, strlen (x509_hex), NULL, NULL, NULL), ==, 0);
      return __real_wolfSSL_CTX_use_certificate_buffer (ctx, x509, sizeof x509, format);
    }
  return __real_wolfSSL_CTX_use_certificate_buffer (ctx, in, len, format);
}

int
__wrap_wolfSSL_CTX_use_PrivateKey_buffer (WOLFSSL_CTX *ctx, const unsigned char *in, long len,
                                          int format)
{
  if (deviates (SHOWS_NO_CERTIFICATE, fault.making))
    return WOLFSSL_SUCCESS;
  return __real_wolfSSL_CTX_use_PrivateKey_buffer (ctx, in, len, format);
}

int
__wrap_wolfSSL_CTX_set_client_cert_type (WOLFSSL_CTX *ctx, const char *types, int n)
{
  const char x509 = WOLFSSL_CERT_TYPE_X509;
  return __real_wolfSSL_CTX_set_client_cert_type (
      ctx, deviates (SHOWS_X509, fault.making) ? &x509 : types, n);
}

int
__wrap_wolfSSL_CTX_set_server_cert_type (WOLFSSL_CTX *ctx, const char *types, int n)
{
  const char x509 = WOLFSSL_CERT_TYPE_X509;
  return __real_wolfSSL_CTX_set_server_cert_type (
      ctx, deviates (SHOWS_X509, fault.making) ? &x509 : types, n);
}

int
__wrap_wolfSSL_get_negotiated_client_cert_type (WOLFSSL *ssl, int *type)
{
  int result = __real_wolfSSL_get_negotiated_client_cert_type (ssl, type);
  if (deviates (HEARS_X509_OF_CLIENT, wolfSSL_is_server (ssl)))
    *type = WOLFSSL_CERT_TYPE_X509;
  return result;
}

int
__wrap_wolfSSL_get_negotiated_server_cert_type (WOLFSSL *ssl, int *type)
{
  int result = __real_wolfSSL_get_negotiated_server_cert_type (ssl, type);
  if (deviates (HEARS_X509_OF_SERVER, wolfSSL_is_server (ssl)))
    *type = WOLFSSL_CERT_TYPE_X509;
  return result;
}

int
__wrap_wolfSSL_session_reused (WOLFSSL *ssl)
{
  return deviates (HEARS_RESUMPTION, wolfSSL_is_server (ssl)) ? 1
                                                              : __real_wolfSSL_session_reused (ssl);
}

int
__wrap_wolfSSL_ALPN_GetProtocol (WOLFSSL *ssl, char **name, unsigned short *len)
{
  int result = __real_wolfSSL_ALPN_GetProtocol (ssl, name, len);
  if (deviates (HEARS_NO_ALPN, wolfSSL_is_server (ssl)))
    *len = 0;
  return result;
}

int
__wrap_wolfSSL_export_keying_material (WOLFSSL *ssl, unsigned char *out, size_t len,
                                       const char *label, size_t label_len,
                                       const unsigned char *context, size_t context_len,
                                       int use_context)
{
  if (deviates (HAS_NO_EXPORTER, wolfSSL_is_server (ssl)))
    return WOLFSSL_FAILURE;
  return __real_wolfSSL_export_keying_material (ssl, out, len, label, label_len, context,
                                                context_len, use_context);
}

static void
open_end (Pair *pair, int side)
{
  fault.making = side;
  g_clear_pointer (&pair->endpoint[side], quic_endpoint_close);
  if (fault.deviation == SHOWS_X509 && fault.side == side)
    {
      uint8_t seed[NODE_SEED_LEN];
      for (int i = 0; i < NODE_SEED_LEN; i++)
        seed[i] = i + 1;
      node_identity_free (pair->identity[side]);
      pair->identity[side] = node_identity_from_seed (seed);
    }
  pair_reopen (pair, side);
  fault.making = -1;
}

/* Whoever deviates gets nowhere, and the application never hears of the connection. */
static void
test_refused (gconstpointer data)
{
  Deviation deviation = GPOINTER_TO_INT (data);
  /* wolfSSL makes no server without a certificate */
  for (int side = 0; side < (deviation == SHOWS_NO_CERTIFICATE ? 1 : 2); side++)
    for (int any_peer = 0; any_peer < 2; any_peer++)
      {
        Pair pair;
        fault.deviation = NOTHING;
        pair_init (&pair, OVER_MEMORY);
        fault.deviation = deviation;
        fault.side = side;
        fault.times = 0;
        for (int i = 0; i < 2; i++)
          open_end (&pair, i);
        g_autoptr (GError) error = dial_failure (
            &pair, any_peer ? NULL : node_identity_get_id (pair.identity[1]), TEST_ALPN);
        g_assert_cmpuint (error->domain, ==, QUIC_ERROR);
        g_assert_cmpuint (fault.times, >, 0);
        g_assert_cmpint (pair.asked, ==, 0);
        fault.deviation = NOTHING;
        pair_clear (&pair);
      }
}

/* The wiring of these tests lets honest ends through. */
static void
test_honest (void)
{
  Pair pair;
  fault.deviation = NOTHING;
  pair_init (&pair, OVER_MEMORY);
  for (int i = 0; i < 2; i++)
    open_end (&pair, i);
  pair_connect (&pair);
  g_assert_cmpmem (quic_connection_get_exporter (pair.connection[0]), QUIC_EXPORTER_LEN,
                   quic_connection_get_exporter (pair.connection[1]), QUIC_EXPORTER_LEN);
  pair_clear (&pair);
}

static void
test_wrong_key (void)
{
  g_autoptr (NodeIdentity) other = node_identity_generate ();
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  g_autoptr (GError) error = dial_failure (&pair, node_identity_get_id (other), TEST_ALPN);
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_IDENTITY);
  g_assert_cmpint (pair.asked, ==, 0);
  pair_clear (&pair);
}

/* Neither a part of a name nor a list is a name. */
static void
test_other_alpn (void)
{
  static const char *const alpns[] = { "wherry/test/2", "wherry/test/1x", "wherry/test",
                                       "WHERRY/TEST/1", "x" };
  for (size_t i = 0; i < G_N_ELEMENTS (alpns); i++)
    {
      Pair pair;
      pair_init (&pair, OVER_MEMORY);
      g_autoptr (GError) error = dial_failure (&pair, NULL, alpns[i]);
      g_assert_error (error, QUIC_ERROR, QUIC_ERROR_REFUSED);
      g_assert_cmpint (pair.asked, ==, 0);
      pair_clear (&pair);
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    Deviation deviation;
  } cases[] = {
    { "no-certificate", SHOWS_NO_CERTIFICATE },
    { "x509", SHOWS_X509 },
    { "negotiated-x509/client", HEARS_X509_OF_CLIENT },
    { "negotiated-x509/server", HEARS_X509_OF_SERVER },
    { "resumed", HEARS_RESUMPTION },
    { "no-alpn", HEARS_NO_ALPN },
    { "no-exporter", HAS_NO_EXPORTER },
  };
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

  g_test_add_func ("/tls/honest", test_honest);
  g_test_add_func ("/tls/wrong-key", test_wrong_key);
  g_test_add_func ("/tls/other-alpn", test_other_alpn);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/tls/refused/", cases[i].name, NULL);
      g_test_add_data_func (path, GINT_TO_POINTER (cases[i].deviation), test_refused);
    }
  return g_test_run ();
}

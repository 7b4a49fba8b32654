/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/quic_error_private.h"

#define CRYPTO_ERROR       0x100u /* + TLS alert, RFC 9001, section 4.8 */
#define CONNECTION_REFUSED 0x02u  /* RFC 9000, section 20.1 */
#define ALERT_NO_ALPN      120
#define ALERT_BAD_CERT     42
#define ALERT_CERT_UNKNOWN 46
#define ALERT_UNKNOWN_CA   48
#define ALERT_DENIED       49
#define ALERT_DECRYPT      51
#define ALERT_NO_CERT      116
#define REASON_SHOWN_MAX   128

GQuark
quic_error_quark (void)
{
  return g_quark_from_static_string ("wherry-quic-error");
}

static GError *
from_alert (uint64_t alert)
{
  switch (alert)
    {
    case ALERT_NO_ALPN:
      return g_error_new_literal (
          QUIC_ERROR, QUIC_ERROR_REFUSED,
          "The other device does not speak this protocol. Update Wherry on both devices.");
    case ALERT_BAD_CERT:
    case ALERT_CERT_UNKNOWN:
    case ALERT_UNKNOWN_CA:
    case ALERT_DENIED:
    case ALERT_DECRYPT:
    case ALERT_NO_CERT:
      return g_error_new_literal (QUIC_ERROR, QUIC_ERROR_REFUSED,
                                  "The other device did not accept this device's identity.");
    default:
      return g_error_new (QUIC_ERROR, QUIC_ERROR_PROTOCOL,
                          "The handshake failed on the other device (TLS alert %u).",
                          (unsigned) alert);
    }
}

static GError *
from_application (const ngtcp2_ccerr *reason)
{
  g_autofree char *raw = g_strndup (reason->reason ? (const char *) reason->reason : "",
                                    MIN (reason->reasonlen, REASON_SHOWN_MAX));
  g_autofree char *shown = g_strescape (raw, NULL);
  switch (reason->error_code)
    {
    case QUIC_CODE_OK:
      return g_error_new_literal (QUIC_ERROR, QUIC_ERROR_CLOSED,
                                  "The other device closed the connection.");
    case QUIC_CODE_NOT_PAIRED:
      return g_error_new_literal (
          QUIC_ERROR, QUIC_ERROR_NOT_PAIRED,
          "The other device does not know this one. Pair the two devices first.");
    case QUIC_CODE_NO_CODE:
      return g_error_new_literal (QUIC_ERROR, QUIC_ERROR_NO_CODE,
                                  "The other device shows no pairing code.");
    case QUIC_CODE_LIMIT:
      return g_error_new_literal (QUIC_ERROR, QUIC_ERROR_REFUSED,
                                  "The other device is busy. Try again later.");
    default:
      return g_error_new (QUIC_ERROR, QUIC_ERROR_CLOSED,
                          "The other device closed the connection: %s (%" G_GUINT64_FORMAT ").",
                          *shown != '\0' ? shown : "no reason given", reason->error_code);
    }
}

GError *
quic_error_new_from_peer (const ngtcp2_ccerr *reason)
{
  if (reason->type == NGTCP2_CCERR_TYPE_APPLICATION)
    return from_application (reason);
  if (reason->error_code == CONNECTION_REFUSED)
    return g_error_new_literal (QUIC_ERROR, QUIC_ERROR_REFUSED,
                                "The other device takes no more connections now. Try again later.");
  if (reason->error_code >= CRYPTO_ERROR && reason->error_code < CRYPTO_ERROR + 256)
    return from_alert (reason->error_code - CRYPTO_ERROR);
  if (reason->error_code == NGTCP2_NO_ERROR)
    return g_error_new_literal (QUIC_ERROR, QUIC_ERROR_CLOSED,
                                "The other device closed the connection.");
  return g_error_new (
      QUIC_ERROR, QUIC_ERROR_PROTOCOL,
      "The other device gave up the connection because of a protocol error (0x%" G_GINT64_MODIFIER
      "x).",
      reason->error_code);
}

GError *
quic_error_new_from_failure (int library_error, uint8_t tls_alert, bool peer_doubted)
{
  if (peer_doubted)
    return g_error_new_literal (
        QUIC_ERROR, QUIC_ERROR_IDENTITY,
        "Another device answered at that address; it could not prove to be the expected one.");
  switch (library_error)
    {
    case NGTCP2_ERR_IDLE_CLOSE:
      return g_error_new_literal (
          QUIC_ERROR, QUIC_ERROR_TIMEOUT,
          "The other device has not answered for 30 seconds. Check that it is on and connected.");
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
      return g_error_new_literal (
          QUIC_ERROR, QUIC_ERROR_UNREACHABLE,
          "Nobody answers at that address. Check that the other device is on, runs Wherry and is "
          "not behind a firewall.");
    case NGTCP2_ERR_CRYPTO:
      if (tls_alert == ALERT_NO_ALPN)
        return g_error_new_literal (QUIC_ERROR, QUIC_ERROR_REFUSED,
                                    "The two devices have no protocol in common.");
      return g_error_new (QUIC_ERROR, QUIC_ERROR_PROTOCOL, "The handshake failed (TLS alert %u).",
                          tls_alert);
    case NGTCP2_ERR_RECV_VERSION_NEGOTIATION:
    case NGTCP2_ERR_VERSION_NEGOTIATION_FAILURE:
      return g_error_new_literal (
          QUIC_ERROR, QUIC_ERROR_REFUSED,
          "The other device speaks another version of QUIC. Update Wherry on both devices.");
    default:
      return g_error_new (QUIC_ERROR, QUIC_ERROR_PROTOCOL, "The connection broke: %s.",
                          ngtcp2_strerror (library_error));
    }
}

const char *
quic_code_get_reason (QuicCode code)
{
  static const char *const reasons[] = {
    [QUIC_CODE_OK] = "",
    [QUIC_CODE_NOT_PAIRED] = "not paired",
    [QUIC_CODE_PROTOCOL] = "protocol error",
    [QUIC_CODE_CANCELLED] = "cancelled",
    [QUIC_CODE_LIMIT] = "too many at once",
    [QUIC_CODE_UNPAIRED] = "unpaired",
    [QUIC_CODE_INTERNAL] = "internal error",
    [QUIC_CODE_NO_CODE] = "no pairing code is shown",
  };
  return code < G_N_ELEMENTS (reasons) ? reasons[code] : "";
}

GError *
quic_error_new_closed (void)
{
  return g_error_new_literal (QUIC_ERROR, QUIC_ERROR_CLOSED, "The connection is closed.");
}

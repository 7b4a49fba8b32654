/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The errors of net/quic, and the codes that both sides exchange. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** By what the caller can do about it. */
typedef enum
{
  QUIC_ERROR_SOCKET,      /* no socket, no route */
  QUIC_ERROR_LIMIT,       /* we have too many descriptors or connections open */
  QUIC_ERROR_UNREACHABLE, /* nobody answered */
  /* the peer closed during the handshake: busy, or no such protocol. Anybody on the path can forge
   * it */
  QUIC_ERROR_REFUSED,
  QUIC_ERROR_IDENTITY,   /* the peer is not who we dialled */
  QUIC_ERROR_PROTOCOL,   /* somebody broke QUIC or TLS */
  QUIC_ERROR_RESET,      /* the peer reset the stream */
  QUIC_ERROR_CLOSED,     /* closed by us or the peer */
  QUIC_ERROR_TIMEOUT,    /* the path died */
  QUIC_ERROR_NOT_PAIRED, /* the peer, having proved its id, closed with QUIC_CODE_NOT_PAIRED */
  QUIC_ERROR_NO_CODE,    /* likewise with QUIC_CODE_NO_CODE */
} QuicError;

#define QUIC_ERROR (quic_error_quark ())
GQuark quic_error_quark (void);

/** Application close and reset codes (RFC 9000, section 20.2). */
typedef enum
{
  QUIC_CODE_OK = 0,
  QUIC_CODE_NOT_PAIRED = 1,
  QUIC_CODE_PROTOCOL = 2, /* malformed, oversized, truncated, out-of-order or unknown frame */
  QUIC_CODE_CANCELLED = 3,
  QUIC_CODE_LIMIT = 4,    /* too many of something */
  QUIC_CODE_UNPAIRED = 5, /* trust was withdrawn */
  QUIC_CODE_INTERNAL = 6,
  QUIC_CODE_NO_CODE = 7, /* pairing: no code is shown */
} QuicCode;

/** What CONNECTION_CLOSE says beside @code when there is nothing more to say. */
const char *quic_code_get_reason (QuicCode code);

G_END_DECLS

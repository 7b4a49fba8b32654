/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where codes of ngtcp2 and TLS become sentences: here only. */
#pragma once

#include <stdbool.h>
#include <ngtcp2/ngtcp2.h>

#include "net/quic/quic_error.h"

G_BEGIN_DECLS

/** Why the peer closed; never NULL. (transfer full) */
GError *quic_error_new_from_peer (const ngtcp2_ccerr *reason);
/** Why we cannot go on: an ngtcp2 library error other than NGTCP2_ERR_DRAINING; never NULL.
 * (transfer full) */
GError *quic_error_new_from_failure (int library_error, uint8_t tls_alert, bool peer_doubted);
/** Why we closed. (transfer full) */
GError *quic_error_new_closed (void);

G_END_DECLS

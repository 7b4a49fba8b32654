/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place where ngtcp2 and TLS codes become sentences. */
#pragma once

#include <glib.h>
#include <ngtcp2/ngtcp2.h>

#include "net/quic/connection.h"

G_BEGIN_DECLS

/** Why the peer closed; never NULL. (transfer full) */
GError *quic_error_new_from_peer (const ngtcp2_ccerr *reason);
/** Why we cannot go on: an ngtcp2 library error other than NGTCP2_ERR_DRAINING; never NULL.
 * (transfer full) */
GError *quic_error_new_from_failure (int library_error, uint8_t tls_alert, bool peer_doubted);
/** What CONNECTION_CLOSE says beside @code when there is nothing more to say. */
const char *quic_code_get_reason (QuicCode code);
/** Why we closed. (transfer full) */
GError *quic_error_new_closed (void);

G_END_DECLS

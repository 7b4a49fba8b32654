/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What net/quic encrypts with, for whoever encrypts beside it. */
#pragma once

#include <stdbool.h>

/** Whether this CPU has instructions for AES-GCM, so that it is faster than ChaCha20-Poly1305; the
 * order of the cipher suites follows it. */
bool tls_prefers_aes (void);

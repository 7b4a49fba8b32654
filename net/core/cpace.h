/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPace, the balanced password-authenticated key exchange of draft-irtf-cfrg-cpace, cipher
 * suite CPACE-RISTR255-SHA512, initiator/responder form: who listens or stands in the middle
 * gets one online guess at the password, never an offline one. "Initiator" here is whoever
 * sends its share first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CPACE_POINT_LEN  32
#define CPACE_SCALAR_LEN 32
#define CPACE_SHARE_LEN  CPACE_POINT_LEN
#define CPACE_ISK_LEN    64 /* intermediate session key */

typedef struct
{
  const uint8_t *data;
  size_t len;
} CpaceBytes;

/** One side's ephemeral secret, in sodium memory. */
typedef struct Cpace Cpace;

/** Draws a scalar and makes our share. @password: the shared secret (PRS); @channel: what both
 * know of the channel (CI); @session: the session id (sid), unique to this run. */
Cpace *cpace_new (CpaceBytes password, CpaceBytes channel, CpaceBytes session);
/** Wipes everything. NULL is allowed. */
void cpace_free (Cpace *cpace);

/** Our share, borrowed; public. */
const uint8_t *cpace_get_share (const Cpace *cpace);
/** Completes the exchange into @isk (keep it in sodium memory). @our_data and @peer_data are the
 * associated data each side sent with its share. False when the peer's share is no valid point
 * or the result is the neutral element: abort then. */
bool cpace_finish (const Cpace *cpace, bool initiator, CpaceBytes our_data,
                   const uint8_t peer_share[static CPACE_SHARE_LEN], CpaceBytes peer_data,
                   uint8_t isk[static CPACE_ISK_LEN]);

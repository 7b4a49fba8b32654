/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for speaking the transfer protocol by hand. */
#pragma once

#include "net/async/flow.h"
#include "net/peer/secure_connection.h"
#include "tests/support/wait_future.h"

/** What was logged about a peer that broke the protocol, since it was last set to 0, and how often
 * as a warning. Every other warning stays fatal. */
extern unsigned hostile_complaints, hostile_warnings;
/** Starts counting; once, after g_test_init(). */
void hostile_init (void);

/** Appends @json, sealed as message number @sequence of our direction, to @frames. */
void hostile_seal (GByteArray *frames, SecureConnection *peer, QuicStream *stream,
                   uint64_t sequence, const char *json);
/** Seals and frames @json as message number @sequence of our direction. */
void hostile_say (SecureConnection *peer, QuicStream *stream, uint64_t sequence, const char *json);

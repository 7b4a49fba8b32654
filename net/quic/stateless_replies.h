/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an endpoint answers to datagrams that belong to no connection, without remembering anything
 * of them: Version Negotiation, Retry, refusals and stateless resets (RFC 9000, sections 6, 8.1.2,
 * 10.3 and 17.2.5). No address gets more of them than core/stranger_limits.h says. Net thread
 * only. */
#pragma once

#include <ngtcp2/ngtcp2.h>

#include "net/core/identity.h"
#include "net/quic/address_rate.h"
#include "net/quic/egress.h"

G_BEGIN_DECLS

#define STATELESS_SECRET_LEN 32

typedef struct
{
  Egress *egress;                       /* borrowed */
  uint8_t secret[STATELESS_SECRET_LEN]; /* of reset tokens and Retry tokens */
  AddressRate rate;
  AddressRate resets;
  uint64_t retries_sent;
  uint64_t resets_sent;
} StatelessReplies;

/** The secret is derived from @identity. */
void stateless_replies_init (StatelessReplies *replies, Egress *egress,
                             const NodeIdentity *identity);
void stateless_replies_clear (StatelessReplies *replies);

void stateless_replies_make_reset_token (const StatelessReplies *replies, const ngtcp2_cid *cid,
                                         uint8_t *token);
/** Whether @hd carries a token of a Retry of ours, not stale; @original receives the connection id
 * the client first used. */
bool stateless_replies_check_token (const StatelessReplies *replies, const ngtcp2_path *path,
                                    const ngtcp2_pkt_hd *hd, ngtcp2_tstamp now,
                                    ngtcp2_cid *original);

void stateless_replies_negotiate_version (StatelessReplies *replies, const ngtcp2_path *path,
                                          const ngtcp2_version_cid *vc, ngtcp2_tstamp now);
/** @received_len: of the datagram that is answered; not when it is too short or too many were
 * answered. */
void stateless_replies_reset (StatelessReplies *replies, const ngtcp2_path *path,
                              const ngtcp2_version_cid *vc, size_t received_len, ngtcp2_tstamp now);
/** @cid_len: of the id that the client shall use. */
void stateless_replies_retry (StatelessReplies *replies, const ngtcp2_path *path,
                              const ngtcp2_pkt_hd *hd, size_t cid_len, ngtcp2_tstamp now);
void stateless_replies_refuse (StatelessReplies *replies, const ngtcp2_path *path,
                               const ngtcp2_pkt_hd *hd, ngtcp2_tstamp now);

G_END_DECLS

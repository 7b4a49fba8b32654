/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/stateless_replies.h"

#include <limits.h>
#include <sodium.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "net/core/stranger_limits.h"
#include "net/quic/peer_address.h"

#define TOKEN_LIFETIME     (STRANGERS_TOKEN_LIFETIME_S * NGTCP2_SECONDS)
#define REPLY_MAX          1200
#define CONNECTION_REFUSED 0x02 /* RFC 9000, section 20.1 */
/* RFC 9000, section 10.3: a reset must be shorter than what it answers, or two endpoints could keep
 * answering each other */
#define RESET_LEN_MIN  41
#define RESET_RAND_MAX 40

/* From the identity rather than random: after a restart we can still tell the peers of our former
 * self that we know nothing of their connections. */
void
stateless_replies_init (StatelessReplies *self, Egress *egress, const NodeIdentity *identity)
{
  static const char purpose[] = "wherry quic stateless reset and retry";
  *self = (StatelessReplies) { .egress = egress };
  address_rate_init (&self->rate, UINT_MAX, STRANGERS_REPLIES_ADDRESS_S);
  address_rate_init (&self->resets, STRANGERS_RESETS_S, STRANGERS_RESETS_S);
  crypto_generichash (self->secret, sizeof self->secret, (const uint8_t *) purpose, sizeof purpose,
                      node_identity_get_seed (identity), NODE_SEED_LEN);
}

void
stateless_replies_clear (StatelessReplies *self)
{
  sodium_memzero (self->secret, sizeof self->secret);
}

/* Before anything is computed. */
static bool
may_reply (StatelessReplies *self, const ngtcp2_path *path, ngtcp2_tstamp now)
{
  return address_rate_admit (&self->rate, peer_address_prefix (path->remote.addr), now);
}

static void
reply (StatelessReplies *self, const ngtcp2_path *path, const uint8_t *data, ngtcp2_ssize len,
       ngtcp2_tstamp now)
{
  Batch batch = { .path = *path, .data = data, .len = len, .segment = len };
  if (len > 0)
    egress_send (self->egress, NULL, &batch, now);
}

void
stateless_replies_make_reset_token (const StatelessReplies *self, const ngtcp2_cid *cid,
                                    uint8_t *token)
{
  if (ngtcp2_crypto_generate_stateless_reset_token (token, self->secret, sizeof self->secret,
                                                    cid) != 0)
    g_error ("no HKDF");
}

bool
stateless_replies_check_token (const StatelessReplies *self, const ngtcp2_path *path,
                               const ngtcp2_pkt_hd *hd, ngtcp2_tstamp now, ngtcp2_cid *original)
{
  return hd->tokenlen > 0 && hd->token[0] == NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY2 &&
         ngtcp2_crypto_verify_retry_token2 (
             original, hd->token, hd->tokenlen, self->secret, sizeof self->secret, hd->version,
             path->remote.addr, path->remote.addrlen, &hd->dcid, TOKEN_LIFETIME, now) == 0;
}

void
stateless_replies_negotiate_version (StatelessReplies *self, const ngtcp2_path *path,
                                     const ngtcp2_version_cid *vc, ngtcp2_tstamp now)
{
  const uint32_t versions[] = { NGTCP2_PROTO_VER_V1 };
  if (!may_reply (self, path, now))
    return;
  uint8_t random;
  randombytes_buf (&random, 1);
  uint8_t packet[REPLY_MAX];
  reply (self, path, packet,
         ngtcp2_pkt_write_version_negotiation (packet, sizeof packet, random, vc->scid, vc->scidlen,
                                               vc->dcid, vc->dcidlen, versions,
                                               G_N_ELEMENTS (versions)),
         now);
}

void
stateless_replies_reset (StatelessReplies *self, const ngtcp2_path *path,
                         const ngtcp2_version_cid *vc, size_t received_len, ngtcp2_tstamp now)
{
  if (received_len <= RESET_LEN_MIN || !address_rate_admit (&self->resets, 0, now) ||
      !may_reply (self, path, now))
    return;
  uint8_t random[RESET_RAND_MAX];
  size_t random_len = MIN (sizeof random, received_len - NGTCP2_STATELESS_RESET_TOKENLEN - 1);
  ngtcp2_cid cid;
  ngtcp2_cid_init (&cid, vc->dcid, vc->dcidlen);
  ngtcp2_stateless_reset_token token;
  stateless_replies_make_reset_token (self, &cid, token.data);
  randombytes_buf (random, random_len);
  self->resets_sent++;
  uint8_t packet[REPLY_MAX];
  reply (self, path, packet,
         ngtcp2_pkt_write_stateless_reset2 (packet, sizeof packet, &token, random, random_len),
         now);
}

void
stateless_replies_retry (StatelessReplies *self, const ngtcp2_path *path, const ngtcp2_pkt_hd *hd,
                         size_t cid_len, ngtcp2_tstamp now)
{
  ngtcp2_cid cid = { .datalen = cid_len };
  if (!may_reply (self, path, now))
    return;
  randombytes_buf (cid.data, cid.datalen);
  uint8_t token[NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN2];
  ngtcp2_ssize token_len = ngtcp2_crypto_generate_retry_token2 (
      token, self->secret, sizeof self->secret, hd->version, path->remote.addr,
      path->remote.addrlen, &cid, &hd->dcid, now);
  if (token_len < 0)
    return;
  self->retries_sent++;
  uint8_t packet[REPLY_MAX];
  reply (self, path, packet,
         ngtcp2_crypto_write_retry (packet, sizeof packet, hd->version, &hd->scid, &cid, &hd->dcid,
                                    token, token_len),
         now);
}

void
stateless_replies_refuse (StatelessReplies *self, const ngtcp2_path *path, const ngtcp2_pkt_hd *hd,
                          ngtcp2_tstamp now)
{
  if (!may_reply (self, path, now))
    return;
  uint8_t packet[REPLY_MAX];
  reply (self, path, packet,
         ngtcp2_crypto_write_connection_close (packet, sizeof packet, hd->version, &hd->scid,
                                               &hd->dcid, CONNECTION_REFUSED, NULL, 0),
         now);
}

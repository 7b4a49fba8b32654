/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/demux_private.h"

#include <sodium.h>
#include <ngtcp2/ngtcp2_crypto.h>

#define TOKEN_LIFETIME     (10 * NGTCP2_SECONDS)
#define REPLY_MAX          1200
#define CONNECTION_REFUSED 0x02 /* RFC 9000, section 20.1 */
/* RFC 9000, section 10.3: a reset must be shorter than what it answers, or two endpoints could keep
 * answering each other */
#define RESET_LEN_MIN   41
#define RESET_RAND_MAX  40
#define RESETS_A_SECOND 100

static void
reply (Demux *self, const ngtcp2_path *path, const uint8_t *data, ngtcp2_ssize len)
{
  Batch batch = { .path = *path, .data = data, .len = len, .segment = len };
  if (len > 0)
    demux_send (self, NULL, &batch);
}

void
demux_send_version_negotiation (Demux *self, const ngtcp2_path *path, const ngtcp2_version_cid *vc)
{
  const uint32_t versions[] = { NGTCP2_PROTO_VER_V1 };
  uint8_t random;
  randombytes_buf (&random, 1);
  uint8_t packet[REPLY_MAX];
  reply (self, path, packet,
         ngtcp2_pkt_write_version_negotiation (packet, sizeof packet, random, vc->scid, vc->scidlen,
                                               vc->dcid, vc->dcidlen, versions,
                                               G_N_ELEMENTS (versions)));
}

static bool
may_reset (Demux *self)
{
  if (self->now - self->reset_second >= NGTCP2_SECONDS)
    {
      self->reset_second = self->now;
      self->resets = 0;
    }
  return self->resets++ < RESETS_A_SECOND;
}

void
demux_send_stateless_reset (Demux *self, const ngtcp2_path *path, const ngtcp2_version_cid *vc,
                            size_t received_len)
{
  uint8_t random[RESET_RAND_MAX];
  size_t random_len = MIN (sizeof random, received_len - NGTCP2_STATELESS_RESET_TOKENLEN - 1);
  if (received_len <= RESET_LEN_MIN || !may_reset (self))
    return;
  ngtcp2_cid cid;
  ngtcp2_cid_init (&cid, vc->dcid, vc->dcidlen);
  ngtcp2_stateless_reset_token token;
  demux_make_reset_token (self, &cid, token.data);
  randombytes_buf (random, random_len);
  self->counts.resets_sent++;
  uint8_t packet[REPLY_MAX];
  reply (self, path, packet,
         ngtcp2_pkt_write_stateless_reset2 (packet, sizeof packet, &token, random, random_len));
}

static void
send_retry (Demux *self, const ngtcp2_path *path, const ngtcp2_pkt_hd *hd)
{
  ngtcp2_cid cid = { .datalen = DEMUX_CID_LEN };
  randombytes_buf (cid.data, cid.datalen);
  uint8_t token[NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN2];
  ngtcp2_ssize token_len = ngtcp2_crypto_generate_retry_token2 (
      token, self->secret, sizeof self->secret, hd->version, path->remote.addr,
      path->remote.addrlen, &cid, &hd->dcid, self->now);
  if (token_len < 0)
    return;
  self->counts.retries_sent++;
  uint8_t packet[REPLY_MAX];
  reply (self, path, packet,
         ngtcp2_crypto_write_retry (packet, sizeof packet, hd->version, &hd->scid, &cid, &hd->dcid,
                                    token, token_len));
}

static void
refuse (Demux *self, const ngtcp2_path *path, const ngtcp2_pkt_hd *hd)
{
  uint8_t packet[REPLY_MAX];
  reply (self, path, packet,
         ngtcp2_crypto_write_connection_close (packet, sizeof packet, hd->version, &hd->scid,
                                               &hd->dcid, CONNECTION_REFUSED, NULL, 0));
}

static unsigned
count_half_open (Demux *self)
{
  unsigned count = 0;
  for (guint i = 0; i < self->connections->len; i++)
    count += net_connection_get_state (self->connections->pdata[i]) <= NET_CONNECTION_HELD;
  return count;
}

NetConnection *
demux_accept_connection (Demux *self, const ngtcp2_path *path, const uint8_t *data, size_t len)
{
  unsigned half_open = count_half_open (self);
  ngtcp2_cid *retried = NULL;
  ngtcp2_pkt_hd hd;
  if (ngtcp2_accept (&hd, data, len) != 0)
    return NULL;
  if (!self->alpns || self->connections->len >= DEMUX_CONNECTIONS_MAX ||
      half_open >= DEMUX_HALF_OPEN_MAX)
    {
      refuse (self, path, &hd);
      return NULL;
    }
  /* a token that is none of ours, or is stale, is as good as none */
  ngtcp2_cid original;
  if (hd.tokenlen > 0 && hd.token[0] == NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY2 &&
      ngtcp2_crypto_verify_retry_token2 (
          &original, hd.token, hd.tokenlen, self->secret, sizeof self->secret, hd.version,
          path->remote.addr, path->remote.addrlen, &hd.dcid, TOKEN_LIFETIME, self->now) == 0)
    retried = &original;
  if (half_open >= self->retry_threshold && !retried)
    {
      send_retry (self, path, &hd);
      return NULL;
    }
  NetConnection *connection = net_connection_new_server (self, &hd, retried, path);
  if (connection)
    g_ptr_array_add (self->connections, connection);
  return connection;
}

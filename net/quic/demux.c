/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/demux_private.h"

#include <sodium.h>
#include <string.h>
#include <ngtcp2/ngtcp2_crypto.h>

#define LONG_HEADER 0x80 /* RFC 9000, section 17.2 */

static guint
cid_hash (gconstpointer key)
{
  const ngtcp2_cid *cid = key;
  guint hash = 5381;
  for (size_t i = 0; i < cid->datalen; i++)
    hash = hash * 33 + cid->data[i];
  return hash;
}

static gboolean
cid_equal (gconstpointer a, gconstpointer b)
{
  return ngtcp2_cid_eq (a, b);
}

/* From the identity rather than random: after a restart we can still tell the peers of our former
 * self that we know nothing of their connections. */
static void
derive_secret (uint8_t secret[static DEMUX_SECRET_LEN], const NodeIdentity *identity)
{
  static const char purpose[] = "wherry quic stateless reset and retry";
  crypto_generichash (secret, DEMUX_SECRET_LEN, (const uint8_t *) purpose, sizeof purpose,
                      node_identity_get_seed (identity), NODE_SEED_LEN);
}

Demux *
demux_new (const DemuxConfig *config, GError **error)
{
  Demux *self = g_new0 (Demux, 1);
  self->link = config->link;
  self->calls = call_queue_ref (config->calls);
  self->clock = config->clock;
  self->incoming = config->incoming;
  self->incoming_data = config->incoming_data;
  self->retry_threshold = DEMUX_HALF_OPEN_RETRY;
  self->now = self->clock.now (self->clock.data);
  self->connections = g_ptr_array_new_with_free_func ((GDestroyNotify) net_connection_free);
  self->routes = g_hash_table_new_full (cid_hash, cid_equal, g_free, NULL);
  self->active = g_ptr_array_new ();
  self->turning = g_ptr_array_new ();
  egress_init (&self->egress, self->link);
  derive_secret (self->secret, config->identity);
  self->tls = tls_context_new (config->identity, error);
  if (!self->tls)
    g_clear_pointer (&self, demux_free);
  return self;
}

void
demux_free (Demux *self)
{
  call_queue_close (self->calls, self);
  g_ptr_array_set_size (self->turning, 0);
  for (guint i = 0; i < self->connections->len; i++)
    {
      g_autoptr (GError) error =
          g_error_new_literal (QUIC_ERROR, QUIC_ERROR_CLOSED, "Wherry is going offline.");
      net_connection_close (self->connections->pdata[i], QUIC_CODE_OK, "going offline", error);
    }
  g_ptr_array_unref (self->connections);
  g_ptr_array_unref (self->active);
  g_ptr_array_unref (self->turning);
  g_hash_table_unref (self->routes);
  g_clear_pointer (&self->tls, tls_context_free);
  self->link->free (self->link);
  call_queue_unref (self->calls);
  sodium_memzero (self->secret, sizeof self->secret);
  egress_clear (&self->egress);
  g_free (self->alpns);
  g_free (self);
}

ngtcp2_tstamp
demux_now (Demux *self)
{
  return self->now;
}

CallQueue *
demux_get_calls (Demux *self)
{
  return self->calls;
}

TlsContext *
demux_get_tls (Demux *self)
{
  return self->tls;
}

const char *
demux_get_alpns (Demux *self)
{
  return self->alpns;
}

uint8_t *
demux_get_batch_buffer (Demux *self)
{
  return self->egress.buffer;
}

void
demux_claim (Demux *self, const ngtcp2_cid *cid, NetConnection *connection)
{
  g_hash_table_insert (self->routes, g_memdup2 (cid, sizeof *cid), connection);
}

void
demux_disclaim (Demux *self, const ngtcp2_cid *cid)
{
  g_hash_table_remove (self->routes, cid);
}

void
demux_make_reset_token (Demux *self, const ngtcp2_cid *cid, uint8_t *token)
{
  if (ngtcp2_crypto_generate_stateless_reset_token (token, self->secret, sizeof self->secret,
                                                    cid) != 0)
    g_error ("no HKDF");
}

void
demux_activate (Demux *self, NetConnection *connection)
{
  if (net_connection_is_active (connection))
    return;
  net_connection_set_active (connection, true);
  g_ptr_array_add (self->active, connection);
}

void
demux_announce (Demux *self, QuicConnection *connection)
{
  self->incoming (quic_connection_hand_out (connection), self->incoming_data);
}

void
demux_send (Demux *self, const NetConnection *connection, const Batch *batch)
{
  egress_send (&self->egress, connection, batch, self->now);
}

bool
demux_is_blocked (Demux *self, const struct sockaddr *remote)
{
  return egress_is_blocked (&self->egress, remote);
}

static void
retry_blocked (Demux *self)
{
  for (int i = 0; i < LINK_FAMILIES; i++)
    {
      const NetConnection *owner = egress_get_owner (&self->egress, i);
      if (owner && net_connection_get_state (owner) >= NET_CONNECTION_DRAINING)
        egress_forget (&self->egress, owner);
    }
  egress_retry (&self->egress, self->now);
}

/* A reset looks like any packet, with a random connection id: only those whose peer is at its
 * sender can tell. */
static bool
is_stateless_reset (Demux *self, const ngtcp2_path *path, uint8_t ecn, const uint8_t *data,
                    size_t len)
{
  for (guint i = 0; i < self->connections->len; i++)
    {
      NetConnection *connection = self->connections->pdata[i];
      if (!net_connection_is_on_path (connection, path))
        continue;
      net_connection_read (connection, path, ecn, data, len);
      if (!net_connection_is_on_path (connection, path))
        return true;
    }
  return false;
}

static void
route (Demux *self, const ngtcp2_path *path, uint8_t ecn, const uint8_t *data, size_t len)
{
  ngtcp2_version_cid vc;
  int result = ngtcp2_pkt_decode_version_cid (&vc, data, len, DEMUX_CID_LEN);
  if (result == NGTCP2_ERR_VERSION_NEGOTIATION && len >= NGTCP2_MAX_UDP_PAYLOAD_SIZE)
    demux_send_version_negotiation (self, path, &vc);
  if (result != 0 || vc.dcidlen > NGTCP2_MAX_CIDLEN)
    {
      self->counts.datagrams_dropped++;
      return;
    }
  ngtcp2_cid cid;
  ngtcp2_cid_init (&cid, vc.dcid, vc.dcidlen);
  NetConnection *connection = g_hash_table_lookup (self->routes, &cid);
  if (!connection && !(data[0] & LONG_HEADER))
    {
      if (!is_stateless_reset (self, path, ecn, data, len))
        demux_send_stateless_reset (self, path, &vc, len);
      return;
    }
  if (!connection)
    connection = demux_accept_connection (self, path, data, len);
  if (!connection)
    self->counts.datagrams_dropped++;
  else
    net_connection_read (connection, path, ecn, data, len);
}

static void
batch_cb (const Batch *batch, gpointer owner)
{
  for (size_t at = 0; at < batch->len; at += batch->segment)
    route (owner, &batch->path, batch->ecn, batch->data + at,
           MIN (batch->segment, batch->len - at));
}

static void
refused_cb (const struct sockaddr *remote, gpointer owner)
{
  Demux *self = owner;
  for (guint i = 0; i < self->connections->len; i++)
    if (net_connection_is_dialing (self->connections->pdata[i], remote))
      {
        g_autoptr (GError) error = g_error_new_literal (
            QUIC_ERROR, QUIC_ERROR_UNREACHABLE,
            "Wherry does not run at that address. Start it on the other device.");
        net_connection_close (self->connections->pdata[i], QUIC_CODE_OK, "", error);
      }
}

static void
local_gone_cb (const struct sockaddr *local, gpointer owner)
{
  /* Its connections lose what they send, and end by their timers unless the address comes back. */
  g_debug ("a local address of family %d is gone", local->sa_family);
}

static const LinkEvents link_events = {
  .batch = batch_cb,
  .refused = refused_cb,
  .local_gone = local_gone_cb,
};

static void
expire (Demux *self)
{
  for (guint i = 0; i < self->connections->len; i++)
    if (net_connection_get_expiry (self->connections->pdata[i]) <= self->now)
      net_connection_expire (self->connections->pdata[i]);
}

static bool
run_active (Demux *self)
{
  GPtrArray *turning = self->active;
  bool more = false;
  self->active = self->turning;
  self->turning = turning;
  for (guint i = 0; i < turning->len; i++)
    {
      NetConnection *connection = turning->pdata[i];
      net_connection_set_active (connection, false);
      net_connection_publish (connection);
      if (net_connection_write (connection))
        {
          demux_activate (self, connection);
          more |= !net_connection_is_blocked (connection);
        }
    }
  g_ptr_array_set_size (turning, 0);
  return more;
}

static void
bury_dead (Demux *self)
{
  for (guint i = self->connections->len; i-- > 0;)
    {
      NetConnection *connection = self->connections->pdata[i];
      if (net_connection_get_state (connection) != NET_CONNECTION_DEAD)
        continue;
      egress_forget (&self->egress, connection);
      g_ptr_array_remove_fast (self->active, connection);
      g_ptr_array_remove_index_fast (self->connections, i);
    }
}

bool
demux_turn (Demux *self)
{
  self->now = MAX (self->now, self->clock.now (self->clock.data));
  retry_blocked (self);
  call_queue_run (self->calls, self);
  bool more = self->link->receive (self->link, &link_events, self);
  self->now = MAX (self->now, self->clock.now (self->clock.data));
  expire (self);
  more |= run_active (self);
  bury_dead (self);
  return more;
}

ngtcp2_tstamp
demux_get_expiry (Demux *self)
{
  ngtcp2_tstamp expiry = egress_get_expiry (&self->egress);
  for (guint i = 0; i < self->connections->len; i++)
    {
      const NetConnection *connection = self->connections->pdata[i];
      ngtcp2_tstamp due = net_connection_get_expiry (connection);
      if (net_connection_is_blocked (connection))
        due = MAX (due, self->now + EGRESS_TICK);
      expiry = MIN (expiry, due);
    }
  return expiry;
}

NetConnection *
demux_dial (Demux *self, Dial *dial, const struct sockaddr *remote, const NodeId *peer,
            const char *alpn, GError **error)
{
  ngtcp2_sockaddr_union local = { 0 };
  if (self->connections->len >= DEMUX_CONNECTIONS_MAX)
    {
      g_set_error_literal (error, QUIC_ERROR, QUIC_ERROR_SOCKET,
                           "Too many connections are open. Close some first.");
      return NULL;
    }
  if (!self->link->find_local (self->link, remote, &local, error))
    return NULL;
  ngtcp2_path path = (ngtcp2_path) {
    .local = { &local.sa, sockaddr_len (&local.sa) },
    .remote = { (struct sockaddr *) remote, sockaddr_len (remote) },
  };
  NetConnection *connection = net_connection_new_client (self, dial, &path, peer, alpn);
  g_ptr_array_add (self->connections, connection);
  return connection;
}

void
demux_set_alpns (Demux *self, const char *alpns)
{
  g_free (self->alpns);
  self->alpns = g_strdup (alpns);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/demux_private.h"

#include "net/core/stranger_limits.h"

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

static uint8_t *
get_buffer_cb (NetHost *host)
{
  return ((Demux *) host)->egress.buffer;
}

static void
send_cb (NetHost *host, const NetConnection *connection, const Batch *batch)
{
  egress_send (&((Demux *) host)->egress, connection, batch, host->now);
}

static bool
is_blocked_cb (NetHost *host, const struct sockaddr *remote)
{
  return egress_is_blocked (&((Demux *) host)->egress, remote);
}

static void
claim_cb (NetHost *host, const ngtcp2_cid *cid, NetConnection *connection)
{
  g_hash_table_insert (((Demux *) host)->routes, g_memdup2 (cid, sizeof *cid), connection);
}

static void
disclaim_cb (NetHost *host, const ngtcp2_cid *cid)
{
  g_hash_table_remove (((Demux *) host)->routes, cid);
}

static void
make_reset_token_cb (NetHost *host, const ngtcp2_cid *cid, uint8_t *token)
{
  stateless_replies_make_reset_token (&((Demux *) host)->replies, cid, token);
}

static void
activate_cb (NetHost *host, NetConnection *connection)
{
  g_ptr_array_add (((Demux *) host)->active, connection);
}

static void
announce_cb (NetHost *host, QuicConnection *connection)
{
  Demux *self = (Demux *) host;
  self->incoming (quic_connection_hand_out (connection), self->incoming_data);
}

static void
note_known_cb (NetHost *host, const struct sockaddr *remote)
{
  admission_note_known (&((Demux *) host)->admission, remote, host->now);
}

Demux *
demux_new (const DemuxConfig *config, GError **error)
{
  Demux *self = g_new0 (Demux, 1);
  self->host = (NetHost) { .now = config->clock.now (config->clock.data),
                           .calls = call_queue_ref (config->calls),
                           .tls = tls_context_new (config->identity, error),
                           .get_buffer = get_buffer_cb,
                           .send = send_cb,
                           .is_blocked = is_blocked_cb,
                           .claim = claim_cb,
                           .disclaim = disclaim_cb,
                           .make_reset_token = make_reset_token_cb,
                           .activate = activate_cb,
                           .announce = announce_cb,
                           .note_known = note_known_cb };
  self->link = config->link;
  self->clock = config->clock;
  self->incoming = config->incoming;
  self->incoming_data = config->incoming_data;
  self->connections = g_ptr_array_new_with_free_func ((GDestroyNotify) net_connection_free);
  admission_init (&self->admission, self->connections);
  self->routes = g_hash_table_new_full (cid_hash, cid_equal, g_free, NULL);
  self->active = g_ptr_array_new ();
  self->turning = g_ptr_array_new ();
  egress_init (&self->egress, self->link);
  stateless_replies_init (&self->replies, &self->egress, config->identity);
  if (!self->host.tls)
    g_clear_pointer (&self, demux_free);
  return self;
}

void
demux_free (Demux *self)
{
  call_queue_close (self->host.calls, self);
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
  g_clear_pointer (&self->host.tls, tls_context_free);
  self->link->free (self->link);
  call_queue_unref (self->host.calls);
  stateless_replies_clear (&self->replies);
  egress_clear (&self->egress);
  g_free (self->host.alpns);
  g_free (self);
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
  egress_retry (&self->egress, self->host.now);
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

static bool
is_full (Demux *self)
{
  unsigned count = 0;
  for (guint i = 0; i < self->connections->len; i++)
    count +=
        net_connection_get_state (self->connections->pdata[i]) <= NET_CONNECTION_OPEN &&
        net_connection_get_origin (self->connections->pdata[i])->standing == NET_STANDING_KNOWN;
  return count >= DEMUX_CONNECTIONS_MAX;
}

/* Makes a connection of an Initial packet; NULL when it is none, or was answered otherwise. */
static NetConnection *
accept_connection (Demux *self, const ngtcp2_path *path, const uint8_t *data, size_t len)
{
  ngtcp2_pkt_hd hd;
  if (ngtcp2_accept (&hd, data, len) != 0)
    return NULL;
  if (!self->host.alpns || is_full (self))
    {
      stateless_replies_refuse (&self->replies, path, &hd, self->host.now);
      return NULL;
    }
  /* one with a token that is not ours, or is stale, is treated as one without */
  ngtcp2_cid original;
  bool retried =
      stateless_replies_check_token (&self->replies, path, &hd, self->host.now, &original);
  NetStanding standing;
  NetConnection *leaving = NULL;
  AdmissionAnswer answer = admission_decide (&self->admission, path->remote.addr, retried,
                                             self->host.now, &standing, &leaving);
  if (answer == ADMISSION_RETRY)
    stateless_replies_retry (&self->replies, path, &hd, NET_CID_LEN, self->host.now);
  if (answer != ADMISSION_YES)
    return NULL;
  if (leaving)
    net_connection_refuse (leaving);
  NetConnection *connection =
      net_connection_new_server (&self->host, &hd, retried ? &original : NULL, path, standing);
  if (connection)
    g_ptr_array_add (self->connections, connection);
  return connection;
}

static void
route (Demux *self, const ngtcp2_path *path, uint8_t ecn, const uint8_t *data, size_t len)
{
  ngtcp2_version_cid vc;
  int result = ngtcp2_pkt_decode_version_cid (&vc, data, len, NET_CID_LEN);
  if (result == NGTCP2_ERR_VERSION_NEGOTIATION && len >= NGTCP2_MAX_UDP_PAYLOAD_SIZE)
    stateless_replies_negotiate_version (&self->replies, path, &vc, self->host.now);
  if (result != 0 || vc.dcidlen > NGTCP2_MAX_CIDLEN)
    {
      self->datagrams_dropped++;
      return;
    }
  ngtcp2_cid cid;
  ngtcp2_cid_init (&cid, vc.dcid, vc.dcidlen);
  NetConnection *connection = g_hash_table_lookup (self->routes, &cid);
  if (!connection && !(data[0] & LONG_HEADER))
    {
      if (!is_stateless_reset (self, path, ecn, data, len))
        stateless_replies_reset (&self->replies, path, &vc, len, self->host.now);
      return;
    }
  if (!connection)
    connection = accept_connection (self, path, data, len);
  if (!connection)
    self->datagrams_dropped++;
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
    if (net_connection_get_expiry (self->connections->pdata[i]) <= self->host.now)
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
      net_connection_note_turn (connection);
      net_connection_publish (connection);
      if (net_connection_write (connection))
        {
          net_connection_activate (connection);
          more |= !net_connection_is_blocked (connection);
        }
    }
  g_ptr_array_set_size (turning, 0);
  return more;
}

/* What has ended answers its stragglers for a while, unless there is too much of it. */
static void
limit_lingering (Demux *self)
{
  for (;;)
    {
      unsigned count = 0;
      NetConnection *next = NULL; /* to end by itself */
      for (guint i = 0; i < self->connections->len; i++)
        {
          NetConnection *connection = self->connections->pdata[i];
          NetConnectionState state = net_connection_get_state (connection);
          if (state != NET_CONNECTION_CLOSING && state != NET_CONNECTION_DRAINING)
            continue;
          count++;
          if (!next || net_connection_get_expiry (connection) < net_connection_get_expiry (next))
            next = connection;
        }
      if (count <= LINGERING_MAX)
        return;
      net_connection_forget (next);
    }
}

static void
free_dead (Demux *self)
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
  self->host.now = MAX (self->host.now, self->clock.now (self->clock.data));
  retry_blocked (self);
  call_queue_run (self->host.calls, self);
  bool more = self->link->receive (self->link, &link_events, self);
  self->host.now = MAX (self->host.now, self->clock.now (self->clock.data));
  expire (self);
  more |= run_active (self);
  limit_lingering (self);
  free_dead (self);
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
        due = MAX (due, self->host.now + EGRESS_TICK);
      expiry = MIN (expiry, due);
    }
  return expiry;
}

void
demux_set_alpns (Demux *self, const char *alpns)
{
  g_free (self->host.alpns);
  self->host.alpns = g_strdup (alpns);
}

static gpointer
dial_cb (gpointer demux, Dial *dial, GError **error)
{
  Demux *self = demux;
  const struct sockaddr *remote = dial_get_remote (dial);
  ngtcp2_sockaddr_union local = { 0 };
  if (is_full (self))
    {
      g_set_error_literal (error, QUIC_ERROR, QUIC_ERROR_LIMIT,
                           "Too many connections are open. Close some first.");
      return NULL;
    }
  if (!self->link->find_local (self->link, remote, &local, error))
    return NULL;
  ngtcp2_path path = {
    .local = { &local.sa, sockaddr_len (&local.sa) },
    .remote = { (struct sockaddr *) remote, sockaddr_len (remote) },
  };
  NetConnection *connection = net_connection_new_client (&self->host, dial, &path);
  g_ptr_array_add (self->connections, connection);
  return connection;
}

static void
cancel_dial_cb (gpointer connection, const GError *error)
{
  net_connection_close (connection, QUIC_CODE_CANCELLED, "cancelled", error);
}

const DialHandler demux_dial_handler = { dial_cb, cancel_dial_cb };

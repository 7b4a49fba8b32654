/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/net_connection_private.h"

static const char *const state_names[] = { "handshaking", "held",     "open",
                                           "closing",     "draining", "dead" };

static const unsigned state_edges[] = {
  [NET_CONNECTION_HANDSHAKING] = 1u << NET_CONNECTION_HELD | 1u << NET_CONNECTION_OPEN |
                                 1u << NET_CONNECTION_CLOSING | 1u << NET_CONNECTION_DRAINING |
                                 1u << NET_CONNECTION_DEAD,
  [NET_CONNECTION_HELD] = 1u << NET_CONNECTION_OPEN | 1u << NET_CONNECTION_CLOSING |
                          1u << NET_CONNECTION_DRAINING | 1u << NET_CONNECTION_DEAD,
  [NET_CONNECTION_OPEN] =
      1u << NET_CONNECTION_CLOSING | 1u << NET_CONNECTION_DRAINING | 1u << NET_CONNECTION_DEAD,
  [NET_CONNECTION_CLOSING] = 1u << NET_CONNECTION_DEAD,
  [NET_CONNECTION_DRAINING] = 1u << NET_CONNECTION_DEAD,
  [NET_CONNECTION_DEAD] = 0,
};

void
net_connection_advance (NetConnection *self, NetConnectionState to)
{
  g_assert (state_edges[self->state] & (1u << to));
  g_debug ("[%p] %s -> %s", (void *) self, state_names[self->state], state_names[to]);
  self->state = to;
}

void
net_connection_activate (NetConnection *self)
{
  if (self->active)
    return;
  self->active = true;
  self->host->activate (self->host, self);
}

void
net_connection_note_turn (NetConnection *self)
{
  self->active = false;
}

NetConnectionState
net_connection_get_state (const NetConnection *self)
{
  return self->state;
}

const NetOrigin *
net_connection_get_origin (const NetConnection *self)
{
  return &self->origin;
}

bool
net_connection_is_dialing (const NetConnection *self, const struct sockaddr *remote)
{
  const ngtcp2_sockaddr_union *b = (const void *) remote;
  if (self->server || self->state != NET_CONNECTION_HANDSHAKING)
    return false;
  const ngtcp2_path *path = ngtcp2_conn_get_path2 (self->conn);
  const ngtcp2_sockaddr_union *a = (const void *) path->remote.addr;
  if (a->sa.sa_family != b->sa.sa_family)
    return false;
  if (a->sa.sa_family == AF_INET)
    return a->in.sin_port == b->in.sin_port && a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
  return a->in6.sin6_port == b->in6.sin6_port &&
         IN6_ARE_ADDR_EQUAL (&a->in6.sin6_addr, &b->in6.sin6_addr);
}

bool
net_connection_is_on_path (const NetConnection *self, const ngtcp2_path *path)
{
  return net_connection_is_alive (self) &&
         ngtcp2_path_eq (ngtcp2_conn_get_path2 (self->conn), path);
}

bool
net_connection_is_blocked (const NetConnection *self)
{
  return self->conn &&
         self->host->is_blocked (self->host, ngtcp2_conn_get_path2 (self->conn)->remote.addr);
}

ngtcp2_tstamp
net_connection_get_expiry (const NetConnection *self)
{
  return MIN (self->expiry, self->deadline);
}

void
net_connection_update_expiry (NetConnection *self)
{
  /* while held nothing may be written, so ngtcp2's timers could only be late again and again */
  self->expiry = self->conn && self->state != NET_CONNECTION_HELD
                     ? ngtcp2_conn_get_expiry2 (self->conn)
                     : UINT64_MAX;
}

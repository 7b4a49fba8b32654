/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One ngtcp2 connection, its timer and its two pumps. Net thread only; owned by the demultiplexer.
 *
 * ngtcp2's callbacks only record (in streams and flags); net_connection_publish() acts on it once
 * ngtcp2 has returned. */
#pragma once

#include "net/quic/dial.h"
#include "net/quic/net_host.h"

G_BEGIN_DECLS

typedef enum
{
  NET_CONNECTION_HANDSHAKING,
  NET_CONNECTION_HELD, /* server: the peer is known, our application has not decided */
  NET_CONNECTION_OPEN,
  /* we closed; what still arrives is answered with the same CONNECTION_CLOSE (RFC 9000, section
   * 10.2.1) */
  NET_CONNECTION_CLOSING,
  NET_CONNECTION_DRAINING, /* the peer closed; silent */
  NET_CONNECTION_DEAD,     /* to be freed at the end of the turn */
} NetConnectionState;

/** Which budget a connection counts against (core/stranger_limits.h). */
typedef enum
{
  NET_STANDING_STRANGER,
  NET_STANDING_RESERVED, /* from an address where a known peer was; not known itself */
  NET_STANDING_KNOWN,    /* we dialled it, or it was admitted as a known peer's */
} NetStanding;

typedef struct
{
  NetStanding standing;
  uint64_t prefix; /* peer_address_prefix() */
  uint64_t number; /* grows from connection to connection */
} NetOrigin;

/** Dials. @dial: (transfer full); completed by the connection whatever happens. */
NetConnection *net_connection_new_client (NetHost *host, Dial *dial, const ngtcp2_path *path);
/** @retried: the connection id the client first used, when @hd answers our Retry. NULL when out of
 * resources. */
NetConnection *net_connection_new_server (NetHost *host, const ngtcp2_pkt_hd *hd,
                                          const ngtcp2_cid *retried, const ngtcp2_path *path,
                                          NetStanding standing);
void net_connection_free (NetConnection *connection);

NetConnectionState net_connection_get_state (const NetConnection *connection);
const NetOrigin *net_connection_get_origin (const NetConnection *connection);
ngtcp2_tstamp net_connection_get_expiry (const NetConnection *connection);
/** Lets it publish and write this turn. */
void net_connection_activate (NetConnection *connection);
/** The host has taken it out of those to publish and write. */
void net_connection_note_turn (NetConnection *connection);
bool net_connection_is_dialing (const NetConnection *connection, const struct sockaddr *remote);
/** Whether it is alive and talks over @path. */
bool net_connection_is_on_path (const NetConnection *connection, const ngtcp2_path *path);
/** Whether it cannot write because the link is full. */
bool net_connection_is_blocked (const NetConnection *connection);

void net_connection_read (NetConnection *connection, const ngtcp2_path *path, uint8_t ecn,
                          const uint8_t *data, size_t len);
void net_connection_expire (NetConnection *connection);
/** Gives the application what the callbacks recorded, and follows its requests. */
void net_connection_publish (NetConnection *connection);
/** Returns whether there is more to write than one turn's share. */
bool net_connection_write (NetConnection *connection);

/** Ends the connection from our side. */
void net_connection_close (NetConnection *connection, uint64_t code, const char *reason,
                           const GError *error);
/** Refuses the peer of one that is half open, and remembers nothing of it. */
void net_connection_refuse (NetConnection *connection);
/** It is closing or draining: stragglers are answered no more. */
void net_connection_forget (NetConnection *connection);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A link carries datagrams between addresses. What it carries travels in batches: datagrams of
 * equal size (the last may be shorter) with the same addresses, so that one system call moves 64
 * KiB. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>
#include <netinet/in.h>
#include <ngtcp2/ngtcp2.h>

G_BEGIN_DECLS

#define LINK_BATCH_MAX                                                                             \
  65000 /* below the 65507 bytes of one UDP payload, since a batch is one payload to the kernel */

typedef struct
{
  ngtcp2_path path; /* local and remote address, borrowed */
  const uint8_t *data;
  size_t len;
  size_t segment; /* size of each datagram but the last */
  uint8_t ecn;    /* NGTCP2_ECN_* */
} Batch;

typedef enum
{
  LINK_SENT,    /* or lost, as in the network: loss recovery and path MTU discovery deal with it */
  LINK_BLOCKED, /* there is no room: try what remains again when is_writable() */
} LinkResult;

/** What blocks alone: each family has a socket of its own. */
typedef enum
{
  LINK_IPV4,
  LINK_IPV6,
  LINK_FAMILIES,
} LinkFamily;

/** What a link tells its owner while receive() runs. */
typedef struct
{
  void (*batch) (const Batch *batch, gpointer owner);
  /** Somebody says (unauthenticated, as ICMP is) that nobody listens at @remote. */
  void (*refused) (const struct sockaddr *remote, gpointer owner);
  /** Something was to be sent from @local, which this computer does not have any more. */
  void (*local_gone) (const struct sockaddr *local, gpointer owner);
} LinkEvents;

typedef struct Link Link;

struct Link
{
  /** Reports what has arrived, a bounded amount; returns whether more may be waiting. */
  bool (*receive) (Link *link, const LinkEvents *events, gpointer owner);
  /** When it returns LINK_BLOCKED, @batch is what remains of it. */
  LinkResult (*send) (Link *link, Batch *batch);
  /** Whether it makes sense to send again what was blocked. */
  bool (*is_writable) (Link *link, LinkFamily family);
  /** The address that datagrams to @remote will come from. */
  bool (*find_local) (Link *link, const struct sockaddr *remote, ngtcp2_sockaddr_union *local,
                      GError **error);
  /** Waits on its file descriptors through @source (borrowed), for writing too while something is
   * blocked; with NULL it stops. NULL where there is no descriptor. */
  void (*poll) (Link *link, GSource *source);
  void (*free) (Link *link);
  uint16_t port;
};

/** UDP sockets for IPv4 and IPv6 on one port: @port or the next free one, 0 for any. */
Link *link_udp_new (uint16_t port, GError **error);

static inline LinkFamily
link_family (const struct sockaddr *address)
{
  return address->sa_family == AF_INET6 ? LINK_IPV6 : LINK_IPV4;
}

static inline ngtcp2_socklen
sockaddr_len (const struct sockaddr *address)
{
  return address->sa_family == AF_INET6 ? sizeof (struct sockaddr_in6)
                                        : sizeof (struct sockaddr_in);
}

G_END_DECLS

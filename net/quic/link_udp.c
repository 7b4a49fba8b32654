/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/link_udp_private.h"

#include <errno.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/quic/connection.h"

#define SOCKET_BUFFER (8 * 1024 * 1024)
#define PORTS_TO_TRY  64

static void
set_int (int fd, int level, int option, int value)
{
  if (setsockopt (fd, level, option, &value, sizeof value) != 0)
    g_debug ("socket option %d/%d: %s", level, option, g_strerror (errno));
}

static void
enlarge_buffer (int fd, int force_option, int option)
{
  int size = SOCKET_BUFFER;

  /* beyond rmem_max only with CAP_NET_ADMIN; otherwise the kernel gives what it allows */
  if (setsockopt (fd, SOL_SOCKET, force_option, &size, sizeof size) != 0)
    set_int (fd, SOL_SOCKET, option, size);
}

static int
open_socket (int family, uint16_t port)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons (port) };
  struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons (port) };
  bool is_v4 = family == AF_INET;
  int fd = socket (family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return -1;
  if (!is_v4)
    set_int (fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (bind (fd, is_v4 ? (void *) &in : (void *) &in6, is_v4 ? sizeof in : sizeof in6) != 0)
    {
      int saved = errno;
      close (fd);
      errno = saved;
      return -1;
    }

  enlarge_buffer (fd, SO_RCVBUFFORCE, SO_RCVBUF);
  enlarge_buffer (fd, SO_SNDBUFFORCE, SO_SNDBUF);
  set_int (fd, IPPROTO_UDP, UDP_GRO, 1);
  /* QUIC finds the path MTU itself: never fragment, and do not let the kernel's guess refuse its
   * probes */
  if (is_v4)
    {
      set_int (fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
      set_int (fd, IPPROTO_IP, IP_PKTINFO, 1);
      set_int (fd, IPPROTO_IP, IP_RECVTOS, 1);
      set_int (fd, IPPROTO_IP, IP_RECVERR, 1);
    }
  else
    {
      set_int (fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
      set_int (fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
      set_int (fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
      set_int (fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
    }
  return fd;
}

static uint16_t
bound_port (int fd)
{
  ngtcp2_sockaddr_union address = { 0 };
  socklen_t len = sizeof address;
  getsockname (fd, &address.sa, &len);
  return ntohs (address.sa.sa_family == AF_INET ? address.in.sin_port : address.in6.sin6_port);
}

static void
add_socket (UdpLink *self, int fd, int family)
{
  int off = 0;
  if (fd < 0)
    return;
  if (self->n_sockets == 0)
    self->link.port = bound_port (fd);
  self->sockets[self->n_sockets++] = (Socket) {
    .fd = fd,
    .family = family,
    .gso = setsockopt (fd, SOL_UDP, UDP_SEGMENT, &off, sizeof off) == 0,
  };
}

/* Both families on one port, or one of them where the host has only one. Returns 0 or why not. */
static int
open_pair (UdpLink *self, uint16_t port)
{
  int v4 = open_socket (AF_INET, port);
  int v4_error = v4 < 0 ? errno : 0;
  if (v4_error == EADDRINUSE)
    return v4_error;
  int v6 = open_socket (AF_INET6, v4 >= 0 ? bound_port (v4) : port);
  int v6_error = v6 < 0 ? errno : 0;
  if (v6_error == EADDRINUSE)
    {
      if (v4 >= 0)
        close (v4);
      return v6_error;
    }
  add_socket (self, v4, AF_INET);
  add_socket (self, v6, AF_INET6);
  return self->n_sockets > 0 ? 0 : v4_error;
}

/* The kernel's routing table knows; connecting a UDP socket sends nothing. Returns 0 or an
 * errno. */
static int
find_source (const struct sockaddr *remote, ngtcp2_sockaddr_union *local)
{
  socklen_t len = sizeof *local;
  int fd = socket (remote->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;
  if (fd < 0)
    return errno;
  if (connect (fd, remote, sockaddr_len (remote)) != 0 || getsockname (fd, &local->sa, &len) != 0)
    error = errno;
  close (fd);
  return error;
}

static bool
udp_find_local (Link *link, const struct sockaddr *remote, ngtcp2_sockaddr_union *local,
                GError **error)
{
  int why = udp_socket_for ((UdpLink *) link, remote) ? find_source (remote, local) : EAFNOSUPPORT;
  if (why)
    g_set_error (error, QUIC_ERROR, QUIC_ERROR_SOCKET,
                 "This computer has no way to that address (%s).", g_strerror (why));
  else if (local->sa.sa_family == AF_INET)
    local->in.sin_port = htons (link->port);
  else
    local->in6.sin6_port = htons (link->port);
  return !why;
}

static void
udp_poll (Link *link, GSource *source)
{
  UdpLink *self = (UdpLink *) link;
  self->source = source;
  for (size_t i = 0; i < self->n_sockets; i++)
    self->sockets[i].tag =
        source ? g_source_add_unix_fd (source, self->sockets[i].fd, G_IO_IN | G_IO_ERR) : NULL;
}

static void
udp_free (Link *link)
{
  UdpLink *self = (UdpLink *) link;
  for (size_t i = 0; i < self->n_sockets; i++)
    if (self->sockets[i].fd >= 0)
      close (self->sockets[i].fd);
  g_free (self->buffers);
  g_free (self);
}

Link *
link_udp_new (uint16_t port, GError **error)
{
  UdpLink *self = g_new0 (UdpLink, 1);
  unsigned tries = port == 0 ? PORTS_TO_TRY : MIN (PORTS_TO_TRY, UINT16_MAX - port + 1u);
  int why = 0;
  self->link = (Link) { .receive = udp_receive,
                        .send = udp_send,
                        .is_writable = udp_is_writable,
                        .find_local = udp_find_local,
                        .poll = udp_poll,
                        .free = udp_free };
  self->buffers = g_malloc (sizeof *self->buffers * UDP_MESSAGES_MAX);
  for (unsigned i = 0; i < tries; i++)
    {
      why = open_pair (self, port == 0 ? 0 : port + i);
      if (!why)
        return &self->link;
    }

  g_set_error (
      error, QUIC_ERROR, QUIC_ERROR_SOCKET,
      "No UDP port from %u on can be opened (%s). Choose another port or end the program that uses it.",
      port, g_strerror (why));
  udp_free (&self->link);
  return NULL;
}

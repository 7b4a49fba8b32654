/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/link.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/quic/connection.h"
#include "net/quic/udp_error.h"

#define BATCH          8
#define BUFFER_LEN     65536
#define SOCKET_BUFFER  (8 * 1024 * 1024)
#define PORTS_TO_TRY   64
#define BATCHES_A_TURN 4
#define INTERRUPTIONS  4
/* A device without the offload is not for ever: the next path may lead through another. */
#define TRAINS_BY_HAND 1024
/* errors of recvmmsg() in a row that explain nothing: the socket would be readable, and fail,
 * for ever */
#define FAILURES_MAX     1000
#define REPORTS_INTERVAL G_USEC_PER_SEC

/* One socket for each family rather than one dual-stack socket: v4-mapped addresses would have
 * to be told from IPv6 ones everywhere, and IPv6 may be off. */
typedef struct
{
  int fd; /* -1 once it was given up */
  int family;
  gpointer tag;     /* of g_source_add_unix_fd() */
  bool blocked;     /* polled for writing */
  bool gso;         /* the kernel knows UDP_SEGMENT */
  unsigned by_hand; /* trains to be sent one by one before UDP_SEGMENT is tried again */
  unsigned failures;
  ngtcp2_sockaddr_union gone; /* a local address to report; AF_UNSPEC when there is none */
} Socket;

typedef struct
{
  Link link;
  Socket sockets[2];
  size_t n_sockets;
  GSource *source; /* borrowed; NULL while nothing is polled */
  uint8_t (*buffers)[BUFFER_LEN];
  uint64_t lost; /* trains that the kernel did not take */
  int64_t reported_us;
} UdpLink;

typedef union
{
  struct cmsghdr align;
  char bytes[256];
} ControlBuffer;

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

static Socket *
socket_for (UdpLink *self, const struct sockaddr *address)
{
  for (size_t i = 0; i < self->n_sockets; i++)
    if (self->sockets[i].family == address->sa_family && self->sockets[i].fd >= 0)
      return &self->sockets[i];
  return NULL;
}

static struct cmsghdr *
append_control (struct msghdr *message, struct cmsghdr *previous, int level, int type,
                const void *data, size_t len)
{
  struct cmsghdr *control;

  message->msg_controllen += CMSG_SPACE (len);
  control = previous == NULL ? CMSG_FIRSTHDR (message) : CMSG_NXTHDR (message, previous);
  control->cmsg_level = level;
  control->cmsg_type = type;
  control->cmsg_len = CMSG_LEN (len);
  memcpy (CMSG_DATA (control), data, len);
  return control;
}

static void
describe_train (struct msghdr *message, const Train *train)
{
  struct cmsghdr *last = NULL;
  const ngtcp2_sockaddr_union *local = (const void *) train->path.local.addr;
  int ecn = train->ecn;

  message->msg_controllen = 0;
  if (local->sa.sa_family == AF_INET && local->in.sin_addr.s_addr != INADDR_ANY)
    {
      struct in_pktinfo info = { .ipi_spec_dst = local->in.sin_addr };
      last = append_control (message, last, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    }
  else if (local->sa.sa_family == AF_INET6 && !IN6_IS_ADDR_UNSPECIFIED (&local->in6.sin6_addr))
    {
      struct in6_pktinfo info = { .ipi6_addr = local->in6.sin6_addr,
                                  .ipi6_ifindex = local->in6.sin6_scope_id };
      last = append_control (message, last, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
  if (ecn != NGTCP2_ECN_NOT_ECT)
    {
      bool is_v4 = local->sa.sa_family == AF_INET;
      last = append_control (message, last, is_v4 ? IPPROTO_IP : IPPROTO_IPV6,
                             is_v4 ? IP_TOS : IPV6_TCLASS, &ecn, sizeof ecn);
    }
  if (train->len > train->segment)
    {
      uint16_t segment = train->segment;
      append_control (message, last, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment);
    }
  if (message->msg_controllen == 0)
    message->msg_control = NULL;
}

/* Returns 0 or an errno. */
static int
send_train (int fd, const Train *train)
{
  ControlBuffer control = { 0 };
  struct iovec data = { .iov_base = (void *) train->data, .iov_len = train->len };
  struct msghdr message = {
    .msg_name = train->path.remote.addr,
    .msg_namelen = train->path.remote.addrlen,
    .msg_iov = &data,
    .msg_iovlen = 1,
    .msg_control = &control,
  };
  int interruptions = 0, error;
  bool again = true;

  describe_train (&message, train);
  while (sendmsg (fd, &message, MSG_NOSIGNAL) < 0)
    {
      error = errno;
      UdpError meaning = udp_error_from_errno (error);
      if (meaning == UDP_ERROR_EARLIER && again)
        again = false;
      else if (meaning != UDP_ERROR_AGAIN || ++interruptions > INTERRUPTIONS)
        return error;
    }
  return 0;
}

static void
set_blocked (UdpLink *self, Socket *socket, bool blocked)
{
  if (socket->blocked == blocked)
    return;
  socket->blocked = blocked;
  if (socket->tag)
    g_source_modify_unix_fd (self->source, socket->tag,
                             G_IO_IN | G_IO_ERR | (blocked ? G_IO_OUT : 0));
}

/* Without its descriptor: polling one that is not there, or fails for ever, would never rest. */
static void
give_up (UdpLink *self, Socket *socket, int error)
{
  g_warning ("The UDP socket for %s failed: %s. Start Wherry again to use the network.",
             socket->family == AF_INET ? "IPv4" : "IPv6", g_strerror (error));
  if (socket->tag)
    g_source_remove_unix_fd (self->source, g_steal_pointer (&socket->tag));
  /* a number that is no socket of ours is somebody else's by now */
  if (udp_error_from_errno (error) != UDP_ERROR_DEAD)
    close (socket->fd);
  socket->fd = -1;
  socket->blocked = false;
}

static bool
is_unspecified (const ngtcp2_sockaddr_union *address)
{
  return address->sa.sa_family == AF_INET ? address->in.sin_addr.s_addr == INADDR_ANY
                                          : IN6_IS_ADDR_UNSPECIFIED (&address->in6.sin6_addr);
}

static bool
is_local (const struct sockaddr *address)
{
  ngtcp2_sockaddr_union any_port;
  int fd = socket (address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  memcpy (&any_port, address, sockaddr_len (address));
  if (any_port.sa.sa_family == AF_INET)
    any_port.in.sin_port = 0;
  else
    any_port.in6.sin6_port = 0;
  bool local = fd < 0 || bind (fd, &any_port.sa, sockaddr_len (address)) == 0 ||
               udp_error_from_errno (errno) != UDP_ERROR_NO_SOURCE;
  if (fd >= 0)
    close (fd);
  return local;
}

static void
note_lost (UdpLink *self, int error)
{
  int64_t now = g_get_monotonic_time ();

  self->lost++;
  if (self->reported_us && now < self->reported_us + REPORTS_INTERVAL)
    return;
  self->reported_us = now;
  g_debug ("%" G_GUINT64_FORMAT " batches not taken so far, the last one: %s", self->lost,
           g_strerror (error));
}

/* What became of a train, or of one datagram of it; @error is 0 or an errno. */
static LinkResult
settle (UdpLink *self, Socket *socket, const Train *train, int error)
{
  const ngtcp2_sockaddr_union *local = (const void *) train->path.local.addr;

  if (!error)
    {
      set_blocked (self, socket, false);
      return LINK_SENT;
    }
  switch (udp_error_from_errno (error))
    {
    case UDP_ERROR_BLOCKED:
      set_blocked (self, socket, true);
      return LINK_BLOCKED;
    case UDP_ERROR_DEAD:
      give_up (self, socket, error);
      break;
    case UDP_ERROR_NO_SOURCE:
    case UDP_ERROR_EARLIER: /* it was this datagram's: newer kernels say ENETUNREACH of a source */
      if (socket->gone.sa.sa_family == AF_UNSPEC && !is_unspecified (local) &&
          !is_local (&local->sa))
        memcpy (&socket->gone, local, sockaddr_len (&local->sa));
      break;
    case UDP_ERROR_LOST:
    case UDP_ERROR_AGAIN:
    case UDP_ERROR_NO_OFFLOAD:
      break;
    }
  note_lost (self, error);
  return LINK_SENT;
}

/* @without_offload: the device has refused the whole; what it takes in pieces proves that it is
 * the offload. */
static LinkResult
send_one_by_one (UdpLink *self, Socket *socket, Train *train, bool without_offload)
{
  while (train->len > 0 && socket->fd >= 0)
    {
      Train piece = *train;
      piece.len = MIN (train->segment, train->len);
      int error = send_train (socket->fd, &piece);

      if (!error && without_offload)
        {
          g_debug ("no segmentation offload on this path");
          socket->by_hand = TRAINS_BY_HAND;
          without_offload = false;
        }
      if (settle (self, socket, &piece, error) == LINK_BLOCKED)
        return LINK_BLOCKED;
      train->data += piece.len;
      train->len -= piece.len;
    }
  return LINK_SENT;
}

static LinkResult
udp_send (Link *link, Train *train)
{
  UdpLink *self = (UdpLink *) link;
  Socket *socket = socket_for (self, train->path.remote.addr);
  bool many = train->len > train->segment;

  if (!socket)
    return LINK_SENT;
  if (many && (!socket->gso || socket->by_hand > 0))
    {
      socket->by_hand -= socket->by_hand > 0;
      return send_one_by_one (self, socket, train, false);
    }
  int error = send_train (socket->fd, train);
  if (many && error && udp_error_from_errno (error) == UDP_ERROR_NO_OFFLOAD)
    return send_one_by_one (self, socket, train, true);
  return settle (self, socket, train, error);
}

static void
note_writable (UdpLink *self, Socket *socket)
{
  if (socket->blocked && socket->tag &&
      g_source_query_unix_fd (self->source, socket->tag) & G_IO_OUT)
    set_blocked (self, socket, false);
}

static bool
udp_is_writable (Link *link, LinkFamily family)
{
  UdpLink *self = (UdpLink *) link;

  for (size_t i = 0; i < self->n_sockets; i++)
    if ((self->sockets[i].family == AF_INET6) == (family == LINK_IPV6))
      {
        note_writable (self, &self->sockets[i]);
        return !self->sockets[i].blocked || !self->sockets[i].tag;
      }
  return true;
}

static void
read_control (struct msghdr *message, const Socket *socket, uint16_t port,
              ngtcp2_sockaddr_union *local, Train *train)
{
  *local = (ngtcp2_sockaddr_union) { 0 };
  local->sa.sa_family = socket->family;
  for (struct cmsghdr *c = CMSG_FIRSTHDR (message); c != NULL; c = CMSG_NXTHDR (message, c))
    {
      if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)
        {
          int segment;
          memcpy (&segment, CMSG_DATA (c), sizeof segment);
          train->segment = segment;
        }
      else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
        train->ecn = *CMSG_DATA (c) & NGTCP2_ECN_MASK;
      else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS)
        {
          int tclass;
          memcpy (&tclass, CMSG_DATA (c), sizeof tclass);
          train->ecn = tclass & NGTCP2_ECN_MASK;
        }
      else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
        {
          struct in_pktinfo info;
          memcpy (&info, CMSG_DATA (c), sizeof info);
          local->in.sin_addr = info.ipi_addr;
        }
      else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
        {
          struct in6_pktinfo info;
          memcpy (&info, CMSG_DATA (c), sizeof info);
          local->in6.sin6_addr = info.ipi6_addr;
          if (IN6_IS_ADDR_LINKLOCAL (&info.ipi6_addr))
            local->in6.sin6_scope_id = info.ipi6_ifindex;
        }
    }
  if (socket->family == AF_INET)
    local->in.sin_port = htons (port);
  else
    local->in6.sin6_port = htons (port);
}

static void
read_refusals (Socket *socket, const LinkEvents *events, gpointer owner)
{
  for (int i = 0; i < BATCH; i++)
    {
      ngtcp2_sockaddr_union remote = { 0 };
      ControlBuffer control;
      uint8_t discarded[64];
      struct iovec data = { .iov_base = discarded, .iov_len = sizeof discarded };
      struct msghdr message = { .msg_name = &remote,
                                .msg_namelen = sizeof remote,
                                .msg_iov = &data,
                                .msg_iovlen = 1,
                                .msg_control = &control,
                                .msg_controllen = sizeof control };

      if (recvmsg (socket->fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        return;
      for (struct cmsghdr *c = CMSG_FIRSTHDR (&message); c != NULL; c = CMSG_NXTHDR (&message, c))
        {
          struct sock_extended_err error;
          if (!(c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) &&
              !(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
            continue;
          memcpy (&error, CMSG_DATA (c), sizeof error);
          if (error.ee_errno == ECONNREFUSED && remote.sa.sa_family == socket->family)
            events->refused (&remote.sa, owner);
        }
    }
}

/* Returns whether to try again. */
static bool
receive_failed (UdpLink *self, Socket *socket, int error, const LinkEvents *events, gpointer owner)
{
  switch (udp_error_from_errno (error))
    {
    case UDP_ERROR_BLOCKED:
      socket->failures = 0;
      return false;
    case UDP_ERROR_AGAIN:
      return true;
    case UDP_ERROR_EARLIER:
      read_refusals (socket, events, owner);
      return true;
    case UDP_ERROR_DEAD:
      give_up (self, socket, error);
      return false;
    case UDP_ERROR_LOST:
    case UDP_ERROR_NO_OFFLOAD:
    case UDP_ERROR_NO_SOURCE:
      break;
    }
  if (++socket->failures >= FAILURES_MAX)
    give_up (self, socket, error);
  return false;
}

static int
receive_batch (UdpLink *self, Socket *socket, const LinkEvents *events, gpointer owner)
{
  struct mmsghdr messages[BATCH] = { 0 };
  struct iovec data[BATCH];
  ngtcp2_sockaddr_union remotes[BATCH];
  ControlBuffer controls[BATCH];
  int count;

  for (int i = 0; i < BATCH; i++)
    {
      data[i] = (struct iovec) { .iov_base = self->buffers[i], .iov_len = BUFFER_LEN };
      messages[i].msg_hdr = (struct msghdr) { .msg_name = &remotes[i],
                                              .msg_namelen = sizeof remotes[i],
                                              .msg_iov = &data[i],
                                              .msg_iovlen = 1,
                                              .msg_control = &controls[i],
                                              .msg_controllen = sizeof controls[i] };
    }
  count = recvmmsg (socket->fd, messages, BATCH, MSG_DONTWAIT, NULL);
  if (count < 0)
    return receive_failed (self, socket, errno, events, owner) ? BATCH : 0;
  socket->failures = 0;
  for (int i = 0; i < count; i++)
    {
      ngtcp2_sockaddr_union local;
      Train train = { .data = self->buffers[i],
                      .len = messages[i].msg_len,
                      .segment = messages[i].msg_len };

      if (train.len == 0 || messages[i].msg_hdr.msg_flags & MSG_TRUNC)
        continue;
      read_control (&messages[i].msg_hdr, socket, self->link.port, &local, &train);
      train.path.local = (ngtcp2_addr) { &local.sa, sockaddr_len (&local.sa) };
      train.path.remote = (ngtcp2_addr) { &remotes[i].sa, messages[i].msg_hdr.msg_namelen };
      events->train (&train, owner);
    }
  return count;
}

static void
report_gone (Socket *socket, const LinkEvents *events, gpointer owner)
{
  if (socket->gone.sa.sa_family == AF_UNSPEC)
    return;
  events->local_gone (&socket->gone.sa, owner);
  socket->gone.sa.sa_family = AF_UNSPEC;
}

static bool
udp_receive (Link *link, const LinkEvents *events, gpointer owner)
{
  UdpLink *self = (UdpLink *) link;
  bool more = false;

  for (size_t i = 0; i < self->n_sockets; i++)
    {
      Socket *s = &self->sockets[i];
      /* most turns come for one socket, or for none: the poll has said which */
      GIOCondition ready =
          s->tag ? g_source_query_unix_fd (self->source, s->tag) : G_IO_IN | G_IO_ERR;
      int batches = 0, count = 0;

      report_gone (s, events, owner);
      if (s->fd >= 0 && ready & G_IO_NVAL)
        give_up (self, s, EBADF);
      if (s->fd < 0)
        continue;
      note_writable (self, s);
      if (ready & (G_IO_IN | G_IO_ERR))
        do
          count = receive_batch (self, s, events, owner);
        while (count == BATCH && ++batches < BATCHES_A_TURN);
      more |= count == BATCH;
      if (s->fd >= 0 && ready & G_IO_ERR)
        read_refusals (s, events, owner);
    }
  return more;
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
  int why = socket_for ((UdpLink *) link, remote) ? find_source (remote, local) : EAFNOSUPPORT;

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
  self->buffers = g_malloc (sizeof *self->buffers * BATCH);
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/link.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/quic/connection.h"

#define BATCH          8
#define BUFFER_LEN     65536
#define SOCKET_BUFFER  (8 * 1024 * 1024)
#define PORTS_TO_TRY   64
#define BATCHES_A_TURN 4

/* One socket for each family rather than one dual-stack socket: v4-mapped addresses would have to be told from IPv6
 * ones everywhere, and IPv6 may be off. */
typedef struct
{
  int fd;
  int family;
  gpointer tag; /* of g_source_add_unix_fd() */
  bool polled_for_write;
  bool gso;
} Socket;

typedef struct
{
  Link link;
  Socket sockets[2];
  size_t n_sockets;
  GSource *source; /* borrowed; outlives every receive() */
  uint8_t (*buffers)[BUFFER_LEN];
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
  /* QUIC finds the path MTU itself: never fragment, and do not let the kernel's guess refuse its probes */
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

/* Both families on one port, or one of them where the host has only one. */
static bool
open_pair (UdpLink *self, uint16_t port)
{
  int v4 = open_socket (AF_INET, port), v6;

  if (v4 < 0 && errno == EADDRINUSE)
    return false;
  self->link.port = v4 >= 0 ? bound_port (v4) : port;
  v6 = open_socket (AF_INET6, self->link.port);
  if (v6 < 0 && errno == EADDRINUSE)
    {
      if (v4 >= 0)
        close (v4);
      return false;
    }
  self->n_sockets = 0;
  if (v4 >= 0)
    self->sockets[self->n_sockets++] = (Socket) { .fd = v4, .family = AF_INET, .gso = true };
  if (v6 >= 0)
    self->sockets[self->n_sockets++] = (Socket) { .fd = v6, .family = AF_INET6, .gso = true };
  if (self->n_sockets > 0)
    self->link.port = bound_port (self->sockets[0].fd);
  return self->n_sockets > 0;
}

static Socket *
socket_for (UdpLink *self, const struct sockaddr *address)
{
  for (size_t i = 0; i < self->n_sockets; i++)
    if (self->sockets[i].family == address->sa_family)
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

static ssize_t
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
  ssize_t sent;

  describe_train (&message, train);
  do
    sent = sendmsg (fd, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent;
}

/* A pending ICMP error of another datagram is reported, once, by whatever call comes next. */
static bool
is_somebody_elses_error (int error)
{
  return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH || error == EPROTO;
}

static LinkResult
send_one_by_one (Socket *socket, const Train *train)
{
  for (size_t at = 0; at < train->len; at += train->segment)
    {
      Train piece = *train;
      piece.data += at;
      piece.len = MIN (train->segment, train->len - at);
      /* what the socket buffer cannot take now counts as lost: the train is already partly on its way */
      if (send_train (socket->fd, &piece) < 0 && (errno == EAGAIN || errno == ENOBUFS))
        return at == 0 ? LINK_BLOCKED : LINK_SENT;
    }
  return LINK_SENT;
}

static LinkResult
udp_send (Link *link, const Train *train)
{
  Socket *socket = socket_for ((UdpLink *) link, train->path.remote.addr);

  if (socket == NULL)
    return LINK_SENT;
  if (!socket->gso)
    return send_one_by_one (socket, train);
  if (send_train (socket->fd, train) >= 0)
    return LINK_SENT;
  if (is_somebody_elses_error (errno) && send_train (socket->fd, train) >= 0)
    return LINK_SENT;
  if (errno == EAGAIN || errno == ENOBUFS)
    return LINK_BLOCKED;
  if (train->len > train->segment && (errno == EIO || errno == EINVAL || errno == EOPNOTSUPP))
    {
      g_debug ("no segmentation offload here: %s", g_strerror (errno));
      socket->gso = false;
      return send_one_by_one (socket, train);
    }
  return LINK_SENT;
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
    {
      if (is_somebody_elses_error (errno))
        read_refusals (socket, events, owner);
      return errno == EINTR ? BATCH : 0;
    }
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
          self->source != NULL ? g_source_query_unix_fd (self->source, s->tag) : G_IO_IN | G_IO_ERR;
      int batches = 0, count = 0;

      if (ready & (G_IO_IN | G_IO_ERR))
        do
          count = receive_batch (self, s, events, owner);
        while (count == BATCH && ++batches < BATCHES_A_TURN);
      more |= count == BATCH;
      if (ready & G_IO_ERR)
        read_refusals (s, events, owner);
    }
  return more;
}

/* The kernel's routing table knows; connecting a UDP socket sends nothing. */
static bool
udp_find_local (Link *link, const struct sockaddr *remote, ngtcp2_sockaddr_union *local,
                GError **error)
{
  socklen_t len = sizeof *local;
  int fd = socket (remote->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool found = socket_for ((UdpLink *) link, remote) != NULL && fd >= 0 &&
               connect (fd, remote, sockaddr_len (remote)) == 0 &&
               getsockname (fd, &local->sa, &len) == 0;

  if (!found)
    g_set_error (error, QUIC_ERROR, QUIC_ERROR_SOCKET,
                 "This computer has no way to that address (%s).", g_strerror (errno));
  else if (local->sa.sa_family == AF_INET)
    local->in.sin_port = htons (link->port);
  else
    local->in6.sin6_port = htons (link->port);
  if (fd >= 0)
    close (fd);
  return found;
}

static void
udp_poll (Link *link, GSource *source, bool want_write)
{
  UdpLink *self = (UdpLink *) link;

  self->source = source;
  for (size_t i = 0; i < self->n_sockets; i++)
    {
      Socket *s = &self->sockets[i];
      GIOCondition condition = G_IO_IN | G_IO_ERR | (want_write ? G_IO_OUT : 0);
      if (s->tag == NULL)
        s->tag = g_source_add_unix_fd (source, s->fd, condition);
      else if (s->polled_for_write != want_write)
        g_source_modify_unix_fd (source, s->tag, condition);
      s->polled_for_write = want_write;
    }
}

static void
udp_free (Link *link)
{
  UdpLink *self = (UdpLink *) link;

  for (size_t i = 0; i < self->n_sockets; i++)
    close (self->sockets[i].fd);
  g_free (self->buffers);
  g_free (self);
}

Link *
link_udp_new (uint16_t port, GError **error)
{
  UdpLink *self = g_new0 (UdpLink, 1);

  self->link = (Link) { .receive = udp_receive,
                        .send = udp_send,
                        .find_local = udp_find_local,
                        .poll = udp_poll,
                        .free = udp_free };
  self->buffers = g_malloc (sizeof *self->buffers * BATCH);
  for (int i = 0; i < PORTS_TO_TRY; i++)
    if (port + i <= UINT16_MAX && open_pair (self, port == 0 ? 0 : port + i))
      return &self->link;

  g_set_error (
      error, QUIC_ERROR, QUIC_ERROR_SOCKET,
      "No UDP port from %u on can be opened (%s). Choose another port or end the program that uses it.",
      port, g_strerror (errno));
  udp_free (&self->link);
  return NULL;
}

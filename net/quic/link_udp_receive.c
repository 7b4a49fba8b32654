/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/link_udp_private.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#include "net/quic/udp_error.h"

#define RECEIVES_A_TURN 4
/* errors of recvmmsg() in a row that explain nothing: the socket would be readable, and fail,
 * for ever */
#define FAILURES_MAX 1000

static void
read_control (struct msghdr *message, const Socket *socket, uint16_t port,
              ngtcp2_sockaddr_union *local, Batch *batch)
{
  *local = (ngtcp2_sockaddr_union) { 0 };
  local->sa.sa_family = socket->family;
  for (struct cmsghdr *c = CMSG_FIRSTHDR (message); c; c = CMSG_NXTHDR (message, c))
    {
      if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)
        {
          int segment;
          memcpy (&segment, CMSG_DATA (c), sizeof segment);
          batch->segment = segment;
        }
      else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
        batch->ecn = *CMSG_DATA (c) & NGTCP2_ECN_MASK;
      else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS)
        {
          int tclass;
          memcpy (&tclass, CMSG_DATA (c), sizeof tclass);
          batch->ecn = tclass & NGTCP2_ECN_MASK;
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
  for (int i = 0; i < UDP_MESSAGES_MAX; i++)
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
      for (struct cmsghdr *c = CMSG_FIRSTHDR (&message); c; c = CMSG_NXTHDR (&message, c))
        {
          if (!(c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) &&
              !(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
            continue;
          struct sock_extended_err error;
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
      udp_give_up (self, socket, error);
      return false;
    case UDP_ERROR_LOST:
    case UDP_ERROR_NO_OFFLOAD:
    case UDP_ERROR_NO_SOURCE:
      break;
    }
  if (++socket->failures >= FAILURES_MAX)
    udp_give_up (self, socket, error);
  return false;
}

static int
receive_some (UdpLink *self, Socket *socket, const LinkEvents *events, gpointer owner)
{
  struct mmsghdr messages[UDP_MESSAGES_MAX] = { 0 };
  struct iovec data[UDP_MESSAGES_MAX];
  ngtcp2_sockaddr_union remotes[UDP_MESSAGES_MAX];
  ControlBuffer controls[UDP_MESSAGES_MAX];
  for (int i = 0; i < UDP_MESSAGES_MAX; i++)
    {
      data[i] = (struct iovec) { .iov_base = self->buffers[i], .iov_len = UDP_BUFFER_LEN };
      messages[i].msg_hdr = (struct msghdr) { .msg_name = &remotes[i],
                                              .msg_namelen = sizeof remotes[i],
                                              .msg_iov = &data[i],
                                              .msg_iovlen = 1,
                                              .msg_control = &controls[i],
                                              .msg_controllen = sizeof controls[i] };
    }
  int count = recvmmsg (socket->fd, messages, UDP_MESSAGES_MAX, MSG_DONTWAIT, NULL);
  if (count < 0)
    return receive_failed (self, socket, errno, events, owner) ? UDP_MESSAGES_MAX : 0;
  socket->failures = 0;
  for (int i = 0; i < count; i++)
    {
      Batch batch = { .data = self->buffers[i],
                      .len = messages[i].msg_len,
                      .segment = messages[i].msg_len };
      if (batch.len == 0 || messages[i].msg_hdr.msg_flags & MSG_TRUNC)
        continue;
      ngtcp2_sockaddr_union local;
      read_control (&messages[i].msg_hdr, socket, self->link.port, &local, &batch);
      batch.path.local = (ngtcp2_addr) { &local.sa, sockaddr_len (&local.sa) };
      batch.path.remote = (ngtcp2_addr) { &remotes[i].sa, messages[i].msg_hdr.msg_namelen };
      events->batch (&batch, owner);
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

bool
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
      int rounds = 0, count = 0;

      report_gone (s, events, owner);
      if (s->fd >= 0 && ready & G_IO_NVAL)
        udp_give_up (self, s, EBADF);
      if (s->fd < 0)
        continue;
      udp_note_writable (self, s);
      if (ready & (G_IO_IN | G_IO_ERR))
        do
          count = receive_some (self, s, events, owner);
        while (count == UDP_MESSAGES_MAX && ++rounds < RECEIVES_A_TURN);
      more |= count == UDP_MESSAGES_MAX;
      if (s->fd >= 0 && ready & G_IO_ERR)
        read_refusals (s, events, owner);
    }
  return more;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/link_udp_private.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/quic/udp_error.h"

#define INTERRUPTIONS 4
/* After so many batches UDP_SEGMENT is tried again: the route may lead through another device. */
#define BATCHES_BY_HAND  1024
#define REPORTS_INTERVAL G_USEC_PER_SEC

static struct cmsghdr *
append_control (struct msghdr *message, struct cmsghdr *previous, int level, int type,
                const void *data, size_t len)
{
  message->msg_controllen += CMSG_SPACE (len);
  struct cmsghdr *control = !previous ? CMSG_FIRSTHDR (message) : CMSG_NXTHDR (message, previous);
  control->cmsg_level = level;
  control->cmsg_type = type;
  control->cmsg_len = CMSG_LEN (len);
  memcpy (CMSG_DATA (control), data, len);
  return control;
}

static void
describe_batch (struct msghdr *message, const Batch *batch)
{
  struct cmsghdr *last = NULL;
  const ngtcp2_sockaddr_union *local = (const void *) batch->path.local.addr;
  int ecn = batch->ecn;
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
  if (batch->len > batch->segment)
    {
      uint16_t segment = batch->segment;
      append_control (message, last, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment);
    }
  if (message->msg_controllen == 0)
    message->msg_control = NULL;
}

/* Returns 0 or an errno. */
static int
send_batch (int fd, const Batch *batch)
{
  ControlBuffer control = { 0 };
  struct iovec data = { .iov_base = (void *) batch->data, .iov_len = batch->len };
  struct msghdr message = {
    .msg_name = batch->path.remote.addr,
    .msg_namelen = batch->path.remote.addrlen,
    .msg_iov = &data,
    .msg_iovlen = 1,
    .msg_control = &control,
  };
  int interruptions = 0;
  bool again = true;

  describe_batch (&message, batch);
  while (sendmsg (fd, &message, MSG_NOSIGNAL) < 0)
    {
      int error = errno;
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
void
udp_give_up (UdpLink *self, Socket *socket, int error)
{
  g_warning ("The UDP socket for %s failed: %s. Start Wherry again to use the network.",
             socket->family == AF_INET ? "IPv4" : "IPv6", g_strerror (error));
  if (socket->tag)
    g_source_remove_unix_fd (self->source, g_steal_pointer (&socket->tag));
  /* EBADF or ENOTSOCK: the number may be another file's by now */
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

/* What became of a batch, or of one datagram of it; @error is 0 or an errno. */
static LinkResult
note_result (UdpLink *self, Socket *socket, const Batch *batch, int error)
{
  const ngtcp2_sockaddr_union *local = (const void *) batch->path.local.addr;
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
      udp_give_up (self, socket, error);
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
send_one_by_one (UdpLink *self, Socket *socket, Batch *batch, bool without_offload)
{
  while (batch->len > 0 && socket->fd >= 0)
    {
      Batch piece = *batch;
      piece.len = MIN (batch->segment, batch->len);
      int error = send_batch (socket->fd, &piece);

      if (!error && without_offload)
        {
          g_debug ("no segmentation offload on this path");
          socket->by_hand = BATCHES_BY_HAND;
          without_offload = false;
        }
      if (note_result (self, socket, &piece, error) == LINK_BLOCKED)
        return LINK_BLOCKED;
      batch->data += piece.len;
      batch->len -= piece.len;
    }
  return LINK_SENT;
}

LinkResult
udp_send (Link *link, Batch *batch)
{
  UdpLink *self = (UdpLink *) link;
  Socket *socket = udp_socket_for (self, batch->path.remote.addr);
  bool many = batch->len > batch->segment;
  if (!socket)
    return LINK_SENT;
  if (many && (!socket->gso || socket->by_hand > 0))
    {
      socket->by_hand -= socket->by_hand > 0;
      return send_one_by_one (self, socket, batch, false);
    }
  int error = send_batch (socket->fd, batch);
  if (many && error && udp_error_from_errno (error) == UDP_ERROR_NO_OFFLOAD)
    return send_one_by_one (self, socket, batch, true);
  return note_result (self, socket, batch, error);
}

void
udp_note_writable (UdpLink *self, Socket *socket)
{
  if (socket->blocked && socket->tag &&
      g_source_query_unix_fd (self->source, socket->tag) & G_IO_OUT)
    set_blocked (self, socket, false);
}

bool
udp_is_writable (Link *link, LinkFamily family)
{
  UdpLink *self = (UdpLink *) link;
  for (size_t i = 0; i < self->n_sockets; i++)
    if ((self->sockets[i].family == AF_INET6) == (family == LINK_IPV6))
      {
        udp_note_writable (self, &self->sockets[i]);
        return !self->sockets[i].blocked || !self->sockets[i].tag;
      }
  return true;
}

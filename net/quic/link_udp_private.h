/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a UDP link share: link_udp.c (opening, polling), link_udp_send.c,
 * link_udp_receive.c. */
#pragma once

#include "net/quic/link.h"

G_BEGIN_DECLS

#define UDP_MESSAGES_MAX 8
#define UDP_BUFFER_LEN   65536

/* One socket for each family rather than one dual-stack socket: v4-mapped addresses would have
 * to be told from IPv6 ones everywhere, and IPv6 may be off. */
typedef struct
{
  int fd; /* -1 once it was given up */
  int family;
  gpointer tag;     /* of g_source_add_unix_fd() */
  bool blocked;     /* polled for writing */
  bool gso;         /* the kernel knows UDP_SEGMENT */
  unsigned by_hand; /* batches to be sent one by one before UDP_SEGMENT is tried again */
  unsigned failures;
  ngtcp2_sockaddr_union gone; /* a local address to report; AF_UNSPEC when there is none */
} Socket;

typedef struct
{
  Link link;
  Socket sockets[2];
  size_t n_sockets;
  GSource *source; /* borrowed; NULL while nothing is polled */
  uint8_t (*buffers)[UDP_BUFFER_LEN];
  uint64_t lost; /* batches that the kernel did not take */
  int64_t reported_us;
} UdpLink;

typedef union
{
  struct cmsghdr align;
  char bytes[256];
} ControlBuffer;

/** The open socket for the family of @address, or NULL. */
static inline Socket *
udp_socket_for (UdpLink *self, const struct sockaddr *address)
{
  for (size_t i = 0; i < self->n_sockets; i++)
    if (self->sockets[i].family == address->sa_family && self->sockets[i].fd >= 0)
      return &self->sockets[i];
  return NULL;
}

/** It is not blocked any more when the last poll says so. */
void udp_note_writable (UdpLink *link, Socket *socket);
/** Closes a socket that will not work again. */
void udp_give_up (UdpLink *link, Socket *socket, int error);

/* of the Link */
LinkResult udp_send (Link *link, Batch *batch);
bool udp_is_writable (Link *link, LinkFamily family);
bool udp_receive (Link *link, const LinkEvents *events, gpointer owner);

G_END_DECLS

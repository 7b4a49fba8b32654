/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/udp_error.h"

#include <errno.h>

/* From net/ipv4/{udp,ip_output,icmp,route}.c and net/ipv6/{udp,ip6_output,icmp,datagram}.c of
 * Linux. */
UdpError
udp_error_from_errno (int error)
{
  switch (error)
    {
    case EAGAIN:
#if EWOULDBLOCK != EAGAIN
    case EWOULDBLOCK:
#endif
      return UDP_ERROR_BLOCKED;

    case EINTR:
      return UDP_ERROR_AGAIN;

    /* what ICMP messages are turned into; all but ECONNREFUSED and EPROTO are also said of the
     * datagram itself: larger than the device's MTU, no route, no neighbour, a firewall that
     * rejects, a source that is not ours (ENETUNREACH, once EINVAL) */
    case ECONNREFUSED:
    case EPROTO:
    case EMSGSIZE:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENONET:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case EACCES:
      return UDP_ERROR_EARLIER;

    /* also for a batch whose segments are larger than the device's MTU; an interface index that
     * is gone is ENODEV or ENXIO */
    case EINVAL:
    case EADDRNOTAVAIL:
    case ENODEV:
    case ENXIO:
      return UDP_ERROR_NO_SOURCE;

    case EIO:
      return UDP_ERROR_NO_OFFLOAD;

    case EBADF:
    case ENOTSOCK:
      return UDP_ERROR_DEAD;

    /* ENOBUFS is a full queue of the device, which dropped the datagram, or a virtual cable
     * whose other end takes less: poll() would not tell when to try again, the socket is
     * writable all the time. ENOMEM is the same of memory, EPERM a firewall that drops, ENETDOWN
     * a device that is switched off. */
    case ENOBUFS:
    case ENOMEM:
    case EPERM:
    case ENETDOWN:
    default:
      return UDP_ERROR_LOST;
    }
}

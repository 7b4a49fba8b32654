/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each errno of sendmsg() and recvmmsg() on a UDP socket means. */
#pragma once

typedef enum
{
  UDP_ERROR_LOST,       /* the datagram is gone, as the network might lose it */
  UDP_ERROR_BLOCKED,    /* no room to send, or nothing to receive: poll() tells when there is */
  UDP_ERROR_AGAIN,      /* nothing happened */
  UDP_ERROR_EARLIER,    /* perhaps the ICMP error of an earlier one, told once: try again */
  UDP_ERROR_NO_OFFLOAD, /* the device cannot make checksums for UDP_SEGMENT */
  UDP_ERROR_NO_SOURCE,  /* perhaps the source address is not ours any more */
  UDP_ERROR_DEAD,       /* there is no such socket */
} UdpError;

UdpError udp_error_from_errno (int error);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/udp_error.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>

#define ERRNO_LAST 133 /* EHWPOISON */

static const struct
{
  int error;
  UdpError meaning;
} known[] = {
  { EAGAIN, UDP_ERROR_BLOCKED },
  { EWOULDBLOCK, UDP_ERROR_BLOCKED },
  { EINTR, UDP_ERROR_AGAIN },
  { ECONNREFUSED, UDP_ERROR_EARLIER },
  { EPROTO, UDP_ERROR_EARLIER },
  { EMSGSIZE, UDP_ERROR_EARLIER },
  { EHOSTUNREACH, UDP_ERROR_EARLIER },
  { ENETUNREACH, UDP_ERROR_EARLIER },
  { EHOSTDOWN, UDP_ERROR_EARLIER },
  { ENONET, UDP_ERROR_EARLIER },
  { ENOPROTOOPT, UDP_ERROR_EARLIER },
  { EOPNOTSUPP, UDP_ERROR_EARLIER },
  { EACCES, UDP_ERROR_EARLIER },
  { EINVAL, UDP_ERROR_NO_SOURCE },
  { EADDRNOTAVAIL, UDP_ERROR_NO_SOURCE },
  { ENODEV, UDP_ERROR_NO_SOURCE },
  { ENXIO, UDP_ERROR_NO_SOURCE },
  { EIO, UDP_ERROR_NO_OFFLOAD },
  { EBADF, UDP_ERROR_DEAD },
  { ENOTSOCK, UDP_ERROR_DEAD },
};

static void
test_known (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    g_assert_cmpint (udp_error_from_errno (known[i].error), ==, known[i].meaning);
}

/* Whatever a kernel may say costs a datagram: it neither ends the socket nor is it tried again. */
static void
test_all_others (void)
{
  for (int error = 1; error <= ERRNO_LAST; error++)
    {
      bool stated = false;
      for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
        stated |= known[i].error == error;
      if (!stated)
        g_assert_cmpint (udp_error_from_errno (error), ==, UDP_ERROR_LOST);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/udp-error/known", test_known);
  g_test_add_func ("/udp-error/all-others", test_all_others);
  return g_test_run ();
}

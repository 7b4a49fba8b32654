/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UDP links over the loopback, whose system calls fail as they are told. The linker puts our
 * functions before libc's. */
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>

#include "net/quic/link.h"
#include "tests/net/quic/pair.h"

#define SEGMENT 1200

typedef struct
{
  int error; /* 0: the call is made */
  int times;
  int after;  /* calls that succeed before */
  int family; /* 0: any; only for sendmsg() */
} Fault;

static Fault send_fault, receive_fault;
static int sends; /* calls */
static GMutex lock;

ssize_t __real_sendmsg (int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg (int fd, const struct msghdr *message, int flags);
int __real_recvmmsg (int fd, struct mmsghdr *messages, unsigned n, int flags,
                     struct timespec *timeout);
int __wrap_recvmmsg (int fd, struct mmsghdr *messages, unsigned n, int flags,
                     struct timespec *timeout);

static int
take_fault (Fault *fault, int family)
{
  int error = 0;
  g_mutex_lock (&lock);
  if (fault->family && fault->family != family)
    error = 0;
  else if (fault->after > 0)
    fault->after--;
  else if (fault->times > 0)
    {
      fault->times--;
      error = fault->error;
    }
  g_mutex_unlock (&lock);
  return error;
}

ssize_t
__wrap_sendmsg (int fd, const struct msghdr *message, int flags)
{
  int error = take_fault (&send_fault, ((const struct sockaddr *) message->msg_name)->sa_family);
  g_atomic_int_inc (&sends);
  if (!error)
    return __real_sendmsg (fd, message, flags);
  errno = error;
  return -1;
}

int
__wrap_recvmmsg (int fd, struct mmsghdr *messages, unsigned n, int flags, struct timespec *timeout)
{
  int error = take_fault (&receive_fault, 0);
  if (!error)
    return __real_recvmmsg (fd, messages, n, flags, timeout);
  errno = error;
  return -1;
}

static void
set_fault (Fault *fault, int error, int times)
{
  g_mutex_lock (&lock);
  *fault = (Fault) { .error = error, .times = times };
  g_mutex_unlock (&lock);
}

typedef struct
{
  Link *from, *to;
  size_t bytes;
  unsigned datagrams;
  unsigned refused;
  unsigned gone;
  ngtcp2_sockaddr_union gone_address;
} Wire;

static void
set_up (Wire *wire, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  wire->from = link_udp_new (0, &error);
  g_assert_no_error (error);
  wire->to = link_udp_new (0, &error);
  g_assert_no_error (error);
}

static void
tear_down (Wire *wire, gconstpointer data)
{
  set_fault (&send_fault, 0, 0);
  set_fault (&receive_fault, 0, 0);
  wire->from->free (wire->from);
  wire->to->free (wire->to);
}

static void
batch_cb (const Batch *batch, gpointer owner)
{
  Wire *wire = owner;
  wire->bytes += batch->len;
  wire->datagrams += (batch->len + batch->segment - 1) / batch->segment;
}

static void
refused_cb (const struct sockaddr *remote, gpointer owner)
{
  ((Wire *) owner)->refused++;
}

static void
local_gone_cb (const struct sockaddr *local, gpointer owner)
{
  Wire *wire = owner;
  wire->gone++;
  memcpy (&wire->gone_address, local, sockaddr_len (local));
}

static const LinkEvents events = { batch_cb, refused_cb, local_gone_cb };

static ngtcp2_sockaddr_union
loopback (int family, uint16_t port)
{
  ngtcp2_sockaddr_union address = { 0 };
  address.sa.sa_family = family;
  if (family == AF_INET)
    {
      address.in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
      address.in.sin_port = htons (port);
    }
  else
    {
      address.in6.sin6_addr = in6addr_loopback;
      address.in6.sin6_port = htons (port);
    }
  return address;
}

static LinkResult
send_from (Wire *wire, ngtcp2_sockaddr_union *local, size_t segments, size_t *rest)
{
  static const uint8_t data[16 * SEGMENT];
  ngtcp2_sockaddr_union remote = loopback (local->sa.sa_family, wire->to ? wire->to->port : 9);
  Batch batch = { .path = { .local = { &local->sa, sockaddr_len (&local->sa) },
                            .remote = { &remote.sa, sockaddr_len (&remote.sa) } },
                  .data = data,
                  .len = segments * SEGMENT,
                  .segment = SEGMENT };

  g_atomic_int_set (&sends, 0);
  LinkResult result = wire->from->send (wire->from, &batch);
  if (rest)
    *rest = batch.len;
  return result;
}

static LinkResult
send_segments (Wire *wire, size_t segments)
{
  ngtcp2_sockaddr_union local = loopback (AF_INET, wire->from->port);
  return send_from (wire, &local, segments, NULL);
}

/* The loopback delivers within sendmsg(), so that nothing is ever on its way. */
static void
assert_arrived (Wire *wire, unsigned datagrams)
{
  wire->datagrams = 0;
  while (wire->to->receive (wire->to, &events, wire))
    ;
  g_assert_cmpuint (wire->datagrams, ==, datagrams);
}

/* What sendmsg() may say, and how often it is asked when it says so every time. */
static const struct
{
  int error;
  LinkResult result;
  int calls;
  bool passes; /* said once, the datagram goes all the same */
} send_errors[] = {
  { EAGAIN, LINK_BLOCKED, 1, false },     { EWOULDBLOCK, LINK_BLOCKED, 1, false },
  { EINTR, LINK_SENT, 5, true },          { ENOBUFS, LINK_SENT, 1, false },
  { ENOMEM, LINK_SENT, 1, false },        { EPERM, LINK_SENT, 1, false },
  { ENETDOWN, LINK_SENT, 1, false },      { EINVAL, LINK_SENT, 1, false },
  { EADDRNOTAVAIL, LINK_SENT, 1, false }, { ENODEV, LINK_SENT, 1, false },
  { ENXIO, LINK_SENT, 1, false },         { ECONNREFUSED, LINK_SENT, 2, true },
  { EMSGSIZE, LINK_SENT, 2, true },       { EHOSTUNREACH, LINK_SENT, 2, true },
  { ENETUNREACH, LINK_SENT, 2, true },    { EHOSTDOWN, LINK_SENT, 2, true },
  { ENONET, LINK_SENT, 2, true },         { ENOPROTOOPT, LINK_SENT, 2, true },
  { EPROTO, LINK_SENT, 2, true },         { EOPNOTSUPP, LINK_SENT, 2, true },
  { EACCES, LINK_SENT, 2, true },         { EFAULT, LINK_SENT, 1, false },
  { EPIPE, LINK_SENT, 1, false },         { ETIMEDOUT, LINK_SENT, 1, false },
};

static void
test_send_errors (Wire *wire, gconstpointer data)
{
  for (size_t i = 0; i < G_N_ELEMENTS (send_errors); i++)
    for (size_t segments = 1; segments <= 3; segments += 2)
      {
        g_test_message ("%s, %zu", g_strerror (send_errors[i].error), segments);
        set_fault (&send_fault, send_errors[i].error, INT_MAX);
        g_assert_cmpint (send_segments (wire, segments), ==, (int) send_errors[i].result);
        g_assert_cmpint (sends, ==, send_errors[i].calls);
        g_assert_true (wire->from->is_writable (wire->from, LINK_IPV6));
        assert_arrived (wire, 0);

        set_fault (&send_fault, send_errors[i].error, 1);
        send_segments (wire, segments);
        assert_arrived (wire, send_errors[i].passes ? segments : 0);

        /* nothing is left of it: one call for one batch */
        set_fault (&send_fault, 0, 0);
        g_assert_cmpint (send_segments (wire, segments), ==, LINK_SENT);
        g_assert_cmpint (sends, ==, 1);
        assert_arrived (wire, segments);
      }
  g_assert_cmpuint (wire->gone, ==, 0);
}

/* A device without checksum offload is found out, told from a datagram that is lost, and not for
 * ever. */
static void
test_no_offload (Wire *wire, gconstpointer data)
{
  set_fault (&send_fault, EIO, INT_MAX);
  g_assert_cmpint (send_segments (wire, 3), ==, LINK_SENT);
  set_fault (&send_fault, 0, 0);
  send_segments (wire, 3);
  g_assert_cmpint (sends, ==, 1); /* single ones were refused too: it was not the offload */
  assert_arrived (wire, 3);

  set_fault (&send_fault, EIO, 1);
  g_assert_cmpint (send_segments (wire, 3), ==, LINK_SENT);
  g_assert_cmpint (sends, ==, 4);
  assert_arrived (wire, 3);
  send_segments (wire, 3);
  g_assert_cmpint (sends, ==, 3);
  assert_arrived (wire, 3);
  int batches = 0;
  do
    {
      send_segments (wire, 2);
      assert_arrived (wire, 2);
    }
  while (sends > 1 && ++batches < 5000);
  g_assert_cmpint (sends, ==, 1);
}

/* One by one, what found room went, and the rest is there to be tried again. */
static void
test_blocked_between (Wire *wire, gconstpointer data)
{
  ngtcp2_sockaddr_union local = loopback (AF_INET, wire->from->port);
  set_fault (&send_fault, EIO, 1);
  send_segments (wire, 2);
  assert_arrived (wire, 2);
  send_fault = (Fault) { .error = EAGAIN, .times = 1, .after = 3 };
  size_t rest;
  g_assert_cmpint (send_from (wire, &local, 5, &rest), ==, LINK_BLOCKED);
  g_assert_cmpuint (rest, ==, 2 * SEGMENT);
  assert_arrived (wire, 3);
}

/* The real kernel's word for a source that is not ours. */
static void
test_local_gone (Wire *wire, gconstpointer data)
{
  ngtcp2_sockaddr_union gone = loopback (AF_INET, wire->from->port);
  gone.in.sin_addr.s_addr = htonl (0xc000024d); /* 192.0.2.77 */
  for (size_t segments = 1; segments <= 3; segments += 2)
    {
      wire->gone = 0;
      for (int i = 0; i < 3; i++)
        g_assert_cmpint (send_from (wire, &gone, segments, NULL), ==, LINK_SENT);
      assert_arrived (wire, 0);
      wire->from->receive (wire->from, &events, wire);
      g_assert_cmpuint (wire->gone, ==, 1);
      g_assert_cmpuint (wire->gone_address.in.sin_addr.s_addr, ==, gone.in.sin_addr.s_addr);

      send_segments (wire, 3);
      g_assert_cmpint (sends, ==, 1);
      assert_arrived (wire, 3);
      wire->from->receive (wire->from, &events, wire);
      g_assert_cmpuint (wire->gone, ==, 1);
    }
}

static void
test_local_gone_ipv6 (Wire *wire, gconstpointer data)
{
  ngtcp2_sockaddr_union local = loopback (AF_INET6, wire->from->port), gone = local;
  g_autoptr (GError) error = NULL;
  if (!wire->from->find_local (wire->from, &local.sa, &local, &error))
    {
      g_test_skip (error->message);
      return;
    }
  gone.in6.sin6_addr.s6_addr[15] = 77;
  send_from (wire, &gone, 3, NULL);
  wire->from->receive (wire->from, &events, wire);
  g_assert_cmpuint (wire->gone, ==, 1);
  g_assert_true (IN6_ARE_ADDR_EQUAL (&wire->gone_address.in6.sin6_addr, &gone.in6.sin6_addr));

  gone = local; /* an interface that is no more */
  gone.in6.sin6_addr.s6_addr[0] = 0xfe;
  gone.in6.sin6_addr.s6_addr[1] = 0x80;
  gone.in6.sin6_scope_id = 99999;
  send_from (wire, &gone, 3, NULL);
  wire->from->receive (wire->from, &events, wire);
  g_assert_cmpuint (wire->gone, ==, 2);

  send_from (wire, &local, 3, NULL);
  g_assert_cmpint (sends, ==, 1);
  assert_arrived (wire, 3);
}

/* The real kernel's word for segments that the device cannot carry: a batch is lost, the offload
 * stays. */
static void
test_too_large (Wire *wire, gconstpointer data)
{
  static const uint8_t huge[65000];
  ngtcp2_sockaddr_union local = loopback (AF_INET, wire->from->port);
  ngtcp2_sockaddr_union remote = loopback (AF_INET, wire->to->port);
  Batch batch = { .path = { .local = { &local.sa, sizeof local.in },
                            .remote = { &remote.sa, sizeof remote.in } },
                  .data = huge,
                  .len = sizeof huge,
                  .segment = 1 }; /* 65000 segments: more than the kernel cuts */

  g_assert_cmpint (wire->from->send (wire->from, &batch), ==, LINK_SENT);
  g_assert_cmpuint (wire->gone, ==, 0);
  send_segments (wire, 3);
  g_assert_cmpint (sends, ==, 1);
  assert_arrived (wire, 3);
}

static unsigned given_up;

static GLogWriterOutput
log_writer (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; level & G_LOG_LEVEL_WARNING && i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") &&
        g_str_has_prefix (fields[i].value, "The UDP socket for "))
      {
        given_up++;
        return G_LOG_WRITER_HANDLED;
      }
  return g_log_writer_default (level, fields, n_fields, user_data);
}

static void
test_dead_socket (Wire *wire, gconstpointer data)
{
  ngtcp2_sockaddr_union remote = loopback (AF_INET, 9);
  g_autoptr (GError) error = NULL;
  int error_number = GPOINTER_TO_INT (data);
  given_up = 0;
  set_fault (&send_fault, error_number, 1);
  g_assert_cmpint (send_segments (wire, 3), ==, LINK_SENT);
  g_assert_cmpuint (given_up, ==, 1);
  g_assert_cmpint (send_segments (wire, 1), ==, LINK_SENT);
  g_assert_cmpint (sends, ==, 0);
  g_assert_false (wire->from->receive (wire->from, &events, wire));
  ngtcp2_sockaddr_union local;
  g_assert_false (wire->from->find_local (wire->from, &remote.sa, &local, &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_SOCKET);
  g_assert_nonnull (strstr (error->message, g_strerror (EAFNOSUPPORT)));
}

static void
test_receive_errors (Wire *wire, gconstpointer data)
{
  static const int errors[] = { EAGAIN,       EINTR,  ENOBUFS,  ENOMEM,      EPERM,  EINVAL,
                                EIO,          ENODEV, EMSGSIZE, ENETUNREACH, EPROTO, EHOSTUNREACH,
                                ECONNREFUSED, EACCES, ENETDOWN, EOPNOTSUPP,  EFAULT };
  for (size_t i = 0; i < G_N_ELEMENTS (errors); i++)
    for (int times = 1; times < 100; times += 49)
      {
        g_test_message ("%s, %d", g_strerror (errors[i]), times);
        send_segments (wire, 1);
        wire->datagrams = 0;
        set_fault (&receive_fault, errors[i], times);
        /* each turn is bounded, and what has come is still there */
        for (int turn = 0; turn <= times && wire->datagrams == 0; turn++)
          wire->to->receive (wire->to, &events, wire);
        g_assert_cmpuint (wire->datagrams, ==, 1);
        set_fault (&receive_fault, 0, 0);
      }
}

static void
test_receive_fails_for_ever (Wire *wire, gconstpointer data)
{
  ngtcp2_sockaddr_union remote = loopback (AF_INET, 9), local;
  ngtcp2_sockaddr_union remote6 = loopback (AF_INET6, 9);
  unsigned both = 1 + wire->to->find_local (wire->to, &remote6.sa, &local, NULL);
  int turns = 0;
  given_up = 0;
  set_fault (&receive_fault, GPOINTER_TO_INT (data), INT_MAX);
  while (given_up < both && ++turns < 100000)
    wire->to->receive (wire->to, &events, wire);
  g_assert_false (wire->to->find_local (wire->to, &remote.sa, &local, NULL));
  g_assert_false (wire->to->receive (wire->to, &events, wire));
  g_assert_cmpuint (given_up, ==, both);
}

/* What ICMP says of one datagram is told, and is not taken for the fate of the next. */
static void
test_refused (Wire *wire, gconstpointer data)
{
  Link *open = g_steal_pointer (&wire->to);
  send_segments (wire, 1); /* to the discard port, where nobody listens */
  wire->to = open;
  send_segments (wire, 1);
  g_assert_cmpint (sends, ==, 2);
  assert_arrived (wire, 1);
  wire->from->receive (wire->from, &events, wire);
  g_assert_cmpuint (wire->refused, ==, 1);
}

static void
test_ports (void)
{
  g_autoptr (GError) error = NULL;
  Link *last = link_udp_new (UINT16_MAX, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (last->port, ==, UINT16_MAX);
  Link *next = link_udp_new (UINT16_MAX, &error);
  g_assert_null (next);
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_SOCKET);
  g_assert_nonnull (strstr (error->message, g_strerror (EADDRINUSE)));
  last->free (last);
}

static QuicCode
accept_cb (QuicConnection *connection, gpointer user_data)
{
  QuicConnection **accepted = user_data;
  *accepted = quic_connection_ref (connection);
  return QUIC_CODE_OK;
}

/* The IPv6 socket has no room for as long as a transfer over IPv4 takes, between the same two
 * endpoints. */
static void
test_other_family (void)
{
  g_autoptr (GInetAddress) ipv6 = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV6);
  g_autoptr (QuicConnection) accepted = NULL, over_ipv6 = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  QuicProtocol protocol = { "wherry/other-family/1", accept_cb, &accepted };
  Pair pair;

  pair_init (&pair, OVER_UDP);
  quic_endpoint_register (pair.endpoint[1], &protocol);
  address = g_inet_socket_address_new (ipv6, quic_endpoint_get_port (pair.endpoint[1]));
  quic_endpoint_connect_async (pair.endpoint[0], G_INET_SOCKET_ADDRESS (address),
                               node_identity_get_id (pair.identity[1]), protocol.alpn, NULL,
                               await_cb, &result);
  over_ipv6 = quic_endpoint_connect_finish (pair.endpoint[0], await (&result), &error);
  if (!over_ipv6)
    g_test_skip (error->message);
  else
    {
      g_autoptr (QuicStream) stuck = open_stream (over_ipv6, false);
      g_autoptr (QuicStream) out = NULL, in = NULL, late = NULL;
      g_autoptr (GBytes) received = NULL, received_late = NULL;
      g_autoptr (GBytes) megabytes = g_bytes_new_take (g_malloc0 (8 << 20), 8 << 20);
      g_mutex_lock (&lock);
      send_fault = (Fault) { .error = EAGAIN, .times = INT_MAX, .family = AF_INET6 };
      g_mutex_unlock (&lock);
      quic_stream_send_async (stuck, megabytes, NULL, NULL, NULL);
      quic_stream_finish (stuck);
      pair_connect (&pair);
      out = open_stream (pair.connection[0], false);
      quic_stream_send_async (out, megabytes, NULL, NULL, NULL);
      quic_stream_finish (out);
      in = accept_stream (pair.connection[1]);
      received = receive_all (in, &error);
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (received, megabytes));

      set_fault (&send_fault, 0, 0);
      late = accept_stream (accepted);
      received_late = receive_all (late, &error);
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (received_late, megabytes));
    }
  g_clear_pointer (&accepted, quic_connection_unref);
  g_clear_pointer (&over_ipv6, quic_connection_unref);
  pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (log_writer, NULL, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

#define ADD(path, function, data)                                                                  \
  g_test_add (path, Wire, GINT_TO_POINTER (data), set_up, function, tear_down)
  ADD ("/link-udp/send-errors", test_send_errors, 0);
  ADD ("/link-udp/no-offload", test_no_offload, 0);
  ADD ("/link-udp/blocked-between", test_blocked_between, 0);
  ADD ("/link-udp/local-gone/ipv4", test_local_gone, 0);
  ADD ("/link-udp/local-gone/ipv6", test_local_gone_ipv6, 0);
  ADD ("/link-udp/too-large", test_too_large, 0);
  ADD ("/link-udp/dead/not-open", test_dead_socket, EBADF);
  ADD ("/link-udp/dead/no-socket", test_dead_socket, ENOTSOCK);
  ADD ("/link-udp/refused", test_refused, 0);
  ADD ("/link-udp/receive-errors", test_receive_errors, 0);
  ADD ("/link-udp/receive-fails-for-ever/EIO", test_receive_fails_for_ever, EIO);
  ADD ("/link-udp/receive-fails-for-ever/EBADF", test_receive_fails_for_ever, EBADF);
  g_test_add_func ("/link-udp/ports", test_ports);
  g_test_add_func ("/link-udp/other-family", test_other_family);
  return g_test_run ();
}

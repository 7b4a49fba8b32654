/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ceiling for every transfer: two processes, one stream of bytes from memory, thrown away at
 * the receiver.
 *
 *   wherry-bench-pump pump [BYTES]     MB/s (10^6 bytes a second)
 *   wherry-bench-pump connect [COUNT]  ms from dialling to the first byte echoed, the median
 *   wherry-bench-pump idle [COUNT]     KiB of memory for each of 1000 open connections that do
 *   nothing, at the dialling end, and percent of a processor for all of them
 *
 * Prints one JSON object. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/quic/endpoint.h"
#include "tests/support/wait.h"

#define ALPN       "wherry/bench/1"
#define PIECE      (256 * 1024)
#define READ_PIECE (1024 * 1024)

/* No endpoint takes more than 256 connections. */
#define ENDPOINTS      5
#define ENDPOINT_SHARE 200

typedef struct
{
  NodeId id;
  uint16_t ports[ENDPOINTS];
} Invitation;

static void
await_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
await (GAsyncResult **result)
{
  wait_until_in (NULL, *result, "the other end of the pump");
  return *result;
}

/* The server reads each stream to its end, then answers with one byte. */

static gpointer
serve_stream (gpointer data)
{
  g_autoptr (QuicStream) stream = data;
  g_autofree uint8_t *buffer = g_malloc (READ_PIECE);
  g_autoptr (GBytes) answer = g_bytes_new_static ("!", 1);
  gssize len;
  do
    len = quic_stream_read (stream, buffer, READ_PIECE, NULL, NULL);
  while (len == READ_PIECE);
  quic_stream_send (stream, answer, NULL, NULL);
  quic_stream_finish (stream);
  return NULL;
}

static void
stream_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  QuicConnection *connection = user_data;
  QuicStream *stream = quic_connection_accept_stream_finish (connection, result, NULL);
  if (!stream)
    {
      quic_connection_unref (connection);
      return;
    }
  g_thread_unref (g_thread_new ("reader", serve_stream, stream));
  quic_connection_accept_stream_async (connection, NULL, stream_cb, connection);
}

static QuicCode
accept_cb (QuicConnection *connection, gpointer user_data)
{
  quic_connection_accept_stream_async (connection, NULL, stream_cb,
                                       quic_connection_ref (connection));
  return QUIC_CODE_OK;
}

static void
serve (int out)
{
  g_autoptr (NodeIdentity) identity = node_identity_generate ();
  QuicProtocol protocol = { .alpn = ALPN, .accept = accept_cb, .known_peers = true };
  Invitation invitation = { .id = *node_identity_get_id (identity) };
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  for (int i = 0; i < ENDPOINTS; i++)
    {
      QuicEndpoint *endpoint = quic_endpoint_new (identity, 0, NULL);
      quic_endpoint_register (endpoint, &protocol);
      invitation.ports[i] = quic_endpoint_get_port (endpoint);
    }
  if (write (out, &invitation, sizeof invitation) != sizeof invitation)
    exit (1);
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

static QuicConnection *
dial_nth (QuicEndpoint *endpoint, const Invitation *invitation, unsigned which)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new (loopback, invitation->ports[which]);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  quic_endpoint_connect_async (endpoint, G_INET_SOCKET_ADDRESS (address), &invitation->id, ALPN,
                               NULL, await_cb, &result);
  QuicConnection *connection = quic_endpoint_connect_finish (endpoint, await (&result), &error);
  if (!connection)
    g_error ("%s", error->message);
  return connection;
}

static QuicConnection *
dial (QuicEndpoint *endpoint, const Invitation *invitation)
{
  return dial_nth (endpoint, invitation, 0);
}

static QuicStream *
open_stream (QuicConnection *connection)
{
  g_autoptr (GAsyncResult) result = NULL;
  quic_connection_open_stream_async (connection, true, NULL, await_cb, &result);
  return quic_connection_open_stream_finish (connection, await (&result), NULL);
}

static void
send_and_wait (QuicStream *stream, uint64_t bytes)
{
  g_autofree uint8_t *data = g_malloc0 (PIECE);
  for (uint64_t left = bytes; left > 0;)
    {
      size_t len = MIN (left, PIECE);
      g_autoptr (GBytes) piece = g_bytes_new_static (data, len);
      if (!quic_stream_send (stream, piece, NULL, NULL))
        g_error ("the stream broke");
      left -= len;
    }
  quic_stream_finish (stream);
  uint8_t answer;
  if (quic_stream_read (stream, &answer, 1, NULL, NULL) != 1)
    g_error ("no answer");
}

static double
cpu_seconds (void)
{
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void
bench_pump (QuicEndpoint *endpoint, const Invitation *invitation, uint64_t bytes)
{
  g_autoptr (QuicConnection) connection = dial (endpoint, invitation);
  g_autoptr (QuicStream) stream = open_stream (connection);
  double cpu = cpu_seconds ();
  gint64 start = g_get_monotonic_time ();
  send_and_wait (stream, bytes);
  double seconds = (double) (g_get_monotonic_time () - start) / 1e6;
  cpu = cpu_seconds () - cpu;
  printf ("{\"name\":\"pump\",\"unit\":\"MB/s\",\"value\":%.0f,\"bytes\":%" G_GUINT64_FORMAT
          ",\"seconds\":%.3f,\"sender_ns_per_byte\":%.2f}\n",
          (double) bytes / 1e6 / seconds, bytes, seconds, cpu * 1e9 / (double) bytes);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;
  return (x > y) - (x < y);
}

static void
bench_connect (QuicEndpoint *endpoint, const Invitation *invitation, unsigned count)
{
  g_autofree gint64 *times = g_new (gint64, count);
  for (unsigned i = 0; i < count; i++)
    {
      gint64 start = g_get_monotonic_time ();
      g_autoptr (QuicConnection) connection = dial (endpoint, invitation);
      g_autoptr (QuicStream) stream = open_stream (connection);
      send_and_wait (stream, 1);
      times[i] = g_get_monotonic_time () - start;
    }
  qsort (times, count, sizeof *times, compare_times);
  printf (
      "{\"name\":\"connect\",\"unit\":\"ms\",\"value\":%.2f,\"min\":%.2f,\"max\":%.2f,\"runs\":%u}\n",
      (double) times[count / 2] / 1e3, (double) times[0] / 1e3, (double) times[count - 1] / 1e3,
      count);
}

static double
resident_kib (void)
{
  g_autofree char *statm = NULL;
  unsigned long pages = 0;
  if (g_file_get_contents ("/proc/self/statm", &statm, NULL, NULL))
    sscanf (statm, "%*u %lu", &pages);
  return (double) pages * (double) sysconf (_SC_PAGESIZE) / 1024;
}

static double
cpu_seconds_in (unsigned seconds)
{
  double before = cpu_seconds ();
  g_usleep (seconds * G_USEC_PER_SEC);
  return cpu_seconds () - before;
}

static void
bench_idle (const NodeIdentity *identity, const Invitation *invitation, unsigned count)
{
  enum
  {
    REST = 10 /* s */
  };
  QuicEndpoint *endpoints[ENDPOINTS];
  g_autoptr (GPtrArray) connections =
      g_ptr_array_new_with_free_func ((GDestroyNotify) quic_connection_unref);
  count = MIN (count, ENDPOINTS * ENDPOINT_SHARE);

  /* the first of each also pays for what all share */
  for (unsigned i = 0; i < ENDPOINTS; i++)
    {
      endpoints[i] = quic_endpoint_new (identity, 0, NULL);
      g_ptr_array_add (connections, dial_nth (endpoints[i], invitation, i));
    }
  double before = resident_kib ();
  for (unsigned i = 0; i < count; i++)
    g_ptr_array_add (connections,
                     dial_nth (endpoints[i / ENDPOINT_SHARE], invitation, i / ENDPOINT_SHARE));
  double kib = (resident_kib () - before) / count;
  printf ("{\"name\":\"idle-connection\",\"unit\":\"KiB\",\"value\":%.0f,\"runs\":%u,"
          "\"cpu_percent\":%.2f}\n",
          kib, count, cpu_seconds_in (REST) * 100 / REST);
  g_ptr_array_set_size (connections, 0);
  for (unsigned i = 0; i < ENDPOINTS; i++)
    quic_endpoint_close (endpoints[i]);
}

int
main (int argc, char **argv)
{
  const char *mode = argc > 1 ? argv[1] : "";
  bool pump = g_str_equal (mode, "pump"), idle = g_str_equal (mode, "idle");
  uint64_t amount = argc > 2 ? g_ascii_strtoull (argv[2], NULL, 10) : 0;
  g_autoptr (NodeIdentity) identity = NULL;
  if (!pump && !idle && !g_str_equal (mode, "connect"))
    {
      fprintf (stderr, "usage: %s pump [BYTES] | connect [COUNT] | idle [COUNT]\n", argv[0]);
      return 2;
    }
  int ends[2];
  pid_t server;
  if (sodium_init () < 0 || pipe (ends) != 0 || (server = fork ()) < 0)
    return 1;
  if (server == 0)
    serve (ends[1]);
  Invitation invitation;
  if (read (ends[0], &invitation, sizeof invitation) != sizeof invitation)
    return 1;

  identity = node_identity_generate ();
  QuicEndpoint *endpoint = quic_endpoint_new (identity, 0, NULL);
  if (pump)
    bench_pump (endpoint, &invitation, amount > 0 ? amount : UINT64_C (1) << 30);
  else if (idle)
    bench_idle (identity, &invitation, amount > 0 ? amount : 1000);
  else
    bench_connect (endpoint, &invitation, amount > 0 ? amount : 50);
  quic_endpoint_close (endpoint);
  kill (server, SIGKILL);
  waitpid (server, NULL, 0);
  return 0;
}

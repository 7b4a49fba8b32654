/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The path changes under a connection: another address of the peer, another size that it
 * carries. */
#include <sodium.h>

#include "tests/net/quic/pair.h"

#define MUCH (8u << 20)

static GBytes *
make_noise (void)
{
  uint8_t seed[randombytes_SEEDBYTES] = { 2 };
  uint8_t *noise = g_malloc (MUCH);
  randombytes_buf_deterministic (noise, MUCH, seed);
  return g_bytes_new_take (noise, MUCH);
}

static size_t
receive_some (QuicStream *stream, GByteArray *all)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  quic_stream_receive_async (stream, 64 << 10, NULL, await_cb, &result);
  bytes = quic_stream_receive_finish (stream, await (&result), &error);
  g_assert_no_error (error);
  g_byte_array_append (all, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return g_bytes_get_size (bytes);
}

typedef struct
{
  size_t largest; /* UDP payload that gets through */
  size_t seen;    /* largest that did */
} Path;

static Fate
path_fate (unsigned side, uint64_t index, size_t len, gpointer data)
{
  Path *path = data;
  if (len > path->largest)
    return (Fate) { 0 };
  path->seen = MAX (path->seen, len);
  return (Fate) { .copies = 1, .delay = NGTCP2_MILLISECONDS };
}

typedef void (*Change) (Pair *pair, Path *path);

/* @from sends, and after a megabyte @change happens. */
static void
transfer (Pair *pair, Path *path, int from, Change change)
{
  g_autoptr (QuicStream) out = open_stream (pair->connection[from], false), in = NULL;
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autoptr (GBytes) noise = make_noise ();
  quic_stream_send_async (out, noise, NULL, NULL, NULL);
  quic_stream_finish (out);
  in = accept_stream (pair->connection[1 - from]);
  while (receive_some (in, all) > 0)
    if (change && all->len > (1u << 20))
      {
        change (pair, path);
        change = NULL;
      }
  g_assert_null (change);
  g_assert_cmpmem (all->data, all->len, g_bytes_get_data (noise, NULL), MUCH);
}

static void
rebind (Pair *pair, Path *path)
{
  memory_wire_rebind (pair->wire, 0);
}

static uint16_t
port_of_client (Pair *pair)
{
  g_autoptr (GInetSocketAddress) address = quic_connection_dup_remote_address (pair->connection[1]);
  return g_inet_socket_address_get_port (address);
}

/* @data: who sends */
static void
test_rebound (gconstpointer data)
{
  Path path = { .largest = SIZE_MAX };
  Pair pair;
  pair_init_wire (&pair, path_fate, &path);
  pair_connect (&pair);
  g_assert_cmpuint (port_of_client (&pair), ==, 1);
  transfer (&pair, &path, GPOINTER_TO_INT (data), rebind);
  /* and again, with nothing on its way */
  memory_wire_rebind (pair.wire, 0);
  transfer (&pair, &path, 0, NULL);
  pass_time (&pair, 1);
  g_assert_cmpuint (port_of_client (&pair), ==, 2001);
  pair_clear (&pair);
}

/* From the start the path carries no more than @data, and tells nobody. */
static void
test_narrow (gconstpointer data)
{
  Path path = { .largest = GPOINTER_TO_UINT (data) };
  Pair pair;
  pair_init_wire (&pair, path_fate, &path);
  pair_connect (&pair);
  transfer (&pair, &path, 0, NULL);
  transfer (&pair, &path, 1, NULL);
  g_assert_cmpuint (path.seen, >=, 1200);
  pair_clear (&pair);
}

static void
shrink (Pair *pair, Path *path)
{
  path->largest = 1252;
}

/* @data: who sends. What got through before does not any more. */
static void
test_shrinks (gconstpointer data)
{
  Path path = { .largest = SIZE_MAX };
  Pair pair;
  pair_init_wire (&pair, path_fate, &path);
  pair_connect (&pair);
  transfer (&pair, &path, GPOINTER_TO_INT (data), shrink);
  transfer (&pair, &path, 1 - GPOINTER_TO_INT (data), NULL);
  pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

  g_test_add_data_func ("/path/rebound/sending", GINT_TO_POINTER (0), test_rebound);
  g_test_add_data_func ("/path/rebound/receiving", GINT_TO_POINTER (1), test_rebound);
  g_test_add_data_func ("/path/narrow/1200", GUINT_TO_POINTER (1200), test_narrow);
  g_test_add_data_func ("/path/narrow/1252", GUINT_TO_POINTER (1252), test_narrow);
  g_test_add_data_func ("/path/narrow/1420", GUINT_TO_POINTER (1420), test_narrow);
  g_test_add_data_func ("/path/shrinks/dialled", GINT_TO_POINTER (1), test_shrinks);
  g_test_add_data_func ("/path/shrinks/dialler", GINT_TO_POINTER (0), test_shrinks);
  return g_test_run ();
}

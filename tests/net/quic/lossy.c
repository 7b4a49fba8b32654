/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 64 MiB arrive whole and in order over wires that lose, reorder and duplicate. Virtual clock, so
 * every run of a seed is the same. */
#include <sodium.h>
#include <string.h>

#include "tests/net/quic/pair.h"

#ifdef __SANITIZE_ADDRESS__
#define TOTAL (8u << 20) /* a tenth of the speed, and every path is taken as well */
#else
#define TOTAL (64u << 20)
#endif
#define PIECE (256u << 10)
/* the content repeats with a prime period, so nothing that is lost, swapped or repeated looks
 * right */
#define PERIOD 1048573u

typedef struct
{
  const char *name;
  Fate (*fate) (uint64_t random, uint64_t index);
} Weather;

typedef struct
{
  const Weather *weather;
  uint64_t seed;
} Wire;

typedef struct
{
  QuicStream *stream;
  GBytes *content;
  size_t sent;
} Sender;

static uint64_t
scramble (uint64_t x) /* SplitMix64 */
{
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static Fate
clear_fate (uint64_t random, uint64_t index)
{
  return (Fate) { 1, 5 * NGTCP2_MILLISECONDS };
}

static Fate
losing_fate (uint64_t random, uint64_t index)
{
  return (Fate) { random % 100 < 2 ? 0 : 1, 5 * NGTCP2_MILLISECONDS };
}

static Fate
bursting_fate (uint64_t random, uint64_t index)
{
  return (Fate) { index % 3000 >= 2950 ? 0 : 1, 5 * NGTCP2_MILLISECONDS };
}

static Fate
reordering_fate (uint64_t random, uint64_t index)
{
  return (Fate) { 1,
                  5 * NGTCP2_MILLISECONDS + (random % 50 == 0 ? random % NGTCP2_MILLISECONDS : 0) };
}

static Fate
duplicating_fate (uint64_t random, uint64_t index)
{
  return (Fate) { random % 10 == 0 ? 2 : 1, 5 * NGTCP2_MILLISECONDS };
}

static Fate
stormy_fate (uint64_t random, uint64_t index)
{
  return (Fate) { random % 64 == 0 ? 0 : 1 + (random % 32 == 1),
                  5 * NGTCP2_MILLISECONDS + (random >> 32) % (500 * NGTCP2_MICROSECONDS) };
}

static const Weather weathers[] = {
  { "clear", clear_fate },
  { "losing", losing_fate },
  { "bursting", bursting_fate },
  { "reordering", reordering_fate },
  { "duplicating", duplicating_fate },
  { "stormy", stormy_fate },
};

static Fate
fate_cb (unsigned side, uint64_t index, size_t len, gpointer data)
{
  const Wire *wire = data;
  return wire->weather->fate (scramble (wire->seed ^ scramble (index * 2 + side)), index);
}

static void
send_next (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Sender *sender = user_data;
  g_autoptr (GBytes) piece = NULL;
  size_t at = sender->sent % PERIOD;
  if (result)
    g_assert_true (quic_stream_send_finish (sender->stream, result, NULL));
  size_t len = MIN (MIN (PIECE, PERIOD - at), TOTAL - sender->sent);
  if (len == 0)
    {
      quic_stream_finish (sender->stream);
      return;
    }
  piece = g_bytes_new_from_bytes (sender->content, at, len);
  sender->sent += len;
  quic_stream_send_async (sender->stream, piece, NULL, send_next, sender);
}

static GBytes *
make_content (uint64_t seed)
{
  uint8_t key[randombytes_SEEDBYTES] = { 0 };
  uint8_t *data = g_malloc (PERIOD);
  memcpy (key, &seed, sizeof seed);
  randombytes_buf_deterministic (data, PERIOD, key);
  return g_bytes_new_take (data, PERIOD);
}

static void
expect_content (QuicStream *stream, GBytes *content)
{
  const uint8_t *expected = g_bytes_get_data (content, NULL);
  size_t received = 0;
  for (;;)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;
      size_t at = 0;
      quic_stream_receive_async (stream, PIECE, NULL, await_cb, &result);
      bytes = quic_stream_receive_finish (stream, await (&result), &error);
      g_assert_no_error (error);
      size_t len;
      const uint8_t *data = g_bytes_get_data (bytes, &len);
      if (len == 0)
        break;
      while (at < len)
        {
          size_t n = MIN (len - at, PERIOD - received % PERIOD);
          g_assert_true (memcmp (data + at, expected + received % PERIOD, n) == 0);
          at += n;
          received += n;
        }
    }
  g_assert_cmpuint (received, ==, TOTAL);
}

static void
test_weather (gconstpointer data)
{
  for (uint64_t seed = 1; seed <= 2; seed++)
    {
      Wire wire = { data, seed };
      Pair pair;
      pair_init_wire (&pair, fate_cb, &wire);
      pair_connect (&pair);
      {
        g_autoptr (QuicStream) out = open_stream (pair.connection[0], false), in = NULL;
        g_autoptr (GBytes) content = make_content (seed);
        Sender sender = { .stream = out, .content = content };
        send_next (NULL, NULL, &sender);
        in = accept_stream (pair.connection[1]);
        expect_content (in, content);
      }
      pair_clear (&pair);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

  for (size_t i = 0; i < G_N_ELEMENTS (weathers); i++)
    {
      g_autofree char *path = g_strconcat ("/lossy/", weathers[i].name, NULL);
      g_test_add_data_func (path, &weathers[i], test_weather);
    }
  return g_test_run ();
}

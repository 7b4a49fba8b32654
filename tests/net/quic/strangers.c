/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an endpoint says to datagrams that belong to no connection. */
#include <sodium.h>
#include <string.h>

#include "net/quic/demux_testing.h"
#include "tests/net/quic/pair.h"

static Demux *
demux (Pair *pair, int which)
{
  return quic_endpoint_get_demux (pair->endpoint[which]);
}

static void
test_retry (void)
{
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  demux_set_retry_threshold (demux (&pair, 1), 0);
  pair_connect (&pair);
  g_assert_cmpuint (demux_count_retries (demux (&pair, 1)), >=, 1);
  {
    g_autoptr (QuicStream) out = open_stream (pair.connection[0], false), in = NULL;
    send_text (out, "after a detour");
    in = accept_stream (pair.connection[1]);
  }
  pair_clear (&pair);
}

typedef struct
{
  bool mute[2];
} Muting;

static Fate
muting_fate (unsigned side, uint64_t index, size_t len, gpointer data)
{
  Muting *muting = data;
  return (Fate) { .copies = muting->mute[side] ? 0 : 1, .delay = NGTCP2_MILLISECONDS };
}

/* An endpoint that starts again with the same key tells the peers of its former self so. */
static void
test_stateless_reset (void)
{
  g_autoptr (GError) error = NULL;
  Muting muting = { 0 };
  Pair pair;
  pair_init_wire (&pair, muting_fate, &muting);
  pair_connect (&pair);
  {
    g_autoptr (QuicStream) stream = open_stream (pair.connection[0], false);
    muting.mute[1] = true;
    g_clear_pointer (&pair.endpoint[1], quic_endpoint_close);
    pair_reopen (&pair, 1);
    muting.mute[1] = false;
    ngtcp2_tstamp start = memory_wire_now (pair.wire);
    send_text (stream, "are you still the same?");

    error = await_closed (pair.connection[0], NULL);
    g_assert_error (error, QUIC_ERROR, QUIC_ERROR_CLOSED);
    /* at once and not after the idle timeout */
    g_assert_cmpuint (memory_wire_now (pair.wire) - start, <, 2 * NGTCP2_SECONDS);
    g_assert_cmpuint (demux_count_resets (demux (&pair, 1)), >=, 1);
  }
  pair_clear (&pair);
}

static void
test_reset_is_shorter_and_rare (void)
{
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  uint8_t datagram[1000];
  randombytes_buf (datagram, sizeof datagram);
  datagram[0] = 0x40; /* a short header */

  for (size_t len = 1; len <= 200; len++)
    {
      g_autoptr (GBytes) answer = NULL;
      uint64_t before = demux_count_resets (demux (&pair, 1));
      memory_wire_inject (pair.wire, 1, datagram, len);
      pass_time (&pair, 0.1);
      if (demux_count_resets (demux (&pair, 1)) == before)
        continue;
      answer = memory_wire_dup_last (pair.wire, 1);
      g_assert_cmpuint (g_bytes_get_size (answer), <, len);
    }
  g_assert_cmpuint (demux_count_resets (demux (&pair, 1)), >, 0);
  {
    pass_time (&pair, 2);
    uint64_t before = demux_count_resets (demux (&pair, 1));
    for (int i = 0; i < 1000; i++)
      memory_wire_inject (pair.wire, 1, datagram, sizeof datagram);
    pass_time (&pair, 0.1);
    g_assert_cmpuint (demux_count_resets (demux (&pair, 1)) - before, <=, 100);
  }
  pair_clear (&pair);
}

static void
test_version_negotiation (void)
{
  uint8_t datagram[1200] = { 0xc0, 0xba, 0xbe, 0xba, 0xbe, 8, 1, 2, 3, 4, 5, 6,
                             7,    8,    8,    9,    9,    9, 9, 9, 9, 9, 9 };
  g_autoptr (GBytes) answer = NULL;
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  /* too short to be worth an answer: it would be an amplifier */
  memory_wire_inject (pair.wire, 1, datagram, 1199);
  pass_time (&pair, 0.1);
  g_assert_null (memory_wire_dup_last (pair.wire, 1));

  memory_wire_inject (pair.wire, 1, datagram, sizeof datagram);
  pass_time (&pair, 0.1);
  answer = memory_wire_dup_last (pair.wire, 1);
  g_assert_nonnull (answer);
  size_t len;
  const uint8_t *bytes = g_bytes_get_data (answer, &len);
  /* RFC 9000, section 17.2.1: version 0, their ids exchanged, then what we speak */
  g_assert_true (bytes[0] & 0x80);
  g_assert_cmpmem (bytes + 1, 4, "\0\0\0\0", 4);
  g_assert_cmpmem (bytes + 5, 9, datagram + 14, 9);
  g_assert_cmpmem (bytes + 14, 9, datagram + 5, 9);
  g_assert_cmpmem (bytes + 23, len - 23, "\0\0\0\1", 4);
  pair_clear (&pair);
}

/* RFC 9000, section 6.1: a Version Negotiation packet is never answered. */
static void
test_stray_version_negotiation (void)
{
  uint8_t datagram[1200] = { 0x80, 0, 0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9 };
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  for (size_t len = 24; len <= sizeof datagram; len *= 7)
    {
      memory_wire_inject (pair.wire, 1, datagram, len);
      pass_time (&pair, 0.1);
    }
  g_assert_null (memory_wire_dup_last (pair.wire, 1));
  g_assert_cmpuint (demux_count_resets (demux (&pair, 1)), ==, 0);
  pair_clear (&pair);
}

static void
test_garbage (void)
{
  uint8_t seed[randombytes_SEEDBYTES] = { 7 };
  g_autoptr (GBytes) real = NULL;
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  pair_connect (&pair);
  real = memory_wire_dup_last (pair.wire, 0);
  uint8_t datagram[1500];
  for (int i = 0; i < 3000; i++)
    {
      seed[1] = i & 0xff;
      seed[2] = i >> 8;
      randombytes_buf_deterministic (datagram, sizeof datagram, seed);
      size_t len = 1 + (datagram[0] | datagram[1] << 8) % (sizeof datagram - 1);
      switch (i % 4)
        {
        case 0: /* an Initial packet of version 1, as far as it goes */
          memcpy (datagram, "\xc3\0\0\0\1\x8", 6);
          break;
        case 1: /* of the connection, but altered */
          len = MIN (len, g_bytes_get_size (real));
          memcpy (datagram, g_bytes_get_data (real, NULL), len);
          datagram[datagram[1400] % len] ^= 1 + datagram[1401] % 255;
          break;
        default:
          break;
        }
      memory_wire_inject (pair.wire, i % 2, datagram, len);
      if (i % 100 == 0)
        pass_time (&pair, 0.01);
    }
  pass_time (&pair, 6);
  g_assert_true (quic_connection_is_open (pair.connection[0]));
  {
    g_autoptr (QuicStream) out = open_stream (pair.connection[0], false), in = NULL;
    send_text (out, "unimpressed");
    in = accept_stream (pair.connection[1]);
  }
  /* and newcomers still get in */
  g_clear_pointer (&pair.connection[0], quic_connection_unref);
  pair_connect (&pair);
  pair_clear (&pair);
}

static void
test_path_dies (void)
{
  g_autoptr (GError) error = NULL;
  Muting muting = { 0 };
  Pair pair;
  pair_init_wire (&pair, muting_fate, &muting);
  pair_connect (&pair);
  /* kept alive as long as the path is */
  pass_time (&pair, 300);
  g_assert_true (quic_connection_is_open (pair.connection[0]));
  muting.mute[0] = muting.mute[1] = true;
  error = await_closed (pair.connection[0], NULL);
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_TIMEOUT);
  g_clear_error (&error);
  error = await_closed (pair.connection[1], NULL);
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_TIMEOUT);
  pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

  g_test_add_func ("/strangers/retry", test_retry);
  g_test_add_func ("/strangers/stateless-reset", test_stateless_reset);
  g_test_add_func ("/strangers/reset-is-shorter-and-rare", test_reset_is_shorter_and_rare);
  g_test_add_func ("/strangers/version-negotiation", test_version_negotiation);
  g_test_add_func ("/strangers/stray-version-negotiation", test_stray_version_negotiation);
  g_test_add_func ("/strangers/garbage", test_garbage);
  g_test_add_func ("/strangers/path-dies", test_path_dies);
  return g_test_run ();
}

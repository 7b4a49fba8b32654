/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several streams in both directions at once, over wires that lose and reorder: with new keys in
 * between, and with congestion marks that arrive or do not. */
#include <sodium.h>
#include <string.h>

#include "net/quic/demux_private.h"
#include "net/quic/net_connection_private.h"
#include "tests/net/quic/pair.h"

#define STREAMS 5
#define LEN     (1u << 20)

static unsigned key_updates; /* on both sides; each makes the keys of the next phase */

int __real_ngtcp2_crypto_update_key_cb (ngtcp2_conn *conn, uint8_t *rx_secret, uint8_t *tx_secret,
                                        ngtcp2_crypto_aead_ctx *rx_aead, uint8_t *rx_iv,
                                        ngtcp2_crypto_aead_ctx *tx_aead, uint8_t *tx_iv,
                                        const uint8_t *old_rx_secret, const uint8_t *old_tx_secret,
                                        size_t len, void *user_data);
int __wrap_ngtcp2_crypto_update_key_cb (ngtcp2_conn *conn, uint8_t *rx_secret, uint8_t *tx_secret,
                                        ngtcp2_crypto_aead_ctx *rx_aead, uint8_t *rx_iv,
                                        ngtcp2_crypto_aead_ctx *tx_aead, uint8_t *tx_iv,
                                        const uint8_t *old_rx_secret, const uint8_t *old_tx_secret,
                                        size_t len, void *user_data);

int
__wrap_ngtcp2_crypto_update_key_cb (ngtcp2_conn *conn, uint8_t *rx_secret, uint8_t *tx_secret,
                                    ngtcp2_crypto_aead_ctx *rx_aead, uint8_t *rx_iv,
                                    ngtcp2_crypto_aead_ctx *tx_aead, uint8_t *tx_iv,
                                    const uint8_t *old_rx_secret, const uint8_t *old_tx_secret,
                                    size_t len, void *user_data)
{
  key_updates++;
  return __real_ngtcp2_crypto_update_key_cb (conn, rx_secret, tx_secret, rx_aead, rx_iv, tx_aead,
                                             tx_iv, old_rx_secret, old_tx_secret, len, user_data);
}

typedef struct
{
  unsigned lost_of_100;
  uint64_t seed;
} Weather;

static Fate
weather_fate (unsigned side, uint64_t index, size_t len, gpointer data)
{
  const Weather *weather = data;
  uint64_t random = (weather->seed ^ (index * 2 + side)) * 0x9e3779b97f4a7c15u;
  random = (random ^ (random >> 29)) * 0xbf58476d1ce4e5b9u;
  random ^= random >> 32;
  return (Fate) { .copies = random % 100 < weather->lost_of_100 ? 0 : 1,
                  .delay = 5 * NGTCP2_MILLISECONDS + (random % 40 == 1 ? NGTCP2_MILLISECONDS : 0) };
}

/* Different for each stream, so that nothing of one looks right in another. */
static GBytes *
make_content (int which)
{
  uint8_t seed[randombytes_SEEDBYTES] = { 1 + which };
  uint8_t *data = g_malloc (LEN);
  randombytes_buf_deterministic (data, LEN, seed);
  return g_bytes_new_take (data, LEN);
}

static void
start_sending (QuicStream *stream, int which)
{
  g_autoptr (GBytes) content = make_content (which);
  quic_stream_send_async (stream, content, NULL, NULL, NULL);
  quic_stream_finish (stream);
}

/* Reads a stream to its end. */
typedef struct
{
  QuicStream *stream;
  int which;
  GByteArray *got;
  GAsyncResult *ended; /* the result that was the end */
} Reader;

static void
receive_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Reader *self = data;
  if (result)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = quic_stream_receive_finish (self->stream, result, &error);
      g_assert_no_error (error);
      if (g_bytes_get_size (bytes) == 0)
        {
          self->ended = g_object_ref (result);
          return;
        }
      g_byte_array_append (self->got, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    }
  quic_stream_receive_async (self->stream, 1 << 20, NULL, receive_cb, self);
}

static void
start_reading (Reader *self, QuicStream *stream, int which)
{
  *self = (Reader) { .stream = stream, .which = which, .got = g_byte_array_new () };
  receive_cb (NULL, NULL, self);
}

static void
expect_content (Reader *self)
{
  g_autoptr (GBytes) content = make_content (self->which);
  await (&self->ended);
  g_assert_cmpmem (self->got->data, self->got->len, g_bytes_get_data (content, NULL), LEN);
  g_byte_array_unref (self->got);
  g_object_unref (self->ended);
  quic_stream_unref (self->stream);
}

/* RFC 9000, section 2.1: the lowest bits of an id say who opened the stream and which kind it is.
 * Streams are accepted in the order in which their first bytes arrive. */
static int
which_of (QuicStream *stream)
{
  int64_t id = quic_stream_get_id (stream);
  return (int) (id >> 2) * 2 + (id & 1);
}

/* Every stream carries LEN bytes each way. @meanwhile: when all are under way. */
static void
transfer (Pair *pair, void (*meanwhile) (Pair *pair))
{
  Reader readers[2 * STREAMS];
  for (int i = 0; i < STREAMS; i++)
    {
      QuicStream *stream = open_stream (pair->connection[i % 2], true);
      start_sending (stream, which_of (stream));
      start_reading (&readers[i], stream, STREAMS + which_of (stream));
    }
  for (int i = 0; i < STREAMS; i++)
    {
      QuicStream *stream = accept_stream (pair->connection[1 - i % 2]);
      start_sending (stream, STREAMS + which_of (stream));
      start_reading (&readers[STREAMS + i], stream, which_of (stream));
    }
  if (meanwhile)
    meanwhile (pair);
  for (int i = 0; i < 2 * STREAMS; i++)
    expect_content (&readers[i]);
}

static void
test_both_directions (gconstpointer data)
{
  for (uint64_t seed = 1; seed <= 2; seed++)
    {
      Weather weather = { GPOINTER_TO_UINT (data), seed };
      Pair pair;
      pair_init_wire (&pair, weather_fate, &weather);
      pair_connect (&pair);
      transfer (&pair, NULL);
      g_assert_true (quic_connection_is_open (pair.connection[0]));
      pair_clear (&pair);
    }
}

static ngtcp2_conn *
get_conn (Pair *pair, int which)
{
  Demux *demux = quic_endpoint_get_demux (pair->endpoint[which]);
  g_assert_cmpuint (demux->connections->len, ==, 1);
  return ((NetConnection *) demux->connections->pdata[0])->conn;
}

/* RFC 9001, section 6: side 0 begins, the other follows; then the other way round. An update is
 * refused until the one before is confirmed, and three probe timeouts have passed since. */
static void
update_keys (Pair *pair)
{
  for (int side = 0; side < 2; side++)
    {
      g_assert_cmpint (
          ngtcp2_conn_initiate_key_update (get_conn (pair, side), memory_wire_now (pair->wire)), ==,
          0);
      pass_time (pair, 3);
    }
}

static void
test_key_update (gconstpointer data)
{
  Weather weather = { GPOINTER_TO_UINT (data), 7 };
  Pair pair;
  key_updates = 0;
  pair_init_wire (&pair, weather_fate, &weather);
  pair_connect (&pair);
  transfer (&pair, update_keys);
  transfer (&pair, NULL);
  /* each side has made the keys of three phases; the first ones come with the handshake */
  g_assert_cmpuint (key_updates, >=, 2 * 3);
  pair_clear (&pair);
}

/* Marks are sent on, as long as the peer's counts prove that they arrive (RFC 9000, section
 * 13.4.2). @data: whether they do not. */
static void
test_congestion_marks (gconstpointer data)
{
  bool bleached = GPOINTER_TO_INT (data);
  Weather weather = { 0, 1 };
  Pair pair;
  pair_init_wire (&pair, weather_fate, &weather);
  if (bleached)
    memory_wire_bleach (pair.wire);
  pair_connect (&pair);
  transfer (&pair, NULL);
  for (int side = 0; side < 2; side++)
    {
      uint64_t sent = memory_wire_get_sent (pair.wire, side);
      uint64_t marked = memory_wire_get_marked (pair.wire, side);
      g_assert_cmpuint (sent, >, 500);
      g_assert_cmpuint (marked, >, 0);
      if (bleached)
        g_assert_cmpuint (marked, <, sent / 10);
      else
        g_assert_cmpuint (marked, >, sent / 10 * 9);
    }
  pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

  g_test_add_data_func ("/lossy-streams/clear", GUINT_TO_POINTER (0), test_both_directions);
  g_test_add_data_func ("/lossy-streams/losing", GUINT_TO_POINTER (3), test_both_directions);
  g_test_add_data_func ("/lossy-streams/losing-much", GUINT_TO_POINTER (10), test_both_directions);
  g_test_add_data_func ("/lossy-streams/key-update/clear", GUINT_TO_POINTER (0), test_key_update);
  g_test_add_data_func ("/lossy-streams/key-update/losing", GUINT_TO_POINTER (3), test_key_update);
  g_test_add_data_func ("/lossy-streams/marks/arrive", GINT_TO_POINTER (0), test_congestion_marks);
  g_test_add_data_func ("/lossy-streams/marks/bleached", GINT_TO_POINTER (1),
                        test_congestion_marks);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What newcomers may take, and from whom. Over a wire on which endpoint 0 can be at any address;
 * nobody admits what has arrived until a test waits for it. */
#include <sodium.h>
#include <string.h>

#include "net/quic/demux_testing.h"
#include "tests/net/quic/pair.h"

#define STRANGER_ALPN "wherry/stranger/1"
#define DIALS_MAX     400

typedef struct
{
  Pair pair;
  GPtrArray *admitted; /* (owned) (element-type QuicConnection) strangers */
  GAsyncResult *results[DIALS_MAX];
  unsigned dials;
} Fixture;

static QuicCode
keep_cb (QuicConnection *connection, gpointer user_data)
{
  g_ptr_array_add (user_data, quic_connection_ref (connection));
  return QUIC_CODE_OK;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  pair_init (&self->pair, OVER_MEMORY);
  self->admitted = g_ptr_array_new_with_free_func ((GDestroyNotify) quic_connection_unref);
  quic_endpoint_register (self->pair.endpoint[1],
                          &(QuicProtocol) { STRANGER_ALPN, keep_cb, self->admitted });
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_ptr_array_unref (self->admitted);
  for (unsigned i = 0; i < self->dials; i++)
    if (self->results[i])
      {
        g_autoptr (QuicConnection) connection =
            quic_endpoint_connect_finish (self->pair.endpoint[0], self->results[i], NULL);
        g_object_unref (self->results[i]);
      }
  pair_clear (&self->pair);
}

static Demux *
victim (Fixture *self)
{
  return quic_endpoint_get_demux (self->pair.endpoint[1]);
}

static void
turn_for (Fixture *self, ngtcp2_duration time)
{
  MemoryWire *wire = self->pair.wire;
  for (ngtcp2_tstamp until = memory_wire_now (wire) + time; memory_wire_now (wire) < until;)
    {
      for (int i = 0; i < 2; i++)
        while (demux_turn (quic_endpoint_get_demux (self->pair.endpoint[i])))
          ;
      memory_wire_advance (wire, memory_wire_now (wire) + NGTCP2_MILLISECONDS);
    }
}

/* The @host-th address: as far as it comes before anybody decides. Returns the dial's number. */
static unsigned
dial_from (Fixture *self, unsigned host, const char *alpn)
{
  g_autoptr (GInetSocketAddress) address = pair_address (&self->pair, 1);
  g_assert_cmpuint (self->dials, <, DIALS_MAX);
  memory_wire_move (self->pair.wire, 0, host);
  quic_endpoint_connect_async (self->pair.endpoint[0], address,
                               node_identity_get_id (self->pair.identity[1]), alpn, NULL, await_cb,
                               &self->results[self->dials]);
  turn_for (self, 12 * NGTCP2_MILLISECONDS);
  return self->dials++;
}

static unsigned
count (Fixture *self, NetStanding standing, NetConnectionState from, NetConnectionState to)
{
  GPtrArray *connections = victim (self)->connections;
  unsigned n = 0;
  for (guint i = 0; i < connections->len; i++)
    {
      NetConnectionState state = net_connection_get_state (connections->pdata[i]);
      n += state >= from && state <= to &&
           net_connection_get_origin (connections->pdata[i])->standing == standing;
    }
  return n;
}

static unsigned
count_half_open (Fixture *self, NetStanding standing)
{
  return count (self, standing, NET_CONNECTION_HANDSHAKING, NET_CONNECTION_HELD);
}

/* How @dial ended; NULL when it succeeded. */
static GError *
failure_of (Fixture *self, unsigned dial)
{
  GError *error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  await_result (&self->results[dial], "a dial");
  result = g_steal_pointer (&self->results[dial]);
  g_autoptr (QuicConnection) connection =
      quic_endpoint_connect_finish (self->pair.endpoint[0], result, &error);
  return error;
}

static void
assert_refused (Fixture *self, unsigned dial)
{
  g_autoptr (GError) error = failure_of (self, dial);
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_REFUSED);
}

/* From one address: from the fifth on it is to show that it is there, and one more than its share
 * makes its oldest go. */
static void
test_one_address (Fixture *self, gconstpointer data)
{
  for (unsigned i = 0; i < STRANGERS_HALF_OPEN_ADDRESS; i++)
    {
      uint64_t before = demux_count_retries (victim (self));
      dial_from (self, 1, STRANGER_ALPN);
      g_assert_cmpuint (count_half_open (self, NET_STANDING_STRANGER), ==, i + 1);
      g_assert_cmpint (demux_count_retries (victim (self)) > before, ==,
                       i >= STRANGERS_RETRY_FROM_ADDRESS);
    }
  for (unsigned i = 0; i < 3; i++)
    {
      dial_from (self, 1, STRANGER_ALPN);
      g_assert_cmpuint (count_half_open (self, NET_STANDING_STRANGER), ==,
                        STRANGERS_HALF_OPEN_ADDRESS);
    }
  /* somebody elsewhere is not asked to go, nor even for a Retry: there are few in all */
  g_assert_cmpuint (STRANGERS_HALF_OPEN_ADDRESS, <=, STRANGERS_RETRY_FROM);
  unsigned elsewhere = dial_from (self, 2, STRANGER_ALPN);
  for (unsigned i = 0; i < 3; i++)
    assert_refused (self, i);
  memory_wire_move (self->pair.wire, 0, 1);
  g_autoptr (GError) error = failure_of (self, 3);
  g_assert_no_error (error);
  memory_wire_move (self->pair.wire, 0, 2);
  error = failure_of (self, elsewhere);
  g_assert_no_error (error);
}

/* When all places are taken, the oldest of the address with most of them goes: who has one keeps
 * it, however old. */
static void
test_full (Fixture *self, gconstpointer data)
{
  unsigned alone = dial_from (self, 1, STRANGER_ALPN);
  unsigned first = dial_from (self, 2, STRANGER_ALPN);
  for (unsigned i = 2; i < STRANGERS_HALF_OPEN; i++)
    dial_from (self, 2 + i % 4, STRANGER_ALPN);
  g_assert_cmpuint (count_half_open (self, NET_STANDING_STRANGER), ==, STRANGERS_HALF_OPEN);
  turn_for (self, NGTCP2_SECONDS);
  for (unsigned i = 0; i < 20; i++)
    {
      dial_from (self, 10 + i, STRANGER_ALPN);
      g_assert_cmpuint (count_half_open (self, NET_STANDING_STRANGER), ==, STRANGERS_HALF_OPEN);
    }
  memory_wire_move (self->pair.wire, 0, 1);
  g_autoptr (GError) error = failure_of (self, alone);
  g_assert_no_error (error);
  error = failure_of (self, first); /* what it was told went to where it no longer is */
  g_assert_nonnull (error);
}

/* What an address where a known peer was gets: slots of its own, though strangers have taken all
 * places, and all handshakes of this second. */
static void
test_known_address (Fixture *self, gconstpointer data)
{
  memory_wire_move (self->pair.wire, 0, 200);
  pair_connect (&self->pair);
  g_assert_cmpuint (count (self, NET_STANDING_KNOWN, NET_CONNECTION_OPEN, NET_CONNECTION_OPEN), ==,
                    1);
  /* It was there: its keep-alive would come from wherever the others dial from. */
  quic_connection_close (self->pair.connection[0], QUIC_CODE_OK, "");
  turn_for (self, NGTCP2_SECONDS);
  for (unsigned i = 0; i < 110; i++)
    {
      dial_from (self, 1 + i % 10, STRANGER_ALPN);
      if (i % 80 == 79) /* as if all came in one second */
        victim (self)->admission.strangers.second = memory_wire_now (self->pair.wire);
    }
  victim (self)->admission.strangers.count = STRANGERS_HANDSHAKES_S;
  victim (self)->admission.strangers.second = memory_wire_now (self->pair.wire);
  g_assert_cmpuint (count_half_open (self, NET_STANDING_STRANGER), ==, STRANGERS_HALF_OPEN);

  unsigned before = count_half_open (self, NET_STANDING_STRANGER);
  dial_from (self, 100, TEST_ALPN);
  g_assert_cmpuint (count_half_open (self, NET_STANDING_RESERVED), ==, 0);
  g_assert_cmpuint (count_half_open (self, NET_STANDING_STRANGER), ==, before);
  unsigned known = dial_from (self, 200, TEST_ALPN);
  g_assert_cmpuint (count_half_open (self, NET_STANDING_RESERVED), ==, 1);
  g_autoptr (GError) error = failure_of (self, known);
  g_assert_no_error (error);
}

/* The slots of known addresses are bounded too, for whoever shares the address of one. */
static void
test_known_address_is_bounded (Fixture *self, gconstpointer data)
{
  memory_wire_move (self->pair.wire, 0, 200);
  pair_connect (&self->pair);
  demux_set_retry_threshold (victim (self), 0);
  unsigned first = self->dials;
  for (unsigned i = 0; i < KNOWN_HALF_OPEN + 2; i++)
    {
      dial_from (self, 200, STRANGER_ALPN);
      g_assert_cmpuint (count_half_open (self, NET_STANDING_RESERVED), ==,
                        MIN (i + 1, KNOWN_HALF_OPEN));
    }
  g_assert_cmpuint (count_half_open (self, NET_STANDING_STRANGER), ==, 0);
  assert_refused (self, first);
  assert_refused (self, first + 1);
}

/* It is remembered for an hour after the last connection there. */
static void
test_known_address_is_forgotten (Fixture *self, gconstpointer data)
{
  memory_wire_move (self->pair.wire, 0, 200);
  pair_connect (&self->pair);
  g_clear_pointer (&self->pair.connection[0], quic_connection_unref);
  g_clear_pointer (&self->pair.connection[1], quic_connection_unref);
  demux_set_retry_threshold (victim (self), 0);
  pass_time (&self->pair, KNOWN_ADDRESS_LIFETIME_S - 60);
  dial_from (self, 200, STRANGER_ALPN);
  g_assert_cmpuint (count_half_open (self, NET_STANDING_RESERVED), ==, 1);
  pass_time (&self->pair, 120);
  dial_from (self, 200, STRANGER_ALPN);
  g_assert_cmpuint (count_half_open (self, NET_STANDING_RESERVED), ==, 0);
  g_assert_cmpuint (count_half_open (self, NET_STANDING_STRANGER), ==, 1);
}

/* A forged source address is not one that was shown: no slot without a Retry. */
static void
test_known_address_needs_retry (Fixture *self, gconstpointer data)
{
  memory_wire_move (self->pair.wire, 0, 200);
  pair_connect (&self->pair);
  dial_from (self, 200, STRANGER_ALPN);
  g_assert_cmpuint (demux_count_retries (victim (self)), ==, 0);
  g_assert_cmpuint (count_half_open (self, NET_STANDING_RESERVED), ==, 0);
  g_assert_cmpuint (count_half_open (self, NET_STANDING_STRANGER), ==, 1);
}

/* Handshakes cost processor time: no more than so many begin in a second, and who comes too often
 * from one address waits alone. */
static void
test_handshakes_a_second (Fixture *self, gconstpointer data)
{
  unsigned before = victim (self)->host.connections_made;
  ngtcp2_tstamp now = memory_wire_now (self->pair.wire);
  for (unsigned i = 0; i < STRANGERS_HANDSHAKES_ADDRESS_S + 10; i++)
    {
      dial_from (self, 1, STRANGER_ALPN);
      victim (self)->admission.strangers.second = now = memory_wire_now (self->pair.wire);
    }
  g_assert_cmpuint (victim (self)->host.connections_made - before, ==,
                    STRANGERS_HANDSHAKES_ADDRESS_S);
  for (unsigned i = 0; i < STRANGERS_HANDSHAKES_S; i++)
    {
      dial_from (self, 2 + i, STRANGER_ALPN);
      victim (self)->admission.strangers.second = memory_wire_now (self->pair.wire);
    }
  g_assert_cmpuint (victim (self)->host.connections_made - before, ==, STRANGERS_HANDSHAKES_S);
}

/* Handshakes that fail leave something behind for a while: not more than so much. */
static void
test_lingering (Fixture *self, gconstpointer data)
{
  demux_set_retry_threshold (victim (self), 0);
  for (unsigned i = 0; i < 3 * LINGERING_MAX; i++)
    {
      GPtrArray *connections = victim (self)->connections;
      unsigned lingering = 0;
      dial_from (self, 1 + i, "wherry/nothing/1");
      for (guint k = 0; k < connections->len; k++)
        lingering += net_connection_get_state (connections->pdata[k]) > NET_CONNECTION_OPEN;
      g_assert_cmpuint (lingering, ==, MIN (i + 1, LINGERING_MAX));
    }
  memory_wire_move (self->pair.wire, 0, 1);
  pair_connect (&self->pair);
}

static unsigned
open_all_at_once (QuicConnection *connection, bool bidirectional, Fixture *self)
{
  enum
  {
    STREAMS = 3 * STRANGER_STREAMS
  };
  GAsyncResult *results[STREAMS] = { NULL };
  unsigned opened = 0;
  for (int i = 0; i < STREAMS; i++)
    quic_connection_open_stream_async (connection, bidirectional, NULL, await_cb, &results[i]);
  pass_time (&self->pair, 1);
  for (int i = 0; i < STREAMS; i++)
    opened += results[i] != NULL;
  quic_connection_close (connection, QUIC_CODE_OK, "");
  for (int i = 0; i < STREAMS; i++)
    {
      g_autoptr (GAsyncResult) result = await (&results[i]);
      g_autoptr (QuicStream) stream = quic_connection_open_stream_finish (connection, result, NULL);
    }
  return opened;
}

/* How much of a long message a peer can send that nobody reads. */
static uint64_t
send_unread (QuicConnection *connection, Fixture *self)
{
  g_autoptr (QuicStream) stream = open_stream (connection, false);
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (1 << 20), 1 << 20);
  GAsyncResult *result = NULL;
  uint64_t before = memory_wire_get_sent (self->pair.wire, 0);
  quic_stream_send_async (stream, bytes, NULL, await_cb, &result);
  pass_time (&self->pair, 1);
  uint64_t datagrams = memory_wire_get_sent (self->pair.wire, 0) - before;
  g_autoptr (GAsyncResult) sent = await (&result);
  return datagrams * NGTCP2_MAX_UDP_PAYLOAD_SIZE;
}

/* A stranger's streams and bytes are few, also after it was let in; a known peer's are not. */
static void
test_what_a_stranger_may_send (Fixture *self, gconstpointer data)
{
  const char *const alpns[] = { STRANGER_ALPN, TEST_ALPN };
  for (int known = 0; known < 2; known++)
    for (int what = 0; what < 3; what++)
      {
        g_autoptr (GInetSocketAddress) address = pair_address (&self->pair, 1);
        g_autoptr (GAsyncResult) result = NULL;
        g_autoptr (GError) error = NULL;
        quic_endpoint_connect_async (self->pair.endpoint[0], address,
                                     node_identity_get_id (self->pair.identity[1]), alpns[known],
                                     NULL, await_cb, &result);
        g_autoptr (QuicConnection) connection =
            quic_endpoint_connect_finish (self->pair.endpoint[0], await (&result), &error);
        g_assert_no_error (error);
        if (what < 2)
          g_assert_cmpuint (open_all_at_once (connection, what, self), ==,
                            known ? 3 * STRANGER_STREAMS : STRANGER_STREAMS);
        else if (known)
          g_assert_cmpuint (send_unread (connection, self), >, 1 << 19);
        else
          g_assert_cmpuint (send_unread (connection, self), <, 2 * STRANGER_WINDOW);
        quic_connection_close (connection, QUIC_CODE_OK, "");
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
#define ADD(name, function)                                                                        \
  g_test_add ("/admission/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("one-address", test_one_address);
  ADD ("full", test_full);
  ADD ("known-address", test_known_address);
  ADD ("known-address-is-bounded", test_known_address_is_bounded);
  ADD ("known-address-is-forgotten", test_known_address_is_forgotten);
  ADD ("known-address-needs-retry", test_known_address_needs_retry);
  ADD ("handshakes-a-second", test_handshakes_a_second);
  ADD ("lingering", test_lingering);
  ADD ("what-a-stranger-may-send", test_what_a_stranger_may_send);
  return g_test_run ();
}

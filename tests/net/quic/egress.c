/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happens while a link has no room: alone with a link that says so, and between two
 * endpoints. */
#include "net/quic/egress.h"

#include <sodium.h>
#include <string.h>

#include "tests/net/quic/pair.h"

/* A link that takes, or does not take, by family. */
typedef struct
{
  Link link;
  bool blocked[LINK_FAMILIES];
  bool unwritable[LINK_FAMILIES];
  size_t room; /* bytes that it takes before it is blocked */
  unsigned asked;
  GByteArray *taken;
} FullLink;

static LinkResult
full_send (Link *link, Batch *batch)
{
  FullLink *self = (FullLink *) link;
  self->asked++;
  if (!self->blocked[link_family (batch->path.remote.addr)])
    {
      g_byte_array_append (self->taken, batch->data, batch->len);
      return LINK_SENT;
    }
  g_byte_array_append (self->taken, batch->data, self->room);
  batch->data += self->room;
  batch->len -= self->room;
  self->room = 0;
  return LINK_BLOCKED;
}

static bool
full_is_writable (Link *link, LinkFamily family)
{
  return !((FullLink *) link)->unwritable[family];
}

typedef struct
{
  FullLink link;
  Egress egress;
  ngtcp2_sockaddr_union address[LINK_FAMILIES];
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->link = (FullLink) {
    .link = { .send = full_send, .is_writable = full_is_writable },
    .taken = g_byte_array_new (),
  };
  egress_init (&fixture->egress, &fixture->link.link);
  fixture->address[LINK_IPV4].sa.sa_family = AF_INET;
  fixture->address[LINK_IPV6].sa.sa_family = AF_INET6;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  egress_clear (&fixture->egress);
  g_byte_array_unref (fixture->link.taken);
}

static void
send_as (Fixture *fixture, gconstpointer owner, LinkFamily family, const char *text,
         ngtcp2_tstamp now)
{
  ngtcp2_sockaddr_union *address = &fixture->address[family];
  ngtcp2_addr end = { &address->sa, sockaddr_len (&address->sa) };
  Batch batch = { .path = { .local = end, .remote = end },
                  .data = fixture->egress.buffer,
                  .len = strlen (text),
                  .segment = strlen (text) };

  memcpy (fixture->egress.buffer, text, batch.len);
  egress_send (&fixture->egress, owner, &batch, now);
  memset (fixture->egress.buffer, '?', 32); /* as the next connection will */
}

static bool
is_blocked (Fixture *fixture, LinkFamily family)
{
  return egress_is_blocked (&fixture->egress, &fixture->address[family].sa);
}

static void
assert_taken (Fixture *fixture, const char *text)
{
  g_assert_cmpmem (fixture->link.taken->data, fixture->link.taken->len, text, strlen (text));
}

static void
test_families (Fixture *fixture, gconstpointer data)
{
  fixture->link.blocked[LINK_IPV6] = true;
  send_as (fixture, "a", LINK_IPV6, "six", 0);
  g_assert_true (is_blocked (fixture, LINK_IPV6));
  g_assert_false (is_blocked (fixture, LINK_IPV4));
  send_as (fixture, "b", LINK_IPV4, "four", 0);
  assert_taken (fixture, "four");

  fixture->link.blocked[LINK_IPV6] = false;
  egress_retry (&fixture->egress, 1);
  assert_taken (fixture, "foursix");
  g_assert_false (is_blocked (fixture, LINK_IPV6));
  g_assert_cmpuint (egress_get_expiry (&fixture->egress), ==, UINT64_MAX);
}

static void
test_rest (Fixture *fixture, gconstpointer data)
{
  fixture->link.blocked[LINK_IPV4] = true;
  fixture->link.room = 4;
  send_as (fixture, "a", LINK_IPV4, "one two three", 0);
  assert_taken (fixture, "one ");
  fixture->link.room = 4;
  egress_retry (&fixture->egress, 1);
  fixture->link.blocked[LINK_IPV4] = false;
  egress_retry (&fixture->egress, 1);
  assert_taken (fixture, "one two three");
}

static void
test_given_up_by_time (Fixture *fixture, gconstpointer data)
{
  fixture->link.blocked[LINK_IPV4] = fixture->link.unwritable[LINK_IPV4] = true;
  send_as (fixture, "a", LINK_IPV4, "late", 10);
  g_assert_cmpuint (egress_get_expiry (&fixture->egress), ==, 10 + EGRESS_PATIENCE);
  for (int i = 0; i < 1000; i++)
    egress_retry (&fixture->egress, 9 + EGRESS_PATIENCE);
  g_assert_cmpuint (fixture->link.asked, ==, 1); /* it has not become writable */
  g_assert_true (is_blocked (fixture, LINK_IPV4));
  egress_retry (&fixture->egress, 10 + EGRESS_PATIENCE);
  g_assert_false (is_blocked (fixture, LINK_IPV4));
}

/* A link that says it is writable and then takes nothing must not be asked for ever. */
static void
test_given_up_by_count (Fixture *fixture, gconstpointer data)
{
  fixture->link.blocked[LINK_IPV4] = true;
  send_as (fixture, "a", LINK_IPV4, "liar", 0);
  for (int i = 0; i < 1000; i++)
    egress_retry (&fixture->egress, 1);
  g_assert_cmpuint (fixture->link.asked, ==, 1 + EGRESS_ATTEMPTS);
  g_assert_false (is_blocked (fixture, LINK_IPV4));
}

static void
test_owners (Fixture *fixture, gconstpointer data)
{
  fixture->link.blocked[LINK_IPV4] = true;
  send_as (fixture, NULL, LINK_IPV4, "reply", 0);
  g_assert_false (is_blocked (fixture, LINK_IPV4));
  send_as (fixture, "a", LINK_IPV4, "mine", 0);
  send_as (fixture, "b", LINK_IPV4, "theirs", 0);
  egress_forget (&fixture->egress, "b");
  g_assert_true (is_blocked (fixture, LINK_IPV4));
  send_as (fixture, "a", LINK_IPV4, "close", 0);
  fixture->link.blocked[LINK_IPV4] = false;
  egress_retry (&fixture->egress, 1);
  assert_taken (fixture, "close");

  fixture->link.blocked[LINK_IPV4] = true;
  send_as (fixture, "a", LINK_IPV4, "ghost", 0);
  egress_forget (&fixture->egress, "a");
  fixture->link.blocked[LINK_IPV4] = false;
  egress_retry (&fixture->egress, 1);
  assert_taken (fixture, "close");
}

#define MUCH 3000000

static GBytes *
make_noise (void)
{
  uint8_t seed[randombytes_SEEDBYTES] = { 1 };
  uint8_t *noise = g_malloc (MUCH);
  randombytes_buf_deterministic (noise, MUCH, seed);
  return g_bytes_new_take (noise, MUCH);
}

static void
start_sending (QuicStream *stream, GBytes *bytes)
{
  quic_stream_send_async (stream, bytes, NULL, NULL, NULL);
  quic_stream_finish (stream);
}

static void
assert_arrives (QuicConnection *connection, GBytes *sent)
{
  g_autoptr (QuicStream) in = accept_stream (connection);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) received = receive_all (in, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (received, sent));
}

/* The clock is virtual: a turn that would never rest makes this test hang. */
static void
test_transfer_waits (void)
{
  g_autoptr (GBytes) noise = make_noise ();
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  pair_connect (&pair);
  {
    g_autoptr (QuicStream) out = open_stream (pair.connection[0], false);
    start_sending (out, noise);
    memory_wire_block (pair.wire, 0, true);
    pass_time (&pair, 10);
    g_assert_true (quic_connection_is_open (pair.connection[0]));
    g_assert_cmpuint (memory_wire_get_refused (pair.wire, 0), >, 0);
    g_assert_cmpuint (memory_wire_get_refused (pair.wire, 0), <, 1000);
    memory_wire_block (pair.wire, 0, false);
    assert_arrives (pair.connection[1], noise);
  }
  pair_clear (&pair);
}

static void
test_blocked_for_ever (void)
{
  g_autoptr (GBytes) noise = make_noise ();
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  pair_connect (&pair);
  {
    g_autoptr (QuicStream) out = open_stream (pair.connection[0], false);
    g_autoptr (GError) error = NULL;
    start_sending (out, noise);
    memory_wire_block (pair.wire, 0, true);
    error = await_closed (pair.connection[0], NULL);
    g_assert_error (error, QUIC_ERROR, QUIC_ERROR_TIMEOUT);
  }
  pair_clear (&pair);
}

static void
test_dial_blocked (void)
{
  g_autoptr (GError) error = NULL;
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  memory_wire_block (pair.wire, 0, true);
  error = dial_failure (&pair, node_identity_get_id (pair.identity[1]), TEST_ALPN);
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_UNREACHABLE);
  memory_wire_block (pair.wire, 0, false);
  pair_connect (&pair);
  pair_clear (&pair);
}

/* Of two connections, the one whose batch waits ends: the other goes on, and the peer hears of
 * the end. */
static void
test_connection_ends_blocked (void)
{
  g_autoptr (GBytes) noise = make_noise ();
  g_autoptr (QuicConnection) first = NULL, first_there = NULL;
  Pair pair;
  pair_init (&pair, OVER_MEMORY);
  pair_connect (&pair);
  first = g_steal_pointer (&pair.connection[0]);
  first_there = quic_connection_ref (pair.connection[1]);
  pair_connect (&pair);
  {
    g_autoptr (QuicStream) doomed = open_stream (first, false);
    g_autoptr (QuicStream) out = open_stream (pair.connection[0], false);
    g_autoptr (GError) error = NULL;
    start_sending (doomed, noise);
    memory_wire_block (pair.wire, 0, true);
    pass_time (&pair, 0.1);
    quic_connection_close (first, QUIC_CODE_CANCELLED, "enough");
    start_sending (out, noise);
    pass_time (&pair, 0.01);
    memory_wire_block (pair.wire, 0, false);
    assert_arrives (pair.connection[1], noise);
    uint64_t code;
    error = await_closed (first_there, &code);
    g_assert_cmpuint (code, ==, QUIC_CODE_CANCELLED);
  }
  pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/egress/families", test_families);
  ADD ("/egress/rest", test_rest);
  ADD ("/egress/given-up-by-time", test_given_up_by_time);
  ADD ("/egress/given-up-by-count", test_given_up_by_count);
  ADD ("/egress/owners", test_owners);
  g_test_add_func ("/egress/transfer-waits", test_transfer_waits);
  g_test_add_func ("/egress/blocked-for-ever", test_blocked_for_ever);
  g_test_add_func ("/egress/dial-blocked", test_dial_blocked);
  g_test_add_func ("/egress/connection-ends-blocked", test_connection_ends_blocked);
  return g_test_run ();
}

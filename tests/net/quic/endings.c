/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every way a connection can end, with all its timers due in the turn in which it ends. The linker
 * puts the functions below before those of ngtcp2: they fail when told to, move the clock on when a
 * call has ended the connection, and see that no connection is used after it was freed. */
#include <sodium.h>

#include "net/quic/net_host.h"
#include "tests/net/quic/pair.h"

/* past the first retransmission, and past every timer a connection has */
static const ngtcp2_tstamp delays[] = { 2 * NGTCP2_SECONDS, 120 * NGTCP2_SECONDS };

typedef enum
{
  NOWHERE,
  READING,
  EXPIRING,
  WRITING,
} Place;

static struct
{
  MemoryWire *wire;
  ngtcp2_tstamp delay; /* between the call that ends a connection and the turn's timers */
  Place place;         /* where the next call fails, once */
  bool server;         /* at which side */
  int error;
  bool cannot_close; /* no CONNECTION_CLOSE can be written */
} fault;

int __real_ngtcp2_conn_read_pkt_versioned (ngtcp2_conn *conn, const ngtcp2_path *path,
                                           int info_version, const ngtcp2_pkt_info *info,
                                           const uint8_t *data, size_t len, ngtcp2_tstamp now);
int __wrap_ngtcp2_conn_read_pkt_versioned (ngtcp2_conn *conn, const ngtcp2_path *path,
                                           int info_version, const ngtcp2_pkt_info *info,
                                           const uint8_t *data, size_t len, ngtcp2_tstamp now);
int __real_ngtcp2_conn_handle_expiry (ngtcp2_conn *conn, ngtcp2_tstamp now);
int __wrap_ngtcp2_conn_handle_expiry (ngtcp2_conn *conn, ngtcp2_tstamp now);
ngtcp2_ssize __real_ngtcp2_conn_write_aggregate_pkt2_versioned (
    ngtcp2_conn *conn, ngtcp2_path *path, int info_version, ngtcp2_pkt_info *info, uint8_t *buffer,
    size_t len, size_t *segment, ngtcp2_write_pkt write, size_t packets, ngtcp2_tstamp now);
ngtcp2_ssize __wrap_ngtcp2_conn_write_aggregate_pkt2_versioned (
    ngtcp2_conn *conn, ngtcp2_path *path, int info_version, ngtcp2_pkt_info *info, uint8_t *buffer,
    size_t len, size_t *segment, ngtcp2_write_pkt write, size_t packets, ngtcp2_tstamp now);
ngtcp2_ssize __real_ngtcp2_conn_write_connection_close_versioned (
    ngtcp2_conn *conn, ngtcp2_path *path, int info_version, ngtcp2_pkt_info *info, uint8_t *buffer,
    size_t len, const ngtcp2_ccerr *reason, ngtcp2_tstamp now);
ngtcp2_ssize __wrap_ngtcp2_conn_write_connection_close_versioned (
    ngtcp2_conn *conn, ngtcp2_path *path, int info_version, ngtcp2_pkt_info *info, uint8_t *buffer,
    size_t len, const ngtcp2_ccerr *reason, ngtcp2_tstamp now);

static void
let_timers_run_out (void)
{
  if (fault.wire)
    memory_wire_advance (fault.wire, memory_wire_now (fault.wire) + fault.delay);
}

static bool
fails_here (ngtcp2_conn *conn, Place place)
{
  g_assert_nonnull (conn);
  if (fault.place != place || fault.server != ngtcp2_conn_is_server (conn))
    return false;
  fault.place = NOWHERE;
  let_timers_run_out ();
  return true;
}

int
__wrap_ngtcp2_conn_read_pkt_versioned (ngtcp2_conn *conn, const ngtcp2_path *path, int info_version,
                                       const ngtcp2_pkt_info *info, const uint8_t *data, size_t len,
                                       ngtcp2_tstamp now)
{
  if (fails_here (conn, READING))
    return fault.error;
  int result =
      __real_ngtcp2_conn_read_pkt_versioned (conn, path, info_version, info, data, len, now);
  if (result != 0)
    let_timers_run_out ();
  return result;
}

int
__wrap_ngtcp2_conn_handle_expiry (ngtcp2_conn *conn, ngtcp2_tstamp now)
{
  if (fails_here (conn, EXPIRING))
    return fault.error;
  int result = __real_ngtcp2_conn_handle_expiry (conn, now);
  if (result != 0)
    let_timers_run_out ();
  return result;
}

ngtcp2_ssize
__wrap_ngtcp2_conn_write_aggregate_pkt2_versioned (ngtcp2_conn *conn, ngtcp2_path *path,
                                                   int info_version, ngtcp2_pkt_info *info,
                                                   uint8_t *buffer, size_t len, size_t *segment,
                                                   ngtcp2_write_pkt write, size_t packets,
                                                   ngtcp2_tstamp now)
{
  if (fails_here (conn, WRITING))
    return fault.error;
  return __real_ngtcp2_conn_write_aggregate_pkt2_versioned (conn, path, info_version, info, buffer,
                                                            len, segment, write, packets, now);
}

ngtcp2_ssize
__wrap_ngtcp2_conn_write_connection_close_versioned (ngtcp2_conn *conn, ngtcp2_path *path,
                                                     int info_version, ngtcp2_pkt_info *info,
                                                     uint8_t *buffer, size_t len,
                                                     const ngtcp2_ccerr *reason, ngtcp2_tstamp now)
{
  g_assert_nonnull (conn);
  let_timers_run_out ();
  if (fault.cannot_close)
    return 0;
  return __real_ngtcp2_conn_write_connection_close_versioned (conn, path, info_version, info,
                                                              buffer, len, reason, now);
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

static void
start (Pair *pair, Muting *muting)
{
  pair_init_wire (pair, muting_fate, muting);
  fault.wire = pair->wire;
}

/* Nothing is left at either end: no connection that still waits for a timer. */
static void
expect_the_end (Pair *pair)
{
  fault.place = NOWHERE;
  fault.wire = NULL; /* or the clock would run away from pass_time() */
  for (int i = 0; i < 2; i++)
    g_clear_pointer (&pair->connection[i], quic_connection_unref);
  pass_time (pair, 600);
  for (int i = 0; i < 2; i++)
    g_assert_cmpuint (demux_get_expiry (quic_endpoint_get_demux (pair->endpoint[i])), ==,
                      UINT64_MAX);
  fault.cannot_close = false;
  pair_clear (pair);
}

static void
start_dialling (Pair *pair, GCancellable *cancellable, GAsyncResult **result)
{
  g_autoptr (GInetSocketAddress) address = pair_address (pair, 1);
  quic_endpoint_connect_async (pair->endpoint[0], address, node_identity_get_id (pair->identity[1]),
                               TEST_ALPN, cancellable, await_cb, result);
}

static void
drop_dialled (GAsyncResult *result)
{
  g_autoptr (QuicConnection) connection = quic_endpoint_connect_finish (NULL, result, NULL);
}

static void
fail_handshake (void)
{
  g_autoptr (GAsyncResult) result = NULL;
  Muting muting = { .mute = { false, fault.place == EXPIRING } };
  Pair pair;
  start (&pair, &muting);
  start_dialling (&pair, NULL, &result);
  drop_dialled (await (&result));
  g_assert_cmpint (fault.place, ==, NOWHERE);
  expect_the_end (&pair);
}

static void
fail_open (void)
{
  Place place = fault.place;
  Muting muting = { 0 };
  fault.place = NOWHERE;
  Pair pair;
  start (&pair, &muting);
  pair_connect (&pair);
  {
    g_autoptr (QuicStream) first = open_stream (pair.connection[0], true);
    g_autoptr (QuicStream) second = open_stream (pair.connection[1], true);
    g_autoptr (GBytes) bytes = g_bytes_new_static ("hello", 5);
    g_autoptr (GError) error = NULL;
    fault.place = place;
    quic_stream_send_async (first, bytes, NULL, NULL, NULL);
    quic_stream_send_async (second, bytes, NULL, NULL, NULL);
    error = await_closed (pair.connection[fault.server], NULL);
    g_assert_cmpint (fault.place, ==, NOWHERE);
  }
  expect_the_end (&pair);
}

static void
try_library_errors (void (*run) (void))
{
  static const int errors[] = { NGTCP2_ERR_PROTO,         NGTCP2_ERR_CRYPTO,
                                NGTCP2_ERR_DRAINING,      NGTCP2_ERR_RETRY,
                                NGTCP2_ERR_DROP_CONN,     NGTCP2_ERR_RECV_VERSION_NEGOTIATION,
                                NGTCP2_ERR_IDLE_CLOSE,    NGTCP2_ERR_HANDSHAKE_TIMEOUT,
                                NGTCP2_ERR_CLOSING,       NGTCP2_ERR_VERSION_NEGOTIATION_FAILURE,
                                NGTCP2_ERR_NO_VIABLE_PATH };

  for (size_t i = 0; i < G_N_ELEMENTS (errors); i++)
    for (Place place = READING; place <= WRITING; place++)
      for (int server = 0; server <= 1; server++)
        for (int cannot_close = 0; cannot_close <= 1; cannot_close++)
          {
            fault.error = errors[i];
            fault.place = place;
            fault.server = server;
            fault.cannot_close = cannot_close;
            run ();
          }
}

static void
test_failing_handshake (void)
{
  try_library_errors (fail_handshake);
}

static void
test_failing_open (void)
{
  try_library_errors (fail_open);
}

/* RFC 9000, section 6.2: a client that hears of no version it knows gives up. */
static void
test_version_negotiation (void)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GByteArray) answer = g_byte_array_new ();
  g_autoptr (GBytes) initial = NULL;
  g_autoptr (GError) error = NULL;
  Muting muting = { .mute = { true, true } };
  Pair pair;

  start (&pair, &muting);
  start_dialling (&pair, NULL, &result);
  demux_turn (quic_endpoint_get_demux (pair.endpoint[0]));
  initial = memory_wire_dup_last (pair.wire, 0);
  ngtcp2_version_cid vc;
  g_assert_cmpint (ngtcp2_pkt_decode_version_cid (&vc, g_bytes_get_data (initial, NULL),
                                                  g_bytes_get_size (initial), NET_CID_LEN),
                   ==, 0);
  g_byte_array_append (answer, (const uint8_t *) "\x80\0\0\0\0", 5);
  g_byte_array_append (answer, &(uint8_t) { vc.scidlen }, 1);
  g_byte_array_append (answer, vc.scid, vc.scidlen);
  g_byte_array_append (answer, &(uint8_t) { vc.dcidlen }, 1);
  g_byte_array_append (answer, vc.dcid, vc.dcidlen);
  g_byte_array_append (answer, (const uint8_t *) "\x1a\x2a\x3a\x4a", 4);
  memory_wire_inject (pair.wire, 0, answer->data, answer->len);
  g_assert_null (quic_endpoint_connect_finish (NULL, await (&result), &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_REFUSED);
  expect_the_end (&pair);
}

static void
test_nobody_answers (void)
{
  for (int cannot_close = 0; cannot_close <= 1; cannot_close++)
    {
      g_autoptr (GError) error = NULL;
      Muting muting = { .mute = { true, true } };
      Pair pair;
      start (&pair, &muting);
      fault.cannot_close = cannot_close;
      error = dial_failure (&pair, node_identity_get_id (pair.identity[1]), TEST_ALPN);
      g_assert_error (error, QUIC_ERROR, QUIC_ERROR_UNREACHABLE);
      expect_the_end (&pair);
    }
}

static void
test_cancelled (void)
{
  for (int cannot_close = 0; cannot_close <= 1; cannot_close++)
    for (double after = 0; after < 0.004; after += 0.0005)
      {
        g_autoptr (GCancellable) cancellable = g_cancellable_new ();
        g_autoptr (GAsyncResult) result = NULL;
        Muting muting = { 0 };
        Pair pair;
        start (&pair, &muting);
        fault.cannot_close = cannot_close;
        start_dialling (&pair, cancellable, &result);
        pass_time (&pair, after);
        g_cancellable_cancel (cancellable);
        drop_dialled (await (&result));
        expect_the_end (&pair);
      }
}

static void
test_tls_fails (void)
{
  for (int cannot_close = 0; cannot_close <= 1; cannot_close++)
    for (int wrong_peer = 0; wrong_peer <= 1; wrong_peer++)
      {
        g_autoptr (NodeIdentity) other = node_identity_generate ();
        g_autoptr (GError) error = NULL;
        Muting muting = { 0 };
        Pair pair;
        start (&pair, &muting);
        fault.cannot_close = cannot_close;
        error = dial_failure (&pair, wrong_peer ? node_identity_get_id (other) : NULL,
                              wrong_peer ? TEST_ALPN : "wherry/nothing/1");
        g_assert_cmpuint (error->domain, ==, QUIC_ERROR);
        expect_the_end (&pair);
      }
}

static void
test_refused (void)
{
  for (int cannot_close = 0; cannot_close <= 1; cannot_close++)
    {
      g_autoptr (GError) error = NULL;
      Muting muting = { 0 };
      Pair pair;
      start (&pair, &muting);
      pair.answer = QUIC_CODE_NOT_PAIRED;
      fault.cannot_close = cannot_close;
      error = dial_failure (&pair, NULL, TEST_ALPN);
      g_assert_cmpuint (error->domain, ==, QUIC_ERROR);
      expect_the_end (&pair);
    }
}

typedef enum
{
  CLOSED_BY_US,
  CLOSED_BY_THE_OTHER,
  FORGOTTEN, /* nobody holds a handle any more */
  RESTARTED, /* a stateless reset */
  PATH_DIED,
  N_ENDINGS
} Ending;

static void
end_open (Pair *pair, Muting *muting, Ending ending)
{
  g_autoptr (QuicStream) stream = NULL;
  switch (ending)
    {
    case CLOSED_BY_US:
    case CLOSED_BY_THE_OTHER:
      quic_connection_close (pair->connection[ending == CLOSED_BY_THE_OTHER], QUIC_CODE_OK, "");
      return;
    case FORGOTTEN:
      g_clear_pointer (&pair->connection[0], quic_connection_unref);
      return;
    case RESTARTED:
      stream = open_stream (pair->connection[0], false);
      muting->mute[1] = true;
      g_clear_pointer (&pair->endpoint[1], quic_endpoint_close);
      pair_reopen (pair, 1);
      muting->mute[1] = false;
      send_text (stream, "are you still the same?");
      return;
    case PATH_DIED:
      muting->mute[0] = muting->mute[1] = true;
      return;
    case N_ENDINGS:
    default:
      g_assert_not_reached ();
    }
}

static void
test_open (void)
{
  for (Ending ending = 0; ending < N_ENDINGS; ending++)
    for (int cannot_close = 0; cannot_close <= 1; cannot_close++)
      {
        Muting muting = { 0 };
        Pair pair;
        start (&pair, &muting);
        pair_connect (&pair);
        fault.cannot_close = cannot_close;
        end_open (&pair, &muting, ending);
        for (int i = 0; i < 2; i++)
          if (pair.connection[i])
            {
              g_autoptr (GError) error = await_closed (pair.connection[i], NULL);
              g_assert_false (quic_connection_is_open (pair.connection[i]));
            }
        expect_the_end (&pair);
      }
}

typedef struct
{
  const char *name;
  void (*run) (void);
} Case;

static const Case cases[] = {
  { "version-negotiation", test_version_negotiation },
  { "nobody-answers", test_nobody_answers },
  { "cancelled", test_cancelled },
  { "tls-fails", test_tls_fails },
  { "refused", test_refused },
  { "open", test_open },
  { "library-errors/handshake", test_failing_handshake },
  { "library-errors/open", test_failing_open },
};

static void
run_case (gconstpointer data)
{
  const Case *tested = data;
  for (size_t i = 0; i < G_N_ELEMENTS (delays); i++)
    {
      fault.delay = delays[i];
      tested->run ();
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/endings/%s", cases[i].name);
      g_test_add_data_func (path, &cases[i], run_case);
    }
  return g_test_run ();
}

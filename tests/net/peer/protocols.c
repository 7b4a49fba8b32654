/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/protocols.h"

#include "net/async/quic_future.h"
#include "net/peer/log_limit.h"
#include "tests/support/two_nodes.h"

#define PAIRED "wherry/paired/1"
#define ANYONE "wherry/anyone/1"

/* Two protocols beside those of node A; how often a handler was asked. */
typedef struct
{
  Protocols *protocols; /* (owned) */
  QuicCode answer;
  int asked;
  GPtrArray *admitted; /* (owned) (element-type QuicConnection) */
} Served;

static guint n_logged; /* lines about refused strangers */

static GLogWriterOutput
count_lines_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") && g_str_has_prefix (fields[i].value, "refused "))
      n_logged++;
  return level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR)
             ? g_log_writer_default (level, fields, n_fields, user_data)
             : G_LOG_WRITER_HANDLED;
}

static QuicCode
accept_cb (QuicConnection *connection, gpointer user_data)
{
  Served *served = user_data;
  served->asked++;
  g_ptr_array_add (served->admitted, quic_connection_ref (connection));
  return served->answer;
}

static void
serve (Served *served, TwoNodes *fixture)
{
  *served = (Served) {
    .protocols =
        protocols_new (WHERRY_NODE (fixture->A)->endpoint, WHERRY_NODE (fixture->A)->registry),
    .admitted = g_ptr_array_new_with_free_func ((GDestroyNotify) quic_connection_unref),
  };
  protocols_add (served->protocols, &(Protocol) { PAIRED, PROTOCOL_PAIRED, accept_cb, served });
  protocols_add (served->protocols, &(Protocol) { ANYONE, PROTOCOL_ANYONE, accept_cb, served });
  n_logged = 0;
}

static void
stop (Served *served, TwoNodes *fixture)
{
  g_ptr_array_unref (served->admitted);
  two_nodes_close_one (fixture, 0);
  protocols_free (served->protocols);
}

/* True when A admits a connection for @alpn from @endpoint; else @error says why not. */
static bool
dial (TwoNodes *fixture, QuicEndpoint *endpoint, const char *alpn, GError **error)
{
  g_autoptr (GPtrArray) address = loopback_of (fixture->A);
  return wait_future (
      quic_future_connect (endpoint, address->pdata[0], wherry_client_get_id (fixture->A), alpn),
      error);
}

static bool
dial_as_stranger (TwoNodes *fixture, const char *alpn, GError **error)
{
  g_autoptr (NodeIdentity) identity = node_identity_generate ();
  QuicEndpoint *endpoint = quic_endpoint_new (identity, 0, NULL);
  bool admitted = dial (fixture, endpoint, alpn, error);
  quic_endpoint_close (endpoint);
  return admitted;
}

static void
test_paired (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Served served;
  pair_by_words (fixture);
  serve (&served, fixture);
  g_assert_true (dial (fixture, WHERRY_NODE (fixture->B)->endpoint, PAIRED, &error));
  g_assert_true (dial (fixture, WHERRY_NODE (fixture->B)->endpoint, ANYONE, &error));
  g_assert_cmpint (served.asked, ==, 2);
  served.answer = QUIC_CODE_LIMIT; /* the handler's answer is the peer's */
  g_assert_false (dial (fixture, WHERRY_NODE (fixture->B)->endpoint, PAIRED, &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_REFUSED);
  g_assert_cmpint (served.asked, ==, 3);
  g_assert_cmpuint (n_logged, ==, 0);
  stop (&served, fixture);
}

/* The handler of a protocol for paired devices is not even asked. */
static void
test_stranger (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Served served;
  serve (&served, fixture);
  g_assert_false (dial_as_stranger (fixture, PAIRED, &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_NOT_PAIRED);
  g_clear_error (&error);
  g_assert_cmpint (served.asked, ==, 0);
  g_assert_true (dial_as_stranger (fixture, ANYONE, &error));
  g_assert_cmpint (served.asked, ==, 1);
  stop (&served, fixture);
}

static void
test_unknown_alpn (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Served served;
  pair_by_words (fixture);
  serve (&served, fixture);
  g_assert_false (dial (fixture, WHERRY_NODE (fixture->B)->endpoint, "wherry/other/1", &error));
  g_assert_error (error, QUIC_ERROR, QUIC_ERROR_REFUSED);
  g_assert_cmpint (served.asked, ==, 0);
  stop (&served, fixture);
}

/* Each stranger brings a fresh id, and knocks twice: that makes a line a second, not one for each.
 * The node's own protocols log apart from these. */
static void
test_log_is_limited (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Served served;
  serve (&served, fixture);
  int64_t from_us = g_get_monotonic_time ();
  for (int i = 0; i < 20; i++)
    {
      g_assert_false (dial_as_stranger (fixture, PAIRED, &error));
      g_assert_error (error, QUIC_ERROR, QUIC_ERROR_NOT_PAIRED);
      g_clear_error (&error);
    }
  int64_t took_us = g_get_monotonic_time () - from_us;
  g_assert_cmpuint (n_logged, >=, 1);
  g_assert_cmpuint (n_logged, <=, 1 + (guint) (took_us / LOG_LIMIT_INTERVAL_US));
  stop (&served, fixture);
}

#define TEST(name, func)                                                                           \
  g_test_add ("/protocols/" name, TwoNodes, NULL, two_nodes_start, func, two_nodes_stop)

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (count_lines_cb, NULL, NULL);
  TEST ("paired", test_paired);
  TEST ("stranger", test_stranger);
  TEST ("unknown-alpn", test_unknown_alpn);
  TEST ("log-is-limited", test_log_is_limited);
  return g_test_run ();
}

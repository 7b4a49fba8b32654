/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/connect.h"

#include "net/async/flow_testing.h"
#include "net/async/quic_future.h"
#include "tests/support/two_nodes.h"

#define ALPN "wherry/test/1"

/* Who dials, and addresses to dial: @answers of them are of the device that is wanted. */
typedef struct
{
  FlowSet *flows;        /* (owned) */
  NodeIdentity *own;     /* (owned) */
  NodeIdentity *wanted;  /* (owned) */
  QuicEndpoint *dialler; /* (owned) */
  GPtrArray *answerers;  /* (owned) (element-type Answerer) */
  GPtrArray *sockets;    /* (owned) (element-type GSocket) bound, and never read */
  GPtrArray *addresses;  /* (owned) (element-type GInetSocketAddress) */
} Fixture;

/* One endpoint that is dialled. */
typedef struct
{
  NodeIdentity *other; /* (owned) (nullable) its identity when it is not the wanted device */
  QuicEndpoint *endpoint;
  GMainContext *context; /* (owned) (nullable) where it answers, when not in the main context */
  QuicCode answer;
  QuicConnection *accepted; /* (owned) (nullable) the last one */
} Answerer;

static QuicCode
accept_cb (QuicConnection *connection, gpointer user_data)
{
  Answerer *answerer = user_data;
  if (answerer->answer != QUIC_CODE_OK)
    return answerer->answer;
  g_clear_pointer (&answerer->accepted, quic_connection_unref);
  answerer->accepted = quic_connection_ref (connection);
  return QUIC_CODE_OK;
}

static void
answerer_free (gpointer data)
{
  Answerer *answerer = data;
  g_clear_pointer (&answerer->accepted, quic_connection_unref);
  quic_endpoint_close (answerer->endpoint);
  g_clear_pointer (&answerer->other, node_identity_free);
  g_clear_pointer (&answerer->context, g_main_context_unref);
  g_free (answerer);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  *f = (Fixture) { .flows = flow_set_new (),
                   .own = node_identity_generate (),
                   .wanted = node_identity_generate (),
                   .answerers = g_ptr_array_new_with_free_func (answerer_free),
                   .sockets = g_ptr_array_new_with_free_func (g_object_unref),
                   .addresses = g_ptr_array_new_with_free_func (g_object_unref) };
  f->dialler = quic_endpoint_new (f->own, 0, NULL);
  g_assert_nonnull (f->dialler);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_assert_true (wait_future (flow_set_close (f->flows), NULL));
  g_assert_cmpuint (flow_count_live (), ==, 0);
  quic_endpoint_close (f->dialler);
  g_ptr_array_unref (f->answerers);
  while (g_main_context_iteration (NULL, false))
    ;
  flow_set_free (f->flows);
  g_ptr_array_unref (f->sockets);
  g_ptr_array_unref (f->addresses);
  node_identity_free (f->own);
  node_identity_free (f->wanted);
}

static GSocketAddress *
loopback (uint16_t port)
{
  return g_inet_socket_address_new_from_string ("127.0.0.1", port);
}

/* One more address where somebody answers with @answer; @apart: not before somebody turns its
 * context. */
static Answerer *
add_answerer (Fixture *f, QuicCode answer, bool wanted, bool apart)
{
  Answerer *answerer = g_new (Answerer, 1);
  *answerer = (Answerer) { .answer = answer,
                           .other = wanted ? NULL : node_identity_generate (),
                           .context = apart ? g_main_context_new () : NULL };
  if (apart)
    g_main_context_push_thread_default (answerer->context);
  answerer->endpoint = quic_endpoint_new (wanted ? f->wanted : answerer->other, 0, NULL);
  if (apart)
    g_main_context_pop_thread_default (answerer->context);
  g_assert_nonnull (answerer->endpoint);
  quic_endpoint_register (answerer->endpoint, &(QuicProtocol) { ALPN, accept_cb, answerer });
  g_ptr_array_add (f->answerers, answerer);
  g_ptr_array_add (f->addresses, loopback (quic_endpoint_get_port (answerer->endpoint)));
  return answerer;
}

/* One more address that takes what is sent to it and never answers. (transfer none) */
static GSocket *
add_silent (Fixture *f)
{
  g_autoptr (GSocketAddress) any = loopback (0);
  GSocket *socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_assert_true (g_socket_bind (socket, any, false, NULL));
  g_ptr_array_add (f->sockets, socket);
  g_ptr_array_add (f->addresses, g_socket_get_local_address (socket, NULL));
  return socket;
}

static DexFuture *
race (Fixture *f)
{
  return connect_race (f->dialler, f->flows, node_identity_get_id (f->wanted), "Anna’s desktop",
                       ALPN, f->addresses);
}

static DexFuture *
race_fiber (gpointer user_data)
{
  GError *error = NULL;
  flow_await (race (user_data), &error);
  return dex_future_new_for_error (error);
}

static void
test_set_is_closed (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 4; i++)
    add_silent (f);
  dex_future_disown (flow_set_start (f->flows, "test", race_fiber, f, NULL));
  while (flow_count_live () < 2 + f->addresses->len)
    g_main_context_iteration (NULL, true);
  g_assert_true (wait_future (flow_set_close (f->flows), NULL));
  g_assert_cmpuint (flow_count_live (), ==, 0);
}

static QuicConnection *
wait_connection (DexFuture *racing)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (wait_future (dex_ref (racing), &error));
  g_assert_no_error (error);
  QuicConnection *connection = g_value_dup_boxed (dex_future_get_value (racing, NULL));
  dex_unref (racing);
  return connection;
}

static void
wait_no_fiber (void)
{
  while (flow_count_live () > 0)
    g_main_context_iteration (NULL, true);
}

/* An address that does not answer holds up nobody, and is given up. */
static void
test_first_wins (Fixture *f, gconstpointer data)
{
  add_silent (f);
  Answerer *there = add_answerer (f, QUIC_CODE_OK, true, false);
  add_silent (f);
  g_autoptr (QuicConnection) connection = wait_connection (race (f));
  g_assert_true (
      node_id_equal (quic_connection_get_peer (connection), node_identity_get_id (f->wanted)));
  g_assert_nonnull (there->accepted);
  g_assert_true (quic_connection_is_open (connection));
  wait_no_fiber ();
}

/* Two get through together: each answers in a context of its own, which is not turned before both
 * are asked. Whichever wins, the other connection is closed. */
static void
test_late_winner (Fixture *f, gconstpointer data)
{
  Answerer *both[] = { add_answerer (f, QUIC_CODE_OK, true, true),
                       add_answerer (f, QUIC_CODE_OK, true, true) };
  g_autoptr (GError) error = NULL;
  DexFuture *racing = race (f);
  while (!g_main_context_pending (both[0]->context) || !g_main_context_pending (both[1]->context))
    g_main_context_iteration (NULL, false);
  for (int i = 0; i < 2; i++)
    while (!both[i]->accepted)
      g_main_context_iteration (both[i]->context, true);
  g_autoptr (QuicConnection) connection = wait_connection (racing);
  DexFuture *closed = dex_future_any (quic_future_closed (both[0]->accepted),
                                      quic_future_closed (both[1]->accepted), NULL);
  while (quic_connection_is_open (both[0]->accepted) && quic_connection_is_open (both[1]->accepted))
    g_main_context_iteration (NULL, false);
  g_assert_true (dex_future_is_pending (closed)); /* the winner's is open */
  dex_unref (closed);
  g_assert_true (quic_connection_is_open (connection));
  wait_no_fiber ();
}

#define CLOSED   -1 /* nobody listens there */
#define IMPOSTER -2 /* another device */

/* What the addresses answer, and what is told of it: what somebody who proved to be the device
 * said goes before what can be forged. */
static const struct
{
  const char *name;
  int answers[3]; /* CLOSED, IMPOSTER, or a QuicCode; ended by QUIC_CODE_OK */
  QuicError told;
} failures[] = {
  { "/connect/fail/nowhere", { 0 }, QUIC_ERROR_UNREACHABLE },
  { "/connect/fail/closed", { CLOSED, CLOSED }, QUIC_ERROR_UNREACHABLE },
  { "/connect/fail/imposter", { CLOSED, IMPOSTER }, QUIC_ERROR_IDENTITY },
  { "/connect/fail/busy", { IMPOSTER, QUIC_CODE_LIMIT }, QUIC_ERROR_REFUSED },
  { "/connect/fail/not-paired", { QUIC_CODE_LIMIT, QUIC_CODE_NOT_PAIRED }, QUIC_ERROR_NOT_PAIRED },
  { "/connect/fail/not-paired-first",
    { QUIC_CODE_NOT_PAIRED, IMPOSTER, CLOSED },
    QUIC_ERROR_NOT_PAIRED },
  { "/connect/fail/no-code", { IMPOSTER, QUIC_CODE_NO_CODE, QUIC_CODE_LIMIT }, QUIC_ERROR_NO_CODE },
};

static void
test_all_fail (Fixture *f, gconstpointer data)
{
  int i = GPOINTER_TO_INT (data);
  g_autoptr (GError) error = NULL;
  for (int k = 0; k < 3 && failures[i].answers[k] != QUIC_CODE_OK; k++)
    switch (failures[i].answers[k])
      {
      case CLOSED:
        g_socket_close (add_silent (f), NULL);
        break;
      case IMPOSTER:
        add_answerer (f, QUIC_CODE_OK, false, false);
        break;
      default:
        add_answerer (f, (QuicCode) failures[i].answers[k], true, false);
      }
  g_assert_false (wait_future (race (f), &error));
  g_assert_error (error, QUIC_ERROR, (int) failures[i].told);
  g_assert_nonnull (strstr (error->message, "Anna’s desktop"));
  wait_no_fiber ();
}

/* A name is not needed, nor an id. */
static void
test_whoever_answers (Fixture *f, gconstpointer data)
{
  Answerer *other = add_answerer (f, QUIC_CODE_OK, false, false);
  g_autoptr (QuicConnection) connection =
      wait_connection (connect_race (f->dialler, f->flows, NULL, NULL, ALPN, f->addresses));
  g_assert_true (
      node_id_equal (quic_connection_get_peer (connection), node_identity_get_id (other->other)));
}

/* Nobody wants it any more: the dialling ends, and with it every fiber. */
static void
test_cancelled (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 4; i++)
    add_silent (f);
  DexFuture *racing = race (f);
  while (flow_count_live () < 1 + f->addresses->len)
    g_main_context_iteration (NULL, true);
  dex_unref (racing);
  wait_no_fiber ();
}

/* The same of a whole node, which closes while a ping dials. */
static void
test_node_is_closed (TwoNodes *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  WherryDevice *device = pair_by_words (fixture);
  two_nodes_close_one (fixture, 0);
  Fixture nowhere;
  set_up (&nowhere, NULL);
  for (int i = 0; i < 4; i++)
    add_silent (&nowhere);
  DexFuture *ping = wherry_client_ping (fixture->B, device, nowhere.addresses);
  while (flow_count_live () < 3 + nowhere.addresses->len) /* with the ping and its connection */
    g_main_context_iteration (NULL, true);
  g_assert_true (wait_future (wherry_client_close (fixture->B), NULL));
  g_assert_cmpuint (flow_count_live (), ==, 0);
  g_assert_false (wait_future (ping, &error));
  tear_down (&nowhere, NULL);
}

static void
test_candidates (void)
{
  g_autoptr (GPtrArray) first = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (first, loopback (2));
  for (uint16_t port = 1; port <= 2 * CONNECT_MAX_CANDIDATES; port++)
    g_ptr_array_add (others, loopback (port));
  g_autoptr (GPtrArray) candidates = connect_candidates (first, others);
  g_assert_cmpuint (candidates->len, ==, CONNECT_MAX_CANDIDATES);
  uint16_t expected[] = { 2, 1, 3 };
  for (size_t i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (g_inet_socket_address_get_port (candidates->pdata[i]), ==, expected[i]);
  g_autoptr (GPtrArray) none = connect_candidates (NULL, NULL);
  g_assert_cmpuint (none->len, ==, 0);
}

#define TEST(name, func) g_test_add ("/connect/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  TEST ("first-wins", test_first_wins);
  TEST ("late-winner", test_late_winner);
  for (size_t i = 0; i < G_N_ELEMENTS (failures); i++)
    g_test_add (failures[i].name, Fixture, GINT_TO_POINTER ((int) i), set_up, test_all_fail,
                tear_down);
  TEST ("whoever-answers", test_whoever_answers);
  TEST ("cancelled", test_cancelled);
  TEST ("set-is-closed", test_set_is_closed);
  g_test_add ("/connect/node-is-closed", TwoNodes, NULL, two_nodes_start, test_node_is_closed,
              two_nodes_stop);
  g_test_add_func ("/connect/candidates", test_candidates);
  return g_test_run ();
}

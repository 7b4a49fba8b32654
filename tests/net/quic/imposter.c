/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer that shows somebody else's public key but can sign only with its own. The linker puts our
 * node_identity_get_id() before the real one, so that net/quic shows the key we tell it to. */
#include <sodium.h>

#include "tests/net/quic/pair.h"
#include "tests/support/wait.h"

const NodeId *__real_node_identity_get_id (const NodeIdentity *identity);
const NodeId *__wrap_node_identity_get_id (const NodeIdentity *identity);

static const NodeId *shown;

const NodeId *
__wrap_node_identity_get_id (const NodeIdentity *identity)
{
  return shown ? shown : __real_node_identity_get_id (identity);
}

static QuicCode
let_in_cb (QuicConnection *connection, gpointer user_data)
{
  ++*(unsigned *) user_data;
  return QUIC_CODE_OK;
}

/* @imposter: 0 dials, 1 is dialled */
static void
test_imposter (gconstpointer data)
{
  int imposter = GPOINTER_TO_INT (data);
  g_autoptr (NodeIdentity) victim = node_identity_generate (), other = node_identity_generate (),
                           honest = node_identity_generate ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = NULL;
  QuicEndpoint *ends[2];
  unsigned let_in = 0;
  QuicProtocol protocol = { TEST_ALPN, let_in_cb, &let_in };

  for (int i = 0; i < 2; i++)
    {
      shown = i == imposter ? __real_node_identity_get_id (victim) : NULL;
      ends[i] = quic_endpoint_new (i == imposter ? other : honest, 0, &error);
      g_assert_no_error (error);
    }
  shown = NULL;
  quic_endpoint_register (ends[1], &protocol);
  address = g_inet_socket_address_new (loopback, quic_endpoint_get_port (ends[1]));
  quic_endpoint_connect_async (ends[0], G_INET_SOCKET_ADDRESS (address),
                               __real_node_identity_get_id (imposter == 1 ? victim : honest),
                               TEST_ALPN, NULL, await_cb, &result);
  g_assert_null (quic_endpoint_connect_finish (ends[0], await (&result), &error));
  QuicError expected = imposter == 1 ? QUIC_ERROR_IDENTITY : QUIC_ERROR_REFUSED;
  g_assert_error (error, QUIC_ERROR, (int) expected);
  g_assert_cmpuint (let_in, ==, 0);
  quic_endpoint_close (ends[0]);
  quic_endpoint_close (ends[1]);
  wait_settle ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

  g_test_add_data_func ("/imposter/dials", GINT_TO_POINTER (0), test_imposter);
  g_test_add_data_func ("/imposter/is-dialled", GINT_TO_POINTER (1), test_imposter);
  return g_test_run ();
}

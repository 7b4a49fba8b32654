/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/session.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

static const uint8_t root[PAIRING_ROOT_LEN] = "thirty-two bytes of pairing root";
static const uint8_t exporter[SESSION_EXPORTER_LEN] = "an exporter value of a handshake";

typedef struct
{
  Session *client;
  Session *server;
} Ends;

static void
ends_set_up (Ends *ends, gconstpointer unused)
{
  ends->client = session_new (root, exporter, true);
  ends->server = session_new (root, exporter, false);
}

static void
ends_tear_down (Ends *ends, gconstpointer unused)
{
  session_free (ends->client);
  session_free (ends->server);
}

static void
test_both_ways (Ends *ends, gconstpointer unused)
{
  const uint8_t *ad = (const uint8_t *) "ping";
  for (size_t len = 0; len < 200; len++)
    {
      uint8_t plain[200], sealed[200 + SESSION_OVERHEAD], opened[200];
      memset (plain, (int) len, sizeof plain);
      session_seal (ends->client, 2, len, ad, 4, plain, len, sealed);
      g_assert_true (
          session_open (ends->server, 2, len, ad, 4, sealed, len + SESSION_OVERHEAD, opened));
      g_assert_cmpmem (opened, len, plain, len);

      session_seal (ends->server, 3, len, NULL, 0, plain, len, sealed);
      g_assert_true (
          session_open (ends->client, 3, len, NULL, 0, sealed, len + SESSION_OVERHEAD, opened));
      g_assert_cmpmem (opened, len, plain, len);
    }
}

static void
assert_hex (const uint8_t *bytes, size_t len, const char *expected)
{
  char hex[2 * 32 + 1];
  sodium_bin2hex (hex, sizeof hex, bytes, len);
  g_assert_cmpstr (hex, ==, expected);
}

/* What Python's blake3 and PyNaCl make of docs/protocol.md: the wire format stays as it is. */
static void
test_known_answer (Ends *ends, gconstpointer unused)
{
  uint8_t sealed[6 + SESSION_OVERHEAD], key[32];
  const uint8_t *ad = (const uint8_t *) "ad", *plain = (const uint8_t *) "secret";
  session_seal (ends->client, 4, 9, ad, 2, plain, 6, sealed);
  assert_hex (sealed, sizeof sealed, "313675080c8dade70d2c726499a17a87c7f5e31c8d79");
  session_seal (ends->server, 4, 9, ad, 2, plain, 6, sealed);
  assert_hex (sealed, sizeof sealed, "5acff3afbed2b07841c3f25fe95c62e8cff422731ec3");
  session_derive (ends->server, "transfer", (const uint8_t *) "\1\2", 2, key, sizeof key);
  assert_hex (key, sizeof key, "9191d111d4086d3ddd98655a50f1825503bf78abad357212f16c625483de7d89");
}

static void
test_in_place (Ends *ends, gconstpointer unused)
{
  uint8_t buffer[5 + SESSION_OVERHEAD] = "hello";
  session_seal (ends->client, 0, 0, NULL, 0, buffer, 5, buffer);
  g_assert_cmpint (memcmp (buffer, "hello", 5), !=, 0);
  g_assert_true (session_open (ends->server, 0, 0, NULL, 0, buffer, sizeof buffer, buffer));
  g_assert_cmpmem (buffer, 5, "hello", 5);
}

static void
test_directions_differ (Ends *ends, gconstpointer unused)
{
  uint8_t from_client[4 + SESSION_OVERHEAD], from_server[4 + SESSION_OVERHEAD], opened[4];
  session_seal (ends->client, 0, 0, NULL, 0, (const uint8_t *) "same", 4, from_client);
  session_seal (ends->server, 0, 0, NULL, 0, (const uint8_t *) "same", 4, from_server);
  g_assert_cmpint (memcmp (from_client, from_server, sizeof from_client), !=, 0);
  /* what came from an end is no message to it */
  g_assert_false (
      session_open (ends->client, 0, 0, NULL, 0, from_client, sizeof from_client, opened));
}

static void
test_tampering (Ends *ends, gconstpointer unused)
{
  uint8_t sealed[6 + SESSION_OVERHEAD], opened[sizeof sealed];
  const uint8_t *ad = (const uint8_t *) "ad";
  session_seal (ends->client, 4, 9, ad, 2, (const uint8_t *) "secret", 6, sealed);
  for (size_t bit = 0; bit < sizeof sealed * 8; bit++)
    {
      sealed[bit / 8] ^= 1 << (bit % 8);
      g_assert_false (session_open (ends->server, 4, 9, ad, 2, sealed, sizeof sealed, opened));
      sealed[bit / 8] ^= 1 << (bit % 8);
    }
  for (size_t len = 0; len < sizeof sealed; len++)
    g_assert_false (session_open (ends->server, 4, 9, ad, 2, sealed, len, opened));
  g_assert_false (session_open (ends->server, 5, 9, ad, 2, sealed, sizeof sealed, opened));
  g_assert_false (session_open (ends->server, 4, 8, ad, 2, sealed, sizeof sealed, opened));
  g_assert_false (session_open (ends->server, 9, 4, ad, 2, sealed, sizeof sealed, opened));
  g_assert_false (
      session_open (ends->server, 4, 9, (const uint8_t *) "aD", 2, sealed, sizeof sealed, opened));
  g_assert_false (session_open (ends->server, 4, 9, ad, 1, sealed, sizeof sealed, opened));
  g_assert_true (session_open (ends->server, 4, 9, ad, 2, sealed, sizeof sealed, opened));
}

static void
assert_strangers (const Session *client, const Session *server)
{
  uint8_t sealed[1 + SESSION_OVERHEAD], opened[1], a[32], b[32];
  session_seal (client, 0, 0, NULL, 0, (const uint8_t *) "x", 1, sealed);
  g_assert_false (session_open (server, 0, 0, NULL, 0, sealed, sizeof sealed, opened));
  session_derive (client, "transfer", NULL, 0, a, sizeof a);
  session_derive (server, "transfer", NULL, 0, b, sizeof b);
  g_assert_cmpint (memcmp (a, b, sizeof a), !=, 0);
}

static void
test_other_connection_or_root (Ends *ends, gconstpointer unused)
{
  uint8_t other_exporter[SESSION_EXPORTER_LEN], other_root[PAIRING_ROOT_LEN];
  memcpy (other_exporter, exporter, sizeof exporter);
  other_exporter[31] ^= 1;
  memcpy (other_root, root, sizeof root);
  other_root[0] ^= 0x80;

  g_autoptr (Session) other_connection = session_new (root, other_exporter, false);
  g_autoptr (Session) other_pairing = session_new (other_root, exporter, false);
  assert_strangers (ends->client, other_connection);
  assert_strangers (ends->client, other_pairing);
}

static void
test_derive (Ends *ends, gconstpointer unused)
{
  static const struct
  {
    const char *label, *context;
  } inputs[] = { { "transfer", "1" }, { "transfer", "2" }, { "transfer", "" }, { "transfer1", "" },
                 { "sync", "1" },     { "", "transfer" },  { "t", "ransfer1" } };
  uint8_t keys[G_N_ELEMENTS (inputs)][48], same[48];

  for (size_t i = 0; i < G_N_ELEMENTS (inputs); i++)
    {
      const uint8_t *context = (const uint8_t *) inputs[i].context;
      session_derive (ends->client, inputs[i].label, context, strlen (inputs[i].context), keys[i],
                      48);
      session_derive (ends->server, inputs[i].label, context, strlen (inputs[i].context), same, 48);
      g_assert_cmpmem (keys[i], 48, same, 48);
      for (size_t j = 0; j < i; j++)
        g_assert_cmpint (memcmp (keys[i], keys[j], 48), !=, 0);
    }
}

#define ADD(name, function) g_test_add (name, Ends, NULL, ends_set_up, function, ends_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/session/both-ways", test_both_ways);
  ADD ("/session/known-answer", test_known_answer);
  ADD ("/session/in-place", test_in_place);
  ADD ("/session/directions-differ", test_directions_differ);
  ADD ("/session/tampering", test_tampering);
  ADD ("/session/other-connection-or-root", test_other_connection_or_root);
  ADD ("/session/derive", test_derive);
  return g_test_run ();
}

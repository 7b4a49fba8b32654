/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cryptography of docs/protocol.md against an independent computation (Python's hashlib,
 * blake3 and PyNaCl), over the shares of the CPace draft's vectors and the keys of RFC 8032's
 * first two tests. */
#include "net/core/pairing_keys.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

#include "net/core/cpace_testing.h"

#define BYTES(array) ((CpaceBytes) { (array), sizeof (array) })

static const char transcript_hex[] =
    "548b79fe73cd6de07bc0538a917a3e343a7256e281b7764e8b67fbf24933e22c";
static const char confirm_initiator_hex[] =
    "b7eb62d1bd1af0f0db3d25bf8e94a167773ff3462dc9210c6c0ac92f35a7eecf";
static const char confirm_joiner_hex[] =
    "de1e841c9951a1c68d7b26eebc5836a24c8940c3713d8e9935fd137da307993e";
static const char root_hex[] = "bcb1e0e760fa03053f3c8894ef4a680f231f306ec73b153ed2935df7f3a1408a";
static const char signature_hex[] =
    "47c1d0647b2aa6cff9c849dccec3b24575407f1add21cc61b1ff3fc4766c57f4"
    "c3a987d0ebf53c917e02749af0e1cd783f506013bfe96e19032d6aed6b6b6b04";

typedef struct
{
  NodeIdentity *joiner, *initiator;
  PairingParties parties;
  Cpace *cpace;
  uint8_t peer_share[CPACE_SHARE_LEN];
  GByteArray *request;
  PairingKeys keys;
} Run;

static void
from_hex (uint8_t *bytes, size_t len, const char *hex)
{
  size_t n_bytes;
  g_assert_cmpint (sodium_hex2bin (bytes, len, hex, strlen (hex), NULL, &n_bytes, NULL), ==, 0);
  g_assert_cmpuint (n_bytes, ==, len);
}

static void
assert_hex (const uint8_t *bytes, size_t len, const char *expected)
{
  char hex[2 * NODE_SIGNATURE_LEN + 1];
  sodium_bin2hex (hex, sizeof hex, bytes, len);
  g_assert_cmpstr (hex, ==, expected);
}

static NodeIdentity *
identity_of (const char *seed_hex)
{
  uint8_t seed[NODE_SEED_LEN];
  from_hex (seed, sizeof seed, seed_hex);
  return node_identity_from_seed (seed);
}

static bool
agree (Run *run)
{
  return pairing_keys_agree (&run->keys, &run->parties, run->cpace, true, run->peer_share,
                             run->request, (const uint8_t *) "challenge", strlen ("challenge"));
}

static void
set_up (Run *run, gconstpointer unused)
{
  static const uint8_t password[] = { 'P', 'a', 's', 's', 'w', 'o', 'r', 'd' };
  static const char channel[] = "oc\x0b"
                                "B_responder\x0b"
                                "A_initiator";
  run->joiner = identity_of ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  run->initiator = identity_of ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  run->parties =
      (PairingParties) { .joiner = node_identity_get_id (run->joiner),
                         .initiator = node_identity_get_id (run->initiator),
                         .exporter = (const uint8_t *) "an exporter value of a handshake" };
  run->request = g_byte_array_new ();
  g_byte_array_append (run->request, (const uint8_t *) "request", strlen ("request"));

  uint8_t sid[16];
  from_hex (sid, sizeof sid, "7e4b4791d6a8ef019b936c79fb7f2c57");
  uint8_t scalar[CPACE_SCALAR_LEN];
  from_hex (scalar, sizeof scalar,
            "da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08");
  from_hex (run->peer_share, sizeof run->peer_share,
            "08bcf6e9777a9c313a3db6daa510f2d398403319c2341bd506a92e672eb7e307");
  run->cpace = cpace_new_with_scalar (
      BYTES (password), (CpaceBytes) { (const uint8_t *) channel, sizeof channel - 1 }, BYTES (sid),
      scalar);
  g_assert_true (agree (run));
}

static void
tear_down (Run *run, gconstpointer unused)
{
  pairing_keys_wipe (&run->keys);
  cpace_free (run->cpace);
  g_byte_array_unref (run->request);
  node_identity_free (run->joiner);
  node_identity_free (run->initiator);
}

static void
test_known_answers (Run *run, gconstpointer unused)
{
  assert_hex (run->keys.transcript, sizeof run->keys.transcript, transcript_hex);
  uint8_t confirm[PAIRING_CONFIRM_LEN];
  pairing_keys_confirm (&run->keys, PAIRING_ROLE_NAME_INITIATOR, confirm);
  assert_hex (confirm, sizeof confirm, confirm_initiator_hex);
  pairing_keys_confirm (&run->keys, PAIRING_ROLE_NAME_JOINER, confirm);
  assert_hex (confirm, sizeof confirm, confirm_joiner_hex);
  uint8_t signature[NODE_SIGNATURE_LEN];
  pairing_keys_sign (&run->keys, PAIRING_ROLE_NAME_JOINER, run->joiner, signature);
  assert_hex (signature, sizeof signature, signature_hex);
  g_assert_true (pairing_keys_make_root (&run->keys, run->joiner, run->parties.initiator));
  assert_hex (run->keys.root, sizeof run->keys.root, root_hex);
}

/* One side's proofs are not the other's. */
static void
test_roles (Run *run, gconstpointer unused)
{
  uint8_t confirm[PAIRING_CONFIRM_LEN], signature[NODE_SIGNATURE_LEN];
  pairing_keys_confirm (&run->keys, PAIRING_ROLE_NAME_JOINER, confirm);
  g_assert_true (pairing_keys_check (&run->keys, PAIRING_ROLE_NAME_JOINER, confirm));
  g_assert_false (pairing_keys_check (&run->keys, PAIRING_ROLE_NAME_INITIATOR, confirm));

  pairing_keys_sign (&run->keys, PAIRING_ROLE_NAME_JOINER, run->joiner, signature);
  g_assert_true (
      pairing_keys_verify (&run->keys, PAIRING_ROLE_NAME_JOINER, run->parties.joiner, signature));
  g_assert_false (pairing_keys_verify (&run->keys, PAIRING_ROLE_NAME_INITIATOR, run->parties.joiner,
                                       signature));
  g_assert_false (pairing_keys_verify (&run->keys, PAIRING_ROLE_NAME_JOINER, run->parties.initiator,
                                       signature));
}

/* Every fact in the transcript changes it. */
static void
test_transcript (Run *run, gconstpointer unused)
{
  uint8_t transcripts[4][PAIRING_TRANSCRIPT_LEN];
  const NodeId *joiner = run->parties.joiner;
  memcpy (transcripts[0], run->keys.transcript, PAIRING_TRANSCRIPT_LEN);

  run->parties.exporter = (const uint8_t *) "the exporter of a 2nd handshake.";
  g_assert_true (agree (run));
  memcpy (transcripts[1], run->keys.transcript, PAIRING_TRANSCRIPT_LEN);

  run->parties.joiner = run->parties.initiator;
  run->parties.initiator = joiner;
  g_assert_true (agree (run));
  memcpy (transcripts[2], run->keys.transcript, PAIRING_TRANSCRIPT_LEN);

  g_byte_array_append (run->request, (const uint8_t *) "", 1);
  g_assert_true (agree (run));
  memcpy (transcripts[3], run->keys.transcript, PAIRING_TRANSCRIPT_LEN);

  for (int i = 0; i < 4; i++)
    for (int j = 0; j < i; j++)
      g_assert_cmpint (memcmp (transcripts[i], transcripts[j], PAIRING_TRANSCRIPT_LEN), !=, 0);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/pairing-keys/" name, Run, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("known-answers", test_known_answers);
  ADD ("roles", test_roles);
  ADD ("transcript", test_transcript);
  return g_test_run ();
}

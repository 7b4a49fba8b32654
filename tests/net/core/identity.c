/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/identity.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

static void
from_hex (uint8_t *bytes, size_t len, const char *hex)
{
  size_t n_bytes;
  g_assert_cmpint (sodium_hex2bin (bytes, len, hex, strlen (hex), NULL, &n_bytes, NULL), ==, 0);
  g_assert_cmpuint (n_bytes, ==, len);
}

/* RFC 8032, section 7.1, tests 1 to 3 and SHA(abc). */
static const struct
{
  const char *seed, *id, *message, *signature;
} rfc8032[] = {
  { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd"
    "25bf5f0595bbe24655141438e7a100b" },
  { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c3"
    "87b2eaeb4302aeeb00d291612bb0c00" },
  { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594"
    "a7c15e9716ed28dc027beceea1ec40a" },
  { "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd4"
    "54d4423643ce80e2a9ac94fa54ca49f",
    "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303"
    "dca179c138ac17ad9bef1177331a704" },
};

static void
test_rfc8032 (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rfc8032); i++)
    {
      uint8_t seed[NODE_SEED_LEN], message[64], expected[NODE_SIGNATURE_LEN];
      size_t len = strlen (rfc8032[i].message) / 2;
      from_hex (seed, sizeof seed, rfc8032[i].seed);
      from_hex (message, len, rfc8032[i].message);
      from_hex (expected, sizeof expected, rfc8032[i].signature);

      g_autoptr (NodeIdentity) identity = node_identity_from_seed (seed);
      const NodeId *id = node_identity_get_id (identity);
      g_autofree char *hex = node_id_to_hex (id);

      g_assert_cmpstr (hex, ==, rfc8032[i].id);
      g_assert_cmpmem (node_identity_get_seed (identity), NODE_SEED_LEN, seed, sizeof seed);

      uint8_t signature[NODE_SIGNATURE_LEN];
      node_identity_sign (identity, message, len, signature);
      g_assert_cmpmem (signature, sizeof signature, expected, sizeof expected);
      g_assert_true (node_id_verify (id, message, len, signature));

      for (size_t bit = 0; bit < sizeof signature * 8; bit += 7)
        {
          signature[bit / 8] ^= 1 << (bit % 8);
          g_assert_false (node_id_verify (id, message, len, signature));
          signature[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/* The group order L added to S: the same equation, but RFC 8032 (5.1.7) wants S < L, so that a
 * signature has one form. */
static void
test_malleable_signature (void)
{
  static const uint8_t order[32] = {
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10,
  };
  g_autoptr (NodeIdentity) identity = node_identity_generate ();
  uint8_t signature[NODE_SIGNATURE_LEN];

  node_identity_sign (identity, (const uint8_t *) "x", 1, signature);
  g_assert_true (
      node_id_verify (node_identity_get_id (identity), (const uint8_t *) "x", 1, signature));
  sodium_add (signature + 32, order, sizeof order);
  g_assert_false (
      node_id_verify (node_identity_get_id (identity), (const uint8_t *) "x", 1, signature));
}

static void
test_text_forms (void)
{
  g_autoptr (NodeIdentity) identity = node_identity_generate ();
  const NodeId *id = node_identity_get_id (identity);
  g_autofree char *hex = node_id_to_hex (id);
  g_autofree char *base32 = node_id_to_base32 (id);
  g_autofree char *short_form = node_id_to_short (id);
  g_autofree char *upper_hex = g_ascii_strup (hex, -1);
  g_autofree char *upper_base32 = g_ascii_strup (base32, -1);
  const char *forms[] = { hex, base32, upper_hex, upper_base32 };

  g_assert_cmpuint (strlen (hex), ==, NODE_ID_HEX_LEN);
  g_assert_cmpuint (strlen (base32), ==, NODE_ID_BASE32_LEN);
  g_assert_cmpuint (strlen (short_form), ==, NODE_ID_SHORT_LEN);
  g_assert_true (g_str_has_prefix (hex, short_form));

  for (size_t i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      NodeId parsed = { 0 };
      g_assert_true (node_id_parse (&parsed, forms[i]));
      g_assert_true (node_id_equal (&parsed, id));
      g_assert_true (node_id_equal_cb (&parsed, id));
      g_assert_cmpuint (node_id_hash (&parsed), ==, node_id_hash (id));
    }
}

static void
test_base32_vector (void)
{
  /* The key of RFC 8032's first test; base32 as Python's base64.b32encode() writes it, lower-
   * cased. */
  NodeId id;

  g_assert_true (node_id_parse (&id, rfc8032[0].id));
  g_autofree char *base32 = node_id_to_base32 (&id);
  g_assert_cmpstr (base32, ==, "25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkena");
}

static void
test_refused_ids (void)
{
  static const char *const refused[] = {
    "",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511",   /* 63 digits */
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511aa", /* 65 */
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511g",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f7075 1a",
    /* the eight points of small order, and two of their non-canonical spellings */
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    /* y = 2 is on no curve point */
    "0200000000000000000000000000000000000000000000000000000000000000",
  };
  NodeId id = { { 7 } };

  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++)
    g_assert_false (node_id_parse (&id, refused[i]));
  g_assert_cmpint (id.bytes[0], ==, 7);

  /* base32: the last character carries one bit of the key and four that must be zero */
  g_assert_true (node_id_parse (&id, rfc8032[0].id));
  g_autofree char *base32 = node_id_to_base32 (&id);
  base32[NODE_ID_BASE32_LEN - 1] = base32[NODE_ID_BASE32_LEN - 1] == 'a' ? 'b' : 'r';
  g_assert_false (node_id_parse (&id, base32));
}

/* A point of mixed order (a key plus a point of order two): no key pair has it. */
static void
test_mixed_order (void)
{
  static const uint8_t order_two[32] = { 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f };
  g_autoptr (NodeIdentity) identity = node_identity_generate ();
  NodeId mixed, parsed;

  g_assert_cmpint (
      crypto_core_ed25519_add (mixed.bytes, node_identity_get_id (identity)->bytes, order_two), ==,
      0);
  g_autofree char *hex = node_id_to_hex (&mixed);
  g_assert_false (node_id_parse (&parsed, hex));
}

static void
test_shared_secret (void)
{
  g_autoptr (NodeIdentity) a = node_identity_generate ();
  g_autoptr (NodeIdentity) b = node_identity_generate ();
  g_autoptr (NodeIdentity) c = node_identity_generate ();
  uint8_t ab[NODE_SHARED_SECRET_LEN], ba[NODE_SHARED_SECRET_LEN], ac[NODE_SHARED_SECRET_LEN];
  NodeId small = { { 1 } };

  g_assert_true (node_identity_shared_secret (a, node_identity_get_id (b), ab));
  g_assert_true (node_identity_shared_secret (b, node_identity_get_id (a), ba));
  g_assert_true (node_identity_shared_secret (a, node_identity_get_id (c), ac));
  g_assert_cmpmem (ab, sizeof ab, ba, sizeof ba);
  g_assert_cmpint (memcmp (ab, ac, sizeof ab), !=, 0);
  g_assert_false (node_identity_shared_secret (a, &small, ab));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/identity/rfc8032", test_rfc8032);
  g_test_add_func ("/identity/malleable-signature", test_malleable_signature);
  g_test_add_func ("/identity/text-forms", test_text_forms);
  g_test_add_func ("/identity/base32-vector", test_base32_vector);
  g_test_add_func ("/identity/refused-ids", test_refused_ids);
  g_test_add_func ("/identity/mixed-order", test_mixed_order);
  g_test_add_func ("/identity/shared-secret", test_shared_secret);
  return g_test_run ();
}

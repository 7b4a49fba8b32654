/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/aead.h"

#include <sodium.h>
#include <string.h>

typedef struct
{
  AeadAlgorithm algorithm;
  const char *key, *nonce, *aad, *plain, *cipher, *tag;
} Vector;

/* McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16 */
static const Vector gcm = {
  AEAD_AES_256_GCM,
  "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
  "cafebabefacedbaddecaf888",
  "feedfacedeadbeeffeedfacedeadbeefabaddad2",
  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
  "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
  "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
  "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
  "76fc6ece0f4e1768cddf8853bb2d551b",
};

/* RFC 8439, section 2.8.2 */
static const Vector chacha = {
  AEAD_CHACHA20_POLY1305,
  "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
  "070000004041424344454647",
  "50515253c0c1c2c3c4c5c6c7",
  "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
  "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
  "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
  "637265656e20776f756c642062652069742e",
  "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
  "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
  "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
  "3ff4def08e4b7a9de576d26586cec64b6116",
  "1ae10b594f09e26a7e902ecbd0600691",
};

static size_t
unhex (uint8_t *bytes, size_t max, const char *hex)
{
  size_t len = 0;
  g_assert_cmpint (sodium_hex2bin (bytes, max, hex, strlen (hex), NULL, &len, NULL), ==, 0);
  return len;
}

static void
test_vector (gconstpointer data)
{
  const Vector *v = data;
  uint8_t key[32], nonce[12], aad[64], plain[128], cipher[128], tag[16], out[128], out_tag[16];
  const uint8_t other_key[32] = { 7 };
  g_autoptr (Aead) aead = NULL;
  unhex (key, sizeof key, v->key);
  unhex (nonce, sizeof nonce, v->nonce);
  unhex (tag, sizeof tag, v->tag);
  size_t aad_len = unhex (aad, sizeof aad, v->aad);
  size_t len = unhex (plain, sizeof plain, v->plain);
  unhex (cipher, sizeof cipher, v->cipher);

  aead = aead_new (v->algorithm, other_key);
  aead_seal (aead, nonce, aad, aad_len, plain, len, out, out_tag);
  g_assert_true (memcmp (out_tag, tag, sizeof tag) != 0);
  aead_rekey (aead, key);
  /* twice, since contexts are reused */
  for (int i = 0; i < 2; i++)
    {
      aead_seal (aead, nonce, aad, aad_len, plain, len, out, out_tag);
      g_assert_cmpmem (out, len, cipher, len);
      g_assert_cmpmem (out_tag, sizeof out_tag, tag, sizeof tag);
      g_assert_true (aead_open (aead, nonce, aad, aad_len, out, len, out_tag, out));
      g_assert_cmpmem (out, len, plain, len);
    }
}

static void
test_forgery (gconstpointer data)
{
  const Vector *v = data;
  const uint8_t zero[128] = { 0 };
  uint8_t key[32], nonce[12] = { 1 }, aad[9] = "position", plain[100], cipher[100], tag[16],
                   out[100];
  g_autoptr (Aead) aead = NULL;

  unhex (key, sizeof key, v->key);
  memset (plain, 'w', sizeof plain);
  aead = aead_new (v->algorithm, key);
  aead_seal (aead, nonce, aad, sizeof aad, plain, sizeof plain, cipher, tag);

  for (int what = 0; what < 4; what++)
    {
      uint8_t *victim[] = { nonce, aad, cipher, tag };
      victim[what][3] ^= 1;
      memset (out, 'x', sizeof out);
      g_assert_false (aead_open (aead, nonce, aad, sizeof aad, cipher, sizeof cipher, tag, out));
      g_assert_cmpmem (out, sizeof out, zero, sizeof out);
      victim[what][3] ^= 1;
    }
  g_assert_true (aead_open (aead, nonce, aad, sizeof aad, cipher, sizeof cipher, tag, out));

  aead_seal (aead, nonce, aad, sizeof aad, NULL, 0, NULL, tag);
  g_assert_true (aead_open (aead, nonce, aad, sizeof aad, NULL, 0, tag, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);

  g_test_add_data_func ("/aead/aes-256-gcm/vector", &gcm, test_vector);
  g_test_add_data_func ("/aead/aes-256-gcm/forgery", &gcm, test_forgery);
  g_test_add_data_func ("/aead/chacha20-poly1305/vector", &chacha, test_vector);
  g_test_add_data_func ("/aead/chacha20-poly1305/forgery", &chacha, test_forgery);

  return g_test_run ();
}

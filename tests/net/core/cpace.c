/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vectors are those of draft-irtf-cfrg-cpace, "Test vector for CPace using group
 * ristretto255 and hash SHA-512". */
#include "net/core/cpace.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

#include "net/core/cpace_testing.h"

#define TEXT(text)   ((CpaceBytes) { (const uint8_t *) (text), sizeof (text) - 1 })
#define BYTES(array) ((CpaceBytes) { (array), sizeof (array) })

static const uint8_t sid[] = { 0x7e, 0x4b, 0x47, 0x91, 0xd6, 0xa8, 0xef, 0x01,
                               0x9b, 0x93, 0x6c, 0x79, 0xfb, 0x7f, 0x2c, 0x57 };
static const char channel[] = "oc\x0b"
                              "B_responder\x0b"
                              "A_initiator";
static const char generator_hex[] =
    "a6fc82c3b8968fbb2e06fee81ca858586dea50d248f0c7ca6a18b0902a30b36b";
static const char ya_hex[] = "da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08";
static const char share_a_hex[] =
    "d40fb265a7abeaee7939d91a585fe59f7053f982c296ec413c624c669308f87a";
static const char yb_hex[] = "d2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d";
static const char share_b_hex[] =
    "08bcf6e9777a9c313a3db6daa510f2d398403319c2341bd506a92e672eb7e307";
static const char k_hex[] = "e22b1ef7788f661478f3cddd4c600774fc0f41e6b711569190ff88fa0e607e09";
static const char isk_hex[] = "4c5469a16b2364c4b944ebc1a79e51d1674ad47db26e8718154f59faebfaa52d"
                              "8346f30aa58377117eb20d527f2cbc5c76381f7fd372e89df8239f87f2e02ed1";

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
  g_autofree char *hex = g_malloc (2 * len + 1);
  sodium_bin2hex (hex, 2 * len + 1, bytes, len);
  g_assert_cmpstr (hex, ==, expected);
}

static Cpace *
with_scalar (const char *scalar_hex)
{
  uint8_t scalar[CPACE_SCALAR_LEN];
  from_hex (scalar, sizeof scalar, scalar_hex);
  return cpace_new_with_scalar (TEXT ("Password"), TEXT (channel), BYTES (sid), scalar);
}

static void
test_generator (void)
{
  uint8_t generator[CPACE_POINT_LEN];
  cpace_generator (generator, TEXT ("Password"), TEXT (channel), BYTES (sid));
  assert_hex (generator, sizeof generator, generator_hex);
}

static void
test_draft_run (void)
{
  Cpace *a = with_scalar (ya_hex), *b = with_scalar (yb_hex);
  assert_hex (cpace_get_share (a), CPACE_SHARE_LEN, share_a_hex);
  assert_hex (cpace_get_share (b), CPACE_SHARE_LEN, share_b_hex);

  uint8_t scalar[CPACE_SCALAR_LEN];
  from_hex (scalar, sizeof scalar, ya_hex);
  uint8_t k[CPACE_POINT_LEN];
  g_assert_true (cpace_scalar_mult (k, scalar, cpace_get_share (b)));
  assert_hex (k, sizeof k, k_hex);
  from_hex (scalar, sizeof scalar, yb_hex);
  g_assert_true (cpace_scalar_mult (k, scalar, cpace_get_share (a)));
  assert_hex (k, sizeof k, k_hex);

  uint8_t isk[CPACE_ISK_LEN];
  g_assert_true (cpace_finish (a, true, TEXT ("ADa"), cpace_get_share (b), TEXT ("ADb"), isk));
  assert_hex (isk, sizeof isk, isk_hex);
  g_assert_true (cpace_finish (b, false, TEXT ("ADb"), cpace_get_share (a), TEXT ("ADa"), isk));
  assert_hex (isk, sizeof isk, isk_hex);

  cpace_free (a);
  cpace_free (b);
}

static void
test_scalar_mult (void)
{
  uint8_t scalar[CPACE_SCALAR_LEN], point[CPACE_POINT_LEN], result[CPACE_POINT_LEN];
  from_hex (scalar, sizeof scalar,
            "7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05");
  from_hex (point, sizeof point,
            "2c3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c");
  g_assert_true (cpace_scalar_mult (result, scalar, point));
  assert_hex (result, sizeof result,
              "7c13645fe790a468f62c39beb7388e541d8405d1ade69d1778c5fe3e7f6b600e");
}

static void
test_invalid_points (void)
{
  static const char *const invalid[] = {
    /* the draft's Y_i1 and Y_i2 */
    "2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c",
    "0000000000000000000000000000000000000000000000000000000000000000",
    /* RFC 9496, A.2: non-canonical, negative, non-square, negative product, s = -1 */
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  };
  Cpace *a = with_scalar (ya_hex);
  uint8_t scalar[CPACE_SCALAR_LEN];

  from_hex (scalar, sizeof scalar,
            "7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05");
  for (size_t i = 0; i < G_N_ELEMENTS (invalid); i++)
    {
      uint8_t point[CPACE_POINT_LEN], result[CPACE_POINT_LEN], isk[CPACE_ISK_LEN];
      from_hex (point, sizeof point, invalid[i]);
      g_assert_false (cpace_scalar_mult (result, scalar, point));
      g_assert_false (cpace_finish (a, true, TEXT ("ADa"), point, TEXT ("ADb"), isk));
    }
  cpace_free (a);
}

static void
test_zero_scalar (void)
{
  static const uint8_t zero[CPACE_SCALAR_LEN];
  g_assert_null (cpace_new_with_scalar (TEXT ("Password"), TEXT (channel), BYTES (sid), zero));
}

/* Runs both sides with b's inputs as given; whether they agree. */
static bool
agree (CpaceBytes password, CpaceBytes ci, CpaceBytes session, CpaceBytes a_data_at_b,
       bool b_is_initiator)
{
  Cpace *a = cpace_new (TEXT ("brave-lion-sunset"), TEXT ("channel"), TEXT ("session"));
  Cpace *b = cpace_new (password, ci, session);
  uint8_t isk_a[CPACE_ISK_LEN], isk_b[CPACE_ISK_LEN];
  g_assert_true (cpace_finish (a, true, TEXT ("A"), cpace_get_share (b), TEXT ("B"), isk_a));
  g_assert_true (
      cpace_finish (b, b_is_initiator, TEXT ("B"), cpace_get_share (a), a_data_at_b, isk_b));
  cpace_free (a);
  cpace_free (b);
  return memcmp (isk_a, isk_b, sizeof isk_a) == 0;
}

static void
test_agreement (void)
{
  CpaceBytes words = TEXT ("brave-lion-sunset"), ci = TEXT ("channel"), session = TEXT ("session");
  g_assert_true (agree (words, ci, session, TEXT ("A"), false));
  g_assert_false (agree (TEXT ("brave-lion-sunny"), ci, session, TEXT ("A"), false));
  g_assert_false (agree (words, TEXT ("channe1"), session, TEXT ("A"), false));
  g_assert_false (agree (words, ci, TEXT ("sessioN"), TEXT ("A"), false));
  g_assert_false (agree (words, ci, session, TEXT ("a"), false));
  g_assert_false (agree (words, ci, session, TEXT ("A"), true));
}

/* A fresh scalar each time, and lengths beyond one LEB128 byte and beyond the padding. */
static void
test_fresh_and_long (void)
{
  static const uint8_t zeros[300];
  Cpace *a = cpace_new (BYTES (zeros), BYTES (zeros), TEXT ("s"));
  Cpace *b = cpace_new (BYTES (zeros), BYTES (zeros), TEXT ("s"));
  g_assert_cmpint (memcmp (cpace_get_share (a), cpace_get_share (b), CPACE_SHARE_LEN), !=, 0);
  uint8_t isk_a[CPACE_ISK_LEN];
  g_assert_true (cpace_finish (a, true, BYTES (zeros), cpace_get_share (b), BYTES (zeros), isk_a));
  uint8_t isk_b[CPACE_ISK_LEN];
  g_assert_true (cpace_finish (b, false, BYTES (zeros), cpace_get_share (a), BYTES (zeros), isk_b));
  g_assert_cmpmem (isk_a, sizeof isk_a, isk_b, sizeof isk_b);
  cpace_free (a);
  cpace_free (b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cpace/generator", test_generator);
  g_test_add_func ("/cpace/draft-run", test_draft_run);
  g_test_add_func ("/cpace/scalar-mult", test_scalar_mult);
  g_test_add_func ("/cpace/invalid-points", test_invalid_points);
  g_test_add_func ("/cpace/zero-scalar", test_zero_scalar);
  g_test_add_func ("/cpace/agreement", test_agreement);
  g_test_add_func ("/cpace/fresh-and-long", test_fresh_and_long);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/transfer_id.h"

static void
text_form (void)
{
  TransferId id, again = { 0 };
  for (int i = 0; i < TRANSFER_ID_LEN; i++)
    id.bytes[i] = i * 17;
  char hex[TRANSFER_ID_HEX_LEN + 1];
  transfer_id_to_hex (&id, hex);
  g_assert_cmpstr (hex, ==, "00112233445566778899aabbccddeeff");
  g_assert_true (transfer_id_parse (&again, hex));
  g_assert_true (transfer_id_equal (&id, &again));
}

static void
refused (void)
{
  static const char *const texts[] = { "",
                                       "00112233445566778899aabbccddeef",
                                       "00112233445566778899aabbccddeeff0",
                                       "00112233445566778899AABBCCDDEEFF",
                                       "../12233445566778899aabbccddeeff",
                                       "00112233445566778899aabbccddeefg" };
  TransferId id;
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (transfer_id_parse (&id, texts[i]));
}

static void
unlike (void)
{
  TransferId a, b;
  transfer_id_generate (&a);
  transfer_id_generate (&b);
  g_assert_false (transfer_id_equal (&a, &b));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transfer-id/text-form", text_form);
  g_test_add_func ("/transfer-id/refused", refused);
  g_test_add_func ("/transfer-id/unlike", unlike);
  return g_test_run ();
}

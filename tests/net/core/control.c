/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/control.h"

#include <string.h>

#define HEX32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static bool
parse (TransferControl *control, const char *json, GError **error)
{
  return control_parse (control, NULL, (const uint8_t *) json, strlen (json), NULL, error);
}

/* Each line is what the encoder writes, and what it means. */
static const char *const canonical[] = {
  "{\"type\":\"accept\",\"compress\":false,\"resume\":[]}",
  "{\"type\":\"accept\",\"compress\":false,\"resume\":[{\"entry_id\":3,\"from\":65536,\"blake3\":\"" HEX32
  "\"},"
  "{\"entry_id\":4,\"from\":0}]}",
  "{\"type\":\"decline\",\"reason\":\"no-space\"}",
  "{\"type\":\"file-request\",\"entry_id\":9,\"from\":0}",
  "{\"type\":\"file-request\",\"entry_id\":9,\"from\":1,\"blake3\":\"" HEX32 "\"}",
  "{\"type\":\"file-done\",\"entry_id\":1,\"blake3\":\"" HEX32 "\"}",
  "{\"type\":\"verified\",\"entries\":[]}",
  "{\"type\":\"verified\",\"entries\":[5,1,1048575]}",
  "{\"type\":\"checksum-mismatch\",\"entry_id\":2}",
  "{\"type\":\"entry-failed\",\"entry_id\":2,\"reason\":\"vanished\"}",
  "{\"type\":\"progress\",\"bytes\":9007199254740991,\"files\":12}",
  "{\"type\":\"pause\"}",
  "{\"type\":\"resume\"}",
  "{\"type\":\"cancel\",\"reason\":\"person\"}",
  "{\"type\":\"unsupported\",\"request\":\"pause\"}",
  "{\"type\":\"done\",\"files\":3,\"failed\":1}",
  "{\"type\":\"done\",\"files\":3,\"failed\":1,\"skipped\":7,\"first_skipped\":["
  "{\"path\":\"a/link\",\"reason\":\"not-regular\"},{\"path\":\"b\",\"reason\":\"read\"}]}",
  "{\"type\":\"done\",\"files\":0,\"failed\":0,\"skipped\":4294967295,\"first_skipped\":[]}",
};

static void
round_trip (void)
{
  unsigned seen = 1u << CONTROL_OFFER; /* tests/net/core/offer.c */
  for (size_t i = 0; i < G_N_ELEMENTS (canonical); i++)
    {
      g_auto (TransferControl) control = { 0 };
      g_autoptr (GError) error = NULL;
      parse (&control, canonical[i], &error);
      g_assert_no_error (error);
      g_autoptr (GString) json = g_string_new (NULL);
      control_encode (&control, json);
      g_assert_cmpstr (json->str, ==, canonical[i]);
      seen |= 1u << control.type;
    }
  g_assert_cmpuint (seen, ==, (1u << CONTROL_TYPE_COUNT) - 1);
}

static void
values (void)
{
  g_auto (TransferControl) accept = { 0 };
  g_auto (TransferControl) failed = { 0 };
  g_assert_true (parse (&accept, canonical[1], NULL));
  g_assert_cmpuint (accept.accept.n_resume, ==, 2);
  g_assert_cmpuint (accept.accept.resume[0].entry_id, ==, 3);
  g_assert_cmpuint (accept.accept.resume[0].from, ==, 65536);
  for (int i = 0; i < CONTROL_DIGEST_LEN; i++)
    g_assert_cmpuint (accept.accept.resume[0].digest[i], ==, i);
  g_assert_true (
      parse (&failed, "{\"type\":\"entry-failed\",\"entry_id\":2,\"reason\":\"of-later\"}", NULL));
  g_assert_cmpint (failed.failed.reason, ==, CONTROL_REASON_OTHER);
}

static void
refused (void)
{
  static const char *const texts[] = {
    "",
    "{}",
    "[]",
    "{\"type\":7}",
    "{\"type\":\"\"}",
    "{\"type\":\"PAUSE\"}",
    "{\"type\":\"a\\u001bb\"}",
    "{\"type\":\"accept\"}",
    "{\"type\":\"accept\",\"compress\":false,\"resume\":[7]}",
    "{\"type\":\"accept\",\"compress\":false,\"resume\":[{\"entry_id\":1,\"from\":5}]}",
    "{\"type\":\"accept\",\"compress\":false,\"resume\":[{\"entry_id\":1,\"from\":-5}]}",
    "{\"type\":\"accept\",\"compress\":false,\"resume\":[{\"entry_id\":1,\"from\":0},{}]}",
    "{\"type\":\"decline\"}",
    "{\"type\":\"decline\",\"reason\":4}",
    "{\"type\":\"file-request\",\"entry_id\":1048576,\"from\":0}",
    "{\"type\":\"file-request\",\"entry_id\":0,\"from\":9007199254740992,\"blake3\":\"" HEX32 "\"}",
    "{\"type\":\"file-done\",\"entry_id\":1,\"blake3\":\"00\"}",
    "{\"type\":\"verified\",\"entries\":[1,\"2\"]}",
    "{\"type\":\"verified\",\"entries\":{}}",
    "{\"type\":\"unsupported\",\"request\":\"no\\nlog lines\"}",
    "{\"type\":\"unsupported\",\"request\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
    "{\"type\":\"done\",\"files\":1}",
    "{\"type\":\"done\",\"files\":1,\"failed\":0,\"skipped\":1}",
    "{\"type\":\"done\",\"files\":1,\"failed\":0,\"skipped\":-1,\"first_skipped\":[]}",
    "{\"type\":\"done\",\"files\":1,\"failed\":0,\"skipped\":1,\"first_skipped\":[{\"path\":\"../a\","
    "\"reason\":\"read\"}]}",
    "{\"type\":\"done\",\"files\":1,\"failed\":0,\"skipped\":1,\"first_skipped\":[{\"path\":\"a\"}]}",
    "{\"type\":\"done\",\"files\":1,\"failed\":0,\"skipped\":11,\"first_skipped\":[1,2,3,4,5,6,7,8,9,10,"
    "11]}",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      TransferControl control = { .type = CONTROL_PAUSE };
      g_autoptr (GError) error = NULL;
      g_assert_false (parse (&control, texts[i], &error));
      g_assert_error (error, CONTROL_ERROR, CONTROL_ERROR_INVALID);
      g_assert_cmpint (control.type, ==, CONTROL_PAUSE);
    }
}

static void
lists_are_bounded (void)
{
  g_autoptr (GString) text = g_string_new ("{\"type\":\"verified\",\"entries\":[0");
  for (int i = 0; i < CONTROL_VERIFIED_MAX; i++)
    g_string_append (text, ",0");
  g_string_append (text, "]}");
  TransferControl control;
  g_autoptr (GError) error = NULL;
  g_assert_false (parse (&control, text->str, &error));
  g_assert_error (error, CONTROL_ERROR, CONTROL_ERROR_INVALID);
}

/* What a later version says is answered, not punished. */
static void
later_versions (void)
{
  const char *json = "{\"type\":\"teleport\",\"entry_id\":1}";
  TransferControl control, answer = { 0 };
  g_autoptr (GError) error = NULL;
  g_assert_false (
      control_parse (&control, NULL, (const uint8_t *) json, strlen (json), &answer, &error));
  g_assert_error (error, CONTROL_ERROR, CONTROL_ERROR_UNKNOWN_TYPE);
  g_autoptr (GString) text = g_string_new (NULL);
  control_encode (&answer, text);
  g_assert_cmpstr (text->str, ==, "{\"type\":\"unsupported\",\"request\":\"teleport\"}");
}

static void
offers (void)
{
  TransferId id;
  transfer_id_generate (&id);
  g_autoptr (Offer) sent = offer_new (&id, &(OfferOptions) { .encrypt = true });
  g_assert_true (offer_add (sent, "a", OFFER_FILE, 1, (OfferTime) { 0 }, 0644, NULL));
  g_autoptr (GString) json = g_string_new (NULL);
  uint32_t next = 0;
  bool last;
  offer_encode_frame (sent, &next, &last, json);

  TransferControl control;
  g_autoptr (Offer) got = offer_new_incoming ();
  g_autoptr (GError) error = NULL;
  g_assert_true (
      control_parse (&control, got, (const uint8_t *) json->str, json->len, NULL, &error));
  g_assert_true (control.type == CONTROL_OFFER && control.offer.last);
  g_assert_cmpuint (offer_get_n_entries (got), ==, 1);

  g_assert_false (
      control_parse (&control, got, (const uint8_t *) json->str, json->len, NULL, &error));
  g_assert_error (error, OFFER_ERROR, OFFER_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (parse (&control, json->str, &error));
  g_assert_error (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/control/round-trip", round_trip);
  g_test_add_func ("/control/values", values);
  g_test_add_func ("/control/refused", refused);
  g_test_add_func ("/control/lists-are-bounded", lists_are_bounded);
  g_test_add_func ("/control/later-versions", later_versions);
  g_test_add_func ("/control/offers", offers);
  return g_test_run ();
}

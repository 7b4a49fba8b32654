/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/message.h"

#include <string.h>

#define ID "\"id\":\"000102030405060708090a0b0c0d0e0f\""

static bool
parse (Message *message, const char *json, GError **error)
{
  return message_parse (message, (const uint8_t *) json, strlen (json), error);
}

static void
every_type_returns (void)
{
  for (int type = 0; type < MESSAGE_TYPE_COUNT; type++)
    {
      const char *text = type == MESSAGE_TEXT_SHARE ? "two\nlines \"é\" \x01" : NULL;
      g_auto (Message) sent = { 0 };
      g_auto (Message) got = { 0 };
      message_init (&sent, type, text);
      g_autoptr (GString) json = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      g_assert_true (message_encode (&sent, json, &error));
      message_parse (&got, (const uint8_t *) json->str, json->len, &error);
      g_assert_no_error (error);
      g_assert_cmpint (got.type, ==, type);
      g_assert_true (message_id_equal (&got.id, &sent.id));
      g_assert_cmpstr (got.text, ==, text);
    }
}

static void
on_the_wire (void)
{
  g_auto (Message) ack = { 0 };
  MessageId to = { { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } };
  message_init_reply (&ack, MESSAGE_ACK, &to);
  g_autoptr (GString) json = g_string_new (NULL);
  g_assert_true (message_encode (&ack, json, NULL));
  g_assert_cmpstr (json->str, ==, "{\"type\":\"ack\"," ID "}");
  g_assert_true (message_type_is_critical (MESSAGE_TEXT_SHARE));
  g_assert_true (message_type_is_critical (MESSAGE_UNPAIRED));
  g_assert_false (message_type_is_critical (MESSAGE_PING));
}

/* Members of later versions are no reason to stop; types of later versions are a reason of their
 * own. */
static void
later_versions (void)
{
  g_auto (Message) message = { 0 };
  g_autoptr (GError) error = NULL;
  parse (&message, "{\"type\":\"ping\"," ID ",\"mood\":[\"good\"]}", &error);
  g_assert_no_error (error);
  g_assert_false (parse (&message, "{\"type\":\"library-announce\"," ID "}", &error));
  g_assert_error (error, MESSAGE_ERROR, MESSAGE_ERROR_UNKNOWN_TYPE);
}

static void
refused (void)
{
  static const char *const texts[] = {
    "",
    "{}",
    "[]",
    "ping",
    "{\"type\":\"ping\"}",
    "{\"type\":1," ID "}",
    "{\"type\":\"ping\",\"id\":\"00\"}",
    "{\"type\":\"ping\",\"id\":5}",
    "{\"type\":\"ping\"," ID "," ID "}",
    "{\"type\":\"text-share\"," ID "}",
    "{\"type\":\"text-share\"," ID ",\"text\":null}",
    "{\"type\":\"text-share\"," ID ",\"text\":\"\\u0000\"}",
    "{\"type\":\"ping\"," ID "}{}",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      Message message = { .type = MESSAGE_PONG };
      g_autoptr (GError) error = NULL;
      g_assert_false (parse (&message, texts[i], &error));
      g_assert_error (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID);
      g_assert_true (message.type == MESSAGE_PONG && !message.text);
    }
}

/* The longest text fits even when every byte of it needs an escape. */
static void
longest_text (void)
{
  g_auto (Message) sent = { 0 };
  g_auto (Message) got = { 0 };
  g_autofree char *text = g_strnfill (MESSAGE_TEXT_MAX, '\x01');
  message_init (&sent, MESSAGE_TEXT_SHARE, text);
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (message_encode (&sent, json, &error));
  g_assert_true (message_parse (&got, (const uint8_t *) json->str, json->len, &error));
  g_assert_cmpstr (got.text, ==, text);

  g_auto (Message) longer = { 0 };
  g_autofree char *more = g_strnfill (MESSAGE_TEXT_MAX + 1, 'x');
  message_init (&longer, MESSAGE_TEXT_SHARE, more);
  g_assert_false (message_encode (&longer, json, &error));
  g_assert_error (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID);
}

static void
oversized (void)
{
  g_autofree char *json = g_strnfill (MESSAGE_SIZE_MAX + 1, ' ');
  Message message;
  g_autoptr (GError) error = NULL;
  g_assert_false (parse (&message, json, &error));
  g_assert_error (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID);
}

static void
seen_ids (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (message_id_hash, message_id_equal_cb);
  MessageId a, b, copy;
  message_id_generate (&a);
  message_id_generate (&b);
  copy = a;
  g_assert_true (g_hash_table_add (seen, &a));
  g_assert_false (g_hash_table_contains (seen, &b));
  g_assert_true (g_hash_table_contains (seen, &copy));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/message/every-type-returns", every_type_returns);
  g_test_add_func ("/message/on-the-wire", on_the_wire);
  g_test_add_func ("/message/later-versions", later_versions);
  g_test_add_func ("/message/refused", refused);
  g_test_add_func ("/message/longest-text", longest_text);
  g_test_add_func ("/message/oversized", oversized);
  g_test_add_func ("/message/seen-ids", seen_ids);
  return g_test_run ();
}

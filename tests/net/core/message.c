/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/message.h"

#include <string.h>

#define ID "\"id\":\"000102030405060708090a0b0c0d0e0f\""

static bool
parse (Message *message, const char *json, GError **error)
{
  return message_parse (message, (const uint8_t *) json, strlen (json), error);
}

#define UUID  "0b5c7a4e-1f2d-4c3b-8a69-7f0e1d2c3b4a"
#define NODE  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define CLOCK "{\"time\":1700000000000,\"count\":3,\"node\":\"" NODE "\"}"
#define DEVICE                                                                                     \
  "\"device\":{\"device_id\":\"" UUID "\",\"name\":\"Anna’s desktop\",\"type\":\"laptop\","        \
  "\"node_id\":\"" NODE "\",\"version\":\"0.2.0\"}"
#define LIBRARY                                                                                    \
  "{\"library_id\":\"" UUID "\",\"name\":\"Photos\",\"files\":2,\"bytes\":9007199254740991}"
#define ENTRY                                                                                      \
  "{\"entry_id\":\"" UUID "\",\"at\":" CLOCK ",\"path\":\"a/b.txt\",\"removed\":false,"            \
  "\"size\":5,\"mtime\":-1,\"blake3\":\"" NODE "\"}"
#define REMOVED "{\"entry_id\":\"" UUID "\",\"at\":" CLOCK ",\"path\":\"a\",\"removed\":true}"

/* The members of each type as they go over the wire. */
static const char *const vectors[MESSAGE_TYPE_COUNT] = {
  [MESSAGE_PING] = "",
  [MESSAGE_PONG] = "",
  [MESSAGE_ACK] = "",
  [MESSAGE_DEVICE_INFO] = "," DEVICE,
  [MESSAGE_TEXT_SHARE] = ",\"text\":\"two\\u000alines \\\"é\\\" \\u0001\"",
  [MESSAGE_UNPAIRED] = "",
  [MESSAGE_LIBRARY_ANNOUNCE] = ",\"libraries\":[" LIBRARY "," LIBRARY "]",
  [MESSAGE_LIBRARY_REQUEST] = ",\"library_id\":\"" UUID "\"",
  [MESSAGE_SYNC_REQUEST] = ",\"library_id\":\"" UUID "\",\"after\":" CLOCK,
  [MESSAGE_SYNC_RESPONSE] =
      ",\"library_id\":\"" UUID "\",\"entries\":[" ENTRY "," REMOVED "],\"more\":true",
  [MESSAGE_FILE_REQUEST] = ",\"library_id\":\"" UUID "\",\"entry_id\":\"" UUID "\"",
  [MESSAGE_FILE_RESPONSE] = ",\"found\":true,\"transfer_id\":\"000102030405060708090a0b0c0d0e0f\"",
};

static char *
vector_of (MessageType type)
{
  return g_strdup_printf ("{\"type\":\"%s\"," ID "%s}", message_type_name (type), vectors[type]);
}

/* Each is read, and written again to the same bytes. */
static void
every_type_returns (void)
{
  for (int type = 0; type < MESSAGE_TYPE_COUNT; type++)
    {
      g_autofree char *wire = vector_of (type);
      g_auto (Message) got = { 0 };
      g_autoptr (GString) json = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      parse (&got, wire, &error);
      g_assert_no_error (error);
      g_assert_cmpint (got.type, ==, type);
      g_assert_true (message_encode (&got, json, &error));
      g_assert_cmpstr (json->str, ==, wire);
    }
}

static void
members_are_read (void)
{
  g_auto (Message) changes = { 0 };
  g_auto (Message) info = { 0 };
  g_autofree char *wire = vector_of (MESSAGE_SYNC_RESPONSE);
  g_autofree char *other = vector_of (MESSAGE_DEVICE_INFO);
  g_assert_true (parse (&changes, wire, NULL));
  g_assert_true (parse (&info, other, NULL));
  g_assert_cmpuint (changes.changes.n_entries, ==, 2);
  g_assert_true (changes.changes.more);
  const MessageEntry *entry = &changes.changes.entries[0];
  g_assert_cmpstr (entry->path, ==, "a/b.txt");
  g_assert_cmpuint (entry->size, ==, 5);
  g_assert_cmpint (entry->mtime, ==, -1);
  g_assert_cmpuint (entry->digest[31], ==, 31);
  g_assert_cmpuint (entry->at.time_ms, ==, 1700000000000);
  g_assert_cmpuint (entry->at.count, ==, 3);
  g_assert_true (changes.changes.entries[1].removed);
  g_assert_cmpstr (info.device.name, ==, "Anna’s desktop");
  g_assert_cmpint (info.device.type, ==, DEVICE_LAPTOP);
  g_assert_cmpstr (info.device.version, ==, "0.2.0");
  g_assert_cmpuint (info.device.node_id.bytes[31], ==, 31);
}

/* Without its last byte, without any of its members, or with a member of another type, it is no
 * message. */
static void
every_member_counts (void)
{
  for (int type = 0; type < MESSAGE_TYPE_COUNT; type++)
    {
      g_autofree char *wire = vector_of (type);
      for (char *name = strstr (wire, "\":"); name; name = strstr (name + 2, "\":"))
        {
          g_auto (Message) message = { 0 };
          name[-1] ^= 1; /* now it is another name */
          g_assert_false (parse (&message, wire, NULL));
          name[-1] ^= 1;
          char value = name[2];
          name[2] = value == '"' ? '0' : '"';
          g_assert_false (parse (&message, wire, NULL));
          name[2] = value;
        }
      for (size_t len = 0; len < strlen (wire); len++)
        {
          g_auto (Message) message = { 0 };
          g_assert_false (message_parse (&message, (const uint8_t *) wire, len, NULL));
        }
    }
}

/* A name that nobody could read is made fit to be shown. */
static void
name_is_sanitised (void)
{
  g_auto (Message) message = { 0 };
  g_autofree char *wire = vector_of (MESSAGE_DEVICE_INFO);
  g_autoptr (GString) evil = g_string_new (wire);
  g_string_replace (evil, "Anna’s desktop", "a\\u202e\\u0007\\n b", 0);
  g_assert_true (parse (&message, evil->str, NULL));
  g_assert_cmpstr (message.device.name, ==, "a b");
}

static char *
repeated (const char *head, const char *item, guint n, const char *tail)
{
  g_autoptr (GString) text = g_string_new (head);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", i ? "," : "", item);
  g_string_append (text, tail);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
lists_are_bounded (void)
{
  static const struct
  {
    const char *head, *item, *tail;
    guint max;
  } lists[] = {
    { "{\"type\":\"library-announce\"," ID ",\"libraries\":[", LIBRARY, "]}",
      MESSAGE_LIBRARIES_MAX },
    { "{\"type\":\"sync-response\"," ID ",\"library_id\":\"" UUID "\",\"entries\":[", REMOVED,
      "],\"more\":false}", MESSAGE_ENTRIES_MAX },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint more = 0; more <= 1; more++)
      {
        g_auto (Message) message = { 0 };
        g_autofree char *wire =
            repeated (lists[i].head, lists[i].item, lists[i].max + more, lists[i].tail);
        g_assert_cmpint (parse (&message, wire, NULL), ==, !more);
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
  g_assert_false (parse (&message, "{\"type\":\"library-rename\"," ID "}", &error));
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
    "{\"type\":\"library-announce\"," ID ",\"libraries\":[1]}",
    "{\"type\":\"library-request\"," ID ",\"library_id\":\"0B5C7A4E-1F2D-4C3B-8A69-7F0E1D2C3B4A\"}",
    "{\"type\":\"sync-response\"," ID ",\"library_id\":\"" UUID
    "\",\"entries\":[{\"entry_id\":\"" UUID "\",\"at\":" CLOCK
    ",\"path\":\"../a\",\"removed\":true}],\"more\":false}",
    "{\"type\":\"device-info\"," ID ",\"device\":{\"device_id\":\"" UUID
    "\",\"name\":\"a\",\"type\":\"toaster\","
    "\"node_id\":\"" NODE "\",\"version\":\"1\"}}",
    "{\"type\":\"device-info\"," ID ",\"device\":{\"device_id\":\"" UUID
    "\",\"name\":\"a\",\"type\":\"phone\","
    "\"node_id\":\"" NODE "\",\"version\":\"1 2\"}}",
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
  message_init (&sent, MESSAGE_TEXT_SHARE);
  sent.text = g_steal_pointer (&text);
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (message_encode (&sent, json, &error));
  g_assert_true (message_parse (&got, (const uint8_t *) json->str, json->len, &error));
  g_assert_cmpstr (got.text, ==, sent.text);

  g_auto (Message) longer = { 0 };
  g_autofree char *more = g_strnfill (MESSAGE_TEXT_MAX + 1, 'x');
  message_init (&longer, MESSAGE_TEXT_SHARE);
  longer.text = g_steal_pointer (&more);
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
  g_test_add_func ("/message/members-are-read", members_are_read);
  g_test_add_func ("/message/every-member-counts", every_member_counts);
  g_test_add_func ("/message/name-is-sanitised", name_is_sanitised);
  g_test_add_func ("/message/lists-are-bounded", lists_are_bounded);
  g_test_add_func ("/message/on-the-wire", on_the_wire);
  g_test_add_func ("/message/later-versions", later_versions);
  g_test_add_func ("/message/refused", refused);
  g_test_add_func ("/message/longest-text", longest_text);
  g_test_add_func ("/message/oversized", oversized);
  g_test_add_func ("/message/seen-ids", seen_ids);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A paired device that breaks the protocol before or instead of an offer that can be accepted, and
 * what becomes of one that keeps to it all the same. */
#include <string.h>

#include "net/async/quic_future.h"
#include "tests/support/hostile.h"
#include "tests/support/two_devices.h"

#define ID "00112233445566778899aabbccddeeff"

typedef struct
{
  TwoDevices devices;
  SecureConnection *peer;
  QuicStream *stream;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  two_devices_init (&fixture->devices);
  hostile_complaints = 0;
  fixture->peer = wait_boxed (two_devices_connect (&fixture->devices));
  fixture->stream = wait_boxed (quic_future_open_stream (fixture->peer->connection, true));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  quic_connection_close (fixture->peer->connection, QUIC_CODE_OK, "");
  run_until (dex_ref (fixture->devices.receiving));
  quic_stream_unref (fixture->stream);
  secure_connection_unref (fixture->peer);
  two_devices_clear (&fixture->devices);
}

static void
assert_thrown_out (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (wait_future (quic_future_closed (fixture->peer->connection), &error));
  g_assert_error (error, QUIC_CLOSE_ERROR, QUIC_CODE_PROTOCOL);
  run_until (dex_ref (fixture->devices.receiving));
  g_assert_cmpuint (hostile_complaints, ==, 1);
  g_assert_false (scratch_exists (&fixture->devices.scratch, "in"));
}

/* An offer of one file: @name as JSON has it. (transfer full) */
static char *
offer_of (const char *name)
{
  return g_strdup_printf (
      "{\"type\":\"offer\",\"transfer_id\":\"" ID "\",\"entries_total\":1,\"bytes_total\":5,"
      "\"options\":{\"compress\":false,\"encrypt\":true},\"entries\":[{\"id\":0,\"path\":\"%s\","
      "\"kind\":\"file\",\"size\":5,\"mtime\":0,\"mtime_ns\":0,\"mode\":420}],\"last\":true}",
      name);
}

/* Each names its own test. */
static const struct
{
  const char *test, *name;
} names[] = {
  { "parent", "../x" },
  { "parent-inside", "a/../../x" },
  { "absolute", "/etc/x" },
  { "empty", "" },
  { "dot", "." },
  { "dot-dot", ".." },
  { "dot-inside", "a/./b" },
  { "double-slash", "a//b" },
  { "trailing-slash", "a/" },
  { "nul", "x\\u0000y" },
  { "newline", "x\\ny" },
  { "escape", "x\\u001b[2J" },
  { "right-to-left", "x\\u202ey" },
  { "half-a-surrogate", "\\ud800" },
  { "not-utf8", "x\xff" },
};

static void
test_name (Fixture *fixture, gconstpointer name)
{
  g_autofree char *offer = offer_of (name);
  hostile_say (fixture->peer, fixture->stream, 0, offer);
  assert_thrown_out (fixture);
  g_assert_null (fixture->devices.incoming);
}

static void
test_long_name (Fixture *fixture, gconstpointer data)
{
  g_autofree char *name = g_strnfill (300, 'x');
  test_name (fixture, name);
}

static void
test_deep_name (Fixture *fixture, gconstpointer data)
{
  g_autofree char *name = g_strnfill (8000, 'a');
  for (size_t i = 1; i < strlen (name); i += 2)
    name[i] = '/';
  test_name (fixture, name);
}

#define OFFER(fields, entry)                                                                       \
  "{\"type\":\"offer\",\"transfer_id\":\"" ID "\"," fields                                         \
  "\"options\":{\"compress\":false,\"encrypt\":true},\"entries\":[" entry "],\"last\":true}"
#define ENTRY(id, size)                                                                            \
  "{\"id\":" id ",\"path\":\"x\",\"kind\":\"file\",\"size\":" size                                 \
  ",\"mtime\":0,\"mtime_ns\":0,\"mode\":420}"

static const char *const firsts[] = {
  "",
  "{",
  "[]",
  "null",
  "{}",
  "{\"type\":1}",
  "{\"type\":\"done\",\"files\":0,\"failed\":0}",
  "{\"type\":\"accept\",\"resume\":[]}",
  "{\"type\":\"verified\",\"entries\":[0]}",
  "{\"type\":\"offer\"}",
  "{\"type\":\"offer-entries\",\"entries\":[],\"last\":true}",
  "{\"type\":\"offer\",\"transfer_id\":\"00\",\"entries_total\":0,\"bytes_total\":0,\"entries\":[],"
  "\"last\":true}",
  OFFER ("\"entries_total\":4294967295,\"bytes_total\":0,", ""),
  OFFER ("\"entries_total\":1,\"bytes_total\":5,", ENTRY ("0", "-5")),
  OFFER ("\"entries_total\":1,\"bytes_total\":5,", ENTRY ("7", "5")),
  OFFER ("\"entries_total\":1,\"bytes_total\":6,", ENTRY ("0", "5")),
};

static void
test_first (Fixture *fixture, gconstpointer json)
{
  hostile_say (fixture->peer, fixture->stream, 0, json);
  assert_thrown_out (fixture);
  g_assert_null (fixture->devices.incoming);
}

/* What is no sealed frame at all; the stream ends behind it. */
static const struct
{
  const char *test;
  uint8_t bytes[24];
  size_t len;
} frames[] = {
  { "empty", { 0, 0, 0, 0 }, 4 },
  { "huge", { 0xff, 0xff, 0xff, 0xff }, 4 },
  { "unsealed", { 0, 0, 0, 20, '{', '}' }, 24 },
  { "truncated", { 0, 0, 1, 0, 1 }, 5 },
};

static void
test_frame (Fixture *fixture, gconstpointer data)
{
  unsigned i = GPOINTER_TO_UINT (data);
  g_autoptr (GBytes) bytes = g_bytes_new_static (frames[i].bytes, frames[i].len);
  wait_for (quic_future_send (fixture->stream, bytes));
  quic_stream_finish (fixture->stream);
  assert_thrown_out (fixture);
  g_assert_null (fixture->devices.incoming);
}

static void
test_second_offer (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = offer_of ("shown.txt"), *second = offer_of ("not-shown.txt");
  fixture->devices.answer = ANSWER_NOTHING;
  hostile_say (fixture->peer, fixture->stream, 0, first);
  wait_until (fixture->devices.incoming);
  g_autoptr (WherryTransfer) shown = g_object_ref (fixture->devices.incoming);
  hostile_say (fixture->peer, fixture->stream, 1, second);
  assert_thrown_out (fixture);
  g_assert_true (fixture->devices.incoming == shown);
  g_assert_cmpint (wherry_transfer_get_reason (shown), ==, TRANSFER_REASON_PROTOCOL);
}

#define add(name, data, func)                                                                      \
  g_test_add ("/hostile-offer/" name, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  hostile_init ();
  dex_init ();
  for (unsigned i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = g_strconcat ("/hostile-offer/name/", names[i].test, NULL);
      g_test_add (name, Fixture, names[i].name, set_up, test_name, tear_down);
    }
  add ("name/long", NULL, test_long_name);
  add ("name/deep", NULL, test_deep_name);
  for (unsigned i = 0; i < G_N_ELEMENTS (firsts); i++)
    {
      g_autofree char *name = g_strdup_printf ("/hostile-offer/first-message/%u", i);
      g_test_add (name, Fixture, firsts[i], set_up, test_first, tear_down);
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      g_autofree char *name = g_strconcat ("/hostile-offer/frame/", frames[i].test, NULL);
      g_test_add (name, Fixture, GUINT_TO_POINTER (i), set_up, test_frame, tear_down);
    }
  add ("second-offer", NULL, test_second_offer);
  return g_test_run ();
}

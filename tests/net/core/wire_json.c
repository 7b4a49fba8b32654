/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/wire_json.h"

#include <string.h>

#include "net/core/wire_json_writer.h"

static WireJson *
parse (const char *text, GError **error)
{
  return wire_json_parse ((const uint8_t *) text, strlen (text), error);
}

static void
good (void)
{
  static const char *const texts[] = {
    "{}",
    " \t\r\n{ } \n",
    "{\"a\":null}",
    "{\"a\":[]}",
    "{\"a\":[[],{},[1,-2,true,false,null,\"\"]]}",
    "{\"a\":0,\"b\":-0}",
    "{\"\":\"\"}",
    "{\"\\u0061\":1,\"b\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
    "{\"a\":18446744073709551615,\"b\":-9223372036854775808}",
    "{\"\\ud83d\\ude00\":1}",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (WireJson) json = parse (texts[i], &error);
      g_assert_no_error (error);
      g_assert_nonnull (json);
    }
}

static void
bad (void)
{
  static const char *const texts[] = {
    "",
    " ",
    "[]",
    "1",
    "\"a\"",
    "null",
    "{",
    "}",
    "{}}",
    "{} {}",
    "{}x",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{,}",
    "{\"a\":1 \"b\":2}",
    "{a:1}",
    "{'a':1}",
    "{\"a\":[1,]}",
    "{\"a\":[,1]}",
    "{\"a\":[1}",
    "{\"a\":[1 2]}",
    "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"\\u0061\":2}",
    "{\"a\":01}",
    "{\"a\":+1}",
    "{\"a\":1.0}",
    "{\"a\":1e3}",
    "{\"a\":-}",
    "{\"a\":.5}",
    "{\"a\":18446744073709551616}",
    "{\"a\":-9223372036854775809}",
    "{\"a\":99999999999999999999999}",
    "{\"a\":tru}",
    "{\"a\":True}",
    "{\"a\":nul}",
    "{\"a\":NaN}",
    "{\"a\":\"\n\"}",
    "{\"a\":\"\\x\"}",
    "{\"a\":\"\\u12\"}",
    "{\"a\":\"\\u0000\"}",
    "{\"a\":\"\\ud800\"}",
    "{\"a\":\"\\udc00\"}",
    "{\"a\":\"\\ud800\\u0041\"}",
    "{\"a\":\"\\ud800x\"}",
    "{\"a\":\"open",
    "{\"a\":\"\\",
    "{\"a\":\"\xff\"}",
    "{\"a\":\"\xed\xa0\x80\"}",
    "{/*c*/}",
    "\xef\xbb\xbf{}",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (WireJson) json = parse (texts[i], &error);
      g_assert_error (error, WIRE_JSON_ERROR, WIRE_JSON_ERROR_SYNTAX);
      g_assert_null (json);
    }
  g_assert_null (wire_json_parse ((const uint8_t *) "{}\0", 3, NULL));
  g_assert_null (wire_json_parse ((const uint8_t *) "{\"a\":\"\0\"}", 9, NULL));
}

/* Every prefix of a good document is bad, and none is read past its end (the sanitizer watches a
 * tight copy). */
static void
truncated (void)
{
  const char *text = "{\"a\":[1,-2,true,null,\"x\\u00e9\\ud83d\\ude00\"],\"b\":{\"c\":\"\\n\"}}";
  for (size_t len = 0; len < strlen (text); len++)
    {
      g_autofree uint8_t *tight = g_memdup2 (text, len);
      g_assert_null (wire_json_parse (tight, len, NULL));
    }
  g_autoptr (WireJson) json = parse (text, NULL);
  g_assert_nonnull (json);
}

static void
limit_case (const char *open, const char *close, size_t times, bool fits)
{
  g_autoptr (GString) text = g_string_new ("{\"a\":");
  for (size_t i = 0; i < times; i++)
    g_string_append (text, open);
  g_string_append (text, "0");
  for (size_t i = 0; i < times; i++)
    g_string_append (text, close);
  g_string_append_c (text, '}');
  g_autoptr (GError) error = NULL;
  g_autoptr (WireJson) json = parse (text->str, &error);
  if (fits)
    g_assert_no_error (error);
  else
    g_assert_error (error, WIRE_JSON_ERROR, WIRE_JSON_ERROR_LIMIT);
  g_assert_cmpint (json != NULL, ==, fits);
}

static void
limits (void)
{
  limit_case ("[", "]", WIRE_JSON_DEPTH_MAX - 1, true);
  limit_case ("[", "]", WIRE_JSON_DEPTH_MAX, false);
  limit_case ("[", "]", 100000, false);
  limit_case ("{\"x\":", "}", WIRE_JSON_DEPTH_MAX, false);

  for (size_t more = 0; more < 2; more++)
    {
      /* The object, the list and its elements. */
      g_autoptr (GString) text = g_string_new ("{\"a\":[0");
      for (size_t i = 3; i < WIRE_JSON_NODES_MAX + more; i++)
        g_string_append (text, ",0");
      g_string_append (text, "]}");
      g_autoptr (WireJson) json = parse (text->str, NULL);
      g_assert_cmpint (json != NULL, ==, more == 0);

      g_autoptr (GString) members = g_string_new ("{\"0\":0");
      for (size_t i = 1; i < WIRE_JSON_MEMBERS_MAX + more; i++)
        g_string_append_printf (members, ",\"%zu\":0", i);
      g_string_append_c (members, '}');
      g_autoptr (WireJson) wide = parse (members->str, NULL);
      g_assert_cmpint (wide != NULL, ==, more == 0);

      g_autofree char *blank = g_strnfill (WIRE_JSON_SIZE_MAX - 2 + more, ' ');
      g_autofree char *large = g_strconcat (blank, "{}", NULL);
      g_autoptr (WireJson) padded = parse (large, NULL);
      g_assert_cmpint (padded != NULL, ==, more == 0);
    }
}

static void
getters (void)
{
  g_autoptr (WireJson) json =
      parse ("{\"s\":\"f\\u00fcnf\",\"u\":18446744073709551615,\"i\":-5,\"t\":true,"
             "\"h\":\"00ff7a\",\"o\":{\"x\":1},\"l\":[1,\"two\",{\"three\":3}],\"n\":null}",
             NULL);
  const WireJsonNode *root = wire_json_root (json), *node = NULL;
  const char *s = NULL;
  uint64_t u = 0;
  int64_t i = 0;
  bool t = false;
  g_assert_true (wire_json_get_string (root, "s", 5, &s, NULL));
  g_assert_cmpstr (s, ==, "fünf");
  g_assert_true (wire_json_get_uint (root, "u", UINT64_MAX, &u, NULL));
  g_assert_cmpuint (u, ==, UINT64_MAX);
  g_assert_true (wire_json_get_int (root, "i", &i, NULL));
  g_assert_cmpint (i, ==, -5);
  g_assert_true (wire_json_get_bool (root, "t", &t, NULL) && t);
  uint8_t h[3];
  g_assert_true (wire_json_get_hex (root, "h", h, 3, NULL));
  g_assert_cmpmem (h, 3, "\0\xff\x7a", 3);
  g_assert_true (wire_json_get_object (root, "o", &node, NULL));
  g_assert_false (wire_json_get_string (node, "s", 9, &s, NULL));

  g_assert_true (wire_json_get_array (root, "l", 3, &node, NULL));
  g_assert_cmpuint (wire_json_count (node), ==, 3);
  const WireJsonNode *element = wire_json_first (node);
  g_assert_true (wire_json_as_uint (element, "l", 1, &u, NULL) && u == 1);
  element = wire_json_next (node, element);
  g_assert_true (wire_json_as_string (element, "l", 3, &s, NULL));
  g_assert_cmpstr (s, ==, "two");
  element = wire_json_next (node, element);
  g_assert_true (wire_json_get_uint (element, "three", 3, &u, NULL));
  g_assert_null (wire_json_next (node, element));
}

static void
getters_refuse (void)
{
  g_autoptr (WireJson) json =
      parse ("{\"s\":\"12345\",\"u\":4294967296,\"i\":-1,\"h\":\"0G\",\"H\":\"FF\","
             "\"l\":[1,2],\"n\":null}",
             NULL);
  const WireJsonNode *root = wire_json_root (json), *node = NULL;
  const char *s = "kept";
  uint64_t u = 7;
  uint32_t u32 = 7;
  int64_t i = 7;
  bool b = true;
  uint8_t h[1] = { 7 };
#define REFUSED(call)                                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (GError) error = NULL;                                                               \
    g_assert_false (call);                                                                         \
    g_assert_error (error, WIRE_JSON_ERROR, WIRE_JSON_ERROR_FIELD);                                \
  }                                                                                                \
  G_STMT_END
  REFUSED (wire_json_get_string (root, "s", 4, &s, &error));
  REFUSED (wire_json_get_string (root, "u", 4, &s, &error));
  REFUSED (wire_json_get_string (root, "absent", 4, &s, &error));
  REFUSED (wire_json_get_uint (root, "i", UINT64_MAX, &u, &error));
  REFUSED (wire_json_get_uint (root, "u", UINT32_MAX, &u, &error));
  REFUSED (wire_json_get_uint32 (root, "u", UINT32_MAX, &u32, &error));
  REFUSED (wire_json_get_uint (root, "s", UINT64_MAX, &u, &error));
  REFUSED (wire_json_get_int (root, "n", &i, &error));
  REFUSED (wire_json_get_bool (root, "u", &b, &error));
  REFUSED (wire_json_get_hex (root, "h", h, 1, &error));
  REFUSED (wire_json_get_hex (root, "H", h, 1, &error));
  REFUSED (wire_json_get_hex (root, "s", h, 1, &error));
  REFUSED (wire_json_get_object (root, "l", &node, &error));
  REFUSED (wire_json_get_array (root, "l", 1, &node, &error));
  REFUSED (wire_json_get_array (root, "n", 1, &node, &error));
  REFUSED (wire_json_as_uint (root, "it", 1, &u, &error));
  g_assert_cmpstr (s, ==, "kept");
  g_assert_true (u == 7 && u32 == 7 && i == 7 && b && h[0] == 7 && !node);

  g_autoptr (GError) error = NULL;
  g_assert_false (wire_json_get_uint (root, "colour", 1, &u, &error));
  g_assert_nonnull (strstr (error->message, "colour"));
}

static void
round_trip (void)
{
  g_autoptr (GString) out = g_string_new (NULL);
  WireJsonWriter writer;
  wire_json_writer_init (&writer, out);
  wire_json_begin_object (&writer, NULL);
  wire_json_put_string (&writer, "text", "\"\\/\b\n\x1f\x7f é日👩");
  wire_json_put_uint (&writer, "large", UINT64_MAX);
  wire_json_put_int (&writer, "small", INT64_MIN);
  wire_json_put_hex (&writer, "hex", (const uint8_t *) "\x01\xab", 2);
  wire_json_begin_array (&writer, "list");
  wire_json_put_bool (&writer, NULL, true);
  wire_json_begin_object (&writer, NULL);
  wire_json_end_object (&writer);
  wire_json_begin_array (&writer, NULL);
  wire_json_end_array (&writer);
  wire_json_put_bool (&writer, NULL, false);
  wire_json_end_array (&writer);
  wire_json_end_object (&writer);
  g_assert_cmpstr (
      out->str, ==,
      "{\"text\":\"\\\"\\\\/\\u0008\\u000a\\u001f\x7f é日👩\",\"large\":18446744073709551615,"
      "\"small\":-9223372036854775808,\"hex\":\"01ab\",\"list\":[true,{},[],false]}");

  g_autoptr (GError) error = NULL;
  g_autoptr (WireJson) json = parse (out->str, &error);
  g_assert_no_error (error);
  const char *text = NULL;
  int64_t small = 0;
  g_assert_true (wire_json_get_string (wire_json_root (json), "text", 100, &text, NULL));
  g_assert_cmpstr (text, ==, "\"\\/\b\n\x1f\x7f é日👩");
  g_assert_true (wire_json_get_int (wire_json_root (json), "small", &small, NULL));
  g_assert_true (small == INT64_MIN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire-json/good", good);
  g_test_add_func ("/wire-json/bad", bad);
  g_test_add_func ("/wire-json/truncated", truncated);
  g_test_add_func ("/wire-json/limits", limits);
  g_test_add_func ("/wire-json/getters", getters);
  g_test_add_func ("/wire-json/getters-refuse", getters_refuse);
  g_test_add_func ("/wire-json/round-trip", round_trip);
  return g_test_run ();
}

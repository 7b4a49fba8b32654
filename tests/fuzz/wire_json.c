/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever parses, the tree can be walked, every string in it is UTF-8, and no getter leaves the
 * document. */
#include "net/core/wire_json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static size_t
walk (const WireJsonNode *node)
{
  size_t seen = 1;
  const char *text;
  uint64_t number;
  if (wire_json_as_string (node, "node", SIZE_MAX, &text, NULL))
    g_assert_true (g_utf8_validate (text, -1, NULL));
  else if (!wire_json_as_uint (node, "node", UINT64_MAX, &number, NULL))
    {
      const WireJsonNode *child = wire_json_first (node);
      size_t children = 0;
      for (; child; child = wire_json_next (node, child), children++)
        seen += walk (child);
      g_assert_cmpuint (children, ==, wire_json_count (node));
    }
  return seen;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WireJson) json = wire_json_parse (data, size, &error);
  g_assert_true ((!json) == (error != NULL));
  if (!json)
    return 0;

  const WireJsonNode *root = wire_json_root (json), *node;
  g_assert_cmpuint (walk (root), <=, WIRE_JSON_NODES_MAX);
  int64_t number;
  bool truth;
  uint8_t bytes[2];
  wire_json_get_int (root, "a", &number, NULL);
  wire_json_get_bool (root, "a", &truth, NULL);
  wire_json_get_hex (root, "a", bytes, sizeof bytes, NULL);
  if (wire_json_get_object (root, "a", &node, NULL) ||
      wire_json_get_array (root, "a", 9, &node, NULL))
    walk (node);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/wire_json_private.h"

#include <sodium.h>
#include <string.h>

G_DEFINE_QUARK (wherry-wire-json-error-quark, wire_json_error)

void
wire_json_free (WireJson *json)
{
  if (!json)
    return;
  g_free (json->nodes);
  g_free (json->strings);
  g_free (json);
}

const WireJsonNode *
wire_json_root (const WireJson *json)
{
  return json->nodes;
}

size_t
wire_json_count (const WireJsonNode *array)
{
  return array->count;
}

const WireJsonNode *
wire_json_first (const WireJsonNode *array)
{
  return array->count > 0 ? array + 1 : NULL;
}

const WireJsonNode *
wire_json_next (const WireJsonNode *array, const WireJsonNode *element)
{
  element += element->span;
  return element < array + array->span ? element : NULL;
}

static const WireJsonNode *
find (const WireJsonNode *object, const char *name)
{
  if (object->type != TYPE_OBJECT)
    return NULL;
  for (const WireJsonNode *n = wire_json_first (object); n; n = wire_json_next (object, n))
    if (strcmp (n->name, name) == 0)
      return n;
  return NULL;
}

static const WireJsonNode *
find_or_fail (const WireJsonNode *object, const char *name, GError **error)
{
  const WireJsonNode *node = find (object, name);
  if (!node)
    g_set_error (error, WIRE_JSON_ERROR, WIRE_JSON_ERROR_FIELD, "The field “%s” is missing.", name);
  return node;
}

static bool
wrong (GError **error, const char *name, const char *expected)
{
  g_set_error (error, WIRE_JSON_ERROR, WIRE_JSON_ERROR_FIELD, "The field “%s” is not %s.", name,
               expected);
  return false;
}

bool
wire_json_as_uint (const WireJsonNode *node, const char *what, uint64_t max, uint64_t *value,
                   GError **error)
{
  if (node->type != TYPE_NUMBER || node->negative || node->number > max)
    {
      g_autofree char *expected = g_strdup_printf ("a number from 0 to %" G_GUINT64_FORMAT, max);
      return wrong (error, what, expected);
    }
  *value = node->number;
  return true;
}

bool
wire_json_as_string (const WireJsonNode *node, const char *what, size_t max_bytes,
                     const char **value, GError **error)
{
  if (node->type != TYPE_STRING || strlen (node->text) > max_bytes)
    {
      g_autofree char *expected = g_strdup_printf ("a text of at most %zu bytes", max_bytes);
      return wrong (error, what, expected);
    }
  *value = node->text;
  return true;
}

bool
wire_json_has (const WireJsonNode *object, const char *name)
{
  return find (object, name);
}

bool
wire_json_get_string (const WireJsonNode *object, const char *name, size_t max_bytes,
                      const char **value, GError **error)
{
  const WireJsonNode *node = find_or_fail (object, name, error);
  return node && wire_json_as_string (node, name, max_bytes, value, error);
}

bool
wire_json_get_uint (const WireJsonNode *object, const char *name, uint64_t max, uint64_t *value,
                    GError **error)
{
  const WireJsonNode *node = find_or_fail (object, name, error);
  return node && wire_json_as_uint (node, name, max, value, error);
}

bool
wire_json_get_uint32 (const WireJsonNode *object, const char *name, uint32_t max, uint32_t *value,
                      GError **error)
{
  uint64_t wide;
  if (!wire_json_get_uint (object, name, max, &wide, error))
    return false;
  *value = wide;
  return true;
}

bool
wire_json_get_int (const WireJsonNode *object, const char *name, int64_t *value, GError **error)
{
  const WireJsonNode *node = find_or_fail (object, name, error);
  if (!node)
    return false;
  if (node->type != TYPE_NUMBER || (!node->negative && node->number > INT64_MAX))
    return wrong (error, name, "a number from -2^63 to 2^63-1");
  *value = node->negative ? (int64_t) (0 - node->number) : (int64_t) node->number;
  return true;
}

bool
wire_json_get_bool (const WireJsonNode *object, const char *name, bool *value, GError **error)
{
  const WireJsonNode *node = find_or_fail (object, name, error);
  if (!node)
    return false;
  if (node->type != TYPE_BOOL)
    return wrong (error, name, "true or false");
  *value = node->number;
  return true;
}

bool
wire_json_get_hex (const WireJsonNode *object, const char *name, uint8_t *value, size_t len,
                   GError **error)
{
  const WireJsonNode *node = find_or_fail (object, name, error);
  if (!node)
    return false;
  if (node->type != TYPE_STRING || strlen (node->text) != 2 * len ||
      strspn (node->text, "0123456789abcdef") != 2 * len)
    {
      g_autofree char *expected = g_strdup_printf ("%zu lower-case hex digits", 2 * len);
      return wrong (error, name, expected);
    }
  return sodium_hex2bin (value, len, node->text, 2 * len, NULL, NULL, NULL) == 0;
}

bool
wire_json_get_object (const WireJsonNode *object, const char *name, const WireJsonNode **value,
                      GError **error)
{
  const WireJsonNode *node = find_or_fail (object, name, error);
  if (!node)
    return false;
  if (node->type != TYPE_OBJECT)
    return wrong (error, name, "an object");
  *value = node;
  return true;
}

bool
wire_json_get_array (const WireJsonNode *object, const char *name, size_t max_count,
                     const WireJsonNode **array, GError **error)
{
  const WireJsonNode *node = find_or_fail (object, name, error);
  if (!node)
    return false;
  if (node->type != TYPE_ARRAY || node->count > max_count)
    {
      g_autofree char *expected = g_strdup_printf ("a list of at most %zu elements", max_count);
      return wrong (error, name, expected);
    }
  *array = node;
  return true;
}

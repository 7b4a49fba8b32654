/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/wire_json_private.h"

#include <string.h>

typedef struct
{
  const char *start, *p, *end;
  GArray *nodes;    /* of WireJsonNode */
  char *string_end; /* an escape is never shorter than what it stands for */
  unsigned depth;
} Parser;

static bool
syntax (Parser *parser, GError **error, const char *expected)
{
  g_set_error (error, WIRE_JSON_ERROR, WIRE_JSON_ERROR_SYNTAX, "JSON, byte %zu: expected %s.",
               (size_t) (parser->p - parser->start), expected);
  return false;
}

static bool
over_limit (GError **error, const char *what, size_t limit)
{
  g_set_error (error, WIRE_JSON_ERROR, WIRE_JSON_ERROR_LIMIT, "JSON: more than %zu %s.", limit,
               what);
  return false;
}

static char
peek (Parser *parser)
{
  while (parser->p < parser->end && strchr (" \t\r\n", *parser->p))
    parser->p++;
  return parser->p < parser->end ? *parser->p : '\0';
}

static bool
parse_hex4 (Parser *parser, gunichar *c, GError **error)
{
  *c = 0;
  for (int i = 0; i < 4; i++, parser->p++)
    {
      if (parser->p == parser->end || !g_ascii_isxdigit (*parser->p))
        return syntax (parser, error, "four hex digits");
      *c = *c << 4 | g_ascii_xdigit_value (*parser->p);
    }
  return true;
}

static bool
parse_unicode_escape (Parser *parser, GError **error)
{
  gunichar c, low;
  if (!parse_hex4 (parser, &c, error))
    return false;
  if (c >= 0xD800 && c < 0xDC00)
    {
      if (parser->end - parser->p < 2 || parser->p[0] != '\\' || parser->p[1] != 'u')
        return syntax (parser, error, "the second half of a surrogate pair");
      parser->p += 2;
      if (!parse_hex4 (parser, &low, error))
        return false;
      if (low < 0xDC00 || low > 0xDFFF)
        return syntax (parser, error, "the second half of a surrogate pair");
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
  else if (c == 0 || (c >= 0xDC00 && c <= 0xDFFF))
    return syntax (parser, error, "a character other than NUL or half a surrogate pair");
  parser->string_end += g_unichar_to_utf8 (c, parser->string_end);
  return true;
}

static bool
parse_escape (Parser *parser, GError **error)
{
  static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  char letter = parser->p < parser->end ? *parser->p++ : '\0';
  if (letter == 'u')
    return parse_unicode_escape (parser, error);
  const char *found = letter != '\0' ? strchr (letters, letter) : NULL;
  if (!found)
    return syntax (parser, error, "an escape");
  *parser->string_end++ = meant[found - letters];
  return true;
}

static bool
parse_string (Parser *parser, const char **text, GError **error)
{
  if (peek (parser) != '"')
    return syntax (parser, error, "a string");
  *text = parser->string_end;
  for (parser->p++; parser->p < parser->end && *parser->p != '"';)
    {
      char c = *parser->p++;
      if ((unsigned char) c < 0x20)
        return syntax (parser, error, "no control character in a string");
      if (c != '\\')
        *parser->string_end++ = c;
      else if (!parse_escape (parser, error))
        return false;
    }
  if (parser->p == parser->end)
    return syntax (parser, error, "the end of a string");
  parser->p++;
  *parser->string_end++ = '\0';
  return true;
}

static bool
parse_number (Parser *parser, WireJsonNode *node, GError **error)
{
  node->type = TYPE_NUMBER;
  node->negative = *parser->p == '-';
  if (node->negative)
    parser->p++;
  const char *digits = parser->p;
  while (parser->p < parser->end && g_ascii_isdigit (*parser->p))
    {
      if (!g_uint64_checked_mul (&node->number, node->number, 10) ||
          !g_uint64_checked_add (&node->number, node->number, *parser->p - '0'))
        return syntax (parser, error, "a number below 2^64");
      parser->p++;
    }
  if (parser->p == digits || (*digits == '0' && parser->p - digits > 1))
    return syntax (parser, error, "a number without leading zeros");
  if (parser->p < parser->end && strchr (".eE", *parser->p))
    return syntax (parser, error, "a whole number");
  if (node->negative && node->number > (uint64_t) INT64_MAX + 1)
    return syntax (parser, error, "a number from -2^63 on");
  return true;
}

static bool
parse_literal (Parser *parser, const char *literal, GError **error)
{
  size_t len = strlen (literal);
  if ((size_t) (parser->end - parser->p) < len || memcmp (parser->p, literal, len) != 0)
    return syntax (parser, error, "a value");
  parser->p += len;
  return true;
}

static bool parse_value (Parser *parser, const char *name, GError **error);

/* Quadratic, but objects are small: WIRE_JSON_MEMBERS_MAX. */
static bool
check_new_name (Parser *parser, guint object, uint32_t count, const char *name, GError **error)
{
  if (count == WIRE_JSON_MEMBERS_MAX)
    return over_limit (error, "names in an object", WIRE_JSON_MEMBERS_MAX);
  const WireJsonNode *member = &g_array_index (parser->nodes, WireJsonNode, object) + 1;
  for (uint32_t i = 0; i < count; i++, member += member->span)
    if (strcmp (member->name, name) == 0)
      return syntax (parser, error, "no name twice in an object");
  return true;
}

static bool
parse_members (Parser *parser, guint container, NodeType type, GError **error)
{
  const char close = type == TYPE_OBJECT ? '}' : ']';
  uint32_t count = 0;
  parser->p++;
  while (peek (parser) != close || count > 0)
    {
      const char *name = NULL;
      if (type == TYPE_OBJECT)
        {
          if (!parse_string (parser, &name, error) ||
              !check_new_name (parser, container, count, name, error))
            return false;
          if (peek (parser) != ':')
            return syntax (parser, error, "a colon");
          parser->p++;
        }
      if (!parse_value (parser, name, error))
        return false;
      count++;
      if (peek (parser) != ',')
        break;
      parser->p++;
    }
  if (peek (parser) != close)
    return syntax (parser, error, type == TYPE_OBJECT ? "a comma or }" : "a comma or ]");
  parser->p++;

  WireJsonNode *node = &g_array_index (parser->nodes, WireJsonNode, container);
  node->count = count;
  node->span = parser->nodes->len - container;
  return true;
}

static bool
parse_container (Parser *parser, WireJsonNode node, NodeType type, GError **error)
{
  if (parser->depth == WIRE_JSON_DEPTH_MAX)
    return over_limit (error, "levels", WIRE_JSON_DEPTH_MAX);
  parser->depth++;
  node.type = type;
  g_array_append_val (parser->nodes, node);
  bool ok = parse_members (parser, parser->nodes->len - 1, type, error);
  parser->depth--;
  return ok;
}

static bool
parse_value (Parser *parser, const char *name, GError **error)
{
  if (parser->nodes->len == WIRE_JSON_NODES_MAX)
    return over_limit (error, "values", WIRE_JSON_NODES_MAX);
  WireJsonNode node = { .type = TYPE_NULL, .span = 1, .name = name };
  bool ok;
  switch (peek (parser))
    {
    case '{':
      return parse_container (parser, node, TYPE_OBJECT, error);
    case '[':
      return parse_container (parser, node, TYPE_ARRAY, error);
    case '"':
      node.type = TYPE_STRING;
      ok = parse_string (parser, &node.text, error);
      break;
    case 't':
    case 'f':
      node.type = TYPE_BOOL;
      node.number = *parser->p == 't';
      ok = parse_literal (parser, node.number ? "true" : "false", error);
      break;
    case 'n':
      ok = parse_literal (parser, "null", error);
      break;
    case '-':
    case '0' ... '9':
      ok = parse_number (parser, &node, error);
      break;
    default:
      return syntax (parser, error, "a value");
    }
  g_array_append_val (parser->nodes, node);
  return ok;
}

WireJson *
wire_json_parse (const uint8_t *text, size_t len, GError **error)
{
  if (len > WIRE_JSON_SIZE_MAX)
    {
      over_limit (error, "bytes", WIRE_JSON_SIZE_MAX);
      return NULL;
    }
  Parser parser = { .start = (const char *) text, .p = (const char *) text };
  parser.end = parser.start + len;
  /* Also refuses NUL, so the scanning below may use strchr(). */
  if (!g_utf8_validate_len (parser.start, len, &parser.p))
    {
      syntax (&parser, error, "UTF-8 text without NUL");
      return NULL;
    }
  parser.p = parser.start;
  if (peek (&parser) != '{')
    {
      syntax (&parser, error, "an object");
      return NULL;
    }

  g_autoptr (WireJson) json = g_new0 (WireJson, 1);
  /* Quotes that are left out make room for the NULs. */
  json->strings = parser.string_end = g_malloc (len);
  parser.nodes = g_array_new (FALSE, FALSE, sizeof (WireJsonNode));
  bool ok = parse_value (&parser, NULL, error);
  if (ok && (peek (&parser), parser.p < parser.end))
    ok = syntax (&parser, error, "nothing after the object");
  json->nodes = (WireJsonNode *) (void *) g_array_free (parser.nodes, FALSE);
  return ok ? g_steal_pointer (&json) : NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a parsed document lies in memory; only for wire_json.c and wire_json_parser.c. */
#pragma once

#include "net/core/wire_json.h"

typedef enum
{
  TYPE_NULL,
  TYPE_BOOL,
  TYPE_NUMBER,
  TYPE_STRING,
  TYPE_ARRAY,
  TYPE_OBJECT,
} NodeType;

/* Nodes lie in document order: the first child of a container is the node behind it, its next
 * sibling is span further. */
struct WireJsonNode
{
  uint8_t type;     /* NodeType */
  bool negative;    /* NUMBER */
  uint32_t span;    /* nodes of this value, itself included */
  uint32_t count;   /* direct children */
  const char *name; /* in an object; else NULL */
  union
  {
    const char *text;
    uint64_t number; /* magnitude; 0 or 1 for BOOL */
  };
};

struct WireJson
{
  WireJsonNode *nodes; /* (owned) */
  char *strings;       /* (owned) all names and texts, each with its NUL */
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the JSON that wire_json.h reads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

/** Appends compact JSON to a GString. @name is NULL inside an array and for the outermost object;
 * strings must be valid UTF-8. Begin and end must pair; nothing else can go wrong. */
typedef struct
{
  GString *out; /* borrowed */
  bool comma;
} WireJsonWriter;

void wire_json_writer_init (WireJsonWriter *writer, GString *out);
void wire_json_begin_object (WireJsonWriter *writer, const char *name);
void wire_json_end_object (WireJsonWriter *writer);
void wire_json_begin_array (WireJsonWriter *writer, const char *name);
void wire_json_end_array (WireJsonWriter *writer);
void wire_json_put_string (WireJsonWriter *writer, const char *name, const char *value);
void wire_json_put_uint (WireJsonWriter *writer, const char *name, uint64_t value);
void wire_json_put_int (WireJsonWriter *writer, const char *name, int64_t value);
void wire_json_put_bool (WireJsonWriter *writer, const char *name, bool value);
void wire_json_put_hex (WireJsonWriter *writer, const char *name, const uint8_t *value, size_t len);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/wire_json_writer.h"

#include <sodium.h>

static void
append_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      unsigned char c = *p;
      if (c == '"' || c == '\\')
        g_string_append_c (out, '\\');
      if (c < 0x20)
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_c (out, c);
    }
  g_string_append_c (out, '"');
}

static void
begin_value (WireJsonWriter *writer, const char *name)
{
  if (writer->comma)
    g_string_append_c (writer->out, ',');
  writer->comma = true;
  if (!name)
    return;
  append_string (writer->out, name);
  g_string_append_c (writer->out, ':');
}

static void
begin_container (WireJsonWriter *writer, const char *name, char bracket)
{
  begin_value (writer, name);
  g_string_append_c (writer->out, bracket);
  writer->comma = false;
}

static void
end_container (WireJsonWriter *writer, char bracket)
{
  g_string_append_c (writer->out, bracket);
  writer->comma = true;
}

void
wire_json_writer_init (WireJsonWriter *writer, GString *out)
{
  *writer = (WireJsonWriter) { .out = out };
}

void
wire_json_begin_object (WireJsonWriter *writer, const char *name)
{
  begin_container (writer, name, '{');
}

void
wire_json_end_object (WireJsonWriter *writer)
{
  end_container (writer, '}');
}

void
wire_json_begin_array (WireJsonWriter *writer, const char *name)
{
  begin_container (writer, name, '[');
}

void
wire_json_end_array (WireJsonWriter *writer)
{
  end_container (writer, ']');
}

void
wire_json_put_string (WireJsonWriter *writer, const char *name, const char *value)
{
  begin_value (writer, name);
  append_string (writer->out, value);
}

void
wire_json_put_uint (WireJsonWriter *writer, const char *name, uint64_t value)
{
  begin_value (writer, name);
  g_string_append_printf (writer->out, "%" G_GUINT64_FORMAT, value);
}

void
wire_json_put_int (WireJsonWriter *writer, const char *name, int64_t value)
{
  begin_value (writer, name);
  g_string_append_printf (writer->out, "%" G_GINT64_FORMAT, value);
}

void
wire_json_put_bool (WireJsonWriter *writer, const char *name, bool value)
{
  begin_value (writer, name);
  g_string_append (writer->out, value ? "true" : "false");
}

void
wire_json_put_hex (WireJsonWriter *writer, const char *name, const uint8_t *value, size_t len)
{
  begin_value (writer, name);
  g_string_append_c (writer->out, '"');
  size_t at = writer->out->len;
  g_string_set_size (writer->out, at + 2 * len);
  sodium_bin2hex (writer->out->str + at, 2 * len + 1, value, len);
  g_string_append_c (writer->out, '"');
}

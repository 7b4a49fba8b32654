/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/cli/event.h"

#include <stdio.h>

struct Event
{
  GString *line;
};

static void
append_quoted (GString *line, const char *text)
{
  /* File names need not be UTF-8; JSON must. */
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  g_string_append_c (line, '"');
  for (const char *p = valid; *p; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_c (line, '\\');
      if ((guchar) *p < 0x20 || *p == 0x7f)
        g_string_append_printf (line, "\\u%04x", (guchar) *p);
      else
        g_string_append_c (line, *p);
    }
  g_string_append_c (line, '"');
}

static void
append_key (Event *event, const char *key)
{
  char last = event->line->str[event->line->len - 1];

  if (last != '{')
    g_string_append_c (event->line, ',');
  append_quoted (event->line, key);
  g_string_append_c (event->line, ':');
}

Event *
event_new (const char *name)
{
  Event *event = g_new (Event, 1);

  event->line = g_string_new ("{");
  event_string (event, "event", name);
  return event;
}

void
event_string (Event *event, const char *key, const char *value)
{
  append_key (event, key);
  if (value)
    append_quoted (event->line, value);
  else
    g_string_append (event->line, "null");
}

void
event_strings (Event *event, const char *key, const char *const *values)
{
  append_key (event, key);
  g_string_append_c (event->line, '[');
  for (size_t i = 0; values && values[i]; i++)
    {
      if (i > 0)
        g_string_append_c (event->line, ',');
      append_quoted (event->line, values[i]);
    }
  g_string_append_c (event->line, ']');
}

void
event_uint (Event *event, const char *key, uint64_t value)
{
  append_key (event, key);
  g_string_append_printf (event->line, "%" G_GUINT64_FORMAT, value);
}

void
event_seconds (Event *event, const char *key, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  append_key (event, key);
  g_string_append (event->line, g_ascii_formatd (text, sizeof text, "%.6f", value));
}

void
event_bool (Event *event, const char *key, bool value)
{
  append_key (event, key);
  g_string_append (event->line, value ? "true" : "false");
}

void
event_device_members (Event *event, WherryDevice *device)
{
  g_autofree char *node_id = node_id_to_hex (wherry_device_get_node_id (device));

  event_string (event, "node_id", node_id);
  event_string (event, "device_id", wherry_device_get_device_id (device));
  event_string (event, "name", wherry_device_get_name (device));
  event_string (event, "type", device_type_name (wherry_device_get_device_type (device)));
}

void
event_device (Event *event, const char *key, WherryDevice *device)
{
  append_key (event, key);
  g_string_append_c (event->line, '{');
  event_device_members (event, device);
  g_string_append_c (event->line, '}');
}

char *
event_finish (Event *event)
{
  char *line;

  g_string_append_c (event->line, '}');
  line = g_string_free_and_steal (event->line);
  g_free (event);
  return line;
}

void
event_print (Event *event)
{
  g_autofree char *line = event_finish (event);

  puts (line);
  fflush (stdout);
}

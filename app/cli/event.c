/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/cli/event.h"

#include <math.h>

#include "app/cli/output.h"

Event *
event_new (const char *name)
{
  Event *event = json_builder_begin_object (json_builder_new ());

  event_string (event, "event", name);
  return event;
}

static void
add_string (Event *event, const char *value)
{
  g_autofree char *valid = value ? g_utf8_make_valid (value, -1) : NULL;

  if (valid)
    json_builder_add_string_value (event, valid);
  else
    json_builder_add_null_value (event);
}

void
event_string (Event *event, const char *key, const char *value)
{
  json_builder_set_member_name (event, key);
  add_string (event, value);
}

void
event_strings (Event *event, const char *key, const char *const *values)
{
  json_builder_set_member_name (event, key);
  json_builder_begin_array (event);
  for (size_t i = 0; values && values[i]; i++)
    add_string (event, values[i]);
  json_builder_end_array (event);
}

void
event_uint (Event *event, const char *key, uint64_t value)
{
  json_builder_set_member_name (event, key);
  json_builder_add_int_value (event, (gint64) MIN (value, (uint64_t) G_MAXINT64));
}

void
event_seconds (Event *event, const char *key, double value)
{
  json_builder_set_member_name (event, key);
  json_builder_add_double_value (event, round (value * G_USEC_PER_SEC) / G_USEC_PER_SEC);
}

void
event_bool (Event *event, const char *key, bool value)
{
  json_builder_set_member_name (event, key);
  json_builder_add_boolean_value (event, value);
}

void
event_device_members (Event *event, WherryDevice *device)
{
  event_string (event, "node_id", wherry_device_get_id (device));
  event_string (event, "device_id", wherry_device_get_device_id (device));
  event_string (event, "name", wherry_device_get_name (device));
  event_string (event, "type",
                enum_nick (WHERRY_TYPE_DEVICE_TYPE, (int) wherry_device_get_device_type (device)));
}

void
event_device (Event *event, const char *key, WherryDevice *device)
{
  json_builder_set_member_name (event, key);
  json_builder_begin_object (event);
  event_device_members (event, device);
  json_builder_end_object (event);
}

char *
event_finish (Event *event)
{
  g_autoptr (JsonNode) root = json_builder_get_root (json_builder_end_object (event));

  g_object_unref (event);
  return json_to_string (root, FALSE);
}

void
event_print (Event *event)
{
  g_autofree char *line = event_finish (event);

  output_event (line, false);
}

void
event_print_progress (Event *event)
{
  g_autofree char *line = event_finish (event);

  output_event (line, true);
}

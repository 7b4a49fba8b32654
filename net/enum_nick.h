/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of registered enumerations, which logs, --json and D-Bus speak of values by. */
#pragma once

#include <glib-object.h>

/** "no-space"; @value must be one of @type. Not translated. */
static inline const char *
enum_nick (GType type, int value)
{
  const GEnumValue *found = g_enum_get_value (g_type_class_get (type), value);
  g_return_val_if_fail (found, NULL);
  return found->value_nick;
}

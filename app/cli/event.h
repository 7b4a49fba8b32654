/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line of --json: an object that begins with "event", written whole. Names and units are the
 * contract of docs/command-line.md. */
#pragma once

#include <json-glib/json-glib.h>

#include "net/client.h"

typedef JsonBuilder Event;

Event *event_new (const char *name);
/** NULL: null. What is not UTF-8 becomes U+FFFD, byte by byte: file names need not be UTF-8, JSON
 * must. */
void event_string (Event *event, const char *key, const char *value);
void event_strings (Event *event, const char *key, const char *const *values);
void event_uint (Event *event, const char *key, uint64_t value);
void event_seconds (Event *event, const char *key, double value); /* to the microsecond */
void event_bool (Event *event, const char *key, bool value);
/** {"node_id", "device_id", "name", "type"} */
void event_device (Event *event, const char *key, WherryDevice *device);
/** The same members, in the event itself. */
void event_device_members (Event *event, WherryDevice *device);
/** The line, without its end. Frees @event. (transfer full) */
char *event_finish (Event *event);
/** Prints the line. Frees @event. */
void event_print (Event *event);
/** The same for one that the next of its kind makes obsolete. */
void event_print_progress (Event *event);

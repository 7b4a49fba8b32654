/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a device says about itself. */
#pragma once

#include "net/core/identity.h"

#define DEVICE_ID_LEN      36 /* UUID text, lower case, RFC 9562 */
#define DEVICE_NAME_MAX    64 /* bytes of UTF-8 */
#define DEVICE_VERSION_MAX 32 /* bytes of printable ASCII */

typedef enum
{
  DEVICE_DESKTOP,
  DEVICE_LAPTOP,
  DEVICE_PHONE,
  DEVICE_TABLET,
  DEVICE_SERVER,
} DeviceType;

#define DEVICE_TYPES (DEVICE_SERVER + 1)

/** A plain value. The name is always one that device_name_sanitize() made: still somebody else's
 * text, never markup. */
typedef struct
{
  char device_id[DEVICE_ID_LEN + 1];
  char name[DEVICE_NAME_MAX + 1];
  DeviceType type;
  NodeId node_id;
  char version[DEVICE_VERSION_MAX + 1];
} DeviceInfo;

/** "desktop", "laptop", "phone", "tablet", "server". */
const char *device_type_name (DeviceType type);
/** Exactly one of those names; false otherwise. */
bool device_type_parse (DeviceType *type, const char *name);

/** Makes a name that is safe to show from any bytes: valid UTF-8; no control, bidirectional,
 * zero-width or unassigned characters, but for a joiner (U+200C, U+200D) between letters of a
 * script that is spelled with it, or between emoji; white space collapsed and trimmed; at most
 * DEVICE_NAME_MAX bytes, cut between graphemes. "Unnamed device" when nothing is left.
 * @len -1: up to the NUL. */
void device_name_sanitize (char name[static DEVICE_NAME_MAX + 1], const char *text, gssize len);

/** A random (version 4) UUID. */
void device_id_generate (char device_id[static DEVICE_ID_LEN + 1]);
/** Whether @text is a UUID in the lower-case text form. */
bool device_id_is_valid (const char *text);
/** Whether @text is 1 to DEVICE_VERSION_MAX printable ASCII characters. */
bool device_version_is_valid (const char *text);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The device that a person means by a name or an id. */
#pragma once

#include "net/peer/device.h"

G_BEGIN_DECLS

/* Digits of a node id that are enough to name a device. */
#define DEVICE_FIND_PREFIX_MIN 4
/* A name of only so many hexadecimal digits is taken for an id, never for a name. */
#define DEVICE_FIND_HEX_NAME_MIN 8

typedef enum
{
  DEVICE_FIND_ERROR_NOT_FOUND,
  DEVICE_FIND_ERROR_AMBIGUOUS,
} DeviceFindError;

#define DEVICE_FIND_ERROR (device_find_error_quark ())
GQuark device_find_error_quark (void);

/** Which of @devices (element-type WherryDevice) @text means, by
 * node id (hex or base32), a unique prefix (DEVICE_FIND_PREFIX_MIN digits or more) of the hex node
 * id, device id, or name. A paired device is preferred to one that only announces itself, a name to
 * the same name in another case. What looks like an id is never looked up as a name: a peer chooses
 * its name.
 *
 * DEVICE_FIND_ERROR_NOT_FOUND or, when it could be several, DEVICE_FIND_ERROR_AMBIGUOUS, with
 * sentences; the second names them. (transfer none) */
WherryDevice *device_find (GPtrArray *devices, const char *text, GError **error);

G_END_DECLS

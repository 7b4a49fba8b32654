/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What another device is to us: one enum, one transition function. Owned by the DeviceRegistry. */
#pragma once

#include <stdbool.h>

typedef enum
{
  DEVICE_STATE_DISCOVERED,   /* seen by discovery, not paired */
  DEVICE_STATE_PAIRING,      /* not paired; a pairing session is running */
  DEVICE_STATE_PAIRED,       /* paired; not connected since the program or the trust began */
  DEVICE_STATE_CONNECTED,    /* paired; at least one connection is up */
  DEVICE_STATE_DISCONNECTED, /* paired; the last connection went away */
} DeviceState;
#define DEVICE_STATE_COUNT (DEVICE_STATE_DISCONNECTED + 1)

typedef enum
{
  DEVICE_EVENT_PAIRING_STARTED,
  DEVICE_EVENT_PAIRING_FAILED, /* for whatever reason; also cancelled and expired */
  DEVICE_EVENT_PAIRED,         /* there is a new pairing root: close what runs under the old one */
  DEVICE_EVENT_CONNECTED,      /* the first connection is up */
  DEVICE_EVENT_DISCONNECTED,   /* the last connection is gone */
  DEVICE_EVENT_UNPAIRED,       /* by either side; connections must be closed */
} DeviceEvent;
#define DEVICE_EVENT_COUNT (DEVICE_EVENT_UNPAIRED + 1)

/** Moves @state along the edge of @event. False when there is no such edge; @state is then
 * unchanged.
 *
 * A new device starts as DISCOVERED (from discovery) or PAIRED (from the store). A paired device
 * that is paired again (the other side was reinstalled) keeps its state until PAIRED, so a
 * failed attempt costs nothing. A second connection is no event, nor is the loss of one of
 * several. */
bool device_state_advance (DeviceState *state, DeviceEvent event);

/** PAIRED, CONNECTED or DISCONNECTED: this device may do more than pair. */
bool device_state_is_paired (DeviceState state);

/** "discovered", "pairing", … for logs and --json; not translated. */
const char *device_state_name (DeviceState state);
const char *device_event_name (DeviceEvent event);

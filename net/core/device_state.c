/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/device_state.h"

/* Zero is "no edge", so an edge is stored as its target plus one. */
#define TO(state) ((state) + 1)

static const unsigned char edges[DEVICE_STATE_COUNT][DEVICE_EVENT_COUNT] = {
  [DEVICE_STATE_DISCOVERED] = {
    [DEVICE_EVENT_PAIRING_STARTED] = TO (DEVICE_STATE_PAIRING),
  },
  [DEVICE_STATE_PAIRING] = {
    [DEVICE_EVENT_PAIRING_FAILED] = TO (DEVICE_STATE_DISCOVERED),
    [DEVICE_EVENT_PAIRED] = TO (DEVICE_STATE_PAIRED),
  },
  [DEVICE_STATE_PAIRED] = {
    [DEVICE_EVENT_PAIRING_STARTED] = TO (DEVICE_STATE_PAIRED),
    [DEVICE_EVENT_PAIRING_FAILED] = TO (DEVICE_STATE_PAIRED),
    [DEVICE_EVENT_PAIRED] = TO (DEVICE_STATE_PAIRED),
    [DEVICE_EVENT_CONNECTED] = TO (DEVICE_STATE_CONNECTED),
    [DEVICE_EVENT_UNPAIRED] = TO (DEVICE_STATE_DISCOVERED),
  },
  [DEVICE_STATE_CONNECTED] = {
    [DEVICE_EVENT_PAIRING_STARTED] = TO (DEVICE_STATE_CONNECTED),
    [DEVICE_EVENT_PAIRING_FAILED] = TO (DEVICE_STATE_CONNECTED),
    [DEVICE_EVENT_PAIRED] = TO (DEVICE_STATE_PAIRED),
    [DEVICE_EVENT_DISCONNECTED] = TO (DEVICE_STATE_DISCONNECTED),
    [DEVICE_EVENT_UNPAIRED] = TO (DEVICE_STATE_DISCOVERED),
  },
  [DEVICE_STATE_DISCONNECTED] = {
    [DEVICE_EVENT_PAIRING_STARTED] = TO (DEVICE_STATE_DISCONNECTED),
    [DEVICE_EVENT_PAIRING_FAILED] = TO (DEVICE_STATE_DISCONNECTED),
    [DEVICE_EVENT_PAIRED] = TO (DEVICE_STATE_PAIRED),
    [DEVICE_EVENT_CONNECTED] = TO (DEVICE_STATE_CONNECTED),
    [DEVICE_EVENT_UNPAIRED] = TO (DEVICE_STATE_DISCOVERED),
  },
};

bool
device_state_advance (DeviceState *state, DeviceEvent event)
{
  unsigned to = edges[*state][event];
  if (to == 0)
    return false;
  *state = to - 1;
  return true;
}

bool
device_state_is_paired (DeviceState state)
{
  return state == DEVICE_STATE_PAIRED || state == DEVICE_STATE_CONNECTED ||
         state == DEVICE_STATE_DISCONNECTED;
}

const char *
device_state_name (DeviceState state)
{
  static const char *const names[DEVICE_STATE_COUNT] = { "discovered", "pairing", "paired",
                                                         "connected", "disconnected" };
  return names[state];
}

const char *
device_event_name (DeviceEvent event)
{
  static const char *const names[DEVICE_EVENT_COUNT] = { "pairing-started", "pairing-failed",
                                                         "paired",          "connected",
                                                         "disconnected",    "unpaired" };
  return names[event];
}

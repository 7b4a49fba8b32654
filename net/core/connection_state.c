/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/connection_state.h"

/* Zero is "no edge", so an edge is stored as its target plus one. */
#define TO(state) ((state) + 1)

static const unsigned char edges[CONNECTION_STATE_COUNT][CONNECTION_EVENT_COUNT] = {
  [CONNECTION_STATE_CONNECTING] = {
    [CONNECTION_EVENT_ESTABLISHED] = TO (CONNECTION_STATE_CONNECTED),
    [CONNECTION_EVENT_CLOSE] = TO (CONNECTION_STATE_CLOSING),
    [CONNECTION_EVENT_LOST] = TO (CONNECTION_STATE_CLOSED),
  },
  [CONNECTION_STATE_CONNECTED] = {
    [CONNECTION_EVENT_ACTIVITY] = TO (CONNECTION_STATE_CONNECTED),
    [CONNECTION_EVENT_QUIET] = TO (CONNECTION_STATE_IDLE),
    [CONNECTION_EVENT_CLOSE] = TO (CONNECTION_STATE_CLOSING),
    [CONNECTION_EVENT_LOST] = TO (CONNECTION_STATE_CLOSED),
  },
  [CONNECTION_STATE_IDLE] = {
    [CONNECTION_EVENT_ACTIVITY] = TO (CONNECTION_STATE_CONNECTED),
    [CONNECTION_EVENT_QUIET] = TO (CONNECTION_STATE_IDLE),
    [CONNECTION_EVENT_CLOSE] = TO (CONNECTION_STATE_CLOSING),
    [CONNECTION_EVENT_LOST] = TO (CONNECTION_STATE_CLOSED),
  },
  [CONNECTION_STATE_CLOSING] = {
    /* Data that was in flight when we closed does not reopen the connection. */
    [CONNECTION_EVENT_ACTIVITY] = TO (CONNECTION_STATE_CLOSING),
    [CONNECTION_EVENT_CLOSE] = TO (CONNECTION_STATE_CLOSING),
    [CONNECTION_EVENT_LOST] = TO (CONNECTION_STATE_CLOSED),
  },
  [CONNECTION_STATE_CLOSED] = { 0 },
};

bool
connection_state_advance (ConnectionState *state, ConnectionEvent event)
{
  unsigned to = edges[*state][event];
  if (to == 0)
    return false;
  *state = to - 1;
  return true;
}

bool
connection_state_is_usable (ConnectionState state)
{
  return state == CONNECTION_STATE_CONNECTED || state == CONNECTION_STATE_IDLE;
}

const char *
connection_state_name (ConnectionState state)
{
  static const char *const names[CONNECTION_STATE_COUNT] = { "connecting", "connected", "idle",
                                                             "closing", "closed" };
  return names[state];
}

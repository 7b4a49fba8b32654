/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of one pooled connection: one enum, one transition function. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef enum
{
  CONNECTION_STATE_CONNECTING, /* handshake running */
  CONNECTION_STATE_CONNECTED,
  CONNECTION_STATE_IDLE,    /* up, but nothing was said for CONNECTION_IDLE_US: ping it */
  CONNECTION_STATE_CLOSING, /* we said goodbye; what is on its way may still arrive */
  CONNECTION_STATE_CLOSED,  /* final */
} ConnectionState;
#define CONNECTION_STATE_COUNT (CONNECTION_STATE_CLOSED + 1)

typedef enum
{
  CONNECTION_EVENT_ESTABLISHED, /* handshake done and the peer is who we wanted */
  CONNECTION_EVENT_ACTIVITY,    /* a stream or message moved */
  CONNECTION_EVENT_QUIET,       /* CONNECTION_IDLE_US went by without any */
  CONNECTION_EVENT_CLOSE,       /* we want to end it */
  CONNECTION_EVENT_LOST,        /* closed by the peer, timed out, or our close has finished */
} ConnectionEvent;
#define CONNECTION_EVENT_COUNT (CONNECTION_EVENT_LOST + 1)

/** Inactivity after which a connection is IDLE and is pinged. */
#define CONNECTION_IDLE_US (30 * INT64_C (1000000))

/** Moves @state along the edge of @event. False when there is no such edge; @state is then
 * unchanged. */
bool connection_state_advance (ConnectionState *state, ConnectionEvent event);

/** CONNECTED or IDLE: new streams may be opened. */
bool connection_state_is_usable (ConnectionState state);

/** "connecting", … for logs; not translated. */
const char *connection_state_name (ConnectionState state);

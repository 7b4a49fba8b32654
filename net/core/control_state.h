/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The legal order of control messages in one transfer: one enum, one transition function. Both
 * sides feed it with what they send and with what they receive, in that order. */
#pragma once

#include "net/core/control.h"

typedef enum
{
  CONTROL_STATE_START,
  CONTROL_STATE_OFFERING,          /* parts of the offer are out */
  CONTROL_STATE_OFFERED,           /* waits for an answer */
  CONTROL_STATE_ACTIVE,            /* accepted: data flows */
  CONTROL_STATE_SENT,              /* the sender said done; the receiver still verifies */
  CONTROL_STATE_ENDED_BY_SENDER,   /* cancelled */
  CONTROL_STATE_ENDED_BY_RECEIVER, /* declined, cancelled or done */
} ControlState;
#define CONTROL_STATE_COUNT (CONTROL_STATE_ENDED_BY_RECEIVER + 1)

/** Who said it: roles are of the files, not of the connection. */
typedef enum
{
  CONTROL_SENDER,
  CONTROL_RECEIVER,
} ControlRole;

/** Moves @state by @control said by @from; CONTROL_ERROR_UNEXPECTED when it may not be said now,
 * @state is then unchanged. After an end the side that did not end it may still be heard: its
 * messages crossed ours on the way, are legal and mean nothing. */
bool control_state_advance (ControlState *state, ControlRole from, const TransferControl *control,
                            GError **error);

/** Data may arrive: ACTIVE or SENT. A data stream in any other state is QUIC_CODE_PROTOCOL, or is
 * dropped after an end. */
bool control_state_takes_data (ControlState state);
bool control_state_is_final (ControlState state);
const char *control_state_name (ControlState state);

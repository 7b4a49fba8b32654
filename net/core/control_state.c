/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/control_state.h"

#define BIT(type) (1u << (type))

/* Whatever the state, as long as the transfer lives. */
#define ALWAYS (BIT (CONTROL_CANCEL) | BIT (CONTROL_UNSUPPORTED))

/* What each side may say while the files are on their way. A sender that already said done
 * speaks again when the receiver asked for a file meanwhile: their messages crossed. */
#define FLOWING                                                                                    \
  (ALWAYS | BIT (CONTROL_ENTRY_FAILED) | BIT (CONTROL_PROGRESS) | BIT (CONTROL_PAUSE) |            \
   BIT (CONTROL_RESUME))
#define FLOWING_SENDER (FLOWING | BIT (CONTROL_FILE_DONE) | BIT (CONTROL_DONE))
#define FLOWING_RECEIVER                                                                           \
  (FLOWING | BIT (CONTROL_FILE_REQUEST) | BIT (CONTROL_VERIFIED) | BIT (CONTROL_CHECKSUM_MISMATCH))
#define ANYTHING (BIT (CONTROL_TYPE_COUNT) - 1)

static const unsigned allowed[CONTROL_STATE_COUNT][2] = {
  [CONTROL_STATE_START] = { BIT (CONTROL_OFFER), 0 },
  [CONTROL_STATE_OFFERING] = { BIT (CONTROL_OFFER) | ALWAYS, ALWAYS | BIT (CONTROL_DECLINE) },
  [CONTROL_STATE_OFFERED] = { ALWAYS, ALWAYS | BIT (CONTROL_ACCEPT) | BIT (CONTROL_DECLINE) },
  [CONTROL_STATE_ACTIVE] = { FLOWING_SENDER, FLOWING_RECEIVER },
  [CONTROL_STATE_SENT] = { FLOWING_SENDER, FLOWING_RECEIVER | BIT (CONTROL_DONE) },
  [CONTROL_STATE_ENDED_BY_SENDER] = { 0, ANYTHING },
  [CONTROL_STATE_ENDED_BY_RECEIVER] = { ANYTHING, 0 },
};

static ControlState
next_state (ControlState state, ControlRole from, const TransferControl *control)
{
  if (control_state_is_final (state))
    return state;
  switch (control->type)
    {
    case CONTROL_OFFER:
      return control->offer.last ? CONTROL_STATE_OFFERED : CONTROL_STATE_OFFERING;
    case CONTROL_ACCEPT:
    case CONTROL_FILE_REQUEST:
      return CONTROL_STATE_ACTIVE;
    case CONTROL_DECLINE:
      return CONTROL_STATE_ENDED_BY_RECEIVER;
    case CONTROL_CANCEL:
      return from == CONTROL_SENDER ? CONTROL_STATE_ENDED_BY_SENDER
                                    : CONTROL_STATE_ENDED_BY_RECEIVER;
    case CONTROL_DONE:
      return from == CONTROL_SENDER ? CONTROL_STATE_SENT : CONTROL_STATE_ENDED_BY_RECEIVER;
    case CONTROL_FILE_DONE:
    case CONTROL_VERIFIED:
    case CONTROL_CHECKSUM_MISMATCH:
    case CONTROL_ENTRY_FAILED:
    case CONTROL_PROGRESS:
    case CONTROL_PAUSE:
    case CONTROL_RESUME:
    case CONTROL_UNSUPPORTED:
    default:
      return state;
    }
}

bool
control_state_advance (ControlState *state, ControlRole from, const TransferControl *control,
                       GError **error)
{
  if ((allowed[*state][from] & BIT (control->type)) == 0)
    {
      g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED,
                   "The %s of the files may not say “%s” while the transfer is %s.",
                   from == CONTROL_SENDER ? "sender" : "receiver",
                   control_type_name (control->type), control_state_name (*state));
      return false;
    }
  *state = next_state (*state, from, control);
  return true;
}

bool
control_state_takes_data (ControlState state)
{
  return state == CONTROL_STATE_ACTIVE || state == CONTROL_STATE_SENT;
}

bool
control_state_is_final (ControlState state)
{
  return state == CONTROL_STATE_ENDED_BY_SENDER || state == CONTROL_STATE_ENDED_BY_RECEIVER;
}

const char *
control_state_name (ControlState state)
{
  static const char *const names[CONTROL_STATE_COUNT] = { "new",
                                                          "being offered",
                                                          "offered",
                                                          "active",
                                                          "sent",
                                                          "ended by the sender",
                                                          "ended by the receiver" };
  return names[state];
}

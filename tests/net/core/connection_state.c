/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/connection_state.h"

#include <glib.h>

#define NO (-1)
#define C  CONNECTION_STATE_CONNECTED
#define I  CONNECTION_STATE_IDLE
#define G  CONNECTION_STATE_CLOSING
#define X  CONNECTION_STATE_CLOSED

/* Rows: the state before; columns: established, activity, quiet, close, lost. */
static const int expected[CONNECTION_STATE_COUNT][CONNECTION_EVENT_COUNT] = {
  { C, NO, NO, G, X }, { NO, C, I, G, X },     { NO, C, I, G, X },
  { NO, G, NO, G, X }, { NO, NO, NO, NO, NO },
};

static void
every_edge (void)
{
  for (int from = 0; from < CONNECTION_STATE_COUNT; from++)
    for (int event = 0; event < CONNECTION_EVENT_COUNT; event++)
      {
        ConnectionState state = from;
        bool moved = connection_state_advance (&state, event);
        int to = expected[from][event];
        if (moved != (to != NO) || (int) state != (moved ? to : from))
          g_error ("event %d on %s: %s to %s", event, connection_state_name (from),
                   moved ? "moved" : "stayed", connection_state_name (state));
      }
}

/* Nothing makes a connection usable again once it has begun to close. */
static void
no_way_back (void)
{
  for (int event = 0; event < CONNECTION_EVENT_COUNT; event++)
    {
      ConnectionState state = CONNECTION_STATE_CLOSING;
      connection_state_advance (&state, event);
      g_assert_false (connection_state_is_usable (state));
      state = CONNECTION_STATE_CLOSED;
      g_assert_false (connection_state_advance (&state, event));
    }
  g_assert_true (connection_state_is_usable (CONNECTION_STATE_CONNECTED));
  g_assert_true (connection_state_is_usable (CONNECTION_STATE_IDLE));
  g_assert_false (connection_state_is_usable (CONNECTION_STATE_CONNECTING));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/connection-state/every-edge", every_edge);
  g_test_add_func ("/connection-state/no-way-back", no_way_back);
  return g_test_run ();
}

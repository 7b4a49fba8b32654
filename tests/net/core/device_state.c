/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/device_state.h"

#include <glib.h>

#define NO (-1)
#define D  DEVICE_STATE_DISCOVERED
#define G  DEVICE_STATE_PAIRING
#define P  DEVICE_STATE_PAIRED
#define C  DEVICE_STATE_CONNECTED
#define X  DEVICE_STATE_DISCONNECTED

/* Rows: the state before; columns: pairing started, failed, paired, connected, disconnected,
 * unpaired. */
static const int expected[DEVICE_STATE_COUNT][DEVICE_EVENT_COUNT] = {
  { G, NO, NO, NO, NO, NO }, { NO, D, P, NO, NO, NO }, { P, P, P, C, NO, D },
  { C, C, P, NO, X, D },     { X, X, P, C, NO, D },
};

static void
every_edge (void)
{
  for (int from = 0; from < DEVICE_STATE_COUNT; from++)
    for (int event = 0; event < DEVICE_EVENT_COUNT; event++)
      {
        DeviceState state = from;
        bool moved = device_state_advance (&state, event);
        int to = expected[from][event];
        if (moved != (to != NO) || (int) state != (moved ? to : from))
          g_error ("%s on %s: %s to %s", device_event_name (event), device_state_name (from),
                   moved ? "moved" : "stayed", device_state_name (state));
      }
}

/* Trust comes only through PAIRED and goes only through UNPAIRED. */
static void
trust (void)
{
  for (int from = 0; from < DEVICE_STATE_COUNT; from++)
    for (int event = 0; event < DEVICE_EVENT_COUNT; event++)
      {
        DeviceState state = from;
        if (!device_state_advance (&state, event))
          continue;
        if (!device_state_is_paired (from) && device_state_is_paired (state))
          g_assert_cmpint (event, ==, DEVICE_EVENT_PAIRED);
        if (device_state_is_paired (from) && !device_state_is_paired (state))
          g_assert_cmpint (event, ==, DEVICE_EVENT_UNPAIRED);
      }
}

static void
names (void)
{
  g_assert_cmpstr (device_state_name (DEVICE_STATE_DISCOVERED), ==, "discovered");
  g_assert_cmpstr (device_state_name (DEVICE_STATE_DISCONNECTED), ==, "disconnected");
  g_assert_cmpstr (device_event_name (DEVICE_EVENT_UNPAIRED), ==, "unpaired");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device-state/every-edge", every_edge);
  g_test_add_func ("/device-state/trust", trust);
  g_test_add_func ("/device-state/names", names);
  return g_test_run ();
}

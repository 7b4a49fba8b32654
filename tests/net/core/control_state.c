/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/control_state.h"

#include <string.h>

#define S CONTROL_SENDER
#define R CONTROL_RECEIVER

/* Where each message leads: START, o OFFERING, O OFFERED, A ACTIVE, D SENT, s and r ENDED by, -
 * refused. Columns as in ControlType: offer (not last), accept, decline, file-request, file-done,
 * verified, mismatch, entry-failed, progress, pause, resume, cancel, unsupported, done. */
static const char letters[CONTROL_STATE_COUNT + 1] = "_oOADsr";
static const char *const expected[CONTROL_STATE_COUNT][2] = {
  [CONTROL_STATE_START] = { "o-------------", "--------------" },
  [CONTROL_STATE_OFFERING] = { "o----------so-", "--r--------ro-" },
  [CONTROL_STATE_OFFERED] = { "-----------sO-", "-Ar--------rO-" },
  [CONTROL_STATE_ACTIVE] = { "----A--AAAAsAD", "---A-AAAAAArA-" },
  [CONTROL_STATE_SENT] = { "----D--DDDDsDD", "---A-DDDDDDrDr" },
  [CONTROL_STATE_ENDED_BY_SENDER] = { "--------------", "ssssssssssssss" },
  [CONTROL_STATE_ENDED_BY_RECEIVER] = { "rrrrrrrrrrrrrr", "--------------" },
};

static void
every_edge (void)
{
  for (int from = 0; from < CONTROL_STATE_COUNT; from++)
    for (int role = S; role <= R; role++)
      for (int type = 0; type < CONTROL_TYPE_COUNT; type++)
        {
          ControlState state = from;
          TransferControl control = { .type = type };
          g_autoptr (GError) error = NULL;
          bool moved = control_state_advance (&state, role, &control, &error);
          char got = moved ? letters[state] : '-';
          if (got != expected[from][role][type])
            g_error ("%s, %s says %s: got %c, expected %c", control_state_name (from),
                     role == S ? "sender" : "receiver", control_type_name (type), got,
                     expected[from][role][type]);
          if (moved)
            continue;
          g_assert_error (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED);
          g_assert_cmpint (state, ==, from);
        }
}

static void
last_part_of_an_offer (void)
{
  ControlState state = CONTROL_STATE_START;
  TransferControl part = { .type = CONTROL_OFFER };
  TransferControl last = { .type = CONTROL_OFFER, .offer.last = true };
  g_assert_true (control_state_advance (&state, S, &part, NULL));
  g_assert_true (control_state_advance (&state, S, &last, NULL));
  g_assert_cmpint (state, ==, CONTROL_STATE_OFFERED);
  g_assert_false (control_state_takes_data (state));
}

typedef struct
{
  ControlRole from;
  ControlType type;
} Said;

static ControlState
replay (const Said *said, size_t n)
{
  ControlState state = CONTROL_STATE_OFFERED;
  for (size_t i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      control_state_advance (&state, said[i].from, &(TransferControl) { .type = said[i].type },
                             &error);
      g_assert_no_error (error);
    }
  return state;
}

/* A request that crosses the sender's done is legal in the order of either side, and both end
 * alike. */
static void
crossing (void)
{
  static const Said at_sender[] = { { R, CONTROL_ACCEPT },       { S, CONTROL_DONE },
                                    { R, CONTROL_FILE_REQUEST }, { S, CONTROL_FILE_DONE },
                                    { S, CONTROL_DONE },         { R, CONTROL_VERIFIED },
                                    { R, CONTROL_DONE } };
  static const Said at_receiver[] = { { R, CONTROL_ACCEPT }, { R, CONTROL_FILE_REQUEST },
                                      { S, CONTROL_DONE },   { S, CONTROL_FILE_DONE },
                                      { S, CONTROL_DONE },   { R, CONTROL_VERIFIED },
                                      { R, CONTROL_DONE } };
  g_assert_cmpint (replay (at_sender, G_N_ELEMENTS (at_sender)), ==,
                   CONTROL_STATE_ENDED_BY_RECEIVER);
  g_assert_cmpint (replay (at_receiver, G_N_ELEMENTS (at_receiver)), ==,
                   CONTROL_STATE_ENDED_BY_RECEIVER);

  /* We cancel; the answer to our offer was already on its way. */
  static const Said cancelled[] = { { S, CONTROL_CANCEL }, { R, CONTROL_ACCEPT } };
  g_assert_cmpint (replay (cancelled, 2), ==, CONTROL_STATE_ENDED_BY_SENDER);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/control-state/every-edge", every_edge);
  g_test_add_func ("/control-state/last-part-of-an-offer", last_part_of_an_offer);
  g_test_add_func ("/control-state/crossing", crossing);
  return g_test_run ();
}

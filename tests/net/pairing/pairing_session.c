/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pairing/pairing_session_private.h"

#include <sodium.h>

#include "net/enum_nick.h"
#include "net/peer/device_private.h"
#include "tests/support/wait.h"

#define DEADLINE_US (300 * G_USEC_PER_SEC)

static int64_t now_us;

static int64_t
clock_now (void)
{
  return now_us;
}

static WherryPairingSession *
host (void)
{
  now_us = 0;
  return pairing_session_new_host ("one-two-three", "wherry://pair?x", 3, DEADLINE_US, clock_now);
}

static WherryPairingSession *
joiner (void)
{
  now_us = 0;
  return pairing_session_new_joiner (DEADLINE_US, clock_now);
}

static PairingPhase
phase_of (WherryPairingSession *session)
{
  return wherry_pairing_session_get_phase (session);
}

static void
assert_failed (WherryPairingSession *session, PairingReason reason)
{
  g_assert_cmpint (phase_of (session), ==, PAIRING_FAILED);
  g_assert_cmpint (wherry_pairing_session_get_reason (session), ==, reason);
  g_assert_nonnull (wherry_pairing_session_get_message (session));
  g_assert_null (wherry_pairing_session_get_words (session));
  g_assert_null (wherry_pairing_session_get_link (session));
}

/* A session in @phase, by the way that pair_host or pair_join takes. */
static WherryPairingSession *
session_in (PairingPhase phase)
{
  g_autoptr (WherryPairingSession) session = phase == PAIRING_CONNECTING ? joiner () : host ();
  if (phase == PAIRING_EXCHANGING || phase == PAIRING_CONFIRMING || phase == PAIRING_DONE)
    pairing_session_guest_came (session);
  if (phase == PAIRING_CONFIRMING)
    dex_future_disown (pairing_session_ask (session));
  NodeId id = { { 1 } };
  g_autoptr (WherryDevice) device = device_new (&id, DEVICE_STATE_DISCOVERED);
  if (phase == PAIRING_DONE)
    pairing_session_succeed (session, device);
  if (phase == PAIRING_FAILED)
    pairing_session_fail (session, PAIRING_REASON_DECLINED, -1);
  g_assert_cmpint (phase_of (session), ==, phase);
  return g_steal_pointer (&session);
}

/* Every reason, from every phase: told as itself, once; what has ended stays as it is. */
static void
test_every_reason_in_every_phase (void)
{
  for (int phase = PAIRING_WAITING; phase <= PAIRING_FAILED; phase++)
    for (int reason = PAIRING_REASON_WRONG_CODE; reason < PAIRING_REASONS; reason++)
      {
        g_autoptr (WherryPairingSession) session = session_in (phase);
        g_autoptr (DexFuture) failure = pairing_session_failure (session);
        g_autoptr (GError) error = NULL;
        bool over = pairing_session_has_ended (session);
        pairing_session_fail (session, reason, 2);
        if (phase == PAIRING_DONE)
          {
            g_assert_cmpint (phase_of (session), ==, PAIRING_DONE);
            g_assert_true (dex_future_is_pending (failure));
            continue;
          }
        int told = over ? PAIRING_REASON_DECLINED : reason;
        assert_failed (session, told);
        g_assert_null (dex_future_get_value (failure, &error));
        g_assert_error (error, PAIRING_SESSION_ERROR, told);
        pairing_session_advance (session, PAIRING_EXCHANGING);
        g_assert_cmpint (phase_of (session), ==, PAIRING_FAILED);
      }
}

/* Nothing but an ended session refuses to end well. */
static void
test_success (void)
{
  g_autoptr (WherryPairingSession) session = session_in (PAIRING_DONE);
  g_assert_nonnull (wherry_pairing_session_get_device (session));
  g_assert_null (wherry_pairing_session_get_words (session));
  g_assert_null (wherry_pairing_session_get_message (session));
  wherry_pairing_session_cancel (session);
  g_assert_cmpint (phase_of (session), ==, PAIRING_DONE);
}

static void
test_expires (void)
{
  g_autoptr (WherryPairingSession) showing = host ();
  g_autoptr (WherryPairingSession) entering = joiner ();
  g_assert_cmpint (wherry_pairing_session_get_seconds_left (showing), ==, 300);
  now_us = DEADLINE_US - G_USEC_PER_SEC / 2;
  wait_until (wherry_pairing_session_get_seconds_left (showing) == 1);
  g_assert_cmpint (phase_of (showing), ==, PAIRING_WAITING);
  now_us = DEADLINE_US;
  wait_until (phase_of (showing) == PAIRING_FAILED && phase_of (entering) == PAIRING_FAILED);
  assert_failed (showing, PAIRING_REASON_EXPIRED);
  assert_failed (entering, PAIRING_REASON_EXPIRED);
}

/* Who is just trying is not cut off, and the code is dead when it did not work. */
static void
test_does_not_expire_while_somebody_tries (void)
{
  g_autoptr (WherryPairingSession) session = session_in (PAIRING_EXCHANGING);
  now_us = DEADLINE_US + G_USEC_PER_SEC;
  wait_until (wherry_pairing_session_get_seconds_left (session) == 0);
  g_assert_cmpint (phase_of (session), ==, PAIRING_EXCHANGING);
  g_assert_cmpint (pairing_session_guest_left (session), ==, 0);
  pairing_session_wait_again (session, PAIRING_REASON_WRONG_CODE, 2);
  g_assert_cmpint (wherry_pairing_session_get_attempts_left (session), ==, 2);
  wait_until (phase_of (session) == PAIRING_FAILED);
  assert_failed (session, PAIRING_REASON_EXPIRED);
}

/* One answer goes to all who ask while the person thinks; a second one changes nothing. */
static void
test_question (void)
{
  for (int accept = 0; accept <= 1; accept++)
    {
      g_autoptr (WherryPairingSession) session = session_in (PAIRING_EXCHANGING);
      g_autoptr (DexFuture) one = pairing_session_ask (session);
      g_autoptr (DexFuture) two = pairing_session_ask (session);
      g_assert_cmpint (phase_of (session), ==, PAIRING_CONFIRMING);
      wherry_pairing_session_confirm (session, accept);
      wherry_pairing_session_confirm (session, !accept);
      g_assert_cmpint (phase_of (session), ==, PAIRING_EXCHANGING);
      g_assert_cmpint (g_value_get_boolean (dex_future_get_value (one, NULL)), ==, accept);
      g_assert_cmpint (g_value_get_boolean (dex_future_get_value (two, NULL)), ==, accept);
    }
}

static void
test_question_withdrawn (void)
{
  for (int cancel = 0; cancel <= 1; cancel++)
    {
      g_autoptr (WherryPairingSession) session = session_in (PAIRING_EXCHANGING);
      g_autoptr (DexFuture) asked = pairing_session_ask (session);
      g_autoptr (GError) error = NULL;
      if (cancel)
        wherry_pairing_session_cancel (session);
      else
        pairing_session_withdraw_question (session);
      g_assert_null (dex_future_get_value (asked, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      wherry_pairing_session_confirm (session, true);
      g_assert_cmpint (phase_of (session), ==, cancel ? PAIRING_FAILED : PAIRING_EXCHANGING);
    }
}

/* Each reason has a sentence of its own for either side, and the word that scripts read. */
static void
test_reasons (void)
{
  for (int hosting = 0; hosting <= 1; hosting++)
    {
      g_autoptr (GHashTable) sentences =
          g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      for (int reason = PAIRING_REASON_WRONG_CODE; reason < PAIRING_REASONS; reason++)
        {
          char *sentence = pairing_reason_sentence (reason, hosting, 2);
          g_assert_true (g_str_has_suffix (sentence, "."));
          g_assert_true (g_hash_table_add (sentences, sentence));
          g_assert_cmpstr (enum_nick (WHERRY_TYPE_PAIRING_REASON, reason), ==,
                           pairing_reason_name (reason));
        }
      g_assert_null (pairing_reason_sentence (PAIRING_REASON_NONE, hosting, 2));
    }
}

int
main (int argc, char **argv)
{
  dex_init ();
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pairing-session/every-reason-in-every-phase",
                   test_every_reason_in_every_phase);
  g_test_add_func ("/pairing-session/success", test_success);
  g_test_add_func ("/pairing-session/expires", test_expires);
  g_test_add_func ("/pairing-session/does-not-expire-while-somebody-tries",
                   test_does_not_expire_while_somebody_tries);
  g_test_add_func ("/pairing-session/question", test_question);
  g_test_add_func ("/pairing-session/question-withdrawn", test_question_withdrawn);
  g_test_add_func ("/pairing-session/reasons", test_reasons);
  return g_test_run ();
}

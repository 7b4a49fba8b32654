/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/pairing_code.h"

#include <glib.h>
#include <string.h>

#define START (77 * G_USEC_PER_SEC)

static const NodeId anna = { { 'a' } }, ben = { { 'b' } }, eve = { { 'e' } };

typedef struct
{
  PairingCode *code;
} Shown;

static void
set_up (Shown *shown, gconstpointer unused)
{
  shown->code = pairing_code_generate (START);
}

static void
tear_down (Shown *shown, gconstpointer unused)
{
  pairing_code_unref (shown->code);
}

static PairingReason
guess (PairingCode *code, const NodeId *peer)
{
  PairingReason reason = pairing_code_begin (code, peer, START);
  if (reason == PAIRING_REASON_NONE)
    pairing_code_spend (code, peer);
  return reason;
}

static void
test_fresh (Shown *shown, gconstpointer unused)
{
  PairingCode *other = pairing_code_generate (START);
  char words[WORDS_TEXT_MAX + 1];
  g_assert_true (words_parse (words, NULL, pairing_code_get_words (shown->code), NULL));
  g_assert_cmpstr (words, ==, pairing_code_get_words (shown->code));
  g_assert_cmpint (memcmp (pairing_code_get_secret (shown->code), pairing_code_get_secret (other),
                           INVITE_SECRET_LEN),
                   !=, 0);
  g_assert_cmpint (pairing_code_get_attempts_left (shown->code), ==, 3);
  g_assert_cmpint (pairing_code_get_expiry_us (shown->code), ==, START + 300 * G_USEC_PER_SEC);
  g_assert_cmpint (pairing_code_get_reason (shown->code, START), ==, PAIRING_REASON_NONE);
  pairing_code_unref (other);
}

static void
test_expires (Shown *shown, gconstpointer unused)
{
  int64_t end = START + PAIRING_CODE_LIFETIME_US;
  g_assert_cmpint (pairing_code_begin (shown->code, &anna, end - 1), ==, PAIRING_REASON_NONE);
  g_assert_cmpint (pairing_code_get_reason (shown->code, end), ==, PAIRING_REASON_EXPIRED);
  g_assert_cmpint (pairing_code_begin (shown->code, &ben, end), ==, PAIRING_REASON_EXPIRED);
  pairing_code_spend (shown->code, &anna);
  g_assert_cmpint (pairing_code_claim (shown->code, &anna, end), ==, PAIRING_REASON_EXPIRED);
  pairing_code_end (shown->code, &anna, PAIRING_REASON_EXPIRED);
}

static void
test_three_guesses (Shown *shown, gconstpointer unused)
{
  for (int left = 2; left >= 0; left--)
    {
      g_assert_cmpint (guess (shown->code, &eve), ==, PAIRING_REASON_NONE);
      g_assert_cmpint (pairing_code_get_attempts_left (shown->code), ==, left);
      /* Hanging up or owning up is the same. */
      pairing_code_end (shown->code, &eve,
                        left & 1 ? PAIRING_REASON_WRONG_CODE : PAIRING_REASON_UNREACHABLE);
      g_assert_cmpint (pairing_code_get_attempts_left (shown->code), ==, left);
    }
  g_assert_cmpint (pairing_code_get_reason (shown->code, START), ==,
                   PAIRING_REASON_TOO_MANY_ATTEMPTS);
  g_assert_cmpint (pairing_code_begin (shown->code, &anna, START), ==,
                   PAIRING_REASON_TOO_MANY_ATTEMPTS);
}

static void
test_no_guess_without_challenge (Shown *shown, gconstpointer unused)
{
  for (int i = 0; i < 10; i++)
    {
      g_assert_cmpint (pairing_code_begin (shown->code, &eve, START), ==, PAIRING_REASON_NONE);
      pairing_code_end (shown->code, &eve, PAIRING_REASON_PROTOCOL);
    }
  g_assert_cmpint (pairing_code_get_attempts_left (shown->code), ==, 3);
}

/* Three guesses at once are three guesses; the last may still be the right one. */
static void
test_parallel_guesses (Shown *shown, gconstpointer unused)
{
  g_assert_cmpint (guess (shown->code, &eve), ==, PAIRING_REASON_NONE);
  g_assert_cmpint (guess (shown->code, &ben), ==, PAIRING_REASON_NONE);
  g_assert_cmpint (guess (shown->code, &anna), ==, PAIRING_REASON_NONE);
  g_assert_cmpint (guess (shown->code, &(NodeId) { { 'x' } }), ==,
                   PAIRING_REASON_TOO_MANY_ATTEMPTS);
  g_assert_cmpint (pairing_code_get_reason (shown->code, START), ==, PAIRING_REASON_NONE);

  pairing_code_end (shown->code, &eve, PAIRING_REASON_WRONG_CODE);
  g_assert_cmpint (pairing_code_claim (shown->code, &anna, START), ==, PAIRING_REASON_NONE);
  /* right as well, but later */
  g_assert_cmpint (pairing_code_claim (shown->code, &ben, START), ==, PAIRING_REASON_BUSY);
  pairing_code_end (shown->code, &ben, PAIRING_REASON_BUSY);
  pairing_code_end (shown->code, &anna, PAIRING_REASON_NONE);
  g_assert_cmpint (pairing_code_get_reason (shown->code, START), ==, PAIRING_REASON_EXPIRED);
}

static void
test_one_exchange_for_each_device (Shown *shown, gconstpointer unused)
{
  g_assert_cmpint (guess (shown->code, &anna), ==, PAIRING_REASON_NONE);
  g_assert_cmpint (guess (shown->code, &anna), ==, PAIRING_REASON_BUSY);
  g_assert_cmpint (pairing_code_get_attempts_left (shown->code), ==, 2);
  pairing_code_end (shown->code, &anna, PAIRING_REASON_WRONG_CODE);
  g_assert_cmpint (guess (shown->code, &anna), ==, PAIRING_REASON_NONE);
  pairing_code_end (shown->code, &anna, PAIRING_REASON_WRONG_CODE);
}

static void
test_success_kills (Shown *shown, gconstpointer unused)
{
  guess (shown->code, &anna);
  g_assert_cmpint (pairing_code_claim (shown->code, &anna, START), ==, PAIRING_REASON_NONE);
  g_assert_cmpint (pairing_code_get_attempts_left (shown->code), ==, 3);
  g_assert_cmpint (pairing_code_begin (shown->code, &ben, START), ==, PAIRING_REASON_BUSY);
  pairing_code_end (shown->code, &anna, PAIRING_REASON_NONE);
  g_assert_cmpint (pairing_code_get_reason (shown->code, START), ==, PAIRING_REASON_EXPIRED);
  g_assert_cmpint (pairing_code_begin (shown->code, &ben, START), ==, PAIRING_REASON_EXPIRED);
}

static void
test_lost_after_claim (Shown *shown, gconstpointer unused)
{
  guess (shown->code, &anna);
  pairing_code_claim (shown->code, &anna, START);
  pairing_code_end (shown->code, &anna, PAIRING_REASON_UNREACHABLE);
  g_assert_cmpint (pairing_code_get_attempts_left (shown->code), ==, 3);
  g_assert_cmpint (guess (shown->code, &anna), ==, PAIRING_REASON_NONE);
  pairing_code_end (shown->code, &anna, PAIRING_REASON_UNREACHABLE);
}

static void
test_decline (Shown *shown, gconstpointer unused)
{
  /* a stranger's word counts for nothing */
  guess (shown->code, &eve);
  pairing_code_end (shown->code, &eve, PAIRING_REASON_DECLINED_HERE);
  g_assert_cmpint (pairing_code_get_reason (shown->code, START), ==, PAIRING_REASON_NONE);

  guess (shown->code, &anna);
  pairing_code_claim (shown->code, &anna, START);
  pairing_code_end (shown->code, &anna, PAIRING_REASON_DECLINED_HERE);
  g_assert_cmpint (pairing_code_get_reason (shown->code, START), ==, PAIRING_REASON_DECLINED_HERE);
}

static void
test_cancel (Shown *shown, gconstpointer unused)
{
  guess (shown->code, &anna);
  pairing_code_cancel (shown->code);
  g_assert_cmpint (pairing_code_get_reason (shown->code, START), ==, PAIRING_REASON_CANCELLED);
  g_assert_cmpint (pairing_code_claim (shown->code, &anna, START), ==, PAIRING_REASON_CANCELLED);
  pairing_code_end (shown->code, &anna, PAIRING_REASON_CANCELLED);
  g_assert_cmpint (pairing_code_begin (shown->code, &ben, START), ==, PAIRING_REASON_CANCELLED);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/pairing-code/" name, Shown, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("fresh", test_fresh);
  ADD ("expires", test_expires);
  ADD ("three-guesses", test_three_guesses);
  ADD ("no-guess-without-challenge", test_no_guess_without_challenge);
  ADD ("parallel-guesses", test_parallel_guesses);
  ADD ("one-exchange-for-each-device", test_one_exchange_for_each_device);
  ADD ("success-kills", test_success_kills);
  ADD ("lost-after-claim", test_lost_after_claim);
  ADD ("decline", test_decline);
  ADD ("cancel", test_cancel);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/pairing_code.h"

#include <sodium.h>

#include "net/core/secret.h"

/* Joiners that try this code at the same time; more are told BUSY. */
#define ATTEMPTS_MAX 8

typedef enum
{
  ATTEMPT_BEGUN,   /* no Challenge sent: nothing learned */
  ATTEMPT_GUESSED, /* our Challenge left: a guess is spent */
  ATTEMPT_CLAIMED, /* it proved the code: the guess is given back */
} AttemptState;

typedef struct
{
  NodeId peer;
  AttemptState state;
} Attempt;

struct PairingCode
{
  char words[WORDS_TEXT_MAX + 1];
  uint8_t secret[INVITE_SECRET_LEN];
  unsigned n_refs;
  int64_t expiry_us;
  int attempts_left;
  PairingReason end; /* NONE while nobody cancelled, declined or paired */
  bool used;
  size_t n_attempts;
  Attempt attempts[ATTEMPTS_MAX];
};

PairingCode *
pairing_code_generate (int64_t now_us)
{
  PairingCode *code = secret_new (sizeof *code);
  words_generate (code->words);
  randombytes_buf (code->secret, sizeof code->secret);
  code->n_refs = 1;
  code->expiry_us = now_us + PAIRING_CODE_LIFETIME_US;
  code->attempts_left = PAIRING_CODE_GUESSES;
  return code;
}

PairingCode *
pairing_code_ref (PairingCode *code)
{
  code->n_refs++;
  return code;
}

void
pairing_code_unref (PairingCode *code)
{
  if (--code->n_refs == 0)
    sodium_free (code);
}

const char *
pairing_code_get_words (const PairingCode *code)
{
  return code->words;
}

const uint8_t *
pairing_code_get_secret (const PairingCode *code)
{
  return code->secret;
}

static bool
has_attempt_in (const PairingCode *code, AttemptState state)
{
  for (size_t i = 0; i < code->n_attempts; i++)
    if (code->attempts[i].state == state)
      return true;
  return false;
}

PairingReason
pairing_code_get_reason (const PairingCode *code, int64_t now_us)
{
  if (code->end != PAIRING_REASON_NONE)
    return code->end;
  if (now_us >= code->expiry_us)
    return PAIRING_REASON_EXPIRED;
  if (code->attempts_left == 0 && !has_attempt_in (code, ATTEMPT_GUESSED))
    return PAIRING_REASON_TOO_MANY_ATTEMPTS;
  return PAIRING_REASON_NONE;
}

int
pairing_code_get_attempts_left (const PairingCode *code)
{
  return code->attempts_left;
}

int64_t
pairing_code_get_expiry_us (const PairingCode *code)
{
  return code->expiry_us;
}

void
pairing_code_cancel (PairingCode *code)
{
  if (code->end == PAIRING_REASON_NONE)
    code->end = PAIRING_REASON_CANCELLED;
}

static Attempt *
find_attempt (PairingCode *code, const NodeId *peer)
{
  for (size_t i = 0; i < code->n_attempts; i++)
    if (node_id_equal (&code->attempts[i].peer, peer))
      return &code->attempts[i];
  return NULL;
}

PairingReason
pairing_code_begin (PairingCode *code, const NodeId *peer, int64_t now_us)
{
  PairingReason reason = pairing_code_get_reason (code, now_us);
  if (reason != PAIRING_REASON_NONE)
    return reason;
  if (code->attempts_left == 0)
    return PAIRING_REASON_TOO_MANY_ATTEMPTS;
  if (code->n_attempts == ATTEMPTS_MAX || find_attempt (code, peer) ||
      has_attempt_in (code, ATTEMPT_CLAIMED))
    return PAIRING_REASON_BUSY;

  code->attempts[code->n_attempts++] = (Attempt) { .peer = *peer };
  return PAIRING_REASON_NONE;
}

void
pairing_code_spend (PairingCode *code, const NodeId *peer)
{
  code->attempts_left--;
  find_attempt (code, peer)->state = ATTEMPT_GUESSED;
}

PairingReason
pairing_code_claim (PairingCode *code, const NodeId *peer, int64_t now_us)
{
  PairingReason reason = pairing_code_get_reason (code, now_us);
  if (reason != PAIRING_REASON_NONE)
    return reason;

  /* The guess was right, so it is given back even when another joiner has the code already. */
  bool claimed = has_attempt_in (code, ATTEMPT_CLAIMED);
  code->attempts_left++;
  find_attempt (code, peer)->state = claimed ? ATTEMPT_BEGUN : ATTEMPT_CLAIMED;
  return claimed ? PAIRING_REASON_BUSY : PAIRING_REASON_NONE;
}

void
pairing_code_end (PairingCode *code, const NodeId *peer, PairingReason outcome)
{
  Attempt *attempt = find_attempt (code, peer);
  bool claimed = attempt->state == ATTEMPT_CLAIMED;
  *attempt = code->attempts[--code->n_attempts];

  /* A joiner that did not prove the code does not end it for the others. */
  if (!claimed)
    return;
  code->used |= outcome == PAIRING_REASON_NONE;
  if (code->end != PAIRING_REASON_NONE)
    return;
  if (code->used)
    code->end = PAIRING_REASON_EXPIRED;
  else if (outcome == PAIRING_REASON_DECLINED_HERE)
    code->end = PAIRING_REASON_DECLINED_HERE;
}

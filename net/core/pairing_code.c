/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/pairing_code.h"

#include <sodium.h>

#include "net/core/secret.h"

/* More devices than anybody pairs at once. */
#define MAX_EXCHANGES 8

typedef enum
{
  EXCHANGE_BEGUN,   /* no Challenge sent: nothing learned */
  EXCHANGE_GUESSED, /* our Challenge left: a guess is spent */
  EXCHANGE_CLAIMED, /* it proved the code: the guess is given back */
} ExchangeState;

typedef struct
{
  NodeId peer;
  ExchangeState state;
} Exchange;

struct PairingCode
{
  char words[WORDS_TEXT_MAX + 1];
  uint8_t secret[INVITE_SECRET_LEN];
  unsigned n_refs;
  int64_t expiry_us;
  int attempts_left;
  PairingReason end; /* NONE while nobody cancelled, declined or paired */
  bool used;
  size_t n_exchanges;
  Exchange exchanges[MAX_EXCHANGES];
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
has_exchange_in (const PairingCode *code, ExchangeState state)
{
  for (size_t i = 0; i < code->n_exchanges; i++)
    if (code->exchanges[i].state == state)
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
  if (code->attempts_left == 0 && !has_exchange_in (code, EXCHANGE_GUESSED))
    return PAIRING_REASON_TOO_MANY_ATTEMPTS;
  return PAIRING_REASON_NONE;
}

bool
pairing_code_is_used (const PairingCode *code)
{
  return code->used;
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

static Exchange *
find_exchange (PairingCode *code, const NodeId *peer)
{
  for (size_t i = 0; i < code->n_exchanges; i++)
    if (node_id_equal (&code->exchanges[i].peer, peer))
      return &code->exchanges[i];
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
  if (code->n_exchanges == MAX_EXCHANGES || find_exchange (code, peer) ||
      has_exchange_in (code, EXCHANGE_CLAIMED))
    return PAIRING_REASON_BUSY;

  code->exchanges[code->n_exchanges++] = (Exchange) { .peer = *peer };
  return PAIRING_REASON_NONE;
}

void
pairing_code_spend (PairingCode *code, const NodeId *peer)
{
  code->attempts_left--;
  find_exchange (code, peer)->state = EXCHANGE_GUESSED;
}

PairingReason
pairing_code_claim (PairingCode *code, const NodeId *peer, int64_t now_us)
{
  PairingReason reason = pairing_code_get_reason (code, now_us);
  if (reason != PAIRING_REASON_NONE)
    return reason;

  /* Right, whoever may have been faster: this guess was no attack. */
  bool claimed = has_exchange_in (code, EXCHANGE_CLAIMED);
  code->attempts_left++;
  find_exchange (code, peer)->state = claimed ? EXCHANGE_BEGUN : EXCHANGE_CLAIMED;
  return claimed ? PAIRING_REASON_BUSY : PAIRING_REASON_NONE;
}

void
pairing_code_end (PairingCode *code, const NodeId *peer, PairingReason outcome)
{
  Exchange *exchange = find_exchange (code, peer);
  bool claimed = exchange->state == EXCHANGE_CLAIMED;
  *exchange = code->exchanges[--code->n_exchanges];

  /* Who has not proved the code has no say about it. */
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

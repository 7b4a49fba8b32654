/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/pairing.h"

#include <sodium.h>
#include <string.h>

#include "net/core/cpace.h"
#include "net/core/pairing_keys.h"
#include "net/core/secret.h"

G_STATIC_ASSERT (PAIRING_SHARE_LEN == CPACE_SHARE_LEN);

struct Pairing
{
  PairingRole role;
  PairingState state;
  PairingReason reason;
  PairingChannel channel;
  PairingCode *code; /* (owned) initiator */
  bool begun;        /* the code counts us among its attempts */
  PairingMode mode;
  Cpace *cpace;        /* (owned) joiner, until the Challenge */
  GByteArray *request; /* (owned) the frame, as it was on the wire */
  DeviceInfo peer;
  bool has_peer;
  bool stored;
  int attempts_left; /* joiner */
  int64_t deadline_us;
  PairingKeys keys;
};

/* Where each state may lead. */
#define EDGE(state) (1u << PAIRING_STATE_##state)
static const unsigned edges[] = {
  [PAIRING_STATE_AWAIT_REQUEST] = EDGE (AWAIT_RESPONSE) | EDGE (FAILED),
  [PAIRING_STATE_AWAIT_CHALLENGE] = EDGE (AWAIT_COMPLETE) | EDGE (FAILED),
  [PAIRING_STATE_AWAIT_RESPONSE] = EDGE (CONFIRMING) | EDGE (STORING) | EDGE (FAILED),
  [PAIRING_STATE_CONFIRMING] = EDGE (STORING) | EDGE (FAILED),
  [PAIRING_STATE_AWAIT_COMPLETE] = EDGE (STORING) | EDGE (FAILED),
  [PAIRING_STATE_STORING] = EDGE (AWAIT_END) | EDGE (DONE) | EDGE (FAILED),
  [PAIRING_STATE_AWAIT_END] = EDGE (DONE) | EDGE (FAILED),
  [PAIRING_STATE_DONE] = 0,
  [PAIRING_STATE_FAILED] = 0,
};

static const char *const state_names[] = {
  [PAIRING_STATE_AWAIT_REQUEST] = "await-request",
  [PAIRING_STATE_AWAIT_CHALLENGE] = "await-challenge",
  [PAIRING_STATE_AWAIT_RESPONSE] = "await-response",
  [PAIRING_STATE_CONFIRMING] = "confirming",
  [PAIRING_STATE_AWAIT_COMPLETE] = "await-complete",
  [PAIRING_STATE_STORING] = "storing",
  [PAIRING_STATE_AWAIT_END] = "await-end",
  [PAIRING_STATE_DONE] = "done",
  [PAIRING_STATE_FAILED] = "failed",
};

static bool
is_over (const Pairing *pairing)
{
  return pairing->state == PAIRING_STATE_DONE || pairing->state == PAIRING_STATE_FAILED;
}

static PairingState
advance (Pairing *pairing, PairingState to, int64_t deadline_us)
{
  g_autofree char *peer = node_id_to_short (&pairing->channel.peer);
  g_assert (edges[pairing->state] & (1u << to));
  g_debug ("pairing with %s: %s -> %s", peer, state_names[pairing->state], state_names[to]);
  pairing->state = to;
  pairing->deadline_us = deadline_us;

  if (is_over (pairing) && pairing->begun)
    {
      pairing_code_end (pairing->code, &pairing->channel.peer, pairing->reason);
      pairing->begun = false;
    }
  return to;
}

/* @out: NULL when nobody listens any more. */
static PairingState
fail (Pairing *pairing, PairingReason reason, GByteArray *out)
{
  g_debug ("pairing failed: %s", pairing_reason_name (reason));
  pairing->reason = reason;
  pairing_keys_wipe (&pairing->keys);
  if (out)
    pairing_abort_write (reason == PAIRING_REASON_DECLINED_HERE ? PAIRING_REASON_DECLINED : reason,
                         out);
  return advance (pairing, PAIRING_STATE_FAILED, INT64_MAX);
}

static Pairing *
pairing_new (PairingRole role, PairingState state, const PairingChannel *channel, int64_t now_us)
{
  Pairing *pairing = secret_new (sizeof *pairing);
  *pairing = (Pairing) {
    .role = role,
    .state = state,
    .channel = *channel,
    .request = g_byte_array_new (),
    .attempts_left = -1,
    .deadline_us = now_us + PAIRING_EXCHANGE_US,
  };
  return pairing;
}

static bool
is_self (const Pairing *pairing)
{
  return node_id_equal (&pairing->channel.peer, node_identity_get_id (pairing->channel.identity));
}

static PairingParties
parties (const Pairing *pairing)
{
  const NodeId *self = node_identity_get_id (pairing->channel.identity);
  bool joiner = pairing->role == PAIRING_ROLE_JOINER;
  return (PairingParties) {
    .joiner = joiner ? self : &pairing->channel.peer,
    .initiator = joiner ? &pairing->channel.peer : self,
    .exporter = pairing->channel.exporter,
    .mode = pairing->mode,
  };
}

Pairing *
pairing_new_initiator (PairingCode *code, const PairingChannel *channel, int64_t now_us)
{
  Pairing *pairing =
      pairing_new (PAIRING_ROLE_INITIATOR, PAIRING_STATE_AWAIT_REQUEST, channel, now_us);
  pairing->code = pairing_code_ref (code);
  return pairing;
}

Pairing *
pairing_new_joiner (PairingMode mode, const uint8_t *secret, size_t len,
                    const PairingChannel *channel, int64_t now_us, GByteArray *out)
{
  Pairing *pairing =
      pairing_new (PAIRING_ROLE_JOINER, PAIRING_STATE_AWAIT_CHALLENGE, channel, now_us);
  PairingMessage message = { .type = PAIRING_MESSAGE_REQUEST };
  if (is_self (pairing))
    {
      fail (pairing, PAIRING_REASON_SELF, out);
      return pairing;
    }

  pairing->mode = mode;
  PairingParties who = parties (pairing);
  pairing->cpace = pairing_keys_cpace (&who, secret, len);

  message.request = (PairingRequest) { .mode = mode, .info = *channel->info };
  memcpy (message.request.share, cpace_get_share (pairing->cpace), PAIRING_SHARE_LEN);
  randombytes_buf (message.request.nonce, PAIRING_NONCE_LEN);
  pairing_message_write (&message, pairing->request);
  g_byte_array_append (out, pairing->request->data, pairing->request->len);
  return pairing;
}

void
pairing_free (Pairing *pairing)
{
  if (!pairing)
    return;

  pairing_receive_end (pairing, false);
  g_clear_pointer (&pairing->code, pairing_code_unref);
  g_clear_pointer (&pairing->cpace, cpace_free);
  g_byte_array_unref (pairing->request);
  sodium_free (pairing);
}

/* The TLS key is the identity: a DeviceInfo speaks for the node at the other end of this
 * connection, or for nobody. */
static bool
take_peer (Pairing *pairing, const DeviceInfo *info)
{
  if (!node_id_equal (&info->node_id, &pairing->channel.peer))
    return false;
  pairing->peer = *info;
  pairing->has_peer = true;
  return true;
}

static Cpace *
code_cpace (const Pairing *pairing)
{
  PairingParties who = parties (pairing);
  const char *words = pairing_code_get_words (pairing->code);
  if (pairing->mode == PAIRING_MODE_LINK)
    return pairing_keys_cpace (&who, pairing_code_get_secret (pairing->code), INVITE_SECRET_LEN);
  return pairing_keys_cpace (&who, (const uint8_t *) words, strlen (words));
}

/* Makes the Challenge in @frame and the keys that go with it; false when the joiner's share is
 * no point. */
static bool
make_challenge (Pairing *pairing, const PairingRequest *request, GByteArray *frame)
{
  PairingMessage message = { .type = PAIRING_MESSAGE_CHALLENGE };
  PairingParties who = parties (pairing);
  Cpace *cpace = code_cpace (pairing);
  message.challenge = (PairingChallenge) {
    .info = *pairing->channel.info,
    .attempts_left = (uint8_t) (pairing_code_get_attempts_left (pairing->code) - 1),
  };
  memcpy (message.challenge.share, cpace_get_share (cpace), PAIRING_SHARE_LEN);
  randombytes_buf (message.challenge.challenge, PAIRING_NONCE_LEN);
  pairing_message_write (&message, frame);

  bool made = pairing_keys_agree (&pairing->keys, &who, cpace, false, request->share,
                                  pairing->request, frame->data, frame->len - PAIRING_CONFIRM_LEN);
  if (made)
    pairing_keys_confirm (&pairing->keys, PAIRING_ROLE_NAME_INITIATOR,
                          frame->data + frame->len - PAIRING_CONFIRM_LEN);
  cpace_free (cpace);
  return made;
}

static PairingState
receive_request (Pairing *pairing, const PairingRequest *request, const uint8_t *frame, size_t len,
                 int64_t now_us, GByteArray *out)
{
  g_autoptr (GByteArray) challenge = g_byte_array_new ();
  if (is_self (pairing))
    return fail (pairing, PAIRING_REASON_SELF, out);
  if (!take_peer (pairing, &request->info))
    return fail (pairing, PAIRING_REASON_PROTOCOL, out);

  PairingReason reason = pairing_code_begin (pairing->code, &pairing->channel.peer, now_us);
  if (reason != PAIRING_REASON_NONE)
    return fail (pairing, reason, out);
  pairing->begun = true;
  pairing->mode = request->mode;
  g_byte_array_append (pairing->request, frame, (guint) len);

  if (!make_challenge (pairing, request, challenge))
    return fail (pairing, PAIRING_REASON_PROTOCOL, out);

  pairing_code_spend (pairing->code, &pairing->channel.peer);
  g_byte_array_append (out, challenge->data, challenge->len);
  return advance (pairing, PAIRING_STATE_AWAIT_RESPONSE,
                  MIN (now_us + PAIRING_EXCHANGE_US, pairing_code_get_expiry_us (pairing->code)));
}

static PairingState
receive_challenge (Pairing *pairing, const PairingChallenge *challenge, const uint8_t *frame,
                   size_t len, int64_t now_us, GByteArray *out)
{
  PairingMessage message = { .type = PAIRING_MESSAGE_RESPONSE };
  PairingParties who = parties (pairing);
  if (!take_peer (pairing, &challenge->info))
    return fail (pairing, PAIRING_REASON_PROTOCOL, out);
  pairing->attempts_left = challenge->attempts_left;

  /* Our own share coming back is a reflection. */
  if (memcmp (challenge->share, cpace_get_share (pairing->cpace), PAIRING_SHARE_LEN) == 0 ||
      !pairing_keys_agree (&pairing->keys, &who, pairing->cpace, true, challenge->share,
                           pairing->request, frame, len - PAIRING_CONFIRM_LEN))
    return fail (pairing, PAIRING_REASON_PROTOCOL, out);
  g_clear_pointer (&pairing->cpace, cpace_free);

  if (!pairing_keys_check (&pairing->keys, PAIRING_ROLE_NAME_INITIATOR, challenge->confirm))
    return fail (pairing, PAIRING_REASON_WRONG_CODE, out);

  pairing_keys_confirm (&pairing->keys, PAIRING_ROLE_NAME_JOINER, message.response.confirm);
  pairing_keys_sign (&pairing->keys, PAIRING_ROLE_NAME_JOINER, pairing->channel.identity,
                     message.response.signature);
  pairing_message_write (&message, out);
  return advance (pairing, PAIRING_STATE_AWAIT_COMPLETE,
                  now_us + PAIRING_CONFIRM_US + PAIRING_EXCHANGE_US);
}

/* Both checks passed: the root can be made. */
static PairingState
trust (Pairing *pairing, PairingState to, int64_t deadline_us, GByteArray *out)
{
  if (!pairing_keys_make_root (&pairing->keys, pairing->channel.identity, &pairing->channel.peer))
    return fail (pairing, PAIRING_REASON_PROTOCOL, out);
  return advance (pairing, to, deadline_us);
}

static PairingState
receive_response (Pairing *pairing, const PairingResponse *response, int64_t now_us,
                  GByteArray *out)
{
  if (!pairing_keys_check (&pairing->keys, PAIRING_ROLE_NAME_JOINER, response->confirm))
    return fail (pairing, PAIRING_REASON_WRONG_CODE, out);
  if (!pairing_keys_verify (&pairing->keys, PAIRING_ROLE_NAME_JOINER, &pairing->channel.peer,
                            response->signature))
    return fail (pairing, PAIRING_REASON_PROTOCOL, out);

  PairingReason reason = pairing_code_claim (pairing->code, &pairing->channel.peer, now_us);
  if (reason != PAIRING_REASON_NONE)
    return fail (pairing, reason, out);

  /* Words are read from one screen and typed at the other, so both people are there; a link may
   * have travelled. */
  if (pairing->mode == PAIRING_MODE_LINK)
    return trust (pairing, PAIRING_STATE_CONFIRMING, now_us + PAIRING_CONFIRM_US, out);
  return trust (pairing, PAIRING_STATE_STORING, INT64_MAX, out);
}

static PairingState
receive_complete (Pairing *pairing, const PairingComplete *complete, GByteArray *out)
{
  if (!pairing_keys_verify (&pairing->keys, PAIRING_ROLE_NAME_INITIATOR, &pairing->channel.peer,
                            complete->signature))
    return fail (pairing, PAIRING_REASON_PROTOCOL, out);
  return trust (pairing, PAIRING_STATE_STORING, INT64_MAX, out);
}

PairingState
pairing_receive (Pairing *pairing, const uint8_t *frame, size_t len, int64_t now_us,
                 GByteArray *out)
{
  pairing_tick (pairing, now_us, out);
  if (is_over (pairing))
    return pairing->state;

  PairingMessage message;
  PairingReason reason = pairing_message_parse (&message, frame, len);
  if (reason != PAIRING_REASON_NONE)
    return fail (pairing, reason, out);
  if (message.type == PAIRING_MESSAGE_ABORT)
    return fail (pairing, message.abort.reason, NULL);

  if (pairing->state == PAIRING_STATE_AWAIT_REQUEST && message.type == PAIRING_MESSAGE_REQUEST)
    return receive_request (pairing, &message.request, frame, len, now_us, out);
  if (pairing->state == PAIRING_STATE_AWAIT_CHALLENGE && message.type == PAIRING_MESSAGE_CHALLENGE)
    return receive_challenge (pairing, &message.challenge, frame, len, now_us, out);
  if (pairing->state == PAIRING_STATE_AWAIT_RESPONSE && message.type == PAIRING_MESSAGE_RESPONSE)
    return receive_response (pairing, &message.response, now_us, out);
  if (pairing->state == PAIRING_STATE_AWAIT_COMPLETE && message.type == PAIRING_MESSAGE_COMPLETE)
    return receive_complete (pairing, &message.complete, out);
  return fail (pairing, PAIRING_REASON_PROTOCOL, out);
}

PairingState
pairing_receive_end (Pairing *pairing, bool clean)
{
  if (is_over (pairing))
    return pairing->state;
  if (pairing->state == PAIRING_STATE_AWAIT_END && clean)
    return advance (pairing, PAIRING_STATE_DONE, INT64_MAX);
  return fail (pairing, PAIRING_REASON_UNREACHABLE, NULL);
}

/* The window was closed meanwhile. The code's age no longer matters: it was proved in time. */
static bool
is_cancelled (const Pairing *pairing)
{
  return pairing->code && pairing_code_get_reason (pairing->code, 0) == PAIRING_REASON_CANCELLED;
}

PairingState
pairing_confirm (Pairing *pairing, bool accept, int64_t now_us, GByteArray *out)
{
  pairing_tick (pairing, now_us, out);
  if (pairing->state != PAIRING_STATE_CONFIRMING)
    return pairing->state;
  if (is_cancelled (pairing))
    return fail (pairing, PAIRING_REASON_CANCELLED, out);
  if (!accept)
    return fail (pairing, PAIRING_REASON_DECLINED_HERE, out);
  return advance (pairing, PAIRING_STATE_STORING, INT64_MAX);
}

PairingState
pairing_stored (Pairing *pairing, bool stored, int64_t now_us, GByteArray *out)
{
  PairingMessage message = { .type = PAIRING_MESSAGE_COMPLETE };
  if (pairing->state != PAIRING_STATE_STORING)
    return pairing->state;
  pairing->stored = stored;
  if (!stored)
    return fail (pairing, PAIRING_REASON_STORAGE, out);
  if (is_cancelled (pairing))
    return fail (pairing, PAIRING_REASON_CANCELLED, out);
  if (pairing->role == PAIRING_ROLE_JOINER)
    return advance (pairing, PAIRING_STATE_DONE, INT64_MAX);

  pairing_keys_sign (&pairing->keys, PAIRING_ROLE_NAME_INITIATOR, pairing->channel.identity,
                     message.complete.signature);
  pairing_message_write (&message, out);
  return advance (pairing, PAIRING_STATE_AWAIT_END, now_us + PAIRING_EXCHANGE_US);
}

PairingState
pairing_cancel (Pairing *pairing, GByteArray *out)
{
  /* Once Complete is out, the joiner may have stored us: only it knows how this ends. */
  if (is_over (pairing) || pairing->state == PAIRING_STATE_AWAIT_END)
    return pairing->state;
  return fail (pairing, PAIRING_REASON_CANCELLED, out);
}

PairingState
pairing_tick (Pairing *pairing, int64_t now_us, GByteArray *out)
{
  if (is_over (pairing) || now_us < pairing->deadline_us)
    return pairing->state;

  bool waited_for_person = pairing->state == PAIRING_STATE_CONFIRMING;
  bool code_expired = pairing->state == PAIRING_STATE_AWAIT_RESPONSE &&
                      now_us >= pairing_code_get_expiry_us (pairing->code);
  return fail (
      pairing,
      waited_for_person || code_expired ? PAIRING_REASON_EXPIRED : PAIRING_REASON_UNREACHABLE, out);
}

int64_t
pairing_get_deadline_us (const Pairing *pairing)
{
  return pairing->deadline_us;
}

PairingState
pairing_get_state (const Pairing *pairing)
{
  return pairing->state;
}

PairingRole
pairing_get_role (const Pairing *pairing)
{
  return pairing->role;
}

PairingReason
pairing_get_reason (const Pairing *pairing)
{
  return pairing->reason;
}

int
pairing_get_attempts_left (const Pairing *pairing)
{
  return pairing->attempts_left;
}

const DeviceInfo *
pairing_get_peer (const Pairing *pairing)
{
  return pairing->has_peer ? &pairing->peer : NULL;
}

const uint8_t *
pairing_get_root (const Pairing *pairing)
{
  bool proved = pairing->state == PAIRING_STATE_STORING ||
                pairing->state == PAIRING_STATE_AWAIT_END || pairing->state == PAIRING_STATE_DONE;
  return proved ? pairing->keys.root : NULL;
}

bool
pairing_must_forget (const Pairing *pairing)
{
  return pairing->state == PAIRING_STATE_FAILED && pairing->stored;
}

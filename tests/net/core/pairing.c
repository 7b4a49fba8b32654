/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole pairings in memory, with a clock of our own. */
#include "net/core/pairing.h"

#include <glib.h>
#include <string.h>

#define S     G_USEC_PER_SEC
#define START (1000 * S)

/* Two devices, a code, a connection between them, and what is on its way in each direction. */
typedef struct
{
  NodeIdentity *identity_i, *identity_j;
  DeviceInfo info_i, info_j;
  PairingChannel channel_i, channel_j;
  PairingCode *code;
  Pairing *i, *j;
  GByteArray *to_i, *to_j;
  int64_t now_us;
} World;

static void
init_device (NodeIdentity **identity, DeviceInfo *info, const char *name)
{
  *identity = node_identity_generate ();
  *info = (DeviceInfo) { .type = DEVICE_LAPTOP,
                         .node_id = *node_identity_get_id (*identity),
                         .version = "0.1.0" };
  device_id_generate (info->device_id);
  device_name_sanitize (info->name, name, -1);
}

static void
set_up (World *world, gconstpointer unused)
{
  init_device (&world->identity_i, &world->info_i, "Initiator");
  init_device (&world->identity_j, &world->info_j, "Joiner");
  world->channel_i = (PairingChannel) { world->identity_i, &world->info_i,
                                        *node_identity_get_id (world->identity_j), "exporter" };
  world->channel_j = (PairingChannel) { world->identity_j, &world->info_j,
                                        *node_identity_get_id (world->identity_i), "exporter" };
  world->now_us = START;
  world->code = pairing_code_generate (world->now_us);
  world->to_i = g_byte_array_new ();
  world->to_j = g_byte_array_new ();
}

static void
tear_down (World *world, gconstpointer unused)
{
  pairing_free (world->i);
  pairing_free (world->j);
  pairing_code_unref (world->code);
  g_byte_array_unref (world->to_i);
  g_byte_array_unref (world->to_j);
  node_identity_free (world->identity_i);
  node_identity_free (world->identity_j);
}

static void
start_with (World *world, PairingMode mode, const void *secret, size_t len)
{
  g_clear_pointer (&world->i, pairing_free);
  g_clear_pointer (&world->j, pairing_free);
  g_byte_array_set_size (world->to_i, 0);
  g_byte_array_set_size (world->to_j, 0);
  world->i = pairing_new_initiator (world->code, &world->channel_i, world->now_us);
  world->j = pairing_new_joiner (mode, secret, len, &world->channel_j, world->now_us, world->to_i);
}

static void
start_words (World *world)
{
  const char *words = pairing_code_get_words (world->code);
  start_with (world, PAIRING_MODE_WORDS, words, strlen (words));
}

static void
start_wrong (World *world)
{
  /* Never the real code: that has been drawn from the list. */
  start_with (world, PAIRING_MODE_WORDS, "wrong-wrong-code", strlen ("wrong-wrong-code"));
}

/* Takes the first frame of @bytes, checking that it is whole. */
static GByteArray *
take_frame (GByteArray *bytes)
{
  g_assert_cmpuint (bytes->len, >=, PAIRING_FRAME_HEADER_LEN);
  guint len = PAIRING_FRAME_HEADER_LEN + (guint) pairing_frame_payload_len (bytes->data);
  GByteArray *frame = g_byte_array_new ();

  g_assert_cmpuint (len, <=, bytes->len);
  g_byte_array_append (frame, bytes->data, len);
  g_byte_array_remove_range (bytes, 0, len);
  return frame;
}

static PairingState
deliver_to_i (World *world)
{
  g_autoptr (GByteArray) frame = take_frame (world->to_i);
  return pairing_receive (world->i, frame->data, frame->len, world->now_us, world->to_j);
}

static PairingState
deliver_to_j (World *world)
{
  g_autoptr (GByteArray) frame = take_frame (world->to_j);
  return pairing_receive (world->j, frame->data, frame->len, world->now_us, world->to_i);
}

/* Moves frames until none is left. */
static void
deliver_all (World *world)
{
  while (world->to_i->len > 0 || world->to_j->len > 0)
    {
      if (world->to_i->len > 0)
        deliver_to_i (world);
      if (world->to_j->len > 0)
        deliver_to_j (world);
    }
}

static void
assert_failed (const Pairing *pairing, PairingReason reason)
{
  g_assert_cmpint (pairing_get_state (pairing), ==, PAIRING_STATE_FAILED);
  g_assert_cmpstr (pairing_reason_name (pairing_get_reason (pairing)), ==,
                   pairing_reason_name (reason));
  g_assert_null (pairing_get_root (pairing));
  g_assert_cmpint (pairing_get_deadline_us (pairing), ==, INT64_MAX);
}

static void
assert_both_failed (World *world, PairingReason reason)
{
  assert_failed (world->i, reason);
  assert_failed (world->j, reason);
}

/* From the initiator's STORING to the end. */
static void
finish (World *world)
{
  g_assert_cmpint (pairing_get_state (world->i), ==, PAIRING_STATE_STORING);
  g_assert_cmpint (pairing_get_state (world->j), ==, PAIRING_STATE_AWAIT_COMPLETE);
  g_assert_null (pairing_get_root (world->j));

  g_assert_cmpint (pairing_stored (world->i, true, world->now_us, world->to_j), ==,
                   PAIRING_STATE_AWAIT_END);
  g_assert_cmpint (deliver_to_j (world), ==, PAIRING_STATE_STORING);
  g_assert_cmpint (pairing_stored (world->j, true, world->now_us, world->to_i), ==,
                   PAIRING_STATE_DONE);
  g_assert_cmpuint (world->to_i->len, ==, 0);
  g_assert_cmpint (pairing_receive_end (world->i, true), ==, PAIRING_STATE_DONE);

  g_assert_cmpmem (pairing_get_root (world->i), PAIRING_ROOT_LEN, pairing_get_root (world->j),
                   PAIRING_ROOT_LEN);
  g_assert_cmpstr (pairing_get_peer (world->i)->name, ==, "Joiner");
  g_assert_cmpstr (pairing_get_peer (world->j)->name, ==, "Initiator");
  g_assert_cmpstr (pairing_get_peer (world->i)->device_id, ==, world->info_j.device_id);
  g_assert_false (pairing_must_forget (world->i));
  g_assert_cmpint (pairing_code_get_reason (world->code, world->now_us), ==,
                   PAIRING_REASON_EXPIRED);
}

static void
test_words (World *world, gconstpointer unused)
{
  start_words (world);
  g_assert_null (pairing_get_peer (world->i));
  deliver_all (world);
  g_assert_cmpint (pairing_get_attempts_left (world->j), ==, 2);
  finish (world);

  /* Once. */
  start_words (world);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_EXPIRED);
}

static void
start_link (World *world)
{
  start_with (world, PAIRING_MODE_LINK, pairing_code_get_secret (world->code), INVITE_SECRET_LEN);
  deliver_all (world);
  g_assert_cmpint (pairing_get_state (world->i), ==, PAIRING_STATE_CONFIRMING);
  g_assert_cmpstr (pairing_get_peer (world->i)->name, ==, "Joiner");
  g_assert_null (pairing_get_root (world->i));
}

static void
test_link_confirmed (World *world, gconstpointer unused)
{
  start_link (world);
  /* The person takes longer than a machine may. */
  world->now_us += PAIRING_EXCHANGE_US + S;
  g_assert_cmpint (pairing_tick (world->i, world->now_us, world->to_j), ==,
                   PAIRING_STATE_CONFIRMING);
  g_assert_cmpint (pairing_tick (world->j, world->now_us, world->to_i), ==,
                   PAIRING_STATE_AWAIT_COMPLETE);
  g_assert_cmpint (pairing_confirm (world->i, true, world->now_us, world->to_j), ==,
                   PAIRING_STATE_STORING);
  finish (world);
}

static void
test_link_declined (World *world, gconstpointer unused)
{
  start_link (world);
  pairing_confirm (world->i, false, world->now_us, world->to_j);
  deliver_all (world);
  assert_failed (world->i, PAIRING_REASON_DECLINED_HERE);
  assert_failed (world->j, PAIRING_REASON_DECLINED);
  g_assert_cmpint (pairing_code_get_reason (world->code, world->now_us), ==,
                   PAIRING_REASON_DECLINED_HERE);
}

static void
test_link_unanswered (World *world, gconstpointer unused)
{
  start_link (world);
  world->now_us = pairing_get_deadline_us (world->i);
  g_assert_cmpint (world->now_us, ==, START + PAIRING_CONFIRM_US);
  pairing_tick (world->i, world->now_us, world->to_j);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_EXPIRED);
}

/* The words are no link secret and the other way round, even with the same bytes. */
static void
test_modes_differ (World *world, gconstpointer unused)
{
  const char *words = pairing_code_get_words (world->code);
  start_with (world, PAIRING_MODE_LINK, words, strlen (words));
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_WRONG_CODE);
  start_with (world, PAIRING_MODE_WORDS, pairing_code_get_secret (world->code), INVITE_SECRET_LEN);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_WRONG_CODE);
}

static void
test_wrong_code (World *world, gconstpointer unused)
{
  for (int left = 2; left >= 0; left--)
    {
      start_wrong (world);
      deliver_all (world);
      assert_both_failed (world, PAIRING_REASON_WRONG_CODE);
      g_assert_cmpint (pairing_get_attempts_left (world->j), ==, left);
      g_assert_cmpint (pairing_code_get_attempts_left (world->code), ==, left);
    }
  start_words (world);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_TOO_MANY_ATTEMPTS);
}

static void
test_right_at_last (World *world, gconstpointer unused)
{
  for (int i = 0; i < 2; i++)
    {
      start_wrong (world);
      deliver_all (world);
    }
  start_words (world);
  deliver_all (world);
  finish (world);
}

/* Who tests the confirmation and hangs up has guessed all the same. */
static void
test_silent_guesser (World *world, gconstpointer unused)
{
  for (int i = 0; i < PAIRING_CODE_GUESSES; i++)
    {
      start_wrong (world);
      deliver_to_i (world);
      pairing_receive_end (world->i, i % 2);
      assert_failed (world->i, PAIRING_REASON_UNREACHABLE);
    }
  g_assert_cmpint (pairing_code_get_reason (world->code, world->now_us), ==,
                   PAIRING_REASON_TOO_MANY_ATTEMPTS);
}

/* Freeing an exchange ends it as hanging up does. */
static void
test_freed_guesser (World *world, gconstpointer unused)
{
  start_wrong (world);
  deliver_to_i (world);
  g_clear_pointer (&world->i, pairing_free);
  g_assert_cmpint (pairing_code_get_attempts_left (world->code), ==, 2);
  start_words (world);
  deliver_all (world);
  finish (world);
}

static void
test_expired_before (World *world, gconstpointer unused)
{
  world->now_us += PAIRING_CODE_LIFETIME_US;
  start_words (world);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_EXPIRED);
}

static void
test_expired_meanwhile (World *world, gconstpointer unused)
{
  world->now_us += PAIRING_CODE_LIFETIME_US - S;
  start_words (world);
  deliver_to_i (world);
  deliver_to_j (world);
  g_assert_cmpint (pairing_get_deadline_us (world->i), ==,
                   pairing_code_get_expiry_us (world->code));
  world->now_us += S;
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_EXPIRED);
}

static void
test_timeouts (World *world, gconstpointer unused)
{
  /* nobody speaks to either */
  start_words (world);
  g_assert_cmpint (pairing_tick (world->i, START + PAIRING_EXCHANGE_US - 1, world->to_j), ==,
                   PAIRING_STATE_AWAIT_REQUEST);
  pairing_tick (world->i, START + PAIRING_EXCHANGE_US, world->to_j);
  pairing_tick (world->j, START + PAIRING_EXCHANGE_US, world->to_i);
  assert_both_failed (world, PAIRING_REASON_UNREACHABLE);

  /* the response does not come */
  start_words (world);
  deliver_to_i (world);
  pairing_tick (world->i, START + PAIRING_EXCHANGE_US, world->to_j);
  assert_failed (world->i, PAIRING_REASON_UNREACHABLE);

  /* nor does the end */
  start_words (world);
  deliver_all (world);
  pairing_stored (world->i, true, START, world->to_j);
  pairing_tick (world->i, START + PAIRING_EXCHANGE_US, world->to_j);
  assert_failed (world->i, PAIRING_REASON_UNREACHABLE);
  g_assert_true (pairing_must_forget (world->i));
}

static void
test_cancelled_by_initiator (World *world, gconstpointer unused)
{
  start_words (world);
  deliver_to_i (world);
  pairing_code_cancel (world->code);
  pairing_cancel (world->i, world->to_j);
  /* The challenge and the abort arrive together. */
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_CANCELLED);
  start_words (world);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_CANCELLED);
}

/* Only the code is told; each later step notices. */
static void
test_cancelled_code (World *world, gconstpointer unused)
{
  start_words (world);
  deliver_to_i (world);
  deliver_to_j (world);
  pairing_code_cancel (world->code);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_CANCELLED);
}

static void
test_cancelled_while_confirming (World *world, gconstpointer unused)
{
  start_link (world);
  pairing_code_cancel (world->code);
  pairing_confirm (world->i, true, world->now_us, world->to_j);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_CANCELLED);
}

static void
test_cancelled_while_storing (World *world, gconstpointer unused)
{
  start_words (world);
  deliver_all (world);
  pairing_code_cancel (world->code);
  pairing_stored (world->i, true, world->now_us, world->to_j);
  g_assert_true (pairing_must_forget (world->i));
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_CANCELLED);
}

static void
test_cancelled_by_joiner (World *world, gconstpointer unused)
{
  start_words (world);
  deliver_all (world);
  pairing_stored (world->i, true, world->now_us, world->to_j);
  pairing_cancel (world->j, world->to_i);
  deliver_to_i (world);
  assert_both_failed (world, PAIRING_REASON_CANCELLED);
  g_assert_true (pairing_must_forget (world->i));
  /* The code was right and is not used up. */
  start_words (world);
  deliver_all (world);
  finish (world);
}

static void
test_too_late_to_cancel (World *world, gconstpointer unused)
{
  start_words (world);
  deliver_all (world);
  pairing_stored (world->i, true, world->now_us, world->to_j);
  pairing_code_cancel (world->code);
  g_assert_cmpint (pairing_cancel (world->i, world->to_j), ==, PAIRING_STATE_AWAIT_END);
  deliver_to_j (world);
  g_assert_cmpint (pairing_stored (world->j, true, world->now_us, world->to_i), ==,
                   PAIRING_STATE_DONE);
  g_assert_cmpint (pairing_receive_end (world->i, true), ==, PAIRING_STATE_DONE);
}

static void
test_initiator_cannot_store (World *world, gconstpointer unused)
{
  start_words (world);
  deliver_all (world);
  pairing_stored (world->i, false, world->now_us, world->to_j);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_STORAGE);
  g_assert_false (pairing_must_forget (world->i));
}

static void
test_joiner_cannot_store (World *world, gconstpointer unused)
{
  start_words (world);
  deliver_all (world);
  pairing_stored (world->i, true, world->now_us, world->to_j);
  deliver_to_j (world);
  pairing_stored (world->j, false, world->now_us, world->to_i);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_STORAGE);
  g_assert_true (pairing_must_forget (world->i));
  g_assert_false (pairing_must_forget (world->j));
}

/* The connection breaks after each number of steps: nobody is left believing alone. */
static void
test_broken_connection (World *world, gconstpointer unused)
{
  for (int steps = 0; steps < 5; steps++)
    {
      start_words (world);
      if (steps > 0)
        deliver_to_i (world);
      if (steps > 1)
        deliver_to_j (world);
      if (steps > 2)
        deliver_to_i (world);
      if (steps > 3)
        pairing_stored (world->i, true, world->now_us, world->to_j);

      pairing_receive_end (world->i, false);
      pairing_receive_end (world->j, false);
      assert_both_failed (world, PAIRING_REASON_UNREACHABLE);
      g_assert_true (pairing_must_forget (world->i) == (steps > 3));
    }
}

/* Only a clean end of the stream acknowledges. */
static void
test_reset_is_no_acknowledgement (World *world, gconstpointer unused)
{
  start_words (world);
  deliver_all (world);
  pairing_stored (world->i, true, world->now_us, world->to_j);
  pairing_receive_end (world->i, false);
  assert_failed (world->i, PAIRING_REASON_UNREACHABLE);
  g_assert_true (pairing_must_forget (world->i));
}

/* A man in the middle who relays every byte: his two TLS connections have two exporter values. */
static void
test_relayed (World *world, gconstpointer unused)
{
  world->channel_j.exporter[31] ^= 1;
  start_words (world);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_WRONG_CODE);
  g_assert_cmpint (pairing_code_get_attempts_left (world->code), ==, 2);
}

/* He cannot even keep the device ids: his own are those of the connections. */
static void
test_swapped_info (World *world, gconstpointer unused)
{
  g_autoptr (NodeIdentity) mallory = node_identity_generate ();
  NodeId j = world->channel_i.peer;
  world->channel_i.peer = *node_identity_get_id (mallory);
  start_words (world);
  deliver_to_i (world);
  deliver_to_j (world);
  assert_both_failed (world, PAIRING_REASON_PROTOCOL);
  g_assert_null (pairing_get_peer (world->i));

  world->channel_i.peer = j;
  world->channel_j.peer = *node_identity_get_id (mallory);
  start_words (world);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_PROTOCOL);
  g_assert_null (pairing_get_peer (world->j));
}

static void
test_self (World *world, gconstpointer unused)
{
  /* by our own initiative: nothing is sent but the reason */
  world->channel_j.peer = *node_identity_get_id (world->identity_j);
  start_words (world);
  assert_failed (world->j, PAIRING_REASON_SELF);

  /* by somebody else's */
  world->channel_i.peer = *node_identity_get_id (world->identity_i);
  world->channel_j.peer = *node_identity_get_id (world->identity_i);
  start_words (world);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_SELF);
  g_assert_cmpint (pairing_code_get_attempts_left (world->code), ==, 3);
}

/* Our own messages come back to us. */
static void
test_reflected (World *world, gconstpointer unused)
{
  start_words (world);
  g_byte_array_append (world->to_j, world->to_i->data, world->to_i->len);
  deliver_to_j (world); /* a request to the joiner */
  assert_failed (world->j, PAIRING_REASON_PROTOCOL);

  start_words (world);
  deliver_to_i (world);
  g_byte_array_append (world->to_i, world->to_j->data, world->to_j->len);
  deliver_to_i (world); /* a challenge to the initiator */
  assert_failed (world->i, PAIRING_REASON_PROTOCOL);

  /* a challenge made of the joiner's own share */
  start_words (world);
  g_autoptr (GByteArray) request = take_frame (world->to_i);
  PairingMessage asked, reply = { .type = PAIRING_MESSAGE_CHALLENGE };
  g_assert_cmpint (pairing_message_parse (&asked, request->data, request->len), ==,
                   PAIRING_REASON_NONE);
  reply.challenge.info = world->info_i;
  memcpy (reply.challenge.share, asked.request.share, PAIRING_SHARE_LEN);
  memcpy (reply.challenge.challenge, asked.request.nonce, PAIRING_NONCE_LEN);
  pairing_message_write (&reply, world->to_j);
  deliver_to_j (world);
  assert_failed (world->j, PAIRING_REASON_PROTOCOL);

  /* the initiator's confirmation as the joiner's: it does not know the code */
  start_wrong (world);
  deliver_to_i (world);
  g_autoptr (GByteArray) challenge = take_frame (world->to_j);
  PairingMessage received, response = { .type = PAIRING_MESSAGE_RESPONSE };
  g_assert_cmpint (pairing_message_parse (&received, challenge->data, challenge->len), ==,
                   PAIRING_REASON_NONE);
  memcpy (response.response.confirm, received.challenge.confirm, PAIRING_CONFIRM_LEN);
  g_byte_array_set_size (world->to_i, 0);
  pairing_message_write (&response, world->to_i);
  deliver_to_i (world);
  assert_failed (world->i, PAIRING_REASON_WRONG_CODE);
}

/* Each message twice, and each message of one pairing in another. */
static void
test_replayed (World *world, gconstpointer unused)
{
  g_autoptr (GByteArray) old_request = NULL;
  g_autoptr (GByteArray) old_challenge = NULL;
  g_autoptr (GByteArray) old_response = NULL;
  g_autoptr (GByteArray) old_complete = NULL;

  /* a whole pairing, recorded; then the joiner's disk fails, so that the code lives on */
  start_words (world);
  old_request = take_frame (world->to_i);
  pairing_receive (world->i, old_request->data, old_request->len, START, world->to_j);
  old_challenge = take_frame (world->to_j);
  pairing_receive (world->j, old_challenge->data, old_challenge->len, START, world->to_i);
  old_response = take_frame (world->to_i);
  pairing_receive (world->i, old_response->data, old_response->len, START, world->to_j);
  pairing_stored (world->i, true, START, world->to_j);
  old_complete = take_frame (world->to_j);
  pairing_receive (world->j, old_complete->data, old_complete->len, START, world->to_i);
  pairing_stored (world->j, false, START, world->to_i);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_STORAGE);

  /* to the initiator: the old request is taken, but the old response proves nothing */
  start_words (world);
  pairing_receive (world->i, old_request->data, old_request->len, START, world->to_j);
  g_assert_cmpint (pairing_get_state (world->i), ==, PAIRING_STATE_AWAIT_RESPONSE);
  pairing_receive (world->i, old_response->data, old_response->len, START, world->to_j);
  assert_failed (world->i, PAIRING_REASON_WRONG_CODE);

  /* to the joiner: neither does the old challenge */
  pairing_receive (world->j, old_challenge->data, old_challenge->len, START, world->to_i);
  assert_failed (world->j, PAIRING_REASON_WRONG_CODE);

  /* nor the old complete */
  start_words (world);
  deliver_all (world);
  g_assert_cmpint (pairing_get_state (world->j), ==, PAIRING_STATE_AWAIT_COMPLETE);
  pairing_receive (world->j, old_complete->data, old_complete->len, START, world->to_i);
  assert_failed (world->j, PAIRING_REASON_PROTOCOL);

  /* the request twice in one exchange */
  start_words (world);
  g_autoptr (GByteArray) request = take_frame (world->to_i);
  pairing_receive (world->i, request->data, request->len, START, world->to_j);
  g_assert_cmpint (pairing_get_state (world->i), ==, PAIRING_STATE_AWAIT_RESPONSE);
  pairing_receive (world->i, request->data, request->len, START, world->to_j);
  assert_failed (world->i, PAIRING_REASON_PROTOCOL);
}

/* One bit of any message changed on the way (which TLS would notice): never a success. */
static void
test_changed_bits (World *world, gconstpointer unused)
{
  for (int message = 0; message < 4; message++)
    for (guint at = 0; at < PAIRING_FRAME_MAX; at += 3)
      {
        g_autoptr (PairingCode) code = pairing_code_generate (START);
        GByteArray *wire = message % 2 == 0 ? world->to_i : world->to_j;
        pairing_code_unref (world->code);
        world->code = pairing_code_ref (code);
        start_words (world);
        if (message > 0)
          deliver_to_i (world);
        if (message > 1)
          deliver_to_j (world);
        if (message > 2)
          {
            deliver_to_i (world);
            pairing_stored (world->i, true, START, world->to_j);
          }
        if (at >= wire->len)
          break;
        /* the length would only move the frame's end */
        if (at == 2 || at == 3)
          continue;

        wire->data[at] ^= 1 << (at % 8);
        deliver_all (world);
        g_assert_cmpint (pairing_get_state (world->j), !=, PAIRING_STATE_STORING);
        if (message < 3)
          g_assert_cmpint (pairing_get_state (world->i), !=, PAIRING_STATE_STORING);
        else
          g_assert_true (pairing_must_forget (world->i));
      }
}

static void
test_version (World *world, gconstpointer unused)
{
  start_words (world);
  world->to_i->data[1] = PAIRING_VERSION + 1;
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_VERSION);
  g_assert_cmpint (pairing_code_get_attempts_left (world->code), ==, 3);
}

static void
test_garbage (World *world, gconstpointer unused)
{
  static const uint8_t garbage[] = { 1, 1, 0, 3, 'x', 'y', 'z' };
  start_words (world);
  pairing_receive (world->i, garbage, sizeof garbage, START, world->to_j);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_PROTOCOL);
}

/* A share that is no point of the group spends no guess, for it learns nothing. */
static void
test_invalid_share (World *world, gconstpointer unused)
{
  start_words (world);
  g_autoptr (GByteArray) frame = take_frame (world->to_i);
  PairingMessage message;
  g_assert_cmpint (pairing_message_parse (&message, frame->data, frame->len), ==,
                   PAIRING_REASON_NONE);
  memset (message.request.share, 0, PAIRING_SHARE_LEN);
  pairing_message_write (&message, world->to_i);
  deliver_all (world);
  assert_both_failed (world, PAIRING_REASON_PROTOCOL);
  g_assert_cmpint (pairing_code_get_attempts_left (world->code), ==, 3);
}

static void
test_two_streams (World *world, gconstpointer unused)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  start_words (world);
  g_autoptr (GByteArray) copy = g_byte_array_new ();
  g_byte_array_append (copy, world->to_i->data, world->to_i->len);
  deliver_to_i (world);

  g_autoptr (Pairing) second = pairing_new_initiator (world->code, &world->channel_i, START);
  pairing_receive (second, copy->data, copy->len, START, out);
  assert_failed (second, PAIRING_REASON_BUSY);

  deliver_all (world);
  finish (world);
}

/* Two pairings of the same devices share no root. */
static void
test_fresh_root (World *world, gconstpointer unused)
{
  start_words (world);
  deliver_all (world);
  finish (world);
  uint8_t first[PAIRING_ROOT_LEN];
  memcpy (first, pairing_get_root (world->i), sizeof first);

  pairing_code_unref (world->code);
  world->code = pairing_code_generate (START);
  start_words (world);
  deliver_all (world);
  finish (world);
  g_assert_cmpint (memcmp (first, pairing_get_root (world->i), sizeof first), !=, 0);
}

/* Calls that do not belong where they come change nothing. */
static void
test_calls_out_of_place (World *world, gconstpointer unused)
{
  start_words (world);
  g_assert_cmpint (pairing_confirm (world->i, true, START, world->to_j), ==,
                   PAIRING_STATE_AWAIT_REQUEST);
  g_assert_cmpint (pairing_stored (world->j, true, START, world->to_i), ==,
                   PAIRING_STATE_AWAIT_CHALLENGE);
  deliver_all (world);
  g_assert_cmpint (pairing_confirm (world->i, false, START, world->to_j), ==,
                   PAIRING_STATE_STORING);
  finish (world);
  g_assert_cmpint (pairing_receive_end (world->i, false), ==, PAIRING_STATE_DONE);
  g_assert_cmpint (pairing_cancel (world->j, world->to_i), ==, PAIRING_STATE_DONE);
  pairing_receive (world->i, (const uint8_t *) "x", 1, INT64_MAX, world->to_j);
  g_assert_cmpint (pairing_get_state (world->i), ==, PAIRING_STATE_DONE);
  g_assert_cmpuint (world->to_i->len + world->to_j->len, ==, 0);
}

#define ADD(name, function) g_test_add ("/pairing/" name, World, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("words", test_words);
  ADD ("link-confirmed", test_link_confirmed);
  ADD ("link-declined", test_link_declined);
  ADD ("link-unanswered", test_link_unanswered);
  ADD ("modes-differ", test_modes_differ);
  ADD ("wrong-code", test_wrong_code);
  ADD ("right-at-last", test_right_at_last);
  ADD ("silent-guesser", test_silent_guesser);
  ADD ("freed-guesser", test_freed_guesser);
  ADD ("expired-before", test_expired_before);
  ADD ("expired-meanwhile", test_expired_meanwhile);
  ADD ("timeouts", test_timeouts);
  ADD ("cancelled-by-initiator", test_cancelled_by_initiator);
  ADD ("cancelled-code", test_cancelled_code);
  ADD ("cancelled-while-confirming", test_cancelled_while_confirming);
  ADD ("cancelled-while-storing", test_cancelled_while_storing);
  ADD ("cancelled-by-joiner", test_cancelled_by_joiner);
  ADD ("too-late-to-cancel", test_too_late_to_cancel);
  ADD ("initiator-cannot-store", test_initiator_cannot_store);
  ADD ("joiner-cannot-store", test_joiner_cannot_store);
  ADD ("broken-connection", test_broken_connection);
  ADD ("reset-is-no-acknowledgement", test_reset_is_no_acknowledgement);
  ADD ("relayed", test_relayed);
  ADD ("swapped-info", test_swapped_info);
  ADD ("self", test_self);
  ADD ("reflected", test_reflected);
  ADD ("replayed", test_replayed);
  ADD ("changed-bits", test_changed_bits);
  ADD ("version", test_version);
  ADD ("garbage", test_garbage);
  ADD ("invalid-share", test_invalid_share);
  ADD ("two-streams", test_two_streams);
  ADD ("fresh-root", test_fresh_root);
  ADD ("calls-out-of-place", test_calls_out_of_place);
  return g_test_run ();
}

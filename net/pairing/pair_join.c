/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/pairing/pair_join.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#include "net/core/code_text.h"
#include "net/core/invite.h"
#include "net/core/secret.h"
#include "net/core/words.h"
#include "net/peer/connect.h"
#include "net/socket_address.h"

struct PairTarget
{
  PairingMode mode;
  uint8_t *secret; /* (owned) sodium memory */
  size_t secret_len;
  bool anyone; /* only an address is known, whoever answers there must prove the code */
  NodeId peer;
  char *name;           /* (owned) (nullable) */
  GPtrArray *addresses; /* (owned) (element-type GInetSocketAddress) */
};

void
pair_target_free (PairTarget *target)
{
  sodium_free (target->secret);
  g_free (target->name);
  g_clear_pointer (&target->addresses, g_ptr_array_unref);
  g_free (target);
}

static void
take_secret (PairTarget *target, PairingMode mode, const void *secret, size_t len)
{
  target->mode = mode;
  target->secret = sodium_malloc (len);
  target->secret_len = len;
  memcpy (target->secret, secret, len);
}

static bool
read_link (PairTarget *target, const char *code, GPtrArray *addresses,
           WherryDeviceRegistry *registry, GError **error)
{
  g_auto (Invite) invite = { 0 };
  if (!invite_parse (&invite, code, error))
    return false;
  take_secret (target, PAIRING_MODE_LINK, invite.secret, INVITE_SECRET_LEN);
  target->peer = invite.node_id;

  WherryDevice *device = wherry_device_registry_lookup (registry, &invite.node_id);
  g_autoptr (GPtrArray) seen = device ? wherry_device_list_addresses (device) : NULL;
  target->addresses = connect_candidates (addresses, seen);
  for (size_t i = 0; i < invite.n_addresses; i++)
    {
      GInetSocketAddress *invited =
          socket_address_from_text (invite.addresses[i], ADDRESS_TEXT_GLOBAL);
      if (invited)
        g_ptr_array_add (target->addresses, invited);
    }
  return true;
}

static WherryDevice *
only_open_device (WherryDeviceRegistry *registry, GError **error)
{
  WherryDevice *found = NULL;
  guint n_open = 0;
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (registry)); i++)
    {
      g_autoptr (WherryDevice) device = g_list_model_get_item (G_LIST_MODEL (registry), i);
      if (!wherry_device_get_pairing_open (device))
        continue;
      found = device;
      n_open++;
    }
  if (n_open == 1)
    return found;
  g_set_error_literal (
      error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
      n_open == 0
          ? _ ("No device nearby shows a pairing code. Choose the device, or paste the link that it shows.")
          : _ ("Several devices nearby show a pairing code. Choose the device that shows these words."));
  return NULL;
}

static bool
read_words (PairTarget *target, const char *code, WherryDevice *device, GPtrArray *addresses,
            WherryDeviceRegistry *registry, GError **error)
{
  char words[WORDS_TEXT_MAX + 1];
  bool valid = words_parse (words, NULL, code, error);
  if (valid)
    take_secret (target, PAIRING_MODE_WORDS, words, strlen (words));
  sodium_memzero (words, sizeof words);
  if (!valid)
    return false;
  if (!device && !addresses && !(device = only_open_device (registry, error)))
    return false;
  g_autoptr (GPtrArray) seen = device ? wherry_device_list_addresses (device) : NULL;
  target->addresses = connect_candidates (addresses, seen);
  target->anyone = !device;
  if (device)
    {
      target->peer = *wherry_device_get_node_id (device);
      target->name = g_strdup (wherry_device_get_name (device));
    }
  return true;
}

PairTarget *
pair_target_new (const char *text, WherryDevice *device, GPtrArray *addresses,
                 WherryDeviceRegistry *registry, GError **error)
{
  g_autoptr (PairTarget) target = g_new0 (PairTarget, 1);
  char *code = code_text_find (text);
  bool valid = invite_is_link (code)
                   ? read_link (target, code, addresses, registry, error)
                   : read_words (target, code, device, addresses, registry, error);
  secret_text_free (code);
  return valid ? g_steal_pointer (&target) : NULL;
}

typedef struct
{
  const PairSelf *self;
  QuicEndpoint *endpoint;
  FlowSet *flows;
  PairTarget *target;            /* (owned) */
  WherryPairingSession *session; /* (owned) */
} Join;

static void
join_free (gpointer data)
{
  Join *join = data;
  pair_target_free (join->target);
  g_object_unref (join->session);
  g_free (join);
}

static bool
is_self (const Join *join, const NodeId *peer)
{
  return node_id_equal (peer, node_identity_get_id (join->self->identity));
}

/* On a fiber, with the connection: proves the code. */
static void
join_conversation (Join *join, QuicConnection *connection)
{
  PairConversation conversation;
  g_autoptr (GError) error = NULL;
  PairingReason reason = PAIRING_REASON_UNREACHABLE;
  int attempts_left = -1;
  pair_conversation_init (&conversation, join->self, join->session, connection);
  conversation.stream = flow_await_boxed (quic_future_open_stream (connection, true), &error);
  if (conversation.stream)
    {
      PairingChannel channel;
      pair_conversation_channel (&conversation, &channel);
      conversation.pairing =
          pairing_new_joiner (join->target->mode, join->target->secret, join->target->secret_len,
                              &channel, join->self->now_us (), conversation.out);
      reason = pair_conversation_run (&conversation);
      attempts_left = pairing_get_attempts_left (conversation.pairing);
      /* The guess that killed the code: both sides call it by the same name. */
      if (reason == PAIRING_REASON_WRONG_CODE && attempts_left == 0)
        reason = PAIRING_REASON_TOO_MANY_ATTEMPTS;
    }
  else if (!flow_was_cancelled (error))
    reason = pair_conversation_learn_refusal (&conversation);
  g_debug ("pairing: %s", pairing_reason_name (reason));
  if (reason == PAIRING_REASON_NONE)
    pairing_session_succeed (join->session, conversation.device);
  else if (conversation.storage_message)
    pairing_session_fail_because (join->session, reason, conversation.storage_message);
  else
    pairing_session_fail (join->session, reason, attempts_left);
  pair_conversation_clear (&conversation);
}

static PairingReason
connect_failure_reason (const GError *error)
{
  if (g_error_matches (error, QUIC_ERROR, QUIC_ERROR_NO_CODE))
    return PAIRING_REASON_NO_CODE;
  if (g_error_matches (error, QUIC_ERROR, QUIC_ERROR_REFUSED))
    return PAIRING_REASON_BUSY;
  if (g_error_matches (error, QUIC_ERROR, QUIC_ERROR_PROTOCOL))
    return PAIRING_REASON_VERSION;
  return PAIRING_REASON_UNREACHABLE;
}

static DexFuture *
join_fiber (gpointer user_data)
{
  Join *join = user_data;
  PairTarget *target = join->target;
  g_autoptr (GError) error = NULL;
  g_autoptr (QuicConnection) connection = NULL;
  if (!target->anyone && is_self (join, &target->peer))
    {
      pairing_session_fail (join->session, PAIRING_REASON_SELF, -1);
      return dex_future_new_false ();
    }
  connection = flow_await_boxed (
      dex_future_first (connect_race (join->endpoint, join->flows,
                                      target->anyone ? NULL : &target->peer, target->name,
                                      PAIRING_ALPN, target->addresses),
                        pairing_session_failure (join->session), NULL),
      &error);
  if (!connection)
    {
      pairing_session_fail (join->session, connect_failure_reason (error), -1);
      return dex_future_new_false ();
    }
  const NodeId *peer = quic_connection_get_peer (connection);
  if (is_self (join, peer))
    {
      quic_connection_close (connection, QUIC_CODE_CANCELLED, "this is the same device");
      pairing_session_fail (join->session, PAIRING_REASON_SELF, -1);
      return dex_future_new_false ();
    }
  pairing_session_advance (join->session, PAIRING_EXCHANGING);
  wherry_device_registry_pairing (join->self->registry, peer, true);
  join_conversation (join, connection);
  if (!wherry_pairing_session_get_device (join->session))
    wherry_device_registry_pairing (join->self->registry, peer, false);
  return dex_future_new_true ();
}

WherryPairingSession *
pair_join_start (const PairSelf *self, QuicEndpoint *endpoint, FlowSet *flows, PairTarget *target)
{
  Join *join = g_new (Join, 1);
  *join = (Join) { .self = self,
                   .endpoint = endpoint,
                   .flows = flows,
                   .target = target,
                   .session = pairing_session_new_joiner (
                       self->now_us () + PAIRING_CODE_LIFETIME_US, self->now_us) };
  g_autoptr (WherryPairingSession) session = g_object_ref (join->session);
  dex_future_disown (flow_set_start (flows, "pairing", join_fiber, join, join_free));
  return g_steal_pointer (&session);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pairing/pair_host.h"

#include <sodium.h>
#include <string.h>

#include "net/core/pairing_guard.h"
#include "net/peer/connect.h"

struct PairHost
{
  const PairSelf *self;
  FlowSet *flows;
  PairingGuard *guard;           /* (owned) */
  PairingCode *code;             /* (owned) (nullable) */
  WherryPairingSession *session; /* (owned) (nullable) */
  GQueue guests; /* (element-type Guest) of whatever session, each owned by its fiber, the oldest
                  * first; without those that were sent away */
};

/* One connection that wants to pair. The host outlives it: every flow ends before the node frees
 * its parts. */
typedef struct
{
  PairHost *host;
  PairingCode *code; /* (owned) */
  PairConversation conversation;
  GList link; /* in the host's guests; its data is NULL when it was sent away */
} Guest;

static void
guest_free (gpointer data)
{
  Guest *guest = data;
  if (guest->link.data)
    g_queue_unlink (&guest->host->guests, &guest->link);
  pair_conversation_clear (&guest->conversation);
  pairing_code_unref (guest->code);
  g_free (guest);
}

PairHost *
pair_host_new (const PairSelf *self, FlowSet *flows)
{
  PairHost *host = g_new (PairHost, 1);
  *host = (PairHost) { .self = self, .flows = flows, .guard = pairing_guard_new () };
  return host;
}

static void
session_phase_cb (WherryPairingSession *session, GParamSpec *pspec, gpointer user_data)
{
  PairHost *host = user_data;
  if (!pairing_session_has_ended (session) || session != host->session)
    return;
  if (wherry_pairing_session_get_reason (session) == PAIRING_REASON_CANCELLED)
    pairing_code_cancel (host->code);
  g_signal_handlers_disconnect_by_func (session, session_phase_cb, host);
  g_clear_pointer (&host->code, pairing_code_unref);
  g_clear_object (&host->session);
}

void
pair_host_free (PairHost *host)
{
  if (host->session)
    wherry_pairing_session_cancel (host->session);
  pairing_guard_free (host->guard);
  g_free (host);
}

static char *
make_link (const PairSelf *self, const PairingCode *code, GPtrArray *addresses)
{
  g_auto (Invite) invite = { .node_id = *node_identity_get_id (self->identity) };
  memcpy (invite.secret, pairing_code_get_secret (code), INVITE_SECRET_LEN);
  for (guint i = 0; i < addresses->len; i++)
    {
      g_autofree char *text = connect_address_to_text (addresses->pdata[i]);
      invite_add_address (&invite, text);
    }
  return invite_format (&invite);
}

WherryPairingSession *
pair_host_open (PairHost *host, GPtrArray *addresses)
{
  if (host->session)
    return g_object_ref (host->session);
  host->code = pairing_code_generate (host->self->now_us ());
  char *link = make_link (host->self, host->code, addresses);
  host->session = pairing_session_new_host (
      pairing_code_get_words (host->code), link, pairing_code_get_attempts_left (host->code),
      pairing_code_get_expiry_us (host->code), host->self->now_us);
  sodium_memzero (link, strlen (link));
  g_free (link);
  g_signal_connect (host->session, "notify::phase", G_CALLBACK (session_phase_cb), host);
  return g_object_ref (host->session);
}

WherryPairingSession *
pair_host_get_session (PairHost *host)
{
  return host->session;
}

/* What a guest's failure means for the code that is still shown. */
static void
guest_failed (Guest *guest, PairingReason reason, int others)
{
  WherryPairingSession *session = guest->conversation.session;
  PairingReason dead = pairing_code_get_reason (guest->code, guest->host->self->now_us ());
  int attempts_left = pairing_code_get_attempts_left (guest->code);
  if (guest->conversation.storage_message)
    pairing_session_fail_because (session, PAIRING_REASON_STORAGE,
                                  guest->conversation.storage_message);
  else if (others > 0)
    return; /* the last one to leave looks again */
  else if (dead)
    pairing_session_fail (session, dead, attempts_left);
  else
    pairing_session_wait_again (
        session, reason == PAIRING_REASON_WRONG_CODE ? reason : PAIRING_REASON_NONE, attempts_left);
}

static DexFuture *
guest_fiber (gpointer user_data)
{
  Guest *guest = user_data;
  PairConversation *conversation = &guest->conversation;
  const NodeId *peer = quic_connection_get_peer (conversation->connection);
  WherryDeviceRegistry *registry = conversation->self->registry;
  g_autoptr (GError) error = NULL;
  PairingReason reason = PAIRING_REASON_UNREACHABLE;

  pairing_session_guest_came (conversation->session);
  conversation->stream =
      flow_await_boxed (flow_within (quic_future_accept_stream (conversation->connection),
                                     PAIRING_EXCHANGE_US / G_USEC_PER_SEC),
                        &error);
  if (conversation->stream)
    {
      wherry_device_registry_pairing (registry, peer, true);
      PairingChannel channel;
      pair_conversation_channel (conversation, &channel);
      conversation->pairing =
          pairing_new_initiator (guest->code, &channel, conversation->self->now_us ());
      reason = pair_conversation_run (conversation);
      g_clear_pointer (&conversation->pairing, pairing_free);
    }
  g_debug ("pairing guest: %s", pairing_reason_name (reason));
  int others = pairing_session_guest_left (conversation->session);
  if (reason == PAIRING_REASON_NONE)
    {
      pairing_session_succeed (conversation->session, conversation->device);
      return dex_future_new_true ();
    }
  quic_connection_close (conversation->connection, QUIC_CODE_CANCELLED,
                         pairing_reason_name (reason));
  wherry_device_registry_pairing (registry, peer, false);
  guest_failed (guest, reason, others);
  return dex_future_new_false ();
}

static bool
is_silent (const Guest *guest)
{
  const PairConversation *conversation = &guest->conversation;
  return !conversation->stream ||
         (conversation->pairing &&
          pairing_get_state (conversation->pairing) == PAIRING_STATE_AWAIT_REQUEST);
}

/* Whether there is a place for one more. Who has said nothing yet has tried nothing, and an honest
 * device says something at once: the one that has been silent for longest goes. */
static bool
make_room (PairHost *host)
{
  if (host->guests.length < PAIR_GUESTS_MAX)
    return true;
  for (GList *l = host->guests.head; l; l = l->next)
    {
      Guest *guest = l->data;
      if (!is_silent (guest))
        continue;
      g_queue_unlink (&host->guests, &guest->link);
      guest->link.data = NULL;
      quic_connection_close (guest->conversation.connection, QUIC_CODE_LIMIT,
                             "said nothing, and another one came");
      return true;
    }
  return false;
}

static bool
admit (PairHost *host, QuicConnection *connection)
{
  g_autoptr (GInetSocketAddress) address = quic_connection_dup_remote_address (connection);
  GInetAddress *ip = g_inet_socket_address_get_address (address);
  return pairing_guard_admit (host->guard, quic_connection_get_peer (connection),
                              g_inet_address_to_bytes (ip), g_inet_address_get_native_size (ip),
                              host->self->now_us ()) &&
         make_room (host);
}

QuicCode
pair_host_accept (PairHost *host, QuicConnection *connection)
{
  if (!host->session)
    return QUIC_CODE_NO_CODE;
  if (!admit (host, connection))
    return QUIC_CODE_LIMIT;
  Guest *guest = g_new (Guest, 1);
  *guest = (Guest) { .host = host, .code = pairing_code_ref (host->code) };
  pair_conversation_init (&guest->conversation, host->self, host->session, connection);
  guest->link.data = guest;
  g_queue_push_tail_link (&host->guests, &guest->link);
  dex_future_disown (flow_set_start (host->flows, "pairing guest", guest_fiber, guest, guest_free));
  return QUIC_CODE_OK;
}

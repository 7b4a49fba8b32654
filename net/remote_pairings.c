/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/remote_private.h"

#include "net/pairing/pairing_session_private.h"

/* A pairing that this process has asked for, until it ends. */
typedef struct
{
  WherryRemote *remote;
  WherryPairingSession *session; /* (owned) */
  char *path;                    /* (owned) */
  gulong handler;
  PairingPhase told; /* by the service; the session may be ahead of it */
} RemotePairing;

static void
remote_pairing_free (gpointer data)
{
  RemotePairing *own = data;
  g_clear_signal_handler (&own->handler, own->session);
  g_object_unref (own->session);
  g_free (own->path);
  g_free (own);
}

GPtrArray *
remote_pairings_new (void)
{
  return g_ptr_array_new_with_free_func (remote_pairing_free);
}

static RemotePairing *
lookup (WherryRemote *self, const char *path)
{
  for (guint i = 0; i < self->pairings->len; i++)
    {
      RemotePairing *own = g_ptr_array_index (self->pairings, i);
      if (g_str_equal (own->path, path))
        return own;
    }
  return NULL;
}

/* A session that is cancelled here has ended at once, and the service is told. */
static void
phase_cb (RemotePairing *own)
{
  if (pairing_session_has_ended (own->session) && own->told != PAIRING_DONE &&
      own->told != PAIRING_FAILED)
    remote_tell (own->remote, own->path, REMOTE_PAIRING, "Cancel", NULL);
  if (pairing_session_has_ended (own->session))
    g_ptr_array_remove (own->remote->pairings, own);
}

typedef struct
{
  WherryRemote *remote; /* (owned) */
  char *path;           /* (owned) */
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;
  g_object_unref (question->remote);
  g_free (question->path);
  g_free (question);
}

static DexFuture *
answered_cb (DexFuture *future, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (GError) error = NULL;
  const GValue *answer = dex_future_get_value (future, &error);
  if (answer)
    remote_tell (question->remote, question->path, REMOTE_PAIRING, "Confirm",
                 g_variant_new ("(b)", g_value_get_boolean (answer)));
  return dex_future_new_true ();
}

static void
ask (RemotePairing *own)
{
  Question *question = g_new (Question, 1);
  *question = (Question) { g_object_ref (own->remote), g_strdup (own->path) };
  dex_future_disown (dex_future_finally (pairing_session_ask (own->session), answered_cb, question,
                                         question_free));
}

/* The way into what follows an exchange; the service may have told only the end of it. */
static void
enter_exchange (WherryPairingSession *session)
{
  PairingPhase phase = wherry_pairing_session_get_phase (session);
  pairing_session_withdraw_question (session);
  if (phase == PAIRING_WAITING || phase == PAIRING_CONNECTING)
    pairing_session_advance (session, PAIRING_EXCHANGING);
}

static void
fail (WherryPairingSession *session, GDBusProxy *proxy, PairingReason reason, int attempts_left)
{
  g_autofree char *message = remote_read_text (proxy, "Message");
  bool counts = reason == PAIRING_REASON_WRONG_CODE || reason == PAIRING_REASON_TOO_MANY_ATTEMPTS;
  if (counts || !message)
    pairing_session_fail (session, reason, attempts_left);
  else
    pairing_session_fail_because (session, reason, message);
}

static void
succeed (RemotePairing *own, GDBusProxy *proxy)
{
  g_autofree char *id = remote_read_text (proxy, "Device");
  WherryDevice *device = id ? remote_devices_lookup (own->remote, id) : NULL;
  enter_exchange (own->session);
  if (device)
    pairing_session_succeed (own->session, device);
  else
    pairing_session_fail (own->session, PAIRING_REASON_PROTOCOL, -1);
}

void
remote_pairings_follow (WherryRemote *self, GDBusProxy *proxy)
{
  RemotePairing *own = lookup (self, g_dbus_proxy_get_object_path (proxy));
  if (!own)
    return;
  int attempts_left = 0;
  PairingPhase phase =
      (PairingPhase) remote_read_enum (proxy, "Phase", WHERRY_TYPE_PAIRING_PHASE, PAIRING_FAILED);
  PairingReason reason = (PairingReason) remote_read_enum (
      proxy, "Reason", WHERRY_TYPE_PAIRING_REASON, PAIRING_REASON_NONE);
  g_autofree char *peer_name = remote_read_text (proxy, "PeerName");
  remote_read (proxy, "AttemptsLeft", "i", &attempts_left);
  if (peer_name)
    pairing_session_set_peer_name (own->session, peer_name);
  if (phase == own->told)
    return;
  own->told = phase;
  switch (phase)
    {
    case PAIRING_WAITING:
      pairing_session_wait_again (own->session, reason, attempts_left);
      break;
    case PAIRING_CONNECTING:
      break;
    case PAIRING_EXCHANGING:
      enter_exchange (own->session);
      break;
    case PAIRING_CONFIRMING:
      enter_exchange (own->session);
      ask (own);
      break;
    case PAIRING_DONE:
      succeed (own, proxy);
      break;
    case PAIRING_FAILED:
      fail (own->session, proxy, reason, attempts_left);
      break;
    default:
      g_assert_not_reached ();
    }
}

void
remote_pairings_remove (WherryRemote *self, const char *path)
{
  RemotePairing *own = lookup (self, path);
  if (own)
    pairing_session_fail (own->session, PAIRING_REASON_CANCELLED, -1);
}

void
remote_pairings_cancel (WherryRemote *self)
{
  while (self->pairings->len > 0)
    {
      RemotePairing *own = g_ptr_array_index (self->pairings, 0);
      wherry_pairing_session_cancel (own->session); /* removes it */
    }
}

/* @session (transfer full); what the service has told of it already counts. */
static WherryPairingSession *
add (WherryRemote *self, const char *path, WherryPairingSession *session)
{
  RemotePairing *own = g_new (RemotePairing, 1);
  *own = (RemotePairing) { .remote = self,
                           .session = session,
                           .path = g_strdup (path),
                           .told = wherry_pairing_session_get_phase (session) };
  own->handler = g_signal_connect_swapped (session, "notify::phase", G_CALLBACK (phase_cb), own);
  g_ptr_array_add (self->pairings, own);
  WherryPairingSession *result = g_object_ref (session);
  g_autoptr (GDBusInterface) told =
      g_dbus_object_manager_get_interface (self->objects, path, REMOTE_PAIRING);
  if (told)
    remote_pairings_follow (self, G_DBUS_PROXY (told));
  return result;
}

static int64_t
deadline (int seconds_left)
{
  return g_get_monotonic_time () + seconds_left * G_USEC_PER_SEC;
}

static WherryPairingSession *
host_pairing (WherryClient *client, GError **error)
{
  WherryRemote *self = remote_of (client);
  g_autoptr (GVariant) reply = remote_call_sync (self, WHERRY_BUS_PATH, REMOTE_MANAGER,
                                                 "HostPairing", NULL, "(ossii)", error);
  if (!reply)
    return NULL;
  const char *path, *words, *link;
  int attempts_left, seconds_left;
  g_variant_get (reply, "(&o&s&sii)", &path, &words, &link, &attempts_left, &seconds_left);
  return add (self, path,
              pairing_session_new_host (words, link, attempts_left, deadline (seconds_left),
                                        g_get_monotonic_time));
}

static WherryPairingSession *
join_pairing (WherryClient *client, const char *code, WherryDevice *device, GPtrArray *addresses,
              GError **error)
{
  WherryRemote *self = remote_of (client);
  g_autofree char *valid = g_utf8_make_valid (code, -1); /* as D-Bus wants it; it is no code then */
  g_autoptr (GVariant) reply = remote_call_sync (
      self, WHERRY_BUS_PATH, REMOTE_MANAGER, "JoinPairing",
      g_variant_new ("(ss@as)", valid, device ? wherry_device_get_id (device) : "",
                     remote_pack_addresses (addresses)),
      "(oi)", error);
  if (!reply)
    return NULL;
  const char *path;
  int seconds_left;
  g_variant_get (reply, "(&oi)", &path, &seconds_left);
  return add (self, path,
              pairing_session_new_joiner (deadline (seconds_left), g_get_monotonic_time));
}

void
remote_pairings_install (WherryClientInterface *iface)
{
  iface->host_pairing = host_pairing;
  iface->join_pairing = join_pairing;
}

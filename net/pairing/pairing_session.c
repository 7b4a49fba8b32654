/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pairing/pairing_session_private.h"

#include <sodium.h>
#include <string.h>

#include "net/core/secret.h"
#include "net/enum_nick.h"

/* Often enough that the shown second is the true one. */
#define TICK_MS 200

struct _WherryPairingSession
{
  GObject parent_instance;
  bool hosting;
  PairingPhase phase;
  PairingReason reason;
  char *message;        /* (owned) (nullable) */
  char *peer_name;      /* (owned) (nullable) */
  char *words;          /* (owned) (nullable) sodium memory */
  char *link;           /* (owned) (nullable) sodium memory */
  WherryDevice *device; /* (owned) (nullable) */
  int guests;
  int attempts_left;
  int seconds_left;
  int64_t deadline_us;
  PairingClock now_us;
  guint tick;
  DexPromise *failure;  /* (owned) rejected when the session fails */
  DexPromise *question; /* (owned) (nullable) pending while CONFIRMING */
};

typedef enum
{
  PROP_PHASE = 1,
  PROP_REASON,
  PROP_MESSAGE,
  PROP_ATTEMPTS_LEFT,
  PROP_SECONDS_LEFT,
  PROP_PEER_NAME,
} PairingSessionProperty;

static GParamSpec *properties[PROP_PEER_NAME + 1];

G_DEFINE_ENUM_TYPE (WherryPairingPhase, wherry_pairing_phase,
                    G_DEFINE_ENUM_VALUE (PAIRING_WAITING, "waiting"),
                    G_DEFINE_ENUM_VALUE (PAIRING_CONNECTING, "connecting"),
                    G_DEFINE_ENUM_VALUE (PAIRING_EXCHANGING, "exchanging"),
                    G_DEFINE_ENUM_VALUE (PAIRING_CONFIRMING, "confirming"),
                    G_DEFINE_ENUM_VALUE (PAIRING_DONE, "done"),
                    G_DEFINE_ENUM_VALUE (PAIRING_FAILED, "failed"))
G_DEFINE_FINAL_TYPE (WherryPairingSession, wherry_pairing_session, G_TYPE_OBJECT)
G_DEFINE_QUARK (wherry-pairing-session-error-quark, pairing_session_error)

#define EDGE(phase) (1u << PAIRING_##phase)
static const unsigned phase_edges[] = {
  [PAIRING_WAITING] = EDGE (EXCHANGING) | EDGE (FAILED),
  [PAIRING_CONNECTING] = EDGE (EXCHANGING) | EDGE (FAILED),
  [PAIRING_EXCHANGING] = EDGE (WAITING) | EDGE (CONFIRMING) | EDGE (DONE) | EDGE (FAILED),
  [PAIRING_CONFIRMING] = EDGE (WAITING) | EDGE (EXCHANGING) | EDGE (DONE) | EDGE (FAILED),
  [PAIRING_DONE] = 0,
  [PAIRING_FAILED] = 0,
};

static void
notify (WherryPairingSession *self, PairingSessionProperty property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
take_message (WherryPairingSession *self, char *message)
{
  g_free (self->message);
  self->message = message;
  notify (self, PROP_MESSAGE);
}

static void
set_attempts_left (WherryPairingSession *self, int attempts_left)
{
  if (attempts_left < 0 || attempts_left == self->attempts_left)
    return;
  self->attempts_left = attempts_left;
  notify (self, PROP_ATTEMPTS_LEFT);
}

static void
set_reason (WherryPairingSession *self, PairingReason reason)
{
  if (reason == self->reason)
    return;
  self->reason = reason;
  notify (self, PROP_REASON);
}

/* The one way from phase to phase. */
static void
enter_phase (WherryPairingSession *self, PairingPhase to)
{
  if (self->phase == to)
    return;
  g_assert (phase_edges[self->phase] & (1u << to));
  g_debug ("pairing: %s -> %s", enum_nick (WHERRY_TYPE_PAIRING_PHASE, (int) self->phase),
           enum_nick (WHERRY_TYPE_PAIRING_PHASE, (int) to));
  self->phase = to;
  notify (self, PROP_PHASE);
}

static void
forget_code (char **secret)
{
  sodium_free (g_steal_pointer (secret));
}

static void
drop_question (WherryPairingSession *self)
{
  g_autoptr (DexPromise) question = g_steal_pointer (&self->question);
  if (question)
    dex_promise_reject (question, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                       "the question was withdrawn"));
}

/* A waiter that is resumed here sees the final state; words and link die with the session. */
static void
end (WherryPairingSession *session, PairingPhase phase)
{
  /* Whoever hears of the phase may let go of the session. */
  g_autoptr (WherryPairingSession) self = g_object_ref (session);
  g_clear_handle_id (&self->tick, g_source_remove);
  forget_code (&self->words);
  forget_code (&self->link);
  enter_phase (self, phase);
  if (phase == PAIRING_FAILED)
    dex_promise_reject (self->failure,
                        g_error_new_literal (PAIRING_SESSION_ERROR, self->reason, self->message));
  drop_question (self);
}

static int
count_seconds (WherryPairingSession *self)
{
  int64_t left_us = self->deadline_us - self->now_us ();
  return left_us <= 0 ? 0 : (int) ((left_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
}

static gboolean
tick_cb (gpointer user_data)
{
  g_autoptr (WherryPairingSession) self = g_object_ref (user_data);
  int seconds = count_seconds (self);
  if (seconds != self->seconds_left)
    {
      self->seconds_left = seconds;
      notify (self, PROP_SECONDS_LEFT);
    }
  /* An exchange that is under way has deadlines of its own. */
  if (seconds > 0 || (self->phase != PAIRING_WAITING && self->phase != PAIRING_CONNECTING))
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  pairing_session_fail (self, PAIRING_REASON_EXPIRED, -1);
  return G_SOURCE_REMOVE;
}

static void
wherry_pairing_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  WherryPairingSession *self = WHERRY_PAIRING_SESSION (object);
  switch ((PairingSessionProperty) id)
    {
    case PROP_PHASE:
      g_value_set_enum (value, self->phase);
      break;
    case PROP_REASON:
      g_value_set_enum (value, self->reason);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case PROP_ATTEMPTS_LEFT:
      g_value_set_int (value, self->attempts_left);
      break;
    case PROP_SECONDS_LEFT:
      g_value_set_int (value, self->seconds_left);
      break;
    case PROP_PEER_NAME:
      g_value_set_string (value, self->peer_name);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
wherry_pairing_session_finalize (GObject *object)
{
  WherryPairingSession *self = WHERRY_PAIRING_SESSION (object);
  g_clear_handle_id (&self->tick, g_source_remove);
  forget_code (&self->words);
  forget_code (&self->link);
  drop_question (self);
  dex_clear (&self->failure);
  g_clear_object (&self->device);
  g_free (self->message);
  g_free (self->peer_name);
  G_OBJECT_CLASS (wherry_pairing_session_parent_class)->finalize (object);
}

static void
wherry_pairing_session_class_init (WherryPairingSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  object_class->get_property = wherry_pairing_session_get_property;
  object_class->finalize = wherry_pairing_session_finalize;

  properties[PROP_PHASE] =
      g_param_spec_enum ("phase", NULL, NULL, WHERRY_TYPE_PAIRING_PHASE, PAIRING_WAITING, flags);
  properties[PROP_REASON] = g_param_spec_enum ("reason", NULL, NULL, WHERRY_TYPE_PAIRING_REASON,
                                               PAIRING_REASON_NONE, flags);
  properties[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);
  properties[PROP_ATTEMPTS_LEFT] =
      g_param_spec_int ("attempts-left", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_SECONDS_LEFT] =
      g_param_spec_int ("seconds-left", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_PEER_NAME] = g_param_spec_string ("peer-name", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wherry_pairing_session_init (WherryPairingSession *self)
{
  self->failure = dex_promise_new ();
}

static char *
secret_copy (const char *text)
{
  size_t size = strlen (text) + 1;
  char *copy = secret_new (size);
  memcpy (copy, text, size);
  return copy;
}

static WherryPairingSession *
session_new (bool hosting, int64_t deadline_us, PairingClock now_us)
{
  WherryPairingSession *self = g_object_new (WHERRY_TYPE_PAIRING_SESSION, NULL);
  self->hosting = hosting;
  self->phase = hosting ? PAIRING_WAITING : PAIRING_CONNECTING;
  self->deadline_us = deadline_us;
  self->now_us = now_us;
  self->seconds_left = count_seconds (self);
  self->tick = g_timeout_add (TICK_MS, tick_cb, self);
  return self;
}

WherryPairingSession *
pairing_session_new_host (const char *words, const char *link, int attempts, int64_t deadline_us,
                          PairingClock now_us)
{
  WherryPairingSession *self = session_new (true, deadline_us, now_us);
  self->words = secret_copy (words);
  self->link = secret_copy (link);
  self->attempts_left = attempts;
  return self;
}

WherryPairingSession *
pairing_session_new_joiner (int64_t deadline_us, PairingClock now_us)
{
  return session_new (false, deadline_us, now_us);
}

void
pairing_session_advance (WherryPairingSession *self, PairingPhase phase)
{
  if (!pairing_session_has_ended (self))
    enter_phase (self, phase);
}

void
pairing_session_set_peer_name (WherryPairingSession *self, const char *name)
{
  if (g_set_str (&self->peer_name, name))
    notify (self, PROP_PEER_NAME);
}

void
pairing_session_guest_came (WherryPairingSession *self)
{
  self->guests++;
  if (self->phase == PAIRING_WAITING)
    enter_phase (self, PAIRING_EXCHANGING);
}

int
pairing_session_guest_left (WherryPairingSession *self)
{
  return --self->guests;
}

void
pairing_session_wait_again (WherryPairingSession *self, PairingReason reason, int attempts_left)
{
  if (pairing_session_has_ended (self))
    return;
  pairing_session_set_peer_name (self, NULL);
  set_attempts_left (self, attempts_left);
  set_reason (self, reason);
  take_message (self, pairing_reason_sentence (reason, self->hosting, self->attempts_left));
  enter_phase (self, PAIRING_WAITING);
}

void
pairing_session_fail (WherryPairingSession *self, PairingReason reason, int attempts_left)
{
  if (pairing_session_has_ended (self))
    return;
  set_attempts_left (self, attempts_left);
  set_reason (self, reason);
  take_message (self, pairing_reason_sentence (reason, self->hosting, self->attempts_left));
  end (self, PAIRING_FAILED);
}

void
pairing_session_fail_because (WherryPairingSession *self, PairingReason reason, const char *message)
{
  if (pairing_session_has_ended (self))
    return;
  set_reason (self, reason);
  take_message (self, g_strdup (message));
  end (self, PAIRING_FAILED);
}

void
pairing_session_succeed (WherryPairingSession *self, WherryDevice *device)
{
  if (pairing_session_has_ended (self))
    return;
  g_set_object (&self->device, device);
  pairing_session_set_peer_name (self, wherry_device_get_name (device));
  set_reason (self, PAIRING_REASON_NONE);
  take_message (self, NULL);
  end (self, PAIRING_DONE);
}

bool
pairing_session_has_ended (WherryPairingSession *self)
{
  return self->phase == PAIRING_DONE || self->phase == PAIRING_FAILED;
}

DexFuture *
pairing_session_failure (WherryPairingSession *self)
{
  return dex_ref (DEX_FUTURE (self->failure));
}

DexFuture *
pairing_session_ask (WherryPairingSession *self)
{
  if (!self->question)
    self->question = dex_promise_new ();
  pairing_session_advance (self, PAIRING_CONFIRMING);
  return dex_ref (DEX_FUTURE (self->question));
}

void
pairing_session_withdraw_question (WherryPairingSession *self)
{
  if (self->phase != PAIRING_CONFIRMING)
    return;
  drop_question (self);
  enter_phase (self, PAIRING_EXCHANGING);
}

const char *
wherry_pairing_session_get_words (WherryPairingSession *self)
{
  return self->words;
}

const char *
wherry_pairing_session_get_link (WherryPairingSession *self)
{
  return self->link;
}

PairingPhase
wherry_pairing_session_get_phase (WherryPairingSession *self)
{
  return self->phase;
}

PairingReason
wherry_pairing_session_get_reason (WherryPairingSession *self)
{
  return self->reason;
}

const char *
wherry_pairing_session_get_message (WherryPairingSession *self)
{
  return self->message;
}

int
wherry_pairing_session_get_attempts_left (WherryPairingSession *self)
{
  return self->attempts_left;
}

int
wherry_pairing_session_get_seconds_left (WherryPairingSession *self)
{
  return self->seconds_left;
}

const char *
wherry_pairing_session_get_peer_name (WherryPairingSession *self)
{
  return self->peer_name;
}

WherryDevice *
wherry_pairing_session_get_device (WherryPairingSession *self)
{
  return self->device;
}

void
wherry_pairing_session_confirm (WherryPairingSession *self, bool accept)
{
  g_return_if_fail (WHERRY_IS_PAIRING_SESSION (self));
  if (self->phase != PAIRING_CONFIRMING || !self->question)
    return;
  g_autoptr (DexPromise) question = g_steal_pointer (&self->question);
  enter_phase (self, PAIRING_EXCHANGING);
  dex_promise_resolve_boolean (question, accept);
}

void
wherry_pairing_session_cancel (WherryPairingSession *self)
{
  g_return_if_fail (WHERRY_IS_PAIRING_SESSION (self));
  pairing_session_fail (self, PAIRING_REASON_CANCELLED, -1);
}

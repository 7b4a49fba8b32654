/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/control_channel.h"

#include "net/core/frame.h"
#include "net/async/quic_future.h"

#define RECEIVE_MAX (256 * 1024)
/* How long the reason of a failed stream may take to show in its connection. */
#define CLOSE_REASON_S 1

struct ControlChannel
{
  SecureConnection *peer;
  QuicStream *stream;
  ControlRole role;
  ControlState state;
  uint64_t sent; /* sealing sequence of each direction */
  uint64_t received;
  FrameReader reader;
  GHashTable *refused;    /* names of types, owned */
  size_t *unacknowledged; /* bytes, atomic; rc box, shared with what is on its way */
};

typedef struct
{
  ControlChannel *channel;
  Offer *incoming; /* borrowed */
  ControlMessageFunc func;
  gpointer user_data;
} Listening;

ControlChannel *
control_channel_new (SecureConnection *peer, QuicStream *stream, ControlRole role)
{
  ControlChannel *self = g_rc_box_new0 (ControlChannel);
  self->peer = secure_connection_ref (peer);
  self->stream = quic_stream_ref (stream);
  self->role = role;
  self->refused = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->unacknowledged = g_atomic_rc_box_new0 (size_t);
  frame_reader_init (&self->reader, FRAME_PAYLOAD_MAX);
  return self;
}

static ControlChannel *
control_channel_ref (ControlChannel *self)
{
  return g_rc_box_acquire (self);
}

static void
control_channel_clear (gpointer data)
{
  ControlChannel *self = data;
  frame_reader_clear (&self->reader);
  g_hash_table_unref (self->refused);
  g_atomic_rc_box_release (self->unacknowledged);
  quic_stream_unref (self->stream);
  secure_connection_unref (self->peer);
}

void
control_channel_unref (ControlChannel *self)
{
  g_rc_box_release_full (self, control_channel_clear);
}

ControlState
control_channel_get_state (const ControlChannel *self)
{
  return self->state;
}

static GBytes *
seal (ControlChannel *self, const GString *json)
{
  g_autoptr (GByteArray) frame =
      g_byte_array_sized_new (FRAME_HEADER_LEN + json->len + SESSION_OVERHEAD);
  g_autofree uint8_t *sealed = g_malloc (json->len + SESSION_OVERHEAD);
  session_seal (self->peer->session, quic_stream_get_id (self->stream), self->sent++, NULL, 0,
                (const uint8_t *) json->str, json->len, sealed);
  frame_append (frame, sealed, json->len + SESSION_OVERHEAD);
  return g_byte_array_free_to_bytes (g_steal_pointer (&frame));
}

typedef struct
{
  GBytes *bytes;
  size_t *unacknowledged;
} Counted;

/* On the net thread, when the peer has acknowledged it or never will. */
static void
counted_free (gpointer data)
{
  Counted *counted = data;
  g_atomic_pointer_add (counted->unacknowledged, -(gssize) g_bytes_get_size (counted->bytes));
  g_atomic_rc_box_release (counted->unacknowledged);
  g_bytes_unref (counted->bytes);
  g_free (counted);
}

/* The stream keeps bytes until they are acknowledged: so long they count. (transfer full) */
static GBytes *
count (ControlChannel *self, GBytes *bytes)
{
  Counted *counted = g_new (Counted, 1);
  *counted = (Counted) { bytes, g_atomic_rc_box_acquire (self->unacknowledged) };
  size_t len;
  const void *data = g_bytes_get_data (bytes, &len);
  g_atomic_pointer_add (self->unacknowledged, len);
  return g_bytes_new_with_free_func (data, len, counted_free, counted);
}

size_t
control_channel_get_unacknowledged (const ControlChannel *self)
{
  return (size_t) g_atomic_pointer_get (self->unacknowledged);
}

DexFuture *
control_channel_send (ControlChannel *self, const TransferControl *control)
{
  GError *error = NULL;
  if (!control_state_advance (&self->state, self->role, control, &error))
    return dex_future_new_for_error (error);
  g_autoptr (GString) json = g_string_new (NULL);
  control_encode (control, json);
  g_autoptr (GBytes) bytes = count (self, seal (self, json));
  return quic_future_send (self->stream, bytes);
}

bool
control_channel_refuse (ControlChannel *self, const char *request, GError **error)
{
  if (g_hash_table_contains (self->refused, request))
    return true;
  if (g_hash_table_size (self->refused) == CONTROL_REFUSALS_MAX)
    {
      g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_LIMIT,
                   "more than %d kinds of messages that this version does not know",
                   CONTROL_REFUSALS_MAX);
      return false;
    }
  g_hash_table_add (self->refused, g_strdup (request));
  TransferControl control = { .type = CONTROL_UNSUPPORTED };
  g_strlcpy (control.unsupported.request, request, sizeof control.unsupported.request);
  dex_future_disown (control_channel_send (self, &control)); /* a courtesy */
  return true;
}

typedef struct
{
  ControlChannel *channel;
  const Offer *offer; /* borrowed */
} Offering;

static void
offering_free (gpointer data)
{
  Offering *offering = data;
  control_channel_unref (offering->channel);
  g_free (offering);
}

static DexFuture *
send_offer_fiber (gpointer data)
{
  Offering *offering = data;
  ControlChannel *self = offering->channel;
  GError *error = NULL;
  uint32_t next = 0;
  bool last = false;
  while (!last)
    {
      g_autoptr (GString) json = g_string_new (NULL);
      offer_encode_frame (offering->offer, &next, &last, json);
      TransferControl control = { .type = CONTROL_OFFER, .offer.last = last };
      if (!control_state_advance (&self->state, self->role, &control, &error))
        return dex_future_new_for_error (error);
      g_autoptr (GBytes) bytes = seal (self, json);
      if (!flow_await (quic_future_send (self->stream, bytes), &error))
        return dex_future_new_for_error (error);
    }
  return dex_future_new_true ();
}

DexFuture *
control_channel_send_offer (ControlChannel *self, const Offer *offer)
{
  Offering *offering = g_new (Offering, 1);
  *offering = (Offering) { control_channel_ref (self), offer };
  return flow_spawn (send_offer_fiber, offering, offering_free);
}

void
control_channel_finish (ControlChannel *self)
{
  quic_stream_finish (self->stream);
}

static ControlRole
other_role (ControlRole role)
{
  return role == CONTROL_SENDER ? CONTROL_RECEIVER : CONTROL_SENDER;
}

static bool
take_frame (Listening *listening, const uint8_t *payload, size_t len, GError **error)
{
  ControlChannel *self = listening->channel;
  g_autofree uint8_t *json = g_malloc (len);
  if (len < SESSION_OVERHEAD ||
      !session_open (self->peer->session, quic_stream_get_id (self->stream), self->received++, NULL,
                     0, payload, len, json))
    {
      g_set_error_literal (error, CONTROL_ERROR, CONTROL_ERROR_INVALID,
                           "a control message is not sealed under this session");
      return false;
    }

  g_auto (TransferControl) control = { 0 }, unknown = { 0 };
  g_autoptr (GError) local_error = NULL;
  bool over = control_state_is_final (self->state);
  if (!control_parse (&control, over ? NULL : listening->incoming, json, len - SESSION_OVERHEAD,
                      &unknown, &local_error))
    {
      if (g_error_matches (local_error, CONTROL_ERROR, CONTROL_ERROR_UNKNOWN_TYPE))
        return control_channel_refuse (self, unknown.unsupported.request, error);
      /* The rest of an offer that was declined is not kept. */
      if (over && g_error_matches (local_error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED))
        return true;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return false;
    }
  return control_state_advance (&self->state, other_role (self->role), &control, error) &&
         listening->func (&control, listening->user_data, error);
}

static bool
take_bytes (Listening *listening, GBytes *bytes, GError **error)
{
  FrameReader *reader = &listening->channel->reader;
  frame_reader_feed (reader, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  const uint8_t *payload;
  size_t len;
  FrameStatus status;
  while ((status = frame_reader_next (reader, &payload, &len, error)) == FRAME_READY)
    if (!take_frame (listening, payload, len, error))
      return false;
  return status != FRAME_BAD;
}

static bool
take_end (const ControlChannel *self, GError **error)
{
  if (!frame_reader_end (&self->reader, error))
    return false;
  if (control_state_is_final (self->state))
    return true;
  g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED,
               "the control stream ended in state %s", control_state_name (self->state));
  return false;
}

/* A stream only knows that its connection is gone; the connection knows why. */
static DexFuture *
reject_with_reason (ControlChannel *self, GError *error)
{
  g_autoptr (GError) reason = NULL;
  flow_await (flow_within (quic_future_closed (self->peer->connection), CLOSE_REASON_S), &reason);
  if (flow_timed_out (reason))
    return dex_future_new_for_error (error);
  g_error_free (error);
  return dex_future_new_for_error (g_steal_pointer (&reason));
}

static DexFuture *
listen_fiber (gpointer data)
{
  Listening *listening = data;
  ControlChannel *self = listening->channel;
  GError *error = NULL;
  for (;;)
    {
      g_autoptr (GBytes) bytes =
          flow_await_boxed (quic_future_receive (self->stream, RECEIVE_MAX), &error);
      if (!bytes)
        return reject_with_reason (self, error);
      if (g_bytes_get_size (bytes) == 0)
        return take_end (self, &error) ? dex_future_new_true () : dex_future_new_for_error (error);
      if (!take_bytes (listening, bytes, &error))
        return dex_future_new_for_error (error);
    }
}

static void
listening_free (gpointer data)
{
  Listening *listening = data;
  control_channel_unref (listening->channel);
  g_free (listening);
}

DexFuture *
control_channel_listen (ControlChannel *self, Offer *incoming, ControlMessageFunc func,
                        gpointer user_data)
{
  Listening *listening = g_new (Listening, 1);
  *listening = (Listening) { control_channel_ref (self), incoming, func, user_data };
  return flow_spawn (listen_fiber, listening, listening_free);
}

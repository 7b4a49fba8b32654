/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/message_stream.h"
#include "net/peer/messages_private.h"

typedef struct
{
  Messages *messages;
  SecureConnection *peer; /* (owned) */
} Introduction;

static void
introduction_free (gpointer data)
{
  Introduction *introduction = data;
  secure_connection_unref (introduction->peer);
  g_free (introduction);
}

static DexFuture *
introduce_fiber (gpointer user_data)
{
  Introduction *introduction = user_data;
  g_autoptr (GError) error = NULL;
  g_auto (Message) message = { 0 };
  message_init (&message, MESSAGE_DEVICE_INFO);
  message.device = *introduction->messages->device;
  if (!message_stream_send (introduction->peer, &message, false, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_true ();
}

void
message_introduction_start (Messages *self, SecureConnection *peer)
{
  Introduction *introduction = g_new (Introduction, 1);
  *introduction = (Introduction) { self, secure_connection_ref (peer) };
  dex_future_disown (flow_set_start (self->flows, "introduction", introduce_fiber, introduction,
                                     introduction_free));
}

void
messages_introduce (Messages *self)
{
  for (guint i = 0; i < self->connections->len; i++)
    message_introduction_start (self, self->connections->pdata[i]);
}

/* The TLS key is the identity: nobody speaks for another device. */
static bool
take_cb (SecureConnection *peer, const Message *message, gpointer user_data, GError **error)
{
  Messages *self = user_data;
  if (!node_id_equal (&message->device.node_id, quic_connection_get_peer (peer->connection)))
    {
      g_set_error_literal (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID,
                           "it introduces itself as another device");
      return false;
    }
  wherry_device_registry_introduced (self->registry, &message->device);
  return true;
}

void
message_introduction_install (Messages *self)
{
  messages_handle (
      self, &(MessageHandler) { .type = MESSAGE_DEVICE_INFO, .take = take_cb, .user_data = self });
}

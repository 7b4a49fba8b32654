/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/message_private.h"

#include <sodium.h>
#include <string.h>

const char *const message_type_names[MESSAGE_TYPE_COUNT] = {
  [MESSAGE_PING] = "ping",
  [MESSAGE_PONG] = "pong",
  [MESSAGE_ACK] = "ack",
  [MESSAGE_DEVICE_INFO] = "device-info",
  [MESSAGE_TEXT_SHARE] = "text-share",
  [MESSAGE_UNPAIRED] = "unpaired",
  [MESSAGE_LIBRARY_ANNOUNCE] = "library-announce",
  [MESSAGE_LIBRARY_REQUEST] = "library-request",
  [MESSAGE_SYNC_REQUEST] = "sync-request",
  [MESSAGE_SYNC_RESPONSE] = "sync-response",
  [MESSAGE_FILE_REQUEST] = "file-request",
  [MESSAGE_FILE_RESPONSE] = "file-response",
};

G_DEFINE_QUARK (wherry-message-error-quark, message_error)

void
message_id_generate (MessageId *id)
{
  randombytes_buf (id->bytes, sizeof id->bytes);
}

bool
message_id_equal (const MessageId *a, const MessageId *b)
{
  return memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

guint
message_id_hash (gconstpointer id)
{
  /* Ids of ours are random; only those are keys of a table. */
  guint hash;
  memcpy (&hash, ((const MessageId *) id)->bytes, sizeof hash);
  return hash;
}

gboolean
message_id_equal_cb (gconstpointer a, gconstpointer b)
{
  return message_id_equal (a, b);
}

void
message_init (Message *message, MessageType type)
{
  *message = (Message) { .type = type };
  message_id_generate (&message->id);
}

void
message_init_reply (Message *message, MessageType type, const MessageId *to)
{
  *message = (Message) { .type = type, .id = *to };
}

void
message_clear (Message *message)
{
  if (message->type == MESSAGE_TEXT_SHARE)
    g_free (message->text);
  else if (message->type == MESSAGE_LIBRARY_ANNOUNCE)
    g_free (message->announce.libraries);
  else if (message->type == MESSAGE_SYNC_RESPONSE)
    {
      for (uint32_t i = 0; i < message->changes.n_entries; i++)
        g_free (message->changes.entries[i].path);
      g_free (message->changes.entries);
    }
  *message = (Message) { 0 };
}

const char *
message_type_name (MessageType type)
{
  return message_type_names[type];
}

bool
message_type_is_critical (MessageType type)
{
  return type == MESSAGE_TEXT_SHARE || type == MESSAGE_UNPAIRED;
}

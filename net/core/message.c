/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/message.h"

#include <sodium.h>
#include <string.h>

#include "net/core/wire_json.h"
#include "net/core/wire_json_writer.h"

#define TYPE_NAME_MAX 64 /* bytes */

static const char *const type_names[MESSAGE_TYPE_COUNT] = {
  [MESSAGE_PING] = "ping",         [MESSAGE_PONG] = "pong",
  [MESSAGE_ACK] = "ack",           [MESSAGE_TEXT_SHARE] = "text-share",
  [MESSAGE_UNPAIRED] = "unpaired",
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
message_init (Message *message, MessageType type, const char *text)
{
  *message = (Message) { .type = type, .text = g_strdup (text) };
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
  g_clear_pointer (&message->text, g_free);
}

bool
message_type_is_critical (MessageType type)
{
  return type == MESSAGE_TEXT_SHARE || type == MESSAGE_UNPAIRED;
}

bool
message_encode (const Message *message, GString *json, GError **error)
{
  bool has_text = message->type == MESSAGE_TEXT_SHARE;
  if (has_text && strlen (message->text) > MESSAGE_TEXT_MAX)
    {
      g_set_error (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID,
                   "The text is longer than %d KiB. Send it as a file.", MESSAGE_TEXT_MAX / 1024);
      return false;
    }
  if (has_text && !g_utf8_validate (message->text, -1, NULL))
    {
      g_set_error (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID,
                   "The text is not valid UTF-8. Send it as a file.");
      return false;
    }

  WireJsonWriter writer;
  wire_json_writer_init (&writer, json);
  wire_json_begin_object (&writer, NULL);
  wire_json_put_string (&writer, "type", type_names[message->type]);
  wire_json_put_hex (&writer, "id", message->id.bytes, MESSAGE_ID_LEN);
  if (has_text)
    wire_json_put_string (&writer, "text", message->text);
  wire_json_end_object (&writer);
  return true;
}

static bool
parse_type (MessageType *type, const WireJsonNode *object, GError **error)
{
  const char *name;
  if (!wire_json_get_string (object, "type", TYPE_NAME_MAX, &name, error))
    return false;
  for (int i = 0; i < MESSAGE_TYPE_COUNT; i++)
    if (strcmp (name, type_names[i]) == 0)
      {
        *type = i;
        return true;
      }
  g_autofree char *shown = g_strescape (name, NULL);
  g_set_error (error, MESSAGE_ERROR, MESSAGE_ERROR_UNKNOWN_TYPE,
               "This version does not know messages of the type “%s”.", shown);
  return false;
}

static bool
parse_members (Message *message, const WireJsonNode *object, GError **error)
{
  const char *text = NULL;
  if (!parse_type (&message->type, object, error) ||
      !wire_json_get_hex (object, "id", message->id.bytes, MESSAGE_ID_LEN, error))
    return false;
  if (message->type == MESSAGE_TEXT_SHARE &&
      !wire_json_get_string (object, "text", MESSAGE_TEXT_MAX, &text, error))
    return false;
  message->text = g_strdup (text);
  return true;
}

bool
message_parse (Message *message, const uint8_t *json, size_t len, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (WireJson) document = NULL;
  Message parsed = { 0 };
  if (len <= MESSAGE_SIZE_MAX)
    document = wire_json_parse (json, len, &why);
  else
    g_set_error (&why, MESSAGE_ERROR, MESSAGE_ERROR_INVALID, "it is larger than %d bytes",
                 MESSAGE_SIZE_MAX);
  if (document && parse_members (&parsed, wire_json_root (document), &why))
    {
      *message = parsed;
      return true;
    }
  if (g_error_matches (why, MESSAGE_ERROR, MESSAGE_ERROR_UNKNOWN_TYPE))
    g_propagate_error (error, g_steal_pointer (&why));
  else
    g_set_error (error, MESSAGE_ERROR, MESSAGE_ERROR_INVALID,
                 "The other device sent a message that cannot be read: %s", why->message);
  return false;
}

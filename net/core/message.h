/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages between paired devices (ALPN wherry/message/1): bytes <-> typed struct, the only place
 * that knows their JSON; docs/protocol.md, "Messages", has it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

#define MESSAGE_ID_LEN   16
#define MESSAGE_TEXT_MAX (128 * 1024)  /* bytes of shared text */
#define MESSAGE_SIZE_MAX (1024 * 1024) /* bytes of JSON: a text of escapes is six times its size */

typedef enum
{
  MESSAGE_ERROR_INVALID,      /* not a message: end the stream with QUIC_CODE_PROTOCOL */
  MESSAGE_ERROR_UNKNOWN_TYPE, /* of a later version: log it, within a limit, and go on */
} MessageError;

#define MESSAGE_ERROR (message_error_quark ())
GQuark message_error_quark (void);

typedef enum
{
  MESSAGE_PING,
  MESSAGE_PONG,
  MESSAGE_ACK,
  MESSAGE_TEXT_SHARE,
  MESSAGE_UNPAIRED,
} MessageType;
#define MESSAGE_TYPE_COUNT (MESSAGE_UNPAIRED + 1)

/** 128 random bits: unique across restarts, so that the receiver can drop what it has seen. */
typedef struct
{
  uint8_t bytes[MESSAGE_ID_LEN];
} MessageId;

typedef struct
{
  MessageType type;
  MessageId id;
  char *text; /* (owned) TEXT_SHARE: UTF-8, untrusted, may have several lines. Else NULL */
} Message;

void message_id_generate (MessageId *id);
bool message_id_equal (const MessageId *a, const MessageId *b);
/* GHashFunc and GEqualFunc over MessageId */
guint message_id_hash (gconstpointer id);
gboolean message_id_equal_cb (gconstpointer a, gconstpointer b);

/** A message of @type with a fresh id. @text (nullable) is copied. */
void message_init (Message *message, MessageType type, const char *text);
/** PONG or ACK: answers @to. */
void message_init_reply (Message *message, MessageType type, const MessageId *to);
void message_clear (Message *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Message, message_clear)

/** True for what must be acknowledged and retried. */
bool message_type_is_critical (MessageType type);

/** Appends the JSON to @json. MESSAGE_ERROR_INVALID when the text is too long or not UTF-8. */
bool message_encode (const Message *message, GString *json, GError **error);
/** All or nothing: @message is set only on success, and then cleared by the caller. */
bool message_parse (Message *message, const uint8_t *json, size_t len, GError **error);

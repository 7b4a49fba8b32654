/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages between paired devices (ALPN wherry/message/1): bytes <-> typed struct, the only place
 * that knows their JSON; docs/protocol.md, "Messages", has it. */
#pragma once

#include "net/core/device_info.h"
#include "net/core/transfer_id.h"

#define MESSAGE_ID_LEN        16
#define MESSAGE_TEXT_MAX      (128 * 1024)  /* bytes of shared text */
#define MESSAGE_SIZE_MAX      (1024 * 1024) /* bytes of JSON: a text may be all escapes */
#define MESSAGE_LIBRARIES_MAX 64            /* in one announcement */
#define MESSAGE_ENTRIES_MAX   256           /* in one answer to a sync request */
#define MESSAGE_DIGEST_LEN    32            /* BLAKE3 */

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
  MESSAGE_DEVICE_INFO,
  MESSAGE_TEXT_SHARE,
  MESSAGE_UNPAIRED,
  MESSAGE_LIBRARY_ANNOUNCE,
  MESSAGE_LIBRARY_REQUEST,
  MESSAGE_SYNC_REQUEST,
  MESSAGE_SYNC_RESPONSE,
  MESSAGE_FILE_REQUEST,
  MESSAGE_FILE_RESPONSE,
} MessageType;
#define MESSAGE_TYPE_COUNT (MESSAGE_FILE_RESPONSE + 1)

/** 128 random bits: unique across restarts, so that the receiver can drop what it has seen. */
typedef struct
{
  uint8_t bytes[MESSAGE_ID_LEN];
} MessageId;

/** Names a library, or an entry of one: passes device_id_is_valid(). */
typedef struct
{
  char text[DEVICE_ID_LEN + 1];
} MessageUuid;

/** A reading of a hybrid logical clock; all zero is before everything. */
typedef struct
{
  uint64_t time_ms; /* since 1970 */
  uint32_t count;
  NodeId node;
} MessageClock;

typedef struct
{
  MessageUuid id;
  char name[DEVICE_NAME_MAX + 1]; /* made by device_name_sanitize() */
  uint64_t files, bytes;
} MessageLibrary;

/** One file of a library, as it was at @at. */
typedef struct
{
  MessageUuid id;
  MessageClock at;
  char *path; /* (owned) passes path_check_entry() */
  bool removed;
  /* Unless it was removed: */
  uint64_t size;
  int64_t mtime; /* seconds since 1970 */
  uint8_t digest[MESSAGE_DIGEST_LEN];
} MessageEntry;

typedef struct
{
  MessageType type;
  MessageId id; /* of an answer (PONG, ACK, SYNC_RESPONSE, FILE_RESPONSE): of what it answers */
  union
  {
    DeviceInfo device; /* DEVICE_INFO: of the sender, who need not be device.node_id */
    char *text;        /* TEXT_SHARE: (owned) UTF-8, untrusted, may have several lines */
    struct
    {
      MessageLibrary *libraries; /* (owned) */
      uint32_t n_libraries;
    } announce;
    struct
    {
      MessageUuid library;
    } request;
    struct
    {
      MessageUuid library;
      MessageClock after;
    } sync;
    struct
    {
      MessageUuid library;
      MessageEntry *entries; /* (owned) */
      uint32_t n_entries;
      bool more; /* than these are to be asked for, after the last of them */
    } changes;   /* SYNC_RESPONSE */
    struct
    {
      MessageUuid library, entry;
    } file; /* FILE_REQUEST */
    struct
    {
      bool found;
      TransferId transfer; /* that brings it, when it was found */
    } answer;              /* FILE_RESPONSE */
  };
} Message;

void message_id_generate (MessageId *id);
bool message_id_equal (const MessageId *a, const MessageId *b);
/* GHashFunc and GEqualFunc over MessageId */
guint message_id_hash (gconstpointer id);
gboolean message_id_equal_cb (gconstpointer a, gconstpointer b);

/** An empty message of @type with a fresh id, for the caller to fill in. */
void message_init (Message *message, MessageType type);
/** One that answers @to. */
void message_init_reply (Message *message, MessageType type, const MessageId *to);
/** Frees what @message owns. */
void message_clear (Message *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Message, message_clear)

/** "text-share", … as on the wire. */
const char *message_type_name (MessageType type);
/** True for what must be acknowledged and retried. */
bool message_type_is_critical (MessageType type);

/** Appends the JSON to @json. MESSAGE_ERROR_INVALID when a text is too long or not UTF-8, or all of
 * it longer than MESSAGE_SIZE_MAX. */
bool message_encode (const Message *message, GString *json, GError **error);
/** All or nothing: @message is set only on success, and then cleared by the caller. */
bool message_parse (Message *message, const uint8_t *json, size_t len, GError **error);

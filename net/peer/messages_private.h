/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of Messages, for its parts. message_handlers.c, the lowest, has the table of handlers
 * and the answers that are waited for; message_ping.c, message_introduction.c and
 * outbox.c are handlers, and say something too; message_connection.c reads; messages.c
 * ties them together. */
#pragma once

#include "net/peer/log_limit.h"
#include "net/peer/message_peer.h"
#include "net/peer/messages.h"

G_BEGIN_DECLS

struct Messages
{
  Pool *pool;
  WherryDeviceRegistry *registry;
  FlowSet *flows;
  const DeviceInfo *device;
  MessageHandler handlers[MESSAGE_TYPE_COUNT];
  MessageCounts counts;
  GPtrArray *connections; /* (owned) (element-type SecureConnection) those that are served */
  /* (owned) MessageId (in the ExpectedAnswer) -> ExpectedAnswer (borrowed from the stack of a
   * fiber) */
  GHashTable *expected;
  const DataDir *dir;
  Mailbox *outbox;
  GHashTable *couriers; /* (owned) NodeId in the Courier -> Courier (owned by its fiber) */
  /* (owned) MessageId in the entry of the outbox -> DexPromise (owned) of whoever asked for it */
  GHashTable *promises;
  GHashTable *peers; /* (owned) NodeId (owned) -> MessagePeer (owned); paired devices only */
  LogLimit unknown, bad;
};

/** An answer that a fiber waits for; only the device that was asked may give it. */
typedef struct
{
  MessageId id;
  NodeId peer;
  MessageType type;
  DexPromise *promise; /* (owned) resolves to TRUE */
} ExpectedAnswer;

void expected_answer_begin (Messages *self, ExpectedAnswer *expected, const NodeId *peer,
                            const MessageId *id, MessageType type);
void expected_answer_end (Messages *self, ExpectedAnswer *expected);
/** For a MessageHandler: @message answers what a fiber may wait for. @user_data: Messages. */
bool message_answered_cb (SecureConnection *peer, const Message *message, gpointer user_data,
                          GError **error);

/** On a fiber: answers @message with @type over @peer. */
bool messages_reply (SecureConnection *peer, const Message *message, MessageType type,
                     GError **error);

/** On a fiber: has @message, which @peer sent, taken by its handler. MESSAGE_ERROR_UNKNOWN_TYPE
 * when there is none. @device: what is kept of the sender. */
typedef bool (*MessageTakeFunc) (Messages *self, SecureConnection *peer, MessagePeer *device,
                                 const Message *message, GError **error);
/** Serves @peer until it is closed: reads its messages for @take and pings when it is silent. */
void message_connection_start (Messages *self, SecureConnection *peer, MessagePeer *device,
                               MessageTakeFunc take);

/** On a fiber: one Ping over an open connection; the round trip in microseconds, which the registry
 * learns too. -1 with an error: a time-out after MESSAGES_PONG_S, or what the connection had. */
int64_t messages_ping_over (Messages *self, SecureConnection *peer, GError **error);
void message_ping_install (Messages *self);

/** Tells @peer who we are. */
void message_introduction_start (Messages *self, SecureConnection *peer);
void message_introduction_install (Messages *self);

/** Sends what waits for paired devices, and forgets what waits for others. */
void outbox_install (Messages *self);
void outbox_free (Messages *self);
/** Gives up what waits for @id. */
void outbox_forget (Messages *self, const NodeId *id);

/** On a fiber, one at a time for a device: what was taken of it, read if it was not yet; NULL with
 * an error. (transfer none) */
SeenIds *message_seen_get (Messages *self, const NodeId *id, MessagePeer *device, GError **error);
/** On a fiber, one at a time for a device: @message was taken, for good. */
bool message_seen_add (Messages *self, const NodeId *id, MessagePeer *device,
                       const MessageId *message, GError **error);
/** Anywhere: a device is forgotten. */
void message_seen_forget (Messages *self, const NodeId *id);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of Messages, for its three parts: messages.c knows who handles what,
 * message_connection.c reads, outgoing_message.c says what somebody asked for. */
#pragma once

#include "net/peer/log_limit.h"
#include "net/peer/message_peer.h"
#include "net/peer/messages.h"

G_BEGIN_DECLS

struct Messages
{
  Pool *connections;
  WherryDeviceRegistry *registry;
  FlowSet *flows;
  MessageHandlers handlers;
  /* (owned) MessageId (in the ExpectedAnswer) -> ExpectedAnswer (borrowed from the stack of a
   * fiber) */
  GHashTable *expected;
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

/** On a fiber: does what @message, which @peer sent, asks for. MESSAGE_ERROR_UNKNOWN_TYPE when
 * there is nobody to do it. @device: what is kept of the sender. */
bool messages_take (Messages *self, SecureConnection *peer, MessagePeer *device,
                    const Message *message, GError **error);
/** On a fiber: one Ping over an open connection; the round trip in microseconds, which the registry
 * learns too. -1 with an error: a time-out after MESSAGES_PONG_S, or what the connection had. */
int64_t messages_ping_over (Messages *self, SecureConnection *peer, GError **error);

/** Serves @peer until it is closed: reads its messages and pings when it is silent. */
void message_connection_start (Messages *self, SecureConnection *peer, MessagePeer *device);

G_END_DECLS

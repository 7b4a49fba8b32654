/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of Messages, for its three parts. Each calls only the next: messages.c knows who
 * handles what, message_connection.c reads, outgoing_message.c says what somebody asked for and
 * waits for its answer. */
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
  MessageHandlers handlers;
  /* (owned) MessageId (in the ExpectedAnswer) -> ExpectedAnswer (borrowed from the stack of a
   * fiber) */
  GHashTable *expected;
  GHashTable *peers; /* (owned) NodeId (owned) -> MessagePeer (owned); paired devices only */
  LogLimit unknown, bad;
};

/** On a fiber: does what @message, which @peer sent, asks for. MESSAGE_ERROR_UNKNOWN_TYPE when
 * there is nobody to do it. @device: what is kept of the sender. */
typedef bool (*MessageTakeFunc) (Messages *self, SecureConnection *peer, MessagePeer *device,
                                 const Message *message, GError **error);

/** @message came from @from: when a fiber waits for it, it goes on. */
void message_answered (Messages *self, const NodeId *from, const Message *message);
/** On a fiber: one Ping over an open connection; the round trip in microseconds, which the registry
 * learns too. -1 with an error: a time-out after MESSAGES_PONG_S, or what the connection had. */
int64_t messages_ping_over (Messages *self, SecureConnection *peer, GError **error);

/** Serves @peer until it is closed: reads its messages for @take and pings when it is silent. */
void message_connection_start (Messages *self, SecureConnection *peer, MessagePeer *device,
                               MessageTakeFunc take);

G_END_DECLS

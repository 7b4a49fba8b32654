/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages between paired devices, ALPN wherry/message/1: each is one sealed JSON object on a
 * stream of its own. Critical ones are acknowledged, sent again over whatever connection there is,
 * and taken once. Main thread only. */
#pragma once

#include "net/core/message.h"
#include "net/peer/pool.h"

G_BEGIN_DECLS

#define MESSAGES_ALPN          "wherry/message/1"
#define MESSAGES_PONG_S        5   /* a peer that does not answer a Ping for so long is gone */
#define MESSAGES_READ_S        30  /* for a whole message to arrive */
#define MESSAGES_FIRST_WAIT_MS 500 /* before a critical message is sent again; doubles each time */

typedef struct Messages Messages;

/** Who does what messages of one type ask for. */
typedef struct
{
  MessageType type;
  /** On a fiber: does it; when it is critical, for good, since true makes its sender forget it.
   * False with an error: MESSAGE_ERROR when @message breaks the protocol, any other when it
   * could not be done. A critical one may then come again; the others of its device wait
   * meanwhile. */
  bool (*take) (SecureConnection *peer, const Message *message, gpointer user_data, GError **error);
  /** (nullable) Once for each critical message, after its sender has been told. */
  void (*taken) (const NodeId *from, const Message *message, gpointer user_data);
  gpointer user_data;
} MessageHandler;

/** What was not taken, so far. */
typedef struct
{
  uint64_t refused;  /* no message, or not sealed for its stream */
  uint64_t unknown;  /* of a type that nobody takes */
  uint64_t repeated; /* critical ones that had been taken before */
} MessageCounts;

/** All borrowed; they outlive it. Serves every connection of MESSAGES_ALPN that @pool opens or
 * adopts, and tells each peer @device, which may change. */
Messages *messages_new (Pool *pool, WherryDeviceRegistry *registry, FlowSet *flows,
                        const DeviceInfo *device);
/** Only after the flows have ended. */
void messages_free (Messages *self);

/** From now on @handler, which is copied, takes the messages of its type. A type without one is not
 * known. */
void messages_handle (Messages *self, const MessageHandler *handler);
const MessageCounts *messages_get_counts (const Messages *self);
/** Tells all peers that the device of messages_new() has changed. */
void messages_introduce (Messages *self);

/** Round trip of a Ping in microseconds (int64); the registry learns it too. QUIC_ERROR with a
 * sentence. */
DexFuture *messages_ping (Messages *self, const NodeId *id,
                          GPtrArray *first) G_GNUC_WARN_UNUSED_RESULT;
/** Resolves to TRUE when the peer acknowledged, which means that it has taken the message for good;
 * gives up after @seconds, with QUIC_ERROR and a sentence. @text (nullable) is copied. */
DexFuture *messages_send_critical (Messages *self, const NodeId *id, MessageType type,
                                   const char *text, int seconds) G_GNUC_WARN_UNUSED_RESULT;
/** The device is no longer paired. */
void messages_forget (Messages *self, const NodeId *id);

G_END_DECLS

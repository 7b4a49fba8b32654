/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages between paired devices, ALPN wherry/message/1: each is one sealed JSON object on a
 * stream of its own. Critical ones are acknowledged, sent again over whatever connection there is,
 * and taken once. Main thread only. */
#pragma once

#include "net/core/message.h"
#include "net/peer/pool.h"
#include "net/store/mailbox.h"

G_BEGIN_DECLS

#define MESSAGES_ALPN          "wherry/message/1"
#define MESSAGES_PONG_S        5   /* a peer that does not answer a Ping for so long is gone */
#define MESSAGES_READ_S        30  /* for a whole message to arrive */
#define MESSAGES_FIRST_WAIT_MS 500 /* before a critical message is sent again; doubles each time, */
#define MESSAGES_LAST_WAIT_MS  60000                     /* up to this */
#define MESSAGES_EXPIRY_S      (INT64_C (7) * 24 * 3600) /* a critical message is given up */

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
 * adopts, and tells each peer @device, which may change. What is critical waits in @outbox until it
 * is acknowledged; what waits there already is sent. */
Messages *messages_new (Pool *pool, WherryDeviceRegistry *registry, FlowSet *flows,
                        const DeviceInfo *device, const DataDir *dir, Mailbox *outbox);
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
/** Keeps @message (critical; its owner goes on owning it) on the disk, and sends it over whatever
 * connection there is, also after a restart, in the order of these calls, until it is acknowledged,
 * which means that the peer has taken it for good: then resolves to TRUE. Rejects when it could not
 * be kept (MAILBOX_ERROR, MESSAGE_ERROR, G_FILE_ERROR), and with QUIC_ERROR and a sentence when it
 * is given up after MESSAGES_EXPIRY_S or because the device is no longer paired. Nobody has to wait
 * for that. @first (nullable) as for messages_ping(). */
DexFuture *messages_send (Messages *self, const NodeId *id, const Message *message,
                          GPtrArray *first) G_GNUC_WARN_UNUSED_RESULT;
/** @id seems to be there: what waits for it is tried at once. */
void messages_wake (Messages *self, const NodeId *id);
/** @message of @from was taken by an earlier run of this process, and is not to be taken again. */
void messages_took (Messages *self, const NodeId *from, const MessageId *message);
/** The device is no longer paired: what waits for it is given up. */
void messages_forget (Messages *self, const NodeId *id);

G_END_DECLS

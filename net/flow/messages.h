/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages between paired devices, ALPN wherry/message/1: each is one sealed JSON object on a stream of its own. Critical ones
 * are acknowledged, sent again over whatever connection there is, and taken once. Main thread only. */
#pragma once

#include "net/core/message.h"
#include "net/flow/peer_connections.h"

G_BEGIN_DECLS

#define MESSAGES_ALPN          "wherry/message/1"
#define MESSAGES_PONG_S        5   /* a peer that does not answer a Ping for so long is gone */
#define MESSAGES_SEEN_MAX      256 /* ids of critical messages that are remembered */
#define MESSAGES_READERS_MAX   32  /* streams that are read at the same time */
#define MESSAGES_READ_S        30  /* for a whole message to arrive */
#define MESSAGES_FIRST_WAIT_MS 500 /* before a critical message is sent again; doubles each time */

typedef struct
{
  /** A critical message of a paired device arrived, for the first time and before its Ack leaves. @text: see core/message. */
  void (*text_shared) (const NodeId *from, const char *text, gpointer user_data);
  /** The device forgot us; its Ack has left. */
  void (*unpaired) (const NodeId *from, gpointer user_data);
  gpointer user_data;
} MessageHandlers;

typedef struct Messages Messages;

/** All borrowed; they outlive it. Serves every connection of MESSAGES_ALPN that @connections opens or adopts. */
Messages *messages_new (PeerConnections *connections, WherryDeviceRegistry *registry,
                        FlowSet *flows, const MessageHandlers *handlers);
/** Only after the flows have ended. */
void messages_free (Messages *self);

/** Round trip of a Ping in microseconds (int64); the registry learns it too. QUIC_ERROR with a sentence. */
DexFuture *messages_ping (Messages *self, const NodeId *id,
                          GInetSocketAddress *first) G_GNUC_WARN_UNUSED_RESULT;
/** Resolves to TRUE when the peer acknowledged; gives up after @seconds. @text (nullable) is copied. */
DexFuture *messages_send_critical (Messages *self, const NodeId *id, MessageType type,
                                   const char *text, int seconds) G_GNUC_WARN_UNUSED_RESULT;
/** Messages of unknown types so far. */
uint64_t messages_get_unknown (const Messages *self);

G_END_DECLS

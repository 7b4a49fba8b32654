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

typedef struct
{
  /** A text of a paired device arrived. False: it was not taken for good, and its sender hears
   * nothing. NULL while there is no place for texts: then the type is not known. @text: see
   * core/message. */
  bool (*text_shared) (const NodeId *from, const char *text, gpointer user_data);
  /** The device forgot us. True when we have forgotten it, for good; its connections are closed
   * afterwards, by Messages. */
  bool (*unpaired) (const NodeId *from, gpointer user_data);
  gpointer user_data;
} MessageHandlers;

typedef struct Messages Messages;

/** All borrowed; they outlive it. Serves every connection of MESSAGES_ALPN that @pool opens
 * or adopts. */
Messages *messages_new (Pool *pool, WherryDeviceRegistry *registry, FlowSet *flows,
                        const MessageHandlers *handlers);
/** Only after the flows have ended. */
void messages_free (Messages *self);

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

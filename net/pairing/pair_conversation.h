/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pairing conversation over one stream, as either side runs it: carries frames between the
 * stream and core/pairing, asks the person, stores the result, and leaves when the session ends. */
#pragma once

#include "net/core/pairing.h"
#include "net/pairing/pair_store.h"
#include "net/pairing/pairing_session_private.h"
#include "net/peer/pool.h"
#include "net/async/quic_future.h"
#include "net/peer/device_registry.h"

G_BEGIN_DECLS

/** What pairing needs of this device; borrowed, outlives every fiber of pairing. */
typedef struct
{
  const NodeIdentity *identity;
  const DeviceInfo *info;
  WherryDeviceRegistry *registry;
  PairStore *store;
  Pool *pool; /* those under an older pairing with the same device are closed */
  PairingClock now_us;
} PairSelf;

typedef struct
{
  const PairSelf *self;
  WherryPairingSession *session; /* (owned) */
  QuicConnection *connection;    /* (owned) */
  QuicStream *stream;            /* (owned) */
  Pairing *pairing;              /* (owned) */
  FrameReader in;                /* (owned) */
  GByteArray *out;               /* (owned) to be sent */
  DexFuture *receiving;          /* (owned) (nullable) more bytes for @in, until they are there */
  WherryDevice *device;          /* (owned) (nullable) stored */
  uint8_t *earlier_root; /* (owned) (nullable) sodium memory: the pairing that this one replaced */
  char *storage_message; /* (owned) (nullable) what the disk said */
  PairingReason refusal; /* how the other side closed the connection, when that says more */
  bool asked;            /* the person was asked about this peer */
  bool ended;            /* the session ended, and @pairing knows it */
  bool abandoned;        /* this fiber was cancelled: nothing may be awaited any more */
} PairConversation;

/** (transfer none) all; @conversation->pairing and what it says first are set by the caller. */
void pair_conversation_init (PairConversation *conversation, const PairSelf *self,
                             WherryPairingSession *session, QuicConnection *connection);
void pair_conversation_clear (PairConversation *conversation);
/** The facts of the connection that both sides sign. */
void pair_conversation_channel (const PairConversation *conversation, PairingChannel *channel);

/** On a fiber: runs it to its end and closes the connection; on success the device is in
 * @conversation->device. Returns NONE or why it failed. Does not end the session. */
PairingReason pair_conversation_run (PairConversation *conversation);
/** On a fiber: the connection is going, with which code? That tells why a device that shows no code
 * (NO_CODE), or was asked too often (TOO_MANY_ATTEMPTS), did not answer; else UNREACHABLE. */
PairingReason pair_conversation_learn_refusal (PairConversation *conversation);

G_END_DECLS

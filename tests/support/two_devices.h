/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two paired devices in one process, over loopback: endpoints, sessions, and a folder each. */
#pragma once

#include "net/transfer/receive.h"
#include "net/quic/endpoint.h"
#include "tests/support/scratch.h"
#include "tests/support/wait_future.h"

typedef struct
{
  Scratch scratch; /* the receiver's folder is "in" */
  IncomingOffers *offers;
  SpaceTable *space;
  LogLimit breaches; /* of both */
  NodeIdentity *identities[2];
  QuicEndpoint *sender;
  QuicEndpoint *receiver;
  WherryDevice *sender_row;   /* as the receiver sees it */
  WherryDevice *receiver_row; /* as the sender sees it */
  uint8_t root[PAIRING_ROOT_LEN];

  /* What the receiver does with an offer, and what came of it. */
  enum
  {
    ANSWER_ACCEPT,
    ANSWER_DECLINE,
    ANSWER_NOTHING,
  } answer;
  int expiry_ms;
  void (*offered) (gpointer user_data); /* nullable; in front of the answer */
  gpointer user_data;
  WherryTransfer *incoming; /* the last one */
  DexFuture *receiving;
  GPtrArray *all_receiving; /* DexFuture, of each connection that was accepted */
  QuicConnection *accepted; /* the last one */
  bool only_accept;         /* the test itself is the receiver */
} TwoDevices;

void two_devices_init (TwoDevices *devices);
/** Closes everything, and asserts that no flow is left. */
void two_devices_clear (TwoDevices *devices);

/** (transfer full) */
SecureConnection *two_devices_secure (TwoDevices *devices, QuicConnection *connection);
/** Resolves to a SecureConnection of the sender's. */
DexFuture *two_devices_connect (TwoDevices *devices);
/** The same the other way round: by the receiver, of the sender. */
DexFuture *two_devices_connect_back (TwoDevices *devices);
/** Starts sending what lies at @paths below the scratch folder, NULL-terminated. */
WherryTransfer *two_devices_send (TwoDevices *devices, DexFuture **sending, const char *path,
                                  ...) G_GNUC_NULL_TERMINATED;
/** Runs the main loop until both sides are through. @sending: consumed. */
void two_devices_finish (TwoDevices *devices, DexFuture *sending);

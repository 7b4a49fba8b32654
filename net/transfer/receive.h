/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receiving: read the offer, ask, write, verify, confirm. */
#pragma once

#include "net/transfer/incoming_offers.h"
#include "net/peer/secure_connection.h"
#include "net/transfer/send.h"
#include "net/transfer/space_table.h"

G_BEGIN_DECLS

typedef struct
{
  /** Where files go when wherry_transfer_accept() names no other folder; created when missing.
   * Owned by the caller during transfer_receive_start() only. */
  GFile *folder;
  /** What is offered by all devices; must live until the returned future has settled. */
  IncomingOffers *offers;
  /** What is promised of the disks; the same. */
  SpaceTable *space;
  /** Keeps what peers break out of the log; the same. */
  LogLimit *breaches;
  /** OFFER_EXPIRY_MS; tests give less. */
  int expiry_ms;
  /** A complete offer is there: the transfer is in state OFFERED. The callee lists it and, by its
   * policy, calls wherry_transfer_accept() or _decline() at once or lets a person answer. */
  void (*offered) (WherryTransfer *transfer, gpointer user_data);
  gpointer user_data; /* must live until the returned future has settled */
} ReceiveOptions;

/** Serves one connection of ALPN wherry/transfer/1 from the paired @device: one transfer, then the
 * connection is closed.
 *
 * Returns a future that resolves to TRUE when no thread or stream of it is left; it never rejects.
 * Connections that break the protocol before the offer is complete end without a transfer, with a
 * warning in the log. To end early cancel the transfer, or close the connection, and await the
 * future. */
DexFuture *transfer_receive_start (SecureConnection *peer, WherryDevice *device,
                                   const ReceiveOptions *options) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a node, for node.c (what it is) and node_actions.c (what it is asked to do). */
#pragma once

#include "net/transfer/incoming_offers.h"
#include "net/lan/discovery.h"
#include "net/peer/device_registry.h"
#include "net/peer/log_limit.h"
#include "net/peer/messages.h"
#include "net/pairing/pair_host.h"
#include "net/peer/protocols.h"
#include "net/transfer/space_table.h"
#include "net/node.h"

G_BEGIN_DECLS

#define TRANSFER_ALPN "wherry/transfer/1"

struct _WherryNode
{
  GObject parent_instance;

  DataDir *dir;                   /* (owned) */
  Secrets *secrets;               /* (owned) */
  NetworkState *state;            /* (owned) */
  WherryDeviceRegistry *registry; /* (owned) */
  PairStore *pairings;            /* (owned) */
  QuicEndpoint *endpoint;         /* (owned) NULL once closed */
  WherryDiscovery *discovery;     /* (owned) (nullable) without mDNS */
  Protocols *protocols;           /* (owned) */
  Pool *connections;              /* (owned) */
  Messages *messages;             /* (owned) */
  IncomingOffers *offers;         /* (owned) */
  SpaceTable *space;              /* (owned) */
  FlowSet *flows;                 /* (owned) */
  FlowSet *polite_flows;          /* (owned) those that say goodbye: pairings and transfers */

  PairSelf self;                 /* what pairing knows of us */
  PairHost *host;                /* (owned) */
  WherryPairingSession *joining; /* (owned) (nullable) the last code that was entered */

  GListStore *transfers; /* (owned) */
  GFile *receive_dir;    /* (owned) */
  PolicyTable *policies; /* (owned) */
  char *warning;         /* (owned) (nullable) of the opening */
  LogLimit breaches;     /* of the transfer protocol */
  LogLimit unforgotten;  /* devices that unpaired us when the disk did not take it */
  DexFuture *closed;     /* (owned) (nullable) from wherry_client_close() on */
};

/** (element-type GInetSocketAddress) (transfer full) */
GPtrArray *node_list_addresses (WherryNode *self);
/** Fills in what node_actions.c answers. */
void node_install_actions (WherryClientInterface *iface);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a node, for its parts: node_open.c makes it of a data directory, node_wiring.c ties
 * the rooms to each other, node.c is the object, node_actions.c does what it is asked for,
 * node_diagnose.c calls the doctor, node_texts.c shares texts, node_unpair.c ends pairings. */
#pragma once

#include "net/transfer/incoming_offers.h"
#include "net/lan/discovery.h"
#include "net/peer/device_registry.h"
#include "net/peer/log_limit.h"
#include "net/peer/messages.h"
#include "net/pairing/pair_host.h"
#include "net/peer/protocols.h"
#include "net/peer/reconnector.h"
#include "net/transfer/space_table.h"
#include "net/node.h"

G_BEGIN_DECLS

struct _WherryNode
{
  GObject parent_instance;

  DataDir *dir;                   /* (owned) */
  Secrets *secrets;               /* (owned) */
  NetworkState *state;            /* (owned) */
  Mailbox *outbox;                /* (owned) what waits to be acknowledged */
  Mailbox *inbox;                 /* (owned) texts that wait to be seen */
  GListStore *texts;              /* (owned) (element-type WherryReceivedText) those of the inbox */
  WherryDeviceRegistry *registry; /* (owned) */
  PairStore *pairings;            /* (owned) */
  QuicEndpoint *endpoint;         /* (owned) NULL once closed */
  WherryDiscovery *discovery;     /* (owned) (nullable) without mDNS */
  Protocols *protocols;           /* (owned) */
  Pool *pool;                     /* (owned) */
  Messages *messages;             /* (owned) */
  Reconnector *reconnector;       /* (owned) (nullable) */
  IncomingOffers *offers;         /* (owned) */
  SpaceTable *space;              /* (owned) */
  FlowSet *flows;                 /* (owned) */
  FlowSet *goodbye_flows;         /* (owned) those that say goodbye: pairings and transfers */

  PairSelf pair_self;            /* what pairing knows of us */
  PairHost *host;                /* (owned) */
  WherryPairingSession *joining; /* (owned) (nullable) the last code that was entered */

  GListStore *transfers; /* (owned) */
  GFile *receive_dir;    /* (owned) (nullable) */
  PolicyTable *policies; /* (owned) */
  char *warning;         /* (owned) (nullable) of the opening */
  LogLimit breaches;     /* of the transfer protocol */
  LogLimit unforgotten;  /* devices that unpaired us when the disk did not take it */
  DexFuture *closed;     /* (owned) (nullable) from wherry_client_close() on */
};

/** The node behind a WherryClient, for the functions of its own vtable. They are called for nothing
 * else, so nothing is checked, and they need not know node.c. */
static inline WherryNode *
node_of (WherryClient *client)
{
  return (WherryNode *) client;
}

/** Makes the rooms and ties them together; the store and the endpoint are there. */
void node_wire (WherryNode *self);
void node_start_discovery (WherryNode *self);

/** Takes texts, and shows those that nobody has seen yet. */
void node_handle_texts (WherryNode *self);
DexFuture *node_share_text (WherryNode *self, WherryDevice *device, const char *text,
                            GPtrArray *addresses);
void node_dismiss_text (WherryNode *self, WherryReceivedText *text);

/** Fills in what node_actions.c answers. */
void node_install_actions (WherryClientInterface *iface);

/** See wherry_client_diagnose(). */
DexFuture *node_diagnose (WherryNode *self, const char *target);

/** Forgets @device, tells it, and resolves when the disk has forgotten it too. */
DexFuture *node_unpair (WherryNode *self, WherryDevice *device);
/** Forgets whoever says that it has unpaired this device. */
void node_handle_unpaired (WherryNode *self);
/** The same, told by the code that closed a connection. */
void node_closed_unpaired_cb (const NodeId *from, gpointer user_data);

G_END_DECLS

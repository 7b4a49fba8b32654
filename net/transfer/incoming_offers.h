/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What other devices have offered and may make this one keep in memory. Each offer that comes in is
 * measured while it grows; what one device may hold is bounded, so that it takes nothing from the
 * others. Main thread only. */
#pragma once

#include "net/core/identity.h"
#include "net/core/offer.h"

/** Offers of one device that nobody has answered yet. */
#define INCOMING_OFFERS_DEVICE_MAX 4
/** Bytes of names, of one device and of all together, as long as the offer or its transfer
 * lasts. */
#define INCOMING_NAMES_DEVICE_MAX (32 * 1024 * 1024)
#define INCOMING_NAMES_MAX        (64 * 1024 * 1024)

typedef enum
{
  INCOMING_ADMITTED,
  INCOMING_BUSY,      /* too much is offered: decline it */
  INCOMING_DUPLICATE, /* the device uses the transfer id already: QUIC_CODE_PROTOCOL */
} IncomingVerdict;

typedef struct IncomingOffers IncomingOffers;
typedef struct IncomingOffer IncomingOffer;

IncomingOffers *incoming_offers_new (void);
/** Every IncomingOffer must be gone. */
void incoming_offers_free (IncomingOffers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IncomingOffers, incoming_offers_free)

/** One offer of @from, of which nothing has come yet and which counts for nothing. */
IncomingOffer *incoming_offer_new (IncomingOffers *offers, const NodeId *from);
/** Gives its share back: the transfer has ended. */
void incoming_offer_free (IncomingOffer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IncomingOffer, incoming_offer_free)

/** Another frame of it came. Until INCOMING_ADMITTED is returned it counts as it was before. */
IncomingVerdict incoming_offer_grow (IncomingOffer *self, const Offer *offer);
/** Somebody has answered, or nobody will: from now on only its names count. */
void incoming_offer_answered (IncomingOffer *self);

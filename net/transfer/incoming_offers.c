/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/incoming_offers.h"

G_STATIC_ASSERT (OFFER_PATH_BYTES_MAX < INCOMING_NAMES_DEVICE_MAX);
G_STATIC_ASSERT (INCOMING_NAMES_DEVICE_MAX < INCOMING_NAMES_MAX);

struct IncomingOffers
{
  GQueue live; /* (element-type IncomingOffer); no more than there are connections */
};

struct IncomingOffer
{
  IncomingOffers *offers;
  GList link; /* in offers->live */
  NodeId from;
  TransferId id;
  bool begun; /* a frame of it was admitted: @id is known */
  bool answered;
  size_t name_bytes;
};

IncomingOffers *
incoming_offers_new (void)
{
  return g_new0 (IncomingOffers, 1);
}

void
incoming_offers_free (IncomingOffers *self)
{
  g_assert (g_queue_is_empty (&self->live));
  g_free (self);
}

IncomingOffer *
incoming_offer_new (IncomingOffers *offers, const NodeId *from)
{
  IncomingOffer *self = g_new0 (IncomingOffer, 1);
  self->offers = offers;
  self->from = *from;
  self->link.data = self;
  g_queue_push_tail_link (&offers->live, &self->link);
  return self;
}

void
incoming_offer_free (IncomingOffer *self)
{
  g_queue_unlink (&self->offers->live, &self->link);
  g_free (self);
}

IncomingVerdict
incoming_offer_grow (IncomingOffer *self, const Offer *offer)
{
  size_t name_bytes = offer_get_name_bytes (offer), of_device = name_bytes, of_all = name_bytes;
  unsigned waiting = !self->answered;
  for (const GList *l = self->offers->live.head; l; l = l->next)
    {
      const IncomingOffer *other = l->data;
      if (other == self || !other->begun)
        continue;
      of_all += other->name_bytes;
      if (!node_id_equal (&other->from, &self->from))
        continue;
      if (transfer_id_equal (&other->id, offer_get_id (offer)))
        return INCOMING_DUPLICATE;
      of_device += other->name_bytes;
      waiting += !other->answered;
    }
  if (waiting > INCOMING_OFFERS_DEVICE_MAX || of_device > INCOMING_NAMES_DEVICE_MAX ||
      of_all > INCOMING_NAMES_MAX)
    return INCOMING_BUSY;
  self->id = *offer_get_id (offer);
  self->begun = true;
  self->name_bytes = name_bytes;
  return INCOMING_ADMITTED;
}

void
incoming_offer_answered (IncomingOffer *self)
{
  self->answered = true;
}

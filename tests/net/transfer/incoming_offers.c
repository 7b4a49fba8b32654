/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much other devices may offer at once. */
#include "net/transfer/incoming_offers.h"

static const NodeId first = { .bytes = { 1 } }, second = { .bytes = { 2 } },
                    third = { .bytes = { 3 } };

/* An offer of about @name_bytes of names. */
static Offer *
offer_of (size_t name_bytes)
{
  g_autoptr (GError) error = NULL;
  TransferId id;
  transfer_id_generate (&id);
  Offer *offer = offer_new (&id, &(OfferOptions) { .encrypt = true });
  for (unsigned i = 0; offer_get_name_bytes (offer) < name_bytes; i++)
    {
      g_autofree char *name = g_strdup_printf ("%0240u", i);
      g_assert_true (offer_add (offer, name, OFFER_FILE, 1, (OfferTime) { 0 }, 0644, &error));
    }
  return offer;
}

static IncomingOffer *
come (IncomingOffers *offers, const NodeId *from, const Offer *offer, IncomingVerdict verdict)
{
  IncomingOffer *incoming = incoming_offer_new (offers, from);
  g_assert_cmpint (incoming_offer_grow (incoming, offer), ==, verdict);
  return incoming;
}

static void
test_number (void)
{
  g_autoptr (IncomingOffers) offers = incoming_offers_new ();
  IncomingOffer *waiting[INCOMING_OFFERS_DEVICE_MAX];
  for (int i = 0; i < INCOMING_OFFERS_DEVICE_MAX; i++)
    {
      g_autoptr (Offer) offer = offer_of (1);
      waiting[i] = come (offers, &first, offer, INCOMING_ADMITTED);
      g_assert_cmpint (incoming_offer_grow (waiting[i], offer), ==, INCOMING_ADMITTED);
    }
  g_autoptr (Offer) more = offer_of (1);
  g_autoptr (IncomingOffer) late = come (offers, &first, more, INCOMING_BUSY);
  g_autoptr (IncomingOffer) other = come (offers, &second, more, INCOMING_ADMITTED);

  incoming_offer_answered (waiting[0]);
  g_assert_cmpint (incoming_offer_grow (late, more), ==, INCOMING_ADMITTED);
  g_autoptr (Offer) another = offer_of (1);
  g_autoptr (IncomingOffer) later = come (offers, &first, another, INCOMING_BUSY);
  for (int i = 0; i < INCOMING_OFFERS_DEVICE_MAX; i++)
    incoming_offer_free (waiting[i]);
  g_assert_cmpint (incoming_offer_grow (later, another), ==, INCOMING_ADMITTED);
}

static void
test_names (void)
{
  g_autoptr (IncomingOffers) offers = incoming_offers_new ();
  g_autoptr (Offer) half = offer_of (INCOMING_NAMES_DEVICE_MAX / 2 + 1);
  g_autoptr (Offer) as_much = offer_of (INCOMING_NAMES_DEVICE_MAX / 2 + 1);
  g_autoptr (Offer) largest = offer_of (OFFER_PATH_BYTES_MAX);
  g_autoptr (Offer) another = offer_of (OFFER_PATH_BYTES_MAX);
  g_autoptr (Offer) little = offer_of (1);
  IncomingOffer *held = come (offers, &first, half, INCOMING_ADMITTED);
  g_autoptr (IncomingOffer) late = come (offers, &first, as_much, INCOMING_BUSY);
  incoming_offer_answered (held); /* its names are kept all the same */
  g_assert_cmpint (incoming_offer_grow (late, as_much), ==, INCOMING_BUSY);

  /* Another device is not touched by that; but there is an end to all together. */
  g_autoptr (IncomingOffer) other = come (offers, &second, largest, INCOMING_ADMITTED);
  g_autoptr (IncomingOffer) third_one = come (offers, &third, another, INCOMING_BUSY);
  g_autoptr (IncomingOffer) small = come (offers, &third, little, INCOMING_ADMITTED);
  incoming_offer_free (held);
  g_assert_cmpint (incoming_offer_grow (late, as_much), ==, INCOMING_ADMITTED);
}

static void
test_same_id (void)
{
  g_autoptr (IncomingOffers) offers = incoming_offers_new ();
  g_autoptr (Offer) offer = offer_of (1);
  IncomingOffer *one = come (offers, &first, offer, INCOMING_ADMITTED);
  g_autoptr (IncomingOffer) again = come (offers, &first, offer, INCOMING_DUPLICATE);
  g_autoptr (IncomingOffer) other = come (offers, &second, offer, INCOMING_ADMITTED);
  incoming_offer_answered (one);
  g_assert_cmpint (incoming_offer_grow (again, offer), ==, INCOMING_DUPLICATE);
  incoming_offer_free (one);
  g_assert_cmpint (incoming_offer_grow (again, offer), ==, INCOMING_ADMITTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/incoming-offers/number", test_number);
  g_test_add_func ("/incoming-offers/names", test_names);
  g_test_add_func ("/incoming-offers/same-id", test_same_id);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/data_stream.h"

#include "net/async/quic_future.h"

void
data_stream_init (DataStream *self)
{
  TransferId id;
  transfer_id_generate (&id);
  two_devices_init (&self->devices);
  self->devices.only_accept = true;
  self->offer = offer_new (&id, &(OfferOptions) { .encrypt = true });
  self->cancellable = g_cancellable_new ();
  self->ledger = ledger_new ();
  self->peer = wait_boxed (two_devices_connect (&self->devices));
  self->out = wait_boxed (quic_future_open_stream (self->peer->connection, false));
}

void
data_stream_clear (DataStream *self)
{
  quic_connection_close (self->peer->connection, QUIC_CODE_OK, "");
  quic_stream_unref (self->out);
  secure_connection_unref (self->peer);
  ledger_free (self->ledger);
  g_object_unref (self->cancellable);
  offer_free (self->offer);
  two_devices_clear (&self->devices);
}

QuicStream *
data_stream_accept (DataStream *self)
{
  wait_until (self->devices.accepted);
  return wait_boxed (quic_future_accept_stream (self->devices.accepted));
}

void
data_stream_offer (DataStream *self, const char *path, OfferKind kind, uint64_t size)
{
  g_autoptr (GError) error = NULL;
  offer_add (self->offer, path, kind, size, (OfferTime) { 0 }, 0755, &error);
  g_assert_no_error (error);
}

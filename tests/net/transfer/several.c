/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Much at once: several transfers in both directions between two devices, and an offer of many
 * entries. */
#include "net/core/frame.h"
#include "net/async/quic_future.h"
#include "net/transfer/control_channel.h"
#include "net/transfer/send.h"
#include "tests/support/hostile.h"
#include "tests/support/two_devices.h"

#define AT_ONCE   4
#define N_FILES   3
#define N_ENTRIES 100000

typedef struct
{
  TwoDevices devices;
  GPtrArray *back; /* DexFuture, of what the sender receives */
  unsigned n_back; /* offers that it accepted */
} Fixture;

static void
back_offered_cb (WherryTransfer *transfer, gpointer user_data)
{
  ((Fixture *) user_data)->n_back++;
  wherry_transfer_accept (transfer, NULL);
}

static QuicCode
back_accept_cb (QuicConnection *connection, gpointer user_data)
{
  Fixture *fixture = user_data;
  TwoDevices *devices = &fixture->devices;
  g_autoptr (SecureConnection) peer = two_devices_secure (devices, connection);
  g_autoptr (GFile) folder = scratch_file (&devices->scratch, "back");
  ReceiveOptions options = {
    .folder = folder,
    .offers = devices->offers,
    .space = devices->space,
    .breaches = &devices->breaches,
    .expiry_ms = devices->expiry_ms,
    .offered = back_offered_cb,
    .user_data = fixture,
  };
  g_ptr_array_add (fixture->back, transfer_receive_start (peer, devices->receiver_row, &options));
  return QUIC_CODE_OK;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  two_devices_init (&fixture->devices);
  fixture->back = g_ptr_array_new_with_free_func (dex_unref);
  quic_endpoint_register (
      fixture->devices.sender,
      &(QuicProtocol) { "wherry/transfer/1", back_accept_cb, fixture, .known_peers = true });
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_unref (fixture->back);
  two_devices_clear (&fixture->devices);
}

/* Sends from/N/tree back. */
static WherryTransfer *
send_back (Fixture *fixture, DexFuture **sending, const char *path)
{
  TwoDevices *devices = &fixture->devices;
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (files, scratch_file (&devices->scratch, path));
  WherryTransfer *transfer = transfer_send_new (devices->sender_row, files);
  *sending = transfer_send_start (transfer, two_devices_connect_back (devices), devices->expiry_ms,
                                  &devices->breaches);
  return transfer;
}

static void
make_trees (Fixture *fixture, const char *top)
{
  for (int i = 0; i < AT_ONCE; i++)
    {
      for (int k = 0; k < N_FILES; k++)
        {
          g_autofree char *path = g_strdup_printf ("%s/%d/tree/f%d-%d", top, i, i, k);
          scratch_fill (&fixture->devices.scratch, path, 700000 + 1000 * k, 100 * i + k);
        }
      g_autofree char *same = g_strdup_printf ("%s/%d/tree/same", top, i);
      scratch_write (&fixture->devices.scratch, same, "same", -1);
    }
}

static void
assert_arrived (Fixture *fixture, const char *top, const char *in)
{
  for (int i = 0; i < AT_ONCE; i++)
    for (int k = 0; k < N_FILES; k++)
      {
        g_autofree char *sent = g_strdup_printf ("%s/%d/tree/f%d-%d", top, i, i, k);
        g_autofree char *arrived = g_strdup_printf ("%s/tree/f%d-%d", in, i, k);
        scratch_assert_same (&fixture->devices.scratch, sent, arrived);
      }
  for (int i = 0; i < AT_ONCE; i++)
    {
      g_autofree char *same = i == 0 ? g_strdup_printf ("%s/tree/same", in)
                                     : g_strdup_printf ("%s/tree/same (%d)", in, i);
      scratch_assert_content (&fixture->devices.scratch, same, "same");
    }
}

static void
test_both_directions (Fixture *fixture, gconstpointer data)
{
  DexFuture *sending[2 * AT_ONCE];
  WherryTransfer *transfers[2 * AT_ONCE];
  make_trees (fixture, "out");
  make_trees (fixture, "other");
  for (int i = 0; i < AT_ONCE; i++)
    {
      g_autofree char *there = g_strdup_printf ("out/%d/tree", i);
      g_autofree char *back = g_strdup_printf ("other/%d/tree", i);
      transfers[2 * i] = two_devices_send (&fixture->devices, &sending[2 * i], there, NULL);
      transfers[2 * i + 1] = send_back (fixture, &sending[2 * i + 1], back);
    }
  for (int i = 0; i < 2 * AT_ONCE; i++)
    {
      run_until (sending[i]);
      g_assert_cmpint (wherry_transfer_get_state (transfers[i]), ==, TRANSFER_DONE);
      g_assert_cmpuint (wherry_transfer_get_files_done (transfers[i]), ==, N_FILES + 1);
      g_object_unref (transfers[i]);
    }
  g_assert_cmpuint (fixture->n_back, ==, AT_ONCE);
  g_assert_cmpuint (fixture->devices.all_receiving->len, ==, AT_ONCE);
  for (int i = 0; i < AT_ONCE; i++)
    {
      run_until (dex_ref (fixture->back->pdata[i]));
      run_until (dex_ref (fixture->devices.all_receiving->pdata[i]));
    }
  assert_arrived (fixture, "out", "in");
  assert_arrived (fixture, "other", "back");
}

/* Names cost what they are long, and the frames stay small. */
static Offer *
make_offer (size_t *name_bytes)
{
  g_autoptr (GError) error = NULL;
  TransferId id;
  transfer_id_generate (&id);
  Offer *offer = offer_new (&id, &(OfferOptions) { .encrypt = true });
  *name_bytes = 0;
  for (int i = 0; i < N_ENTRIES; i++)
    {
      g_autofree char *path = g_strdup_printf ("tree/folder %d/file %d", i / 100, i);
      offer_add (offer, path, OFFER_FILE, 10, (OfferTime) { 0 }, 0644, &error);
      g_assert_no_error (error);
      *name_bytes += strlen (strrchr (path, '/')) + (i % 100 == 0 ? strlen (path) : 0);
    }
  return offer;
}

static bool
ignore_cb (const TransferControl *control, gpointer user_data, GError **error)
{
  return true;
}

static void
test_large_offer (Fixture *fixture, gconstpointer data)
{
  size_t name_bytes;
  g_autoptr (Offer) offer = make_offer (&name_bytes);
  g_assert_cmpuint (offer_get_name_bytes (offer), <, name_bytes + name_bytes / 8 + 65536);

  uint32_t next = 0, n_frames = 0;
  for (bool last = false; !last; n_frames++)
    {
      g_autoptr (GString) json = g_string_new (NULL);
      offer_encode_frame (offer, &next, &last, json);
      g_assert_cmpuint (json->len, <, FRAME_PAYLOAD_MAX);
    }
  g_assert_cmpuint (next, ==, N_ENTRIES);
  g_assert_cmpuint (n_frames, >=, N_ENTRIES / OFFER_FRAME_ENTRIES_MAX);

  fixture->devices.answer = ANSWER_DECLINE;
  g_autoptr (SecureConnection) peer = wait_boxed (two_devices_connect (&fixture->devices));
  g_autoptr (QuicStream) stream = wait_boxed (quic_future_open_stream (peer->connection, true));
  g_autoptr (ControlChannel) control = control_channel_new (peer, stream, CONTROL_SENDER);
  DexFuture *listening = control_channel_listen (control, NULL, ignore_cb, NULL);
  wait_for (control_channel_send_offer (control, offer));
  run_until (dex_ref (listening));
  quic_connection_close (peer->connection, QUIC_CODE_OK, "");
  dex_unref (listening);
  run_until (dex_ref (fixture->devices.receiving));
  WherryTransfer *incoming = fixture->devices.incoming;
  g_assert_cmpuint (wherry_transfer_get_files_total (incoming), ==, N_ENTRIES);
  g_assert_cmpuint (wherry_transfer_get_bytes_total (incoming), ==, 10 * N_ENTRIES);
  g_assert_cmpstr (wherry_transfer_get_title (incoming), ==, "tree");
}

#define add(name, func) g_test_add ("/several/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  add ("both-directions", test_both_directions);
  add ("large-offer", test_large_offer);
  return g_test_run ();
}

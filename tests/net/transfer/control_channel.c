/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages between two ends of a control stream. */
#include "net/transfer/control_channel.h"

#include "net/async/quic_future.h"
#include "tests/support/hostile.h"
#include "tests/support/two_devices.h"

typedef struct
{
  TwoDevices devices;
  SecureConnection *peers[2]; /* of the sender, of the receiver */
  QuicStream *streams[2];
  ControlChannel *channels[2];
  DexFuture *listening[2];
  Offer *outgoing;
  Offer *incoming;
  GArray *heard;     /* ControlType, by the receiver */
  unsigned refusals; /* heard by the sender */
} Fixture;

static bool
sender_cb (const TransferControl *control, gpointer user_data, GError **error)
{
  Fixture *fixture = user_data;
  fixture->refusals += control->type == CONTROL_UNSUPPORTED;
  return true;
}

static bool
receiver_cb (const TransferControl *control, gpointer user_data, GError **error)
{
  Fixture *fixture = user_data;
  g_array_append_val (fixture->heard, control->type);
  return true;
}

/* Both channels exist and the whole offer has arrived. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  TransferId id;
  transfer_id_generate (&id);
  two_devices_init (&fixture->devices);
  fixture->devices.only_accept = true;
  fixture->heard = g_array_new (false, false, sizeof (ControlType));
  fixture->outgoing = offer_new (&id, &(OfferOptions) { .encrypt = true });
  offer_add (fixture->outgoing, "a", OFFER_FILE, 1, (OfferTime) { 0 }, 0644, &error);
  g_assert_no_error (error);
  fixture->incoming = offer_new_incoming ();

  fixture->peers[0] = wait_boxed (two_devices_connect (&fixture->devices));
  fixture->streams[0] = wait_boxed (quic_future_open_stream (fixture->peers[0]->connection, true));
  fixture->channels[0] =
      control_channel_new (fixture->peers[0], fixture->streams[0], CONTROL_SENDER);
  fixture->listening[0] = control_channel_listen (fixture->channels[0], NULL, sender_cb, fixture);
  wait_for (control_channel_send_offer (fixture->channels[0], fixture->outgoing));
  while (!fixture->devices.accepted)
    g_main_context_iteration (NULL, TRUE);
  fixture->peers[1] = two_devices_secure (&fixture->devices, fixture->devices.accepted);
  fixture->streams[1] = wait_boxed (quic_future_accept_stream (fixture->devices.accepted));
  fixture->channels[1] =
      control_channel_new (fixture->peers[1], fixture->streams[1], CONTROL_RECEIVER);
  fixture->listening[1] =
      control_channel_listen (fixture->channels[1], fixture->incoming, receiver_cb, fixture);
  while (!offer_is_complete (fixture->incoming))
    g_main_context_iteration (NULL, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (int i = 0; i < 2; i++)
    quic_connection_close (fixture->peers[i]->connection, QUIC_CODE_OK, "");
  for (int i = 0; i < 2; i++)
    {
      run_until (fixture->listening[i]);
      control_channel_unref (fixture->channels[i]);
      quic_stream_unref (fixture->streams[i]);
      secure_connection_unref (fixture->peers[i]);
    }
  offer_free (fixture->outgoing);
  offer_free (fixture->incoming);
  g_array_unref (fixture->heard);
  two_devices_clear (&fixture->devices);
}

static void
send_type (Fixture *fixture, int from, ControlType type)
{
  wait_for (control_channel_send (fixture->channels[from], &(TransferControl) { .type = type }));
}

/* Runs until the listening of @side has ended, in an error of @domain with @code. */
static void
assert_ends (Fixture *fixture, int side, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;
  run_until (dex_ref (fixture->listening[side]));
  dex_future_get_value (fixture->listening[side], &error);
  g_assert_error (error, domain, code);
}

static void
test_order (Fixture *fixture, gconstpointer data)
{
  send_type (fixture, 1, CONTROL_ACCEPT);
  while (control_channel_get_state (fixture->channels[0]) != CONTROL_STATE_ACTIVE)
    g_main_context_iteration (NULL, TRUE);
  static const ControlType said[] = { CONTROL_PROGRESS, CONTROL_PAUSE, CONTROL_RESUME,
                                      CONTROL_PROGRESS, CONTROL_DONE };
  for (size_t i = 0; i < G_N_ELEMENTS (said); i++)
    send_type (fixture, 0, said[i]);
  while (fixture->heard->len < 1 + G_N_ELEMENTS (said))
    g_main_context_iteration (NULL, TRUE);
  for (size_t i = 0; i < G_N_ELEMENTS (said); i++)
    g_assert_cmpint (g_array_index (fixture->heard, ControlType, 1 + i), ==, said[i]);
  g_assert_cmpint (control_channel_get_state (fixture->channels[1]), ==, CONTROL_STATE_SENT);
}

/* What may not be said is not said. */
static void
test_not_now (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  DexFuture *sending =
      control_channel_send (fixture->channels[0], &(TransferControl) { .type = CONTROL_DONE });
  dex_future_get_value (sending, &error);
  g_assert_error (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED);
  dex_unref (sending);
  send_type (fixture, 0, CONTROL_CANCEL);
  while (fixture->heard->len < 2)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (g_array_index (fixture->heard, ControlType, 1), ==, CONTROL_CANCEL);
}

static void
test_refused_once (Fixture *fixture, gconstpointer data)
{
  for (int i = 0; i < 3; i++)
    hostile_say (fixture->peers[0], fixture->streams[0], 1 + i, "{\"type\":\"of-tomorrow\"}");
  hostile_say (fixture->peers[0], fixture->streams[0], 4,
               "{\"type\":\"cancel\",\"reason\":\"person\"}");
  while (fixture->heard->len < 2)
    g_main_context_iteration (NULL, TRUE);
  control_channel_finish (fixture->channels[1]);
  run_until (dex_ref (fixture->listening[0]));
  g_assert_cmpuint (fixture->refusals, ==, 1);
}

static void
test_replayed (Fixture *fixture, gconstpointer data)
{
  hostile_say (fixture->peers[0], fixture->streams[0], 0,
               "{\"type\":\"cancel\",\"reason\":\"person\"}");
  assert_ends (fixture, 1, CONTROL_ERROR, CONTROL_ERROR_INVALID);
}

static void
test_left_out (Fixture *fixture, gconstpointer data)
{
  hostile_say (fixture->peers[0], fixture->streams[0], 2,
               "{\"type\":\"cancel\",\"reason\":\"person\"}");
  assert_ends (fixture, 1, CONTROL_ERROR, CONTROL_ERROR_INVALID);
}

static void
test_short_frame (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\0\0\0\1x", 5);
  wait_for (quic_future_send (fixture->streams[0], bytes));
  assert_ends (fixture, 1, CONTROL_ERROR, CONTROL_ERROR_INVALID);
}

static void
test_early_end (Fixture *fixture, gconstpointer data)
{
  control_channel_finish (fixture->channels[0]);
  assert_ends (fixture, 1, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED);
}

/* The connection knows why; its stream does not. */
static void
test_reason (Fixture *fixture, gconstpointer data)
{
  quic_connection_close (fixture->peers[0]->connection, QUIC_CODE_LIMIT, "");
  assert_ends (fixture, 1, QUIC_CLOSE_ERROR, QUIC_CODE_LIMIT);
}

/* What the peer has acknowledged is not counted any more. */
static void
test_acknowledged (Fixture *fixture, gconstpointer data)
{
  send_type (fixture, 1, CONTROL_ACCEPT);
  for (int i = 0; i < 100; i++)
    dex_future_disown (control_channel_send (fixture->channels[1],
                                             &(TransferControl) { .type = CONTROL_PROGRESS }));
  while (control_channel_get_unacknowledged (fixture->channels[1]) > 0)
    g_main_context_iteration (NULL, FALSE);
}

#define add(name, func)                                                                            \
  g_test_add ("/control-channel/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  add ("order", test_order);
  add ("not-now", test_not_now);
  add ("refused-once", test_refused_once);
  add ("replayed", test_replayed);
  add ("left-out", test_left_out);
  add ("short-frame", test_short_frame);
  add ("early-end", test_early_end);
  add ("reason", test_reason);
  add ("acknowledged", test_acknowledged);
  return g_test_run ();
}

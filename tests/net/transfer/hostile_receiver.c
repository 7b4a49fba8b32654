/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A paired device that answers an offer wrongly: the sender never takes a transfer for done that is
 * not. */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net/core/chunk.h"
#include "net/transfer/control_channel.h"
#include "net/async/quic_future.h"
#include "tests/support/hostile.h"
#include "tests/support/two_devices.h"
#include "tests/support/wait.h"

/* What is said after the offer came, in order; entry ids: 0 a folder, 1 and 2 files. */
typedef struct
{
  const char *name;
  bool accept;
  const char *messages[3];
  TransferState state;
  TransferReason reason;
} Answer;

#define VERIFIED(list) "{\"type\":\"verified\",\"entries\":[" list "]}"
#define DONE           "{\"type\":\"done\",\"files\":2,\"failed\":0}"
#define DONE_BUT_ONE   "{\"type\":\"done\",\"files\":1,\"failed\":1}"
#define PROTOCOL       TRANSFER_FAILED, TRANSFER_REASON_PROTOCOL

static const Answer answers[] = {
  { "honest", true, { VERIFIED ("1,2"), DONE }, TRANSFER_DONE, TRANSFER_REASON_NONE },
  { "done-with-one-less", true, { VERIFIED ("1,2"), DONE_BUT_ONE }, PROTOCOL },
  { "done-with-one-more",
    true,
    { VERIFIED ("2"), "{\"type\":\"checksum-mismatch\",\"entry_id\":1}", DONE },
    PROTOCOL },
  { "done-too-early", true, { VERIFIED ("1"), DONE }, PROTOCOL },
  { "verified-unknown", true, { VERIFIED ("3") }, PROTOCOL },
  { "verified-folder", true, { VERIFIED ("0") }, PROTOCOL },
  { "verified-twice", true, { VERIFIED ("1"), VERIFIED ("1") }, PROTOCOL },
  { "verified-before-accept", false, { VERIFIED ("1") }, PROTOCOL },
  { "done-before-accept", false, { DONE }, PROTOCOL },
  { "accepted-twice",
    true,
    { "{\"type\":\"accept\",\"compress\":false,\"resume\":[]}" },
    PROTOCOL },
  { "offers-itself",
    true,
    { "{\"type\":\"offer-entries\",\"entries\":[],\"last\":true}" },
    PROTOCOL },
  { "failed-file",
    true,
    { "{\"type\":\"entry-failed\",\"entry_id\":1,\"reason\":\"write\"}", VERIFIED ("2"),
      DONE_BUT_ONE },
    TRANSFER_FAILED,
    TRANSFER_REASON_REMOTE_FILE },
  { "damaged-file",
    true,
    { VERIFIED ("2"), "{\"type\":\"checksum-mismatch\",\"entry_id\":1}", DONE_BUT_ONE },
    TRANSFER_FAILED,
    TRANSFER_REASON_CHECKSUM },
  { "unknown-message",
    true,
    { "{\"type\":\"of-a-later-version\"}", VERIFIED ("1,2"), DONE },
    TRANSFER_DONE,
    TRANSFER_REASON_NONE },
  { "declines",
    false,
    { "{\"type\":\"decline\",\"reason\":\"person\"}" },
    TRANSFER_DECLINED,
    TRANSFER_REASON_DECLINED },
  { "declines-after-accept", true, { "{\"type\":\"decline\",\"reason\":\"person\"}" }, PROTOCOL },
  { "expires-after-accept",
    true,
    { "{\"type\":\"cancel\",\"reason\":\"expired\"}" },
    TRANSFER_CANCELLED,
    TRANSFER_REASON_CANCELLED_THERE },
  { "no-space",
    false,
    { "{\"type\":\"decline\",\"reason\":\"no-space\"}" },
    TRANSFER_FAILED,
    TRANSFER_REASON_NO_SPACE },
};

typedef struct
{
  TwoDevices devices;
  WherryTransfer *outgoing;
  DexFuture *sending;
  Offer *offer;
  SecureConnection *peer;
  QuicStream *stream;
  ControlChannel *control;
  DexFuture *listening;
  uint64_t said;
  bool sent; /* the sender said done */
} Fixture;

static bool
heard_cb (const TransferControl *control, gpointer user_data, GError **error)
{
  Fixture *fixture = user_data;
  fixture->sent |= control->type == CONTROL_DONE;
  return true;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  hostile_complaints = hostile_warnings = 0;
  two_devices_init (&fixture->devices);
  fixture->devices.only_accept = true;
  fixture->offer = offer_new_incoming ();
  scratch_write (&fixture->devices.scratch, "out/tree/a", "a", -1);
  scratch_write (&fixture->devices.scratch, "out/tree/b", "b", -1);
  fixture->outgoing = two_devices_send (&fixture->devices, &fixture->sending, "out/tree", NULL);
  wait_until (fixture->devices.accepted);

  QuicConnection *connection = fixture->devices.accepted;
  fixture->peer = two_devices_secure (&fixture->devices, connection);
  fixture->stream = wait_boxed (quic_future_accept_stream (connection));
  fixture->control = control_channel_new (fixture->peer, fixture->stream, CONTROL_RECEIVER);
  fixture->listening = control_channel_listen (fixture->control, fixture->offer, heard_cb, fixture);
  wait_until (offer_is_complete (fixture->offer));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  quic_connection_close (fixture->devices.accepted, QUIC_CODE_OK, "");
  run_until (g_steal_pointer (&fixture->listening));
  g_clear_object (&fixture->outgoing);
  control_channel_unref (fixture->control);
  quic_stream_unref (fixture->stream);
  secure_connection_unref (fixture->peer);
  offer_free (fixture->offer);
  two_devices_clear (&fixture->devices);
}

static void
say (Fixture *fixture, const char *json)
{
  hostile_say (fixture->peer, fixture->stream, fixture->said++, json);
}

static void
test_answer (Fixture *fixture, gconstpointer data)
{
  const Answer *answer = data;
  if (answer->accept)
    {
      TransferControl accept = { .type = CONTROL_ACCEPT };
      wait_for (control_channel_send (fixture->control, &accept));
      fixture->said++;
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (answer->messages) && answer->messages[i]; i++)
    {
      if (answer->accept && strstr (answer->messages[i], "\"done\""))
        wait_until (fixture->sent);
      say (fixture, answer->messages[i]);
    }
  run_until (g_steal_pointer (&fixture->sending));

  bool breaks = answer->reason == TRANSFER_REASON_PROTOCOL;
  g_assert_cmpstr (transfer_state_name (wherry_transfer_get_state (fixture->outgoing)), ==,
                   transfer_state_name (answer->state));
  g_assert_cmpint (wherry_transfer_get_reason (fixture->outgoing), ==, answer->reason);
  g_assert_cmpuint (hostile_complaints, ==, breaks ? 1 : 0);
  g_assert_cmpuint (hostile_warnings, ==, breaks ? 1 : 0); /* whatever other nodes have met */
}

static void
test_unpairs (Fixture *fixture, gconstpointer data)
{
  quic_connection_close (fixture->devices.accepted, QUIC_CODE_UNPAIRED, "unpaired");
  run_until (g_steal_pointer (&fixture->sending));
  g_assert_cmpint (wherry_transfer_get_reason (fixture->outgoing), ==, TRANSFER_REASON_NOT_PAIRED);
}

/* A source that does not yield its first byte: its read() waits for the test. Every other read is
 * the system's. */
static struct
{
  GMutex mutex;
  GCond released;
  bool held;
  ino_t file;
} slow;

ssize_t
read (int fd, void *buffer, size_t len)
{
  g_mutex_lock (&slow.mutex);
  struct stat status;
  while (slow.held && fstat (fd, &status) == 0 && status.st_ino == slow.file)
    g_cond_wait (&slow.released, &slow.mutex);
  g_mutex_unlock (&slow.mutex);
  return syscall (SYS_read, fd, buffer, len);
}

static void
hold_source (Fixture *fixture, bool held)
{
  struct stat status;
  g_autofree char *path = scratch_path (&fixture->devices.scratch, "out/tree/a");
  g_assert_no_errno (stat (path, &status));
  g_mutex_lock (&slow.mutex);
  slow.held = held;
  slow.file = status.st_ino;
  g_cond_broadcast (&slow.released);
  g_mutex_unlock (&slow.mutex);
}

/* The receiver sees the data stream although the first file has not been read yet. */
static void
test_slow_source (Fixture *fixture, gconstpointer data)
{
  hold_source (fixture, true);
  TransferControl accept = { .type = CONTROL_ACCEPT };
  wait_for (control_channel_send (fixture->control, &accept));
  fixture->said++;
  g_autoptr (QuicStream) stream =
      wait_boxed (quic_future_accept_stream (fixture->devices.accepted));
  g_assert_false (quic_stream_is_bidirectional (stream));
  g_autoptr (GBytes) header = wait_boxed (quic_future_receive (stream, 65536));
  g_assert_cmpuint (g_bytes_get_size (header), ==, CHUNK_STREAM_HEADER_LEN);

  hold_source (fixture, false);
  wait_until (fixture->sent);
  say (fixture, VERIFIED ("1,2"));
  say (fixture, DONE);
  run_until (g_steal_pointer (&fixture->sending));
  g_assert_cmpint (wherry_transfer_get_state (fixture->outgoing), ==, TRANSFER_DONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  hostile_init ();
  dex_init ();
  for (unsigned i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *name = g_strconcat ("/hostile-receiver/", answers[i].name, NULL);
      g_test_add (name, Fixture, &answers[i], set_up, test_answer, tear_down);
    }
  g_test_add ("/hostile-receiver/slow-source", Fixture, NULL, set_up, test_slow_source, tear_down);
  g_test_add ("/hostile-receiver/unpairs", Fixture, NULL, set_up, test_unpairs, tear_down);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/message_peer.h"

#include <string.h>

static MessageId
id_numbered (guint number)
{
  MessageId id = { 0 };
  memcpy (&id, &number, sizeof number);
  return id;
}

static bool
has_seen (MessagePeer *peer, const MessageId *id)
{
  const SeenIds *seen = message_peer_get_seen (peer);
  return seen && seen_ids_has (seen, id);
}

static void
saw (MessagePeer *peer, const MessageId *id)
{
  SeenIds seen = { 0 };
  if (message_peer_get_seen (peer))
    seen = *message_peer_get_seen (peer);
  seen_ids_add (&seen, id);
  message_peer_set_seen (peer, &seen);
}

static void
see (MessagePeer *peer, guint from, guint to)
{
  for (guint i = from; i < to; i++)
    {
      MessageId id = id_numbered (i);
      g_assert_false (has_seen (peer, &id));
      saw (peer, &id);
    }
}

static void
test_window (void)
{
  g_autoptr (MessagePeer) peer = message_peer_new ();
  see (peer, 1, 1 + SEEN_IDS_MAX);
  MessageId oldest = id_numbered (1), next = id_numbered (2);
  g_assert_true (has_seen (peer, &oldest));
  see (peer, 1 + SEEN_IDS_MAX, 2 + SEEN_IDS_MAX);
  g_assert_false (has_seen (peer, &oldest));
  g_assert_true (has_seen (peer, &next));
}

/* An id that is all zeros is one as any other. */
static void
test_nothing_is_seen (void)
{
  g_autoptr (MessagePeer) peer = message_peer_new ();
  MessageId zero = { 0 };
  g_assert_false (has_seen (peer, &zero));
  saw (peer, &zero);
  g_assert_true (has_seen (peer, &zero));
}

/* One device sends as many as it likes: what another one has sent is remembered. */
static void
test_flooded_by_another (void)
{
  g_autoptr (MessagePeer) honest = message_peer_new ();
  g_autoptr (MessagePeer) flooder = message_peer_new ();
  MessageId id = id_numbered (7);
  saw (honest, &id);
  see (flooder, 1000, 1000 + 4 * SEEN_IDS_MAX);
  g_assert_true (has_seen (honest, &id));
}

static void
test_readers (void)
{
  g_autoptr (MessagePeer) peer = message_peer_new ();
  for (int i = 0; i < MESSAGE_PEER_READERS_MAX; i++)
    g_assert_true (message_peer_begin (peer));
  g_assert_false (message_peer_begin (peer));
  message_peer_end (peer, 0);
  g_assert_true (message_peer_begin (peer));
  g_assert_false (message_peer_begin (peer));
}

static void
test_bytes (void)
{
  g_autoptr (MessagePeer) peer = message_peer_new ();
  g_assert_true (message_peer_begin (peer));
  g_assert_true (message_peer_grow (peer, MESSAGE_PEER_BYTES_MAX));
  g_assert_true (message_peer_begin (peer));
  g_assert_false (message_peer_grow (peer, 1));
  g_assert_false (message_peer_grow (peer, SIZE_MAX));
  message_peer_end (peer, MESSAGE_PEER_BYTES_MAX);
  g_assert_true (message_peer_grow (peer, 1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/message-peer/window", test_window);
  g_test_add_func ("/message-peer/nothing-is-seen", test_nothing_is_seen);
  g_test_add_func ("/message-peer/flooded-by-another", test_flooded_by_another);
  g_test_add_func ("/message-peer/readers", test_readers);
  g_test_add_func ("/message-peer/bytes", test_bytes);
  return g_test_run ();
}

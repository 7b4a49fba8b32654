/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/message_peer.h"

struct MessagePeer
{
  MessageId seen[MESSAGE_PEER_SEEN_MAX];
  guint n_seen; /* ever; the ring holds the last ones */
  guint readers;
  size_t bytes;
  DexFuture *last; /* (owned) settles when the last critical message was taken or refused */
};

MessagePeer *
message_peer_new (void)
{
  MessagePeer *self = g_rc_box_new0 (MessagePeer);
  self->last = dex_future_new_true ();
  return self;
}

MessagePeer *
message_peer_ref (MessagePeer *self)
{
  return g_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  dex_clear (&((MessagePeer *) data)->last);
}

void
message_peer_unref (MessagePeer *self)
{
  g_rc_box_release_full (self, clear);
}

bool
message_peer_has_seen (const MessagePeer *self, const MessageId *id)
{
  for (guint i = 0; i < MIN (self->n_seen, MESSAGE_PEER_SEEN_MAX); i++)
    if (message_id_equal (&self->seen[i], id))
      return true;
  return false;
}

void
message_peer_saw (MessagePeer *self, const MessageId *id)
{
  self->seen[self->n_seen++ % MESSAGE_PEER_SEEN_MAX] = *id;
}

bool
message_peer_begin (MessagePeer *self)
{
  if (self->readers == MESSAGE_PEER_READERS_MAX)
    return false;
  self->readers++;
  return true;
}

void
message_peer_end (MessagePeer *self, size_t bytes)
{
  self->readers--;
  self->bytes -= bytes;
}

bool
message_peer_grow (MessagePeer *self, size_t bytes)
{
  if (bytes > MESSAGE_PEER_BYTES_MAX - self->bytes)
    return false;
  self->bytes += bytes;
  return true;
}

DexFuture *
message_peer_queue (MessagePeer *self, DexFuture *ended)
{
  DexFuture *before = self->last;
  self->last = dex_ref (ended);
  return before;
}

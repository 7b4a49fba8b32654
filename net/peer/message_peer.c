/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/message_peer.h"

struct MessagePeer
{
  SeenIds *seen; /* (owned) (nullable) */
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
  MessagePeer *self = data;
  g_free (self->seen);
  dex_clear (&self->last);
}

void
message_peer_unref (MessagePeer *self)
{
  g_rc_box_release_full (self, clear);
}

SeenIds *
message_peer_get_seen (MessagePeer *self)
{
  return self->seen;
}

void
message_peer_set_seen (MessagePeer *self, const SeenIds *seen)
{
  g_free (self->seen);
  self->seen = g_memdup2 (seen, sizeof *seen);
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

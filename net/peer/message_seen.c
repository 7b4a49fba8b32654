/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/async/worker.h"
#include "net/peer/messages_private.h"

/* What a worker reads or writes. */
typedef struct
{
  Messages *messages;
  NodeId id;
  SeenIds seen;
} SeenJob;

static bool
read_seen (gpointer data, GError **error)
{
  SeenJob *job = data;
  return seen_ids_read (job->messages->dir, &job->id, &job->seen, error);
}

static bool
write_seen (gpointer data, GError **error)
{
  SeenJob *job = data;
  return seen_ids_write (job->messages->dir, &job->id, &job->seen, error);
}

static bool
remove_seen (gpointer data, GError **error)
{
  SeenJob *job = data;
  return seen_ids_remove (job->messages->dir, &job->id, error);
}

SeenIds *
message_seen_get (Messages *self, const NodeId *id, MessagePeer *device, GError **error)
{
  if (message_peer_get_seen (device))
    return message_peer_get_seen (device);
  g_autofree SeenJob *job = g_new (SeenJob, 1);
  job->messages = self;
  job->id = *id;
  if (!flow_await_regardless (worker_start ("seen", read_seen, job), error))
    return NULL;
  message_peer_set_seen (device, &job->seen);
  return message_peer_get_seen (device);
}

bool
message_seen_add (Messages *self, const NodeId *id, MessagePeer *device, const MessageId *message,
                  GError **error)
{
  SeenIds *seen = message_seen_get (self, id, device, error);
  if (!seen)
    return false;
  g_autofree SeenJob *job = g_new (SeenJob, 1);
  *job = (SeenJob) { self, *id, *seen };
  seen_ids_add (&job->seen, message);
  if (!flow_await_regardless (worker_start ("seen", write_seen, job), error))
    return false;
  message_peer_set_seen (device, &job->seen);
  return true;
}

static DexFuture *
forget_fiber (gpointer user_data)
{
  SeenJob *job = user_data;
  GError *error = NULL;
  if (wherry_device_registry_get_root (job->messages->registry, &job->id) ||
      flow_await_regardless (worker_start ("seen", remove_seen, job), &error))
    return dex_future_new_true ();
  return dex_future_new_for_error (error);
}

void
message_seen_forget (Messages *self, const NodeId *id)
{
  SeenJob *job = g_new (SeenJob, 1);
  job->messages = self;
  job->id = *id;
  dex_future_disown (flow_set_start (self->flows, "forget seen", forget_fiber, job, g_free));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/log_limit.h"

static bool
was_named (const LogLimit *self, const NodeId *peer)
{
  for (guint i = 0; i < MIN (self->n_named, LOG_LIMIT_NAMED_MAX); i++)
    if (node_id_equal (&self->named[i], peer))
      return true;
  return false;
}

bool
log_limit_admit (LogLimit *self, const NodeId *peer, int64_t now_us)
{
  if (was_named (self, peer) ||
      (self->n_named > 0 && now_us - self->last_us < LOG_LIMIT_INTERVAL_US))
    return false;
  self->named[self->n_named++ % LOG_LIMIT_NAMED_MAX] = *peer;
  self->last_us = now_us;
  return true;
}

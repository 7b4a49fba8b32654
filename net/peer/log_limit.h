/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps what peers can cause out of the log: each is named once, and all together not more often
 * than once a second. Plain value, zeroed before its first use; main thread only. */
#pragma once

#include "net/core/identity.h"

G_BEGIN_DECLS

/* Peers that were named and are not named again; a flood of fresh ids is held back by the
 * interval. */
#define LOG_LIMIT_NAMED_MAX   64
#define LOG_LIMIT_INTERVAL_US (G_USEC_PER_SEC)

typedef struct
{
  NodeId named[LOG_LIMIT_NAMED_MAX];
  guint n_named; /* ever; the ring holds the last ones */
  int64_t last_us;
} LogLimit;

/** Whether @peer may be logged at @now_us of the monotonic clock; then it is named. */
bool log_limit_admit (LogLimit *self, const NodeId *peer, int64_t now_us);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of what a worker has done may be told at once: a peer has to acknowledge what it was
 * told, or it would be kept for it without bound. Pure: time is an argument. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/** So many messages of one report, on top of REPORT_UNACKNOWLEDGED_MAX bytes, stay below
 * CONTROL_UNACKNOWLEDGED_MAX: what we have to tell by ourselves waits, and ends no transfer. */
#define REPORT_ITEMS_MAX          4096
#define REPORT_UNACKNOWLEDGED_MAX (512 * 1024)
/** How long the peer may acknowledge too little for another report. */
#define REPORT_STALL_S 60

typedef struct
{
  int64_t told_us; /* when a report was last admitted */
} ReportPace;

void report_pace_init (ReportPace *self, int64_t now_us);
/** How many items may be told at @now_us (monotonic), when @unacknowledged bytes are on their way;
 * 0: none, try again later. False, with CONTROL_ERROR_LIMIT, when that has lasted too long. */
bool report_pace_admit (ReportPace *self, size_t unacknowledged, int64_t now_us, guint *n_items,
                        GError **error);

G_END_DECLS

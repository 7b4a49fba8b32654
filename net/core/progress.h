/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speed and time left of a transfer, smoothed over the last five seconds. Time is an argument:
 * microseconds of a monotonic clock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PROGRESS_WINDOW_US   (5 * INT64_C (1000000))
#define PROGRESS_INTERVAL_US INT64_C (100000) /* at most ten updates a second */
#define PROGRESS_SAMPLES     51               /* one per interval over the window, and the oldest */

typedef struct
{
  int64_t at_us;
  uint64_t done;
} ProgressSample;

typedef struct
{
  ProgressSample samples[PROGRESS_SAMPLES]; /* a ring: n of them from first on, oldest first */
  unsigned first;
  unsigned n;
  uint64_t total;
  uint64_t done;
  int64_t moved_us; /* when done last grew */
  int64_t shown_us; /* when an update was last let through */
} Progress;

/** Starts counting. @done > 0 when it resumes; that part does not count for the speed. */
void progress_init (Progress *progress, uint64_t total, uint64_t done, int64_t now_us);
/** @done bytes of the total so far; may shrink when a file is sent again, which restarts the
 * window. */
void progress_set (Progress *progress, uint64_t done, int64_t now_us);
/** True at most every PROGRESS_INTERVAL_US, and at the first call: the caller then shows an
 * update. */
bool progress_gate (Progress *progress, int64_t now_us);

/** Bytes per second over the window; 0 when nothing moved in it or too little time went by to
 * tell. */
double progress_rate (const Progress *progress, int64_t now_us);
/** Whole seconds left, rounded up; 0 when done, -1 when unknown. */
int64_t progress_eta (const Progress *progress, int64_t now_us);
/** 0 to 1; 1 for an empty transfer. */
double progress_fraction (const Progress *progress);

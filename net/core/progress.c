/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/progress.h"

#define SECOND_US INT64_C (1000000)
#define ETA_MAX_S 1e9 /* thirty years: shown as unknown */

static const ProgressSample *
sample_at (const Progress *progress, unsigned i)
{
  return &progress->samples[(progress->first + i) % PROGRESS_SAMPLES];
}

static void
restart_window (Progress *progress, int64_t now_us)
{
  progress->samples[0] = (ProgressSample) { .at_us = now_us, .done = progress->done };
  progress->first = 0;
  progress->n = 1;
  progress->moved_us = now_us;
}

void
progress_init (Progress *progress, uint64_t total, uint64_t done, int64_t now_us)
{
  *progress =
      (Progress) { .total = total, .done = done, .shown_us = now_us - PROGRESS_INTERVAL_US };
  restart_window (progress, now_us);
}

void
progress_set (Progress *progress, uint64_t done, int64_t now_us)
{
  bool shrunk = done < progress->done;
  if (done != progress->done)
    progress->moved_us = now_us;
  progress->done = done;
  if (shrunk)
    restart_window (progress, now_us);
  if (now_us - sample_at (progress, progress->n - 1)->at_us < PROGRESS_INTERVAL_US)
    return;
  if (progress->n == PROGRESS_SAMPLES)
    {
      progress->first = (progress->first + 1) % PROGRESS_SAMPLES;
      progress->n--;
    }
  unsigned last = (progress->first + progress->n++) % PROGRESS_SAMPLES;
  progress->samples[last] = (ProgressSample) { .at_us = now_us, .done = done };
}

bool
progress_gate (Progress *progress, int64_t now_us)
{
  if (now_us - progress->shown_us < PROGRESS_INTERVAL_US)
    return false;
  progress->shown_us = now_us;
  return true;
}

double
progress_rate (const Progress *progress, int64_t now_us)
{
  if (now_us - progress->moved_us >= PROGRESS_WINDOW_US)
    return 0;
  /* From the youngest sample that is a whole window old, or from the first there is. */
  unsigned i = 0;
  while (i + 1 < progress->n && sample_at (progress, i + 1)->at_us <= now_us - PROGRESS_WINDOW_US)
    i++;
  const ProgressSample *from = sample_at (progress, i);
  int64_t elapsed_us = now_us - from->at_us;
  if (elapsed_us < PROGRESS_INTERVAL_US)
    return 0;
  return (double) (progress->done - from->done) * SECOND_US / elapsed_us;
}

int64_t
progress_eta (const Progress *progress, int64_t now_us)
{
  if (progress->done >= progress->total)
    return 0;
  double rate = progress_rate (progress, now_us);
  double left = progress->total - progress->done;
  if (rate <= 0 || left / rate > ETA_MAX_S)
    return -1;
  int64_t seconds = left / rate;
  return seconds + (seconds * rate < left);
}

double
progress_fraction (const Progress *progress)
{
  if (progress->done >= progress->total)
    return 1;
  return (double) progress->done / progress->total;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long to wait before another attempt: twice as long after each failure, and by chance shorter,
 * so that devices which failed together do not try again together. */
#pragma once

#include <stdint.h>

#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS   60000

/** Milliseconds after @failures in a row: 0 for none, else between half of the full time and all of
 * it, as @random (any value) says. */
uint32_t backoff_delay_ms (unsigned failures, uint32_t random);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/backoff.h"

uint32_t
backoff_delay_ms (unsigned failures, uint32_t random)
{
  uint32_t full = BACKOFF_FIRST_MS;
  if (failures == 0)
    return 0;
  for (unsigned i = 1; i < failures && full < BACKOFF_MAX_MS; i++)
    full *= 2;
  if (full > BACKOFF_MAX_MS)
    full = BACKOFF_MAX_MS;
  return full / 2 + random % (full / 2 + 1);
}

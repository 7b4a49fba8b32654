/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/free_name.h"

#include "net/core/path.h"

/* So many numbers are tried one by one, then in steps that double. */
#define NEAR       8
#define NUMBER_MAX (1u << 26)

static bool
is_taken (const char *name, unsigned n, FreeNameTaken taken, void *user_data)
{
  g_autofree char *candidate = path_conflict_name (name, n);
  return taken (candidate, user_data);
}

char *
free_name_find (const char *name, unsigned *n, FreeNameTaken taken, void *user_data)
{
  unsigned low = *n, step = 1; /* low is taken */
  for (unsigned asked = 1; is_taken (name, low + step, taken, user_data); asked++)
    {
      low += step;
      if (low > NUMBER_MAX)
        return NULL;
      if (asked >= NEAR)
        step *= 2;
    }

  unsigned high = low + step; /* is not */
  while (high - low > 1)
    {
      unsigned middle = low + (high - low) / 2;
      if (is_taken (name, middle, taken, user_data))
        low = middle;
      else
        high = middle;
    }
  *n = high;
  return path_conflict_name (name, high);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/secret.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

void *
secret_new (size_t size)
{
  void *memory = sodium_init () < 0 ? NULL : sodium_malloc (size);
  if (!memory)
    g_error ("There is no memory for a secret of %" G_GSIZE_FORMAT " bytes", size);

  sodium_memzero (memory, size);
  return memory;
}

/* Of 32 random bytes 30 are different on average. */
#define DIFFERENT_MIN 12

/* Each half of the key says the same, or each byte lies as far from the last. */
static bool
is_regular (const uint8_t *key)
{
  bool counts = true;
  for (size_t i = 2; i < SECRET_KEY_LEN; i++)
    counts = counts && (uint8_t) (key[i] - key[i - 1]) == (uint8_t) (key[1] - key[0]);
  for (size_t period = 1; period <= SECRET_KEY_LEN / 2; period++)
    if (sodium_memcmp (key, key + period, SECRET_KEY_LEN - period) == 0)
      return true;
  return counts;
}

bool
secret_key_is_plausible (const uint8_t key[static SECRET_KEY_LEN])
{
  bool seen[256] = { false };
  size_t n_different = 0;
  for (size_t i = 0; i < SECRET_KEY_LEN; i++)
    {
      n_different += !seen[key[i]];
      seen[key[i]] = true;
    }
  sodium_memzero (seen, sizeof seen);
  return n_different >= DIFFERENT_MIN && !is_regular (key);
}

void
secret_text_free (char *text)
{
  if (text)
    sodium_memzero (text, strlen (text));
  g_free (text);
}

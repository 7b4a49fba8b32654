/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/secret.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

void *
secret_new (size_t size)
{
  void *memory = sodium_init () < 0 ? NULL : sodium_malloc (size);

  if (memory == NULL)
    g_error ("There is no memory for a secret of %" G_GSIZE_FORMAT " bytes", size);

  sodium_memzero (memory, size);
  return memory;
}

void
secret_text_free (char *text)
{
  if (text != NULL)
    sodium_memzero (text, strlen (text));
  g_free (text);
}

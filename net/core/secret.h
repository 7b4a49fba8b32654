/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory for secrets: locked against swapping, between guard pages, wiped when freed. */
#pragma once

#include <stddef.h>

/** Zeroed sodium memory, to be freed with sodium_free(); never NULL. Also sets libsodium up. */
void *secret_new (size_t size) __attribute__ ((malloc, warn_unused_result));
/** Wipes and frees a text from GLib's allocator. NULL is allowed. */
void secret_text_free (char *text);

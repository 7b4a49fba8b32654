/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory for secrets: locked against swapping, between guard pages, wiped when freed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Zeroed sodium memory, to be freed with sodium_free(); never NULL. Also sets libsodium up. */
void *secret_new (size_t size) __attribute__ ((malloc, warn_unused_result));
#define SECRET_KEY_LEN 32

/** Whether these bytes can have been drawn at random. False for one byte over and over, a short
 * pattern, a count, a text of few letters: a key that somebody can guess. A random key is refused
 * once in 2^80. */
bool secret_key_is_plausible (const uint8_t key[static SECRET_KEY_LEN]);
/** Wipes and frees a text from GLib's allocator. NULL is allowed. */
void secret_text_free (char *text);

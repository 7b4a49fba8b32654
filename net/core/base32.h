/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 4648 base32 without padding; lower case is written, any case is read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Characters for @len bytes. */
#define BASE32_LEN(len) (((len) * 8 + 4) / 5)

/** Writes BASE32_LEN (@len) characters and a NUL. */
void base32_encode (char *text, const uint8_t *data, size_t len);
/** Reads exactly @len bytes from exactly @text_len characters; the unused bits of the last one
 * must be zero, so that each value has one spelling. */
bool base32_decode (uint8_t *data, size_t len, const char *text, size_t text_len);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/base32.h"

#include <string.h>

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

static int
digit_value (char c)
{
  if (c >= 'a' && c <= 'z')
    return c - 'a';
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= '2' && c <= '7')
    return c - '2' + 26;
  return -1;
}

void
base32_encode (char *text, const uint8_t *data, size_t len)
{
  uint32_t bits = 0;
  unsigned n_bits = 0;
  for (size_t i = 0; i < len; i++)
    {
      bits = (bits << 8) | data[i];
      for (n_bits += 8; n_bits >= 5; n_bits -= 5)
        *text++ = alphabet[(bits >> (n_bits - 5)) & 31];
    }
  if (n_bits > 0)
    *text++ = alphabet[(bits << (5 - n_bits)) & 31];
  *text = '\0';
}

bool
base32_decode (uint8_t *data, size_t len, const char *text, size_t text_len)
{
  uint32_t bits = 0;
  unsigned n_bits = 0;
  if (text_len != BASE32_LEN (len))
    return false;

  for (size_t i = 0; i < text_len; i++)
    {
      int value = digit_value (text[i]);
      if (value < 0)
        return false;
      bits = (bits << 5) | (uint32_t) value;
      n_bits += 5;
      if (n_bits >= 8)
        {
          n_bits -= 8;
          *data++ = (uint8_t) (bits >> n_bits);
        }
    }
  return (bits & ((1u << n_bits) - 1)) == 0;
}

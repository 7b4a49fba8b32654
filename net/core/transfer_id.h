/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names one transfer: 128 random bits, made by the sender. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

#define TRANSFER_ID_LEN     16
#define TRANSFER_ID_HEX_LEN 32

typedef struct
{
  uint8_t bytes[TRANSFER_ID_LEN];
} TransferId;

void transfer_id_generate (TransferId *id);
bool transfer_id_equal (const TransferId *a, const TransferId *b);
/** 32 lower-case hex digits and NUL. */
void transfer_id_to_hex (const TransferId *id, char hex[static TRANSFER_ID_HEX_LEN + 1]);
/** Exactly 32 lower-case hex digits. */
bool transfer_id_parse (TransferId *id, const char *hex);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only tests ask of a transfer: a person reads how many files failed in its message. */
#pragma once

#include "net/transfer/transfer.h"

uint64_t transfer_get_files_failed (WherryTransfer *self);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A transfer on the bus. */
#pragma once

#include "net/client.h"

/** (transfer full) */
GDBusObjectSkeleton *transfer_object_new (WherryTransfer *transfer);
/** (transfer full) */
char *transfer_object_path (WherryTransfer *transfer);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which program has a UDP port. Blocks for as long as it takes to look at every process. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

G_BEGIN_DECLS

/** Whether somebody has @port. @name (transfer full) and @pid: who; NULL and 0 when that is not
 * ours to see. */
bool port_holder_find (uint16_t port, char **name, int64_t *pid);

G_END_DECLS

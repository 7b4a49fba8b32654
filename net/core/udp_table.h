/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's table of UDP sockets, /proc/net/udp and udp6, as a text. */
#pragma once

#include <stdint.h>
#include <glib.h>

G_BEGIN_DECLS

/** The inode of a socket that is bound to @port; 0 when there is none. */
uint64_t udp_table_find (const char *table, uint16_t port);

G_END_DECLS

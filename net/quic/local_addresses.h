/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses of this host that peers could dial. */
#pragma once

#include <gio/gio.h>
#include <stdint.h>

G_BEGIN_DECLS

/** No loopback unless it is all there is, and no link-local ones. Each with @port.
 * Returns: (transfer full) (element-type GInetSocketAddress) */
GPtrArray *local_addresses_list (uint16_t port);

G_END_DECLS

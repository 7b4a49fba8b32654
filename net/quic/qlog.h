/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happens on each connection, as a qlog file (JSON text sequences) in the folder that the
 * environment variable WHERRY_QLOG names; without it, nothing. It has no keys and no content, but
 * addresses, sizes and times. Net thread only. */
#pragma once

#include <glib.h>
#include <ngtcp2/ngtcp2.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct Qlog Qlog;

/** NULL when it is off, or when no file can be made in the folder, which is said once a
 * connection. @cid names the file, with @server. */
Qlog *qlog_new (const ngtcp2_cid *cid, bool server);
void qlog_free (Qlog *qlog);
/** What ngtcp2 has written about the connection. */
void qlog_write (Qlog *qlog, const void *data, size_t len);

G_END_DECLS

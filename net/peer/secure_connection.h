/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An open connection to a paired device together with the session that was derived for it: what
 * the pool gives to the fibers that speak under it. A boxed value, shared by
 * reference; main thread only. */
#pragma once

#include "net/core/session.h"
#include "net/quic/connection.h"

G_BEGIN_DECLS

typedef struct
{
  QuicConnection *connection;
  Session *session;
} SecureConnection;

#define SECURE_TYPE_CONNECTION (secure_connection_get_type ())
GType secure_connection_get_type (void);

/** (transfer full) @session */
SecureConnection *secure_connection_new (QuicConnection *connection, Session *session);
SecureConnection *secure_connection_ref (SecureConnection *self);
void secure_connection_unref (SecureConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SecureConnection, secure_connection_unref)

G_END_DECLS

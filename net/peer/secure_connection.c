/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/secure_connection.h"

G_DEFINE_BOXED_TYPE (SecureConnection, secure_connection, secure_connection_ref,
                     secure_connection_unref)

SecureConnection *
secure_connection_new (QuicConnection *connection, Session *session)
{
  SecureConnection *self = g_rc_box_new (SecureConnection);
  *self = (SecureConnection) { .connection = quic_connection_ref (connection), .session = session };
  return self;
}

SecureConnection *
secure_connection_ref (SecureConnection *self)
{
  return g_rc_box_acquire (self);
}

static void
secure_connection_clear (gpointer data)
{
  SecureConnection *self = data;
  quic_connection_unref (self->connection);
  session_free (self->session);
}

void
secure_connection_unref (SecureConnection *self)
{
  g_rc_box_release_full (self, secure_connection_clear);
}

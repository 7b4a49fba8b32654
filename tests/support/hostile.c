/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/hostile.h"

#include "net/core/frame.h"
#include "net/async/quic_future.h"

unsigned hostile_complaints, hostile_warnings;

static GLogWriterOutput
log_writer (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  /* Debug: the same of a peer that has been named, or soon after another. */
  for (gsize i = 0; level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_DEBUG) && i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") &&
        strstr (fields[i].value, "broke the transfer protocol"))
      {
        hostile_complaints++;
        hostile_warnings += level & G_LOG_LEVEL_WARNING ? 1 : 0;
        return G_LOG_WRITER_HANDLED;
      }
  return g_log_writer_default (level, fields, n_fields, user_data);
}

void
hostile_init (void)
{
  g_log_set_writer_func (log_writer, NULL, NULL);
}

void
hostile_seal (GByteArray *frames, SecureConnection *peer, QuicStream *stream, uint64_t sequence,
              const char *json)
{
  size_t len = strlen (json);
  g_autofree uint8_t *sealed = g_malloc (len + SESSION_OVERHEAD);
  session_seal (peer->session, quic_stream_get_id (stream), sequence, NULL, 0,
                (const uint8_t *) json, len, sealed);
  frame_append (frames, sealed, len + SESSION_OVERHEAD);
}

void
hostile_say (SecureConnection *peer, QuicStream *stream, uint64_t sequence, const char *json)
{
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  hostile_seal (frame, peer, stream, sequence, json);
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (g_steal_pointer (&frame));
  wait_for (quic_future_send (stream, bytes));
}

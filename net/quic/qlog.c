/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/qlog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

struct Qlog
{
  FILE *file;
};

Qlog *
qlog_new (const ngtcp2_cid *cid, bool server)
{
  const char *folder = g_getenv ("WHERRY_QLOG");
  if (!folder || !*folder)
    return NULL;
  g_autoptr (GString) name = g_string_new (NULL);
  for (size_t i = 0; i < cid->datalen; i++)
    g_string_append_printf (name, "%02x", cid->data[i]);
  g_string_append (name, server ? "-server.sqlog" : "-client.sqlog");
  g_autofree char *path = g_build_filename (folder, name->str, NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  FILE *file = fd < 0 ? NULL : fdopen (fd, "w");
  if (!file)
    {
      g_warning ("No qlog: %s: %s. Give WHERRY_QLOG a folder that can be written to.", path,
                 g_strerror (errno));
      return NULL;
    }
  Qlog *self = g_new (Qlog, 1);
  self->file = file;
  return self;
}

void
qlog_free (Qlog *self)
{
  fclose (self->file);
  g_free (self);
}

void
qlog_write (Qlog *self, const void *data, size_t len)
{
  /* what a full disk does not take is missing in the log, and nowhere else */
  fwrite (data, 1, len, self->file);
}

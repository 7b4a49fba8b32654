/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/port_holder.h"

#include <gio/gio.h>

#include "net/core/udp_table.h"

static uint64_t
find_inode (uint16_t port)
{
  static const char *const paths[] = { "/proc/net/udp", "/proc/net/udp6" };
  uint64_t inode = 0;
  for (size_t i = 0; i < G_N_ELEMENTS (paths) && !inode; i++)
    {
      g_autofree char *table = NULL;
      if (g_file_get_contents (paths[i], &table, NULL, NULL))
        inode = udp_table_find (table, port);
    }
  return inode;
}

static bool
has_open (const char *pid, const char *socket)
{
  g_autofree char *folder = g_build_filename ("/proc", pid, "fd", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *fd;
  while (dir && (fd = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, fd, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);
      if (g_strcmp0 (target, socket) == 0)
        return true;
    }
  return false;
}

bool
port_holder_find (uint16_t port, char **name, int64_t *pid)
{
  uint64_t inode = find_inode (port);
  g_autofree char *socket = g_strdup_printf ("socket:[%" G_GUINT64_FORMAT "]", inode);
  g_autoptr (GDir) processes = inode ? g_dir_open ("/proc", 0, NULL) : NULL;
  const char *process;
  *name = NULL;
  *pid = 0;
  while (processes && !*pid && (process = g_dir_read_name (processes)))
    if (g_ascii_isdigit (*process) && has_open (process, socket))
      {
        g_autofree char *path = g_build_filename ("/proc", process, "comm", NULL);
        *pid = g_ascii_strtoll (process, NULL, 10);
        if (g_file_get_contents (path, name, NULL, NULL))
          g_strchomp (*name);
      }
  return inode;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/free_space.h"

#include <errno.h>
#include <sys/statvfs.h>

static uint64_t
multiply (uint64_t blocks, uint64_t size)
{
  uint64_t bytes;
  return __builtin_mul_overflow (blocks, size, &bytes) ? UINT64_MAX - 1 : bytes;
}

uint64_t
free_space_measure (GFile *folder)
{
  for (g_autoptr (GFile) at = g_object_ref (folder); at;)
    {
      struct statvfs disk;
      const char *path = g_file_peek_path (at);
      if (path && statvfs (path, &disk) == 0)
        {
          uint64_t block = disk.f_frsize ? disk.f_frsize : disk.f_bsize;
          uint64_t available = multiply (disk.f_bavail, block);
          uint64_t reserve = MIN (FREE_SPACE_RESERVE_MAX, multiply (disk.f_blocks, block) / 100);
          if (disk.f_blocks == 0 || block == 0)
            return UINT64_MAX;
          return available > reserve ? available - reserve : 0;
        }
      if (path && errno != ENOENT && errno != ENOTDIR)
        return UINT64_MAX;
      GFile *parent = g_file_get_parent (at);
      g_object_unref (at);
      at = parent;
    }
  return UINT64_MAX;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/free_space.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static uint64_t
multiply (uint64_t blocks, uint64_t size)
{
  uint64_t bytes;
  return __builtin_mul_overflow (blocks, size, &bytes) ? UINT64_MAX - 1 : bytes;
}

/* Of what exists. */
static uint64_t
measure (const struct statvfs *there)
{
  uint64_t block = there->f_frsize ? there->f_frsize : there->f_bsize;
  uint64_t available = multiply (there->f_bavail, block);
  uint64_t reserve = MIN (FREE_SPACE_RESERVE_MAX, multiply (there->f_blocks, block) / 100);
  if (there->f_blocks == 0 || block == 0)
    return UINT64_MAX;
  return available > reserve ? available - reserve : 0;
}

uint64_t
free_space_measure (GFile *folder, dev_t *disk)
{
  uint64_t bytes = UINT64_MAX;
  struct stat status = { 0 };
  for (g_autoptr (GFile) at = g_object_ref (folder); at;)
    {
      const char *path = g_file_peek_path (at);
      struct statvfs there;
      if (path && stat (path, &status) == 0)
        {
          bytes = statvfs (path, &there) == 0 ? measure (&there) : UINT64_MAX;
          break;
        }
      if (path && errno != ENOENT && errno != ENOTDIR)
        break;
      GFile *parent = g_file_get_parent (at);
      g_object_unref (at);
      at = parent;
    }
  if (disk)
    *disk = status.st_dev;
  return bytes;
}

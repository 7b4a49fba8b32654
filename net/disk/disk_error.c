/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/disk_error.h"

#include <errno.h>

bool
disk_cannot_sync (int code)
{
  return code == EINVAL || code == ENOSYS || code == EOPNOTSUPP;
}

bool
disk_is_full (int code)
{
  return code == ENOSPC || code == EDQUOT;
}

/* A read-only remount, a stick that was pulled out, a server or a FUSE process that is gone. */
bool
disk_is_lost (int code)
{
  return code == ENODEV || code == ENXIO || code == ENOTCONN || code == ESHUTDOWN;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* EAGAIN says that something was renamed meanwhile, so that the kernel cannot tell. */
#define AGAIN_MAX 64

/* One component after the other. The path is one of ours: a component is never "..", but this does
 * not rely on it. */
static int
open_by_steps (int dir, const char *path, int flags, mode_t mode)
{
  int at = dir;
  for (;;)
    {
      g_autofree char *name = g_strndup (path, strcspn (path, "/"));
      const char *rest = path + strlen (name);
      rest += strspn (rest, "/");
      int step = *rest ? O_PATH | O_DIRECTORY : flags;
      int fd = -1;
      if (*path == '/' || g_str_equal (name, ".."))
        errno = EXDEV;
      else
        fd = openat (at, name, step | O_NOFOLLOW | O_CLOEXEC, mode);
      int code = errno;
      if (at != dir)
        close (at);
      errno = code;
      if (fd < 0 || !*rest)
        return fd;
      at = fd;
      path = rest;
    }
}

int
open_beneath (int dir, const char *path, uint64_t flags, uint64_t mode)
{
  struct open_how how = {
    .flags = flags | O_CLOEXEC,
    .mode = mode,
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };
  if (strlen (path) >= PATH_MAX)
    return open_by_steps (dir, path, (int) flags, mode);
  int fd = -1;
  for (int i = 0; i < AGAIN_MAX; i++)
    {
      fd = (int) syscall (SYS_openat2, dir, path, &how, sizeof how);
      if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
        break;
    }
  return fd < 0 && (errno == ENOSYS || errno == EAGAIN)
             ? open_by_steps (dir, path, (int) flags, mode)
             : fd;
}

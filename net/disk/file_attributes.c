/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/file_attributes.h"

#include <fcntl.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* FAT keeps times in steps of so many seconds. */
#define TIME_STEP_MAX 2
/* Where the system does not tell it. */
#define UMASK_DEFAULT 022

mode_t
file_attributes_mode (uint32_t offered, bool is_folder, mode_t mask)
{
  mode_t mode = offered & 0777 & ~mask & ~(mode_t) (S_IWGRP | S_IWOTH);
  return mode | (is_folder ? S_IRWXU : S_IRUSR | S_IWUSR);
}

/* umask() tells it only by changing it, for all threads. */
mode_t
file_attributes_get_umask (void)
{
  FILE *status = fopen ("/proc/self/status", "re");
  unsigned mask = UMASK_DEFAULT;
  char line[256];
  while (status && fgets (line, sizeof line, status) && sscanf (line, "Umask: %o", &mask) != 1)
    continue;
  if (status)
    fclose (status);
  return mask;
}

/* Returns 0 or an errno. A descriptor that is only a path takes neither call, but its name in
 * /proc does. */
static int
set_mode (int fd, mode_t mode)
{
  if (fchmod (fd, mode) == 0)
    return 0;
  char name[32];
  g_snprintf (name, sizeof name, "/proc/self/fd/%d", fd);
  return errno != EBADF || chmod (name, mode) < 0 ? errno : 0;
}

static int
set_mtime (int fd, OfferTime mtime)
{
  const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
                                     { mtime.seconds, mtime.nanoseconds } };
  if (futimens (fd, times) == 0)
    return 0;
  char name[32];
  g_snprintf (name, sizeof name, "/proc/self/fd/%d", fd);
  return errno != EBADF || utimensat (AT_FDCWD, name, times, 0) < 0 ? errno : 0;
}

void
file_attributes_set (DiskNotes *notes, int fd, const char *path, mode_t mode, OfferTime mtime)
{
  struct stat status;
  int mode_code = set_mode (fd, mode);
  int time_code = set_mtime (fd, mtime);
  bool known = fstat (fd, &status) == 0;
  if (mode_code || (known && (status.st_mode & 0777) != mode))
    disk_notes_add (notes, DISK_NOTE_MODE, path, mode_code);
  int64_t off = 0;
  if (time_code ||
      (known && (__builtin_sub_overflow ((int64_t) status.st_mtim.tv_sec, mtime.seconds, &off) ||
                 off > TIME_STEP_MAX || off < -TIME_STEP_MAX)))
    disk_notes_add (notes, DISK_NOTE_TIME, path, time_code);
}

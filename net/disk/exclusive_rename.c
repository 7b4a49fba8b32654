/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/exclusive_rename.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/disk/beneath.h"

/* Some file systems cannot rename without replacing. There the name is reserved by creating it,
 * which is as exclusive; what is then replaced is ours. What a failed rename leaves there is ours
 * to remove only while it is still the placeholder. */
static int
rename_over_placeholder (int dir, const char *from, const char *to)
{
  int placeholder = open_beneath (dir, to, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (placeholder < 0)
    return -1;
  struct stat ours, there;
  bool known = fstat (placeholder, &ours) == 0;
  close (placeholder);
  if (renameat (dir, from, dir, to) == 0)
    return 0;

  int code = errno;
  if (known && fstatat (dir, to, &there, AT_SYMLINK_NOFOLLOW) == 0 && there.st_ino == ours.st_ino &&
      there.st_dev == ours.st_dev)
    unlinkat (dir, to, 0);
  errno = code;
  return -1;
}

/* Whether @to is what @from was before. A server that is asked twice says no to the second
 * request. */
static bool
is_done (int dir, const struct stat *before, const char *from, const char *to)
{
  struct stat there;
  return before->st_ino && fstatat (dir, to, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
         there.st_ino == before->st_ino && there.st_dev == before->st_dev &&
         fstatat (dir, from, &there, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

int
rename_exclusively (int dir, const char *from, const char *to, bool *linked)
{
  struct stat before = { 0 };
  if (fstatat (dir, from, &before, AT_SYMLINK_NOFOLLOW) < 0)
    before.st_ino = 0;
  if (renameat2 (dir, from, dir, to, RENAME_NOREPLACE) == 0)
    return 0;
  int code = errno;
  if (is_done (dir, &before, from, to))
    return 0;
  errno = code;
  if (code == EEXIST || code == ENOENT || code == EILSEQ || code == ENAMETOOLONG)
    return -1;
  if (linkat (dir, from, dir, to, 0) == 0)
    {
      *linked = true;
      return 0;
    }
  return errno == EEXIST ? -1 : rename_over_placeholder (dir, from, to);
}

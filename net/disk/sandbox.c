/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/disk/sandbox.h"

#include <limits.h>
#include <sys/xattr.h>

bool
sandbox_is_around (void)
{
  return g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS);
}

char *
sandbox_dup_shown_path (GFile *file)
{
  char outside[PATH_MAX];
  const char *path = g_file_peek_path (file);
  ssize_t length =
      path ? getxattr (path, "user.document-portal.host-path", outside, sizeof outside - 1) : -1;
  if (length <= 0)
    return g_file_get_parse_name (file);
  outside[length] = '\0';
  return g_filename_display_name (outside);
}

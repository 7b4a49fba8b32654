/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths that cannot lead out of a folder. */
#pragma once

#include <stdint.h>

/** Opens @path, relative, as openat2() does: beneath @dir, following no link; close-on-exec. Also
 * where the kernel has no openat2() or the path is longer than it takes at once. -1 with errno. */
int open_beneath (int dir, const char *path, uint64_t flags, uint64_t mode);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the window is started with: by a person in a terminal paths, by a desktop (Exec=wherry %U)
 * URIs as well, by a browser a wherry: link. */
#pragma once

#include <gio/gio.h>

/** (transfer full) (element-type GFile): files and links, in order. What names a path that exists
 * is that path. @left_out (transfer full) (nullable): a line that names each of the
 * others, in sentences. */
GPtrArray *open_arguments_find (const char *const *arguments, char **left_out);

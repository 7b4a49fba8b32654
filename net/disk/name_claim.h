/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A name in a folder, taken exclusively: the wanted one, or else one like it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/** Takes the name @name in @dir. Returns 0, or -1 with errno; EEXIST: it is another's. */
typedef int (*NameClaim) (int dir, const char *name, gpointer user_data);

/** Claims @wanted, or "wanted (1)" and so on while names are taken; and where the file system
 * refuses a name as such, one that any takes (*@refused is then the errno of that, else 0).
 * Whatever is there and whatever the name, it makes a bounded number of calls. Returns the name;
 * NULL with errno. (transfer full) */
char *name_claim (int dir, const char *wanted, NameClaim claim, gpointer user_data, int *refused);

G_END_DECLS

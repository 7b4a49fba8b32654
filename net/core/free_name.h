/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search for "name (n)" among names that are taken. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef bool (*FreeNameTaken) (const char *name, void *user_data);

/** How often free_name_find() asks at most, whatever is taken. */
#define FREE_NAME_ASKS_MAX 64

/** The path_conflict_name() of @name with a number above *@n that is not taken, and the number in
 * *@n. It is the first such when that is near or when all below it are taken. NULL when there is
 * none. (transfer full) */
char *free_name_find (const char *name, unsigned *n, FreeNameTaken taken, void *user_data);

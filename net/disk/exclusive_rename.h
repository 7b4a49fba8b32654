/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Naming a file without replacing another, on whatever file system. */
#pragma once

#include <stdbool.h>

/** Gives the file @from in the folder @dir the name @to, unless something has it: -1 with EEXIST
 * then, or with another errno. *@linked becomes true where it could only be linked: then @from is
 * still there as its second name. */
int rename_exclusively (int dir, const char *from, const char *to, bool *linked);

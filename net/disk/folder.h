/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder below a destination, held open. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/** An open folder, shared by reference. */
typedef struct
{
  int fd;
  char *offered;  /* its path as the sender calls it */
  char *actual;   /* its path below the destination; "" for the destination itself */
  bool elsewhere; /* on another file system than the destination */
} Folder;

/** Takes @fd. */
Folder *folder_new (int fd, const char *offered, const char *actual, bool elsewhere);
Folder *folder_ref (Folder *folder);
void folder_unref (Folder *folder);

/** Opens the folder @path beneath @dir, "" for itself; as O_PATH where reading it is forbidden, so that it can be
 * written to but not synced by itself. -1 with errno. */
int folder_open_beneath (int dir, const char *path);
/** The same for an absolute @path, links followed. */
int folder_open (const char *path);
/** Whether files can be created in the folder @dir; true as well when only space is lacking. Else
 * false with errno. */
bool folder_takes_files (int dir);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A part as the batch sees it that finishes it. */
#pragma once

#include "net/disk/part.h"

G_BEGIN_DECLS

struct Part
{
  Destination *destination; /* borrowed */
  Folder *folder;           /* a reference */
  char *name;               /* wanted */
  char *temp;               /* NULL once it has its name */
  int fd;                   /* -1 once closed */
  uint64_t size;
  uint64_t written_back;
  bool synced;
  int failed;   /* errno of the disk that did not take the bytes; 0 as a rule */
  gpointer tag; /* owned */
};

/** Makes the bytes durable through @fd, its descriptor or another of the same file. Returns 0, also
 * when the disk does not sync at all (a note), or an errno. */
int part_sync (const Part *part, int fd);
/** The same once the descriptor may be closed: asked of a new one too, the disk reports what it has
 * reported to nobody yet. */
int part_sync_again (Part *part);
/** Closes the descriptor, if there is one. Some disks report only then what became of bytes that
 * they took before. Returns 0 or an errno. */
int part_close (Part *part);
/** Gives the part its name or one like it. Returns its path below the destination, or NULL with
 * errno. (transfer full) */
char *part_take_name (Part *part);

G_END_DECLS
